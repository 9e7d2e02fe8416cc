//! Calls to real servers on loopback, good ones and bad ones. One binary, for linking takes longer
//! than testing.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, its helpers too"
)]

mod addresses;
mod answers;
mod connections;
mod ends;
mod logs;
#[cfg(feature = "nats")]
mod nats;
mod official_client;
mod requests;
mod rest;
mod role_ends;
mod support;
mod telling;
mod tls;
mod todos;
