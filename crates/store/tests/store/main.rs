//! The store on both engines. One binary, for linking two drivers takes longer than testing them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, its helpers too"
)]

mod batch;
mod deliveries;
mod engines;
mod gather;
mod group;
mod migrations;
mod outbox;
mod parity;
mod plans;
mod support;
mod things;
