//! Whose to-dos are to be looked at anew soon, because somebody asked for it. They are kept in memory
//! alone: what is lost with the node is seen to by the schedule.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use docket_domain::id::UserId;
use tokio::sync::Notify;

/// More wishes than this at once are not remembered.
const MOST: usize = 10_000;

/// A wish: whose, and of which type; every type when none is named.
pub type Wish = (UserId, Option<String>);

/// The wishes of this node.
#[derive(Debug, Default)]
pub struct Wishes {
    waiting: Mutex<BTreeSet<Wish>>,
    made: Notify,
}

impl Wishes {
    /// Makes a wish. One that is waiting already is made once.
    pub fn make(&self, wish: Wish) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.insert(wish);
        }
        drop(waiting);
        self.made.notify_one();
    }

    /// Takes the next wish.
    #[must_use]
    pub fn take(&self) -> Option<Wish> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_first()
    }

    /// Waits until a wish was made. One made since the last time counts.
    pub async fn made(&self) {
        self.made.notified().await;
    }
}
