//! The surfaces over HTTP: each handler parses, calls one use case and renders its outcome.
//!
//! [`router::router`] is the table of all routes. A request passes the [`layer`]s (id, limits,
//! idempotency), then an [`auth`] extractor that is the route's authorisation rule, then a handler
//! of its surface. The surfaces never call each other.

pub mod auth;
mod bench;
mod description;
mod docs;
pub mod fusionauth;
mod idempotency;
mod layer;
mod meter;
pub mod native;
pub mod ops;
mod peer;
mod query;
mod rate;
pub mod router;
pub mod state;
mod surface;
pub mod waldur;

pub use layer::Served;
pub use peer::Peer;
pub use router::router;
pub use state::{App, Settings};
