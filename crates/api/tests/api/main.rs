//! The surfaces, asked over HTTP on both engines; one binary, one file a resource.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that finds something else than it expects must fail there and then"
)]

mod action_mails;
mod applications;
mod authorisation;
mod comments;
mod conventions;
mod docs;
mod email_send;
mod email_templates;
mod events;
mod fixtures;
mod gate;
mod idempotency;
mod journals;
mod keys;
mod lockout;
mod logins;
mod official_client;
mod providers;
mod races;
mod rates;
mod reasons;
mod registrations;
mod tenants;
mod todos;
mod user_search;
mod users;
mod waldur;
mod webhook_keys;
mod webhooks;
