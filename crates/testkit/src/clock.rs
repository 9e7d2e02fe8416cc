//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use docket_domain::time::{Clock, Instant};

/// Stands at 2026-01-05 09:00:00 UTC until it is moved.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_767_603_600_000))
    }
}

impl TestClock {
    /// Moves it on.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.load(Ordering::SeqCst))
    }
}
