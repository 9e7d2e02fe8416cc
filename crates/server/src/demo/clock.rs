//! A clock that can be set back, so that the past can be made up.

use std::sync::atomic::{AtomicI64, Ordering};

use docket_domain::time::{Clock, Instant};

/// How long ago the demo begins.
const BEGINNING: i64 = 190 * 24 * 3_600_000;

/// Says what it was told last.
#[derive(Debug)]
pub(super) struct MovableClock {
    today: Instant,
    now: AtomicI64,
}

impl MovableClock {
    /// Set back to the beginning of the demo.
    pub(super) fn behind(clock: &impl Clock) -> Self {
        let today = clock.now();
        Self { today, now: AtomicI64::new(today.plus_millis(-BEGINNING).millis()) }
    }

    /// The instant this long ago.
    pub(super) fn ago(&self, millis: i64) -> Instant {
        self.today.plus_millis(-millis)
    }

    /// Sets it. It only goes forwards, as ids must.
    pub(super) fn set(&self, now: Instant) {
        self.now.fetch_max(now.millis(), Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Instant {
        Instant::from_millis(self.now.load(Ordering::SeqCst))
    }
}
