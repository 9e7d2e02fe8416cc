//! The surfaces, asked over HTTP on both engines; one binary, one file a resource.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unnecessary_wraps,
    reason = "a test that finds something else than it expects must fail there and then, and \
        the client takes its bodies as options"
)]

mod applications;
mod authorisation;
mod comments;
mod conventions;
mod docs;
mod email_templates;
mod fixtures;
mod gate;
mod journals;
mod keys;
mod lockout;
mod logins;
mod official_client;
mod reasons;
mod registrations;
mod tenants;
mod user_search;
mod users;
mod webhooks;
