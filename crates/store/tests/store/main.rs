//! The store on both engines. One binary, for linking two drivers takes longer than testing them.

mod engines;
mod migrations;
mod parity;
mod support;
