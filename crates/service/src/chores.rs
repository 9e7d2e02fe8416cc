//! What follows from changes is done piece by piece, and one piece at a time on each node: thousands
//! of ends and all that follows from each would otherwise keep every processor busy, and whoever asks
//! the gate meanwhile would wait for a turn.

use tokio::sync::{Mutex, MutexGuard};

use crate::context::Context;

/// Whose turn it is. Turns are given in the order in which they are asked for.
#[derive(Debug, Default)]
pub(crate) struct Chores(Mutex<()>);

impl Context {
    /// Waits for a turn, which lasts until the answer is dropped. A piece of work is short, and asks
    /// for no other turn.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.chores.0.lock().await
    }
}
