//! The surfaces, asked over HTTP on both engines; one binary, one file a resource.

mod authorisation;
mod docs;
mod email_templates;
mod fixtures;
mod gate;
mod journals;
mod keys;
mod reasons;
mod webhooks;
