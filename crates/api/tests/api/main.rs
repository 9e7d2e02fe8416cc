//! The surfaces, asked over HTTP on both engines; one binary, one file a resource.

mod keys;
mod reasons;
