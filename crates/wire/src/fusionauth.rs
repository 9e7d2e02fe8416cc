//! The shapes of the FusionAuth surface: camelCase, instants as milliseconds, absent and never
//! `null` (`fusionauth.md` §0.3).

pub mod action;
pub mod api_key;
pub mod audit_log;
pub mod definition;
pub mod email;
pub mod email_template;
pub mod event_log;
pub mod problem;
pub mod reason;
pub mod scalar;
pub mod search;
pub mod tenant;
pub mod webhook;
