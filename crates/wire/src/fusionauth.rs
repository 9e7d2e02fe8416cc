//! The shapes of the FusionAuth surface: camelCase, instants as milliseconds, absent and never
//! `null` (`fusionauth.md` §0.3).

pub mod action;
pub mod api_key;
pub mod application;
pub mod audit_log;
pub mod comment;
pub mod definition;
pub mod email;
pub mod email_template;
pub mod event_log;
pub mod key;
pub mod login;
pub mod problem;
pub mod reason;
pub mod registration;
pub mod scalar;
pub mod search;
pub mod tenant;
pub mod user;
pub mod user_search;
pub mod webhook;
pub mod webhook_log;
