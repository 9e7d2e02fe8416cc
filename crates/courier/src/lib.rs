//! What happens after the commit: others are told.
//!
//! Nothing here knows a database. The use cases say what is due and note what became of it; the
//! courier does the part that takes time and may fail.

pub mod call;
mod connection;
mod dial;
pub mod failure;
pub mod guard;
mod pool;
pub mod resolve;
mod trust;
