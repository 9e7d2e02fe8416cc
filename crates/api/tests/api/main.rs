//! The surfaces, asked over HTTP on both engines; one binary, one file a resource.

mod fixtures;
mod gate;
mod official_client;
mod reasons;
