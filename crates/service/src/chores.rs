//! What follows from changes is done piece by piece, and one piece at a time on each node: thousands
//! of ends and all that follows from each would otherwise keep every processor busy, and whoever asks
//! the gate meanwhile would wait for a turn.

use tokio::sync::{Mutex, MutexGuard};

use crate::context::Context;

/// Parts of a piece of work between which nobody else need have the processor.
const BETWEEN_TURNS: usize = 8;

/// Lets whoever waits for the processor go first, every few parts of a piece of work; to be asked
/// before each, with its place among them.
pub(crate) fn give_way(place: usize) {
    if place % BETWEEN_TURNS == BETWEEN_TURNS - 1 {
        std::thread::yield_now();
    }
}

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
