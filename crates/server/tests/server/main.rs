//! The real binary, started as its users start it, and the rules that the whole house keeps.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets what it does not expect must fail"
)]

mod architecture;
mod caller;
mod cluster;
mod commands;
mod demo;
mod faults;
mod kickstart;
mod life;
mod limits;
mod settings;
mod support;
