//! The shapes of the FusionAuth surface: camelCase, instants as milliseconds, absent and never
//! `null` (`fusionauth.md` §0.3).

pub mod action;
pub mod comment;
pub mod definition;
pub mod problem;
pub mod reason;
pub mod registration;
pub mod scalar;
pub mod search;
pub mod user;
pub mod user_search;
