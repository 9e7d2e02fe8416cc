//! The shapes of the FusionAuth surface: camelCase, instants as milliseconds, absent and never
//! `null` (`fusionauth.md` §0.3).

pub mod action;
pub mod api_key;
pub mod definition;
pub mod problem;
pub mod reason;
pub mod scalar;
pub mod search;
