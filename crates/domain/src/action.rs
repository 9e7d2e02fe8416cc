//! Actions taken on users: what kinds there are, why, and what follows from taking one.

pub mod block;
pub mod definition;
pub mod lifecycle;
pub mod reason;
pub mod taken;

pub use block::Block;
pub use definition::{Definition, DefinitionDetails, Option as ActionOption};
pub use lifecycle::{ActionEvent, Notice, Phase, TakeCommand};
pub use reason::{Reason, ReasonDetails};
pub use taken::{Action, ActionLength, PastState};
