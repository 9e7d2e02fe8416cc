//! The use cases of Docket: one public function each, one unit of work each.
//!
//! A use case takes the [`Context`](context::Context), the [`Caller`](caller::Caller) and a
//! command in the domain's words; it reads what the rules need, asks the domain what follows, and
//! [commits](commit) the change with its audit record, its event and the answer. It knows no
//! surface: how the outcome is told is a function that it is handed.

pub mod action_mail;
pub mod action_search;
pub mod actions;
pub mod applications;
pub mod audit_log;
pub mod authentication;
pub mod bootstrap;
pub mod caller;
mod chores;
pub mod comments;
pub mod commit;
pub mod consult;
pub mod context;
pub mod customers;
pub mod dashboard;
pub mod definitions;
pub mod deliveries;
pub mod delivery_log;
pub mod dispatch;
pub mod email_templates;
pub mod ends;
pub mod error;
pub mod event_log;
pub mod events;
pub mod gate;
pub mod grants;
pub mod hooks;
pub mod housekeeping;
pub mod invitations;
pub mod key_material;
pub mod keys;
mod lockout;
pub mod logins;
pub mod mails;
pub mod marketplace;
mod marks;
pub mod message;
pub mod messenger;
pub mod nudge;
pub mod password;
pub mod people;
pub mod projects;
pub mod providers;
pub mod reasons;
pub mod registrations;
pub mod replay;
mod request_mails;
pub mod requests;
pub mod roles;
pub mod settings;
mod snapshot;
pub mod standing;
pub mod teams;
pub mod template;
pub mod tenants;
pub mod todo_digest;
pub mod todos;
pub mod tokens;
mod transaction;
pub mod turns;
pub mod user_tokens;
pub mod users;
pub mod vault;
pub mod viewers;
pub mod webhook_keys;
pub mod webhook_log;
pub mod webhook_signing;
pub mod webhook_test;
pub mod webhooks;

pub use caller::Caller;
pub use commit::Answer;
pub use context::Context;
pub use error::{Error, Refusal};
