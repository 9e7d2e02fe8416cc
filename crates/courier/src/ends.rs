//! Ends: sleeps until the time of the next action or role has come, and has others told of it.
//!
//! The database is asked for the next end at the start and after some were seen to. In between the
//! log says of every action and role that any node gives or changes when it will end, so nothing is
//! polled. Clocks may be set, so no sleep is long: what the clock shows is looked at again and again,
//! which costs nothing.

use std::time::Duration;

use docket_domain::time::{Expiry, Instant};
use docket_service::{Context, Error, ends};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::stop::Stop;

/// Ends seen to in one unit of work. Others get their turn in between, so it must not take long.
const BATCH: usize = 64;
/// The time that such a batch takes, the pause behind it included: some 5,000 ends a second. When
/// thousands are due at once, whoever waits for an answer meanwhile does not have to share the machine
/// with them all the time.
const BEAT: Duration = Duration::from_millis(12);
/// Batches behind one another until it is looked from the first due end on again: one that was moved
/// there meanwhile, or that another node had in hand and let go.
const IN_A_ROW: usize = 16;
/// The longest time without a look at the clock.
const LONGEST_SLEEP: Duration = Duration::from_millis(200);
/// The pause before another try: the store did not answer, or other nodes have in hand what is due.
const PAUSE: Duration = Duration::from_millis(100);

/// Sees to ends until the server ends.
pub(crate) async fn run(ctx: Context, stop: Stop) {
    let grown = ctx.log.stable();
    let mut watchman = Watchman { ctx, stop, grown, position: 0, next: None };
    while !watchman.stop.is_asked() {
        match watchman.see_to_due().await {
            Ok(()) => watchman.sleep().await,
            Err(error) => {
                tracing::warn!(?error, "ends could not be told; it will be tried again");
                watchman.next = None;
                watchman.pause(PAUSE).await;
            }
        }
    }
}

struct Watchman {
    ctx: Context,
    stop: Stop,
    grown: watch::Receiver<i64>,
    /// Up to where the log has been listened to.
    position: i64,
    /// No end is due before that, as far as this node has heard; not known when nothing.
    next: Option<Expiry>,
}

impl Watchman {
    /// Sees to what is due until nothing is.
    async fn see_to_due(&mut self) -> Result<(), Error> {
        while self.next().await?.is_past(self.ctx.now()) && !self.stop.is_asked() {
            let mut behind = None;
            for _ in 0..IN_A_ROW {
                let began = tokio::time::Instant::now();
                let seen = ends::tell_due(&self.ctx, behind, BATCH).await?;
                measure(&seen.due_since, self.ctx.now());
                if seen.due_since.len() < BATCH {
                    self.next = None;
                    if behind.is_none() && seen.due_since.is_empty() {
                        self.pause_if_others_are_at_it().await?;
                    }
                    break;
                }
                behind = seen.last;
                self.pause(BEAT.saturating_sub(began.elapsed())).await;
                if self.stop.is_asked() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn pause_if_others_are_at_it(&mut self) -> Result<(), Error> {
        if self.next().await?.is_past(self.ctx.now()) {
            self.pause(PAUSE).await;
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Expiry, Error> {
        if let Some(next) = self.next {
            return Ok(next);
        }
        // Whatever comes into the log behind this may be newer than the answer.
        self.position = *self.grown.borrow_and_update();
        let next = ends::next(&self.ctx).await?;
        self.next = Some(next);
        Ok(next)
    }

    /// Sleeps until the next end may be due, or until it is time to look again.
    async fn sleep(&mut self) {
        let next = self.next.and_then(Expiry::instant);
        let left = next.map_or(LONGEST_SLEEP, |next| time_until(next, self.ctx.now()));
        tokio::select! {
            () = self.stop.asked() => {}
            _ = self.grown.changed() => self.listen(),
            () = sleep(left.min(LONGEST_SLEEP)) => {}
        }
    }

    fn listen(&mut self) {
        self.next = match ends::heard(&self.ctx, self.position) {
            Some(heard) => {
                self.position = heard.position;
                self.next.map(|next| next.min(heard.earliest))
            }
            None => None,
        };
    }

    async fn pause(&mut self, pause: Duration) {
        tokio::select! {
            () = self.stop.asked() => {}
            () = sleep(pause) => {}
        }
    }
}

/// From `now` until then; nothing when that has passed.
fn time_until(then: Instant, now: Instant) -> Duration {
    Duration::from_millis(then.millis_since(now).try_into().unwrap_or_default())
}

fn measure(due_since: &[Instant], now: Instant) {
    let lateness = metrics::histogram!("docket_action_end_lateness_seconds");
    for since in due_since {
        lateness.record(time_until(now, *since));
    }
}
