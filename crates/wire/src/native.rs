//! The shapes of Docket's own surface: camelCase, RFC 3339, `null` for no end (`native.md` §1).

pub mod action;
pub mod delivery;
pub mod event;
pub mod gate;
pub mod marketplace;
pub mod problem;
pub mod provider;
pub mod scalar;
pub mod standing;
pub mod todo;
pub mod webhook;
