//! The log of events (`native.md` §6): every committed change in the order of the commits, as far
//! as nothing can come in between any more.
//!
//! Each node follows the log by looking at it when it has written itself, and from time to time
//! for what others wrote. What it saw last stays in memory, so that streams cost no queries.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use docket_domain::access;
use docket_domain::tail::{Running, Tail};
use docket_domain::time::Instant;
use docket_store::outbox;
use docket_store::relay::{self, Relay};
use tokio::sync::{Notify, watch};

pub use docket_store::outbox::{KeptEvent, Wanted};

use crate::caller::Caller;
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::hooks::Directory;
use crate::marks::Touch;

/// For how long after a look saw the end of the log it is believed that nothing new is in it.
const TRUSTED_MILLIS: i64 = 700;
/// Events read in one look.
const LOOK: i64 = 500;
/// Events that stay in memory.
const RECENT: usize = 1_000;
/// How long after a look the next one comes at the latest.
const POLL: Duration = Duration::from_millis(250);
/// The same while a position is missing.
const POLL_GAP: Duration = Duration::from_millis(5);

/// What this node knows of the log.
#[derive(Debug)]
pub struct EventLog {
    nudge: Notify,
    stable: watch::Sender<i64>,
    closed: watch::Sender<bool>,
    recent: RwLock<Recent>,
    /// When the last look began that saw the end of the log, in milliseconds.
    seen_at: AtomicI64,
}

/// No position, as long as the log was not looked at.
const NOWHERE: i64 = -1;

/// The events behind a position, without a gap.
#[derive(Debug, Default)]
struct Recent {
    behind: i64,
    events: VecDeque<Arc<KeptEvent>>,
}

impl Default for EventLog {
    fn default() -> Self {
        Self {
            nudge: Notify::new(),
            stable: watch::Sender::new(NOWHERE),
            closed: watch::Sender::new(false),
            recent: RwLock::default(),
            seen_at: AtomicI64::new(i64::MIN),
        }
    }
}

impl EventLog {
    /// Something was committed here. A nudge may be lost; looking from time to time is the net.
    pub fn nudge(&self) {
        self.nudge.notify_one();
    }

    /// Whether everything that others committed until a moment ago was seen here. While it was not,
    /// nothing that this node remembers is used.
    pub(crate) fn is_followed(&self, now: Instant) -> bool {
        let seen_at = Instant::from_millis(self.seen_at.load(Ordering::Acquire));
        (0..TRUSTED_MILLIS).contains(&now.millis_since(seen_at))
    }

    /// A look that began then saw the end of the log.
    pub(crate) fn saw_the_end(&self, began: Instant) {
        self.seen_at.store(began.millis(), Ordering::Release);
    }

    /// Up to where the log can be read, as it grows.
    #[must_use]
    pub fn stable(&self) -> watch::Receiver<i64> {
        self.stable.subscribe()
    }

    /// The server is about to end: whoever follows the log is told no more.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// The events behind a position and up to another, if all of them are still in memory. Those
    /// beyond are there already when somebody is about to say that they are stable.
    pub(crate) fn recent_between(&self, position: i64, until: i64) -> Option<Vec<Arc<KeptEvent>>> {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        if position < recent.behind {
            return None;
        }
        let start = recent.events.partition_point(|event| event.position <= position);
        let end = recent.events.partition_point(|event| event.position <= until);
        Some(recent.events.range(start..end.max(start)).cloned().collect())
    }

    /// Reading begins behind this position.
    fn begin(&self, position: i64) {
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        *recent = Recent { behind: position, events: VecDeque::new() };
        drop(recent);
        self.stable.send_replace(position);
    }

    fn grow(&self, events: Vec<Arc<KeptEvent>>, stable: i64) {
        if events.is_empty() {
            return;
        }
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        recent.events.extend(events);
        while recent.events.len() > RECENT {
            recent.behind = recent.events.pop_front().map_or(stable, |event| event.position);
        }
        drop(recent);
        self.stable.send_replace(stable);
    }
}

/// Follows the log until `stop` is done. Whatever is read is told to those who wait for it.
pub async fn follow(ctx: &Context, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    let mut tail = None;
    loop {
        let more = look(ctx, &mut tail).await.unwrap_or_else(|error| {
            tracing::warn!(?error, "the log of events could not be read");
            false
        });
        if more {
            continue;
        }
        let pause = if tail.as_ref().is_some_and(Tail::is_waiting) { POLL_GAP } else { POLL };
        tokio::select! {
            () = &mut stop => return,
            () = ctx.log.nudge.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Looks at the log once; whether there is more to see at once.
async fn look(ctx: &Context, tail: &mut Option<Tail>) -> Result<bool, Error> {
    let began = ctx.now();
    let mut conn = ctx.db.reader();
    let tail = if let Some(tail) = tail {
        tail
    } else {
        let position = relay::position(&mut conn, Relay::Dispatch).await?;
        ctx.log.begin(position);
        tail.insert(Tail::at(position))
    };
    // To ask costs a transaction's number, and only matters to one who waits.
    let running = if tail.is_waiting() {
        let snapshot = outbox::snapshot(&mut conn).await?;
        Running { oldest: snapshot.oldest_running, next: snapshot.next }
    } else {
        Running::UNKNOWN
    };
    let events = outbox::after(&mut conn, tail.stable(), LOOK).await?;
    let full = i64::try_from(events.len()).is_ok_and(|seen| seen == LOOK);
    let taken = tail.see(running, events.iter().map(|event| event.position), ctx.now());
    let events: Vec<_> = events.into_iter().take(taken).map(Arc::new).collect();
    for event in &events {
        let touch = Touch::of(&event.event_type, event.subject_id, Some(&event.payload));
        ctx.marks.forget(&[touch]);
        if Directory::is_about(&event.event_type) {
            ctx.directory.forget();
        }
    }
    ctx.log.grow(events, tail.stable());
    let more = full && !tail.is_waiting();
    if !more && !tail.is_waiting() {
        ctx.log.saw_the_end(began);
    }
    Ok(more)
}

/// The wanted events behind a position, in their order, and the position up to which this is all
/// there is; the next page begins there.
pub async fn page(
    ctx: &Context,
    wanted: &Wanted,
    after: i64,
    limit: i64,
) -> Result<(Vec<Arc<KeptEvent>>, i64), Error> {
    let stable = *ctx.log.stable.borrow();
    if let Some(recent) = ctx.log.recent_between(after, stable) {
        let most = usize::try_from(limit).unwrap_or_default();
        let events: Vec<_> =
            recent.into_iter().filter(|event| wanted.includes(event)).take(most).collect();
        let end = if events.len() == most { events.last().map(|last| last.position) } else { None };
        return Ok((events, end.unwrap_or(stable).max(after)));
    }
    let events = outbox::page(&mut ctx.db.reader(), wanted, after, stable, limit).await?;
    let full = i64::try_from(events.len()).is_ok_and(|found| found == limit);
    let end = events.last().filter(|_| full).map_or(stable, |last| last.position);
    Ok((events.into_iter().map(Arc::new).collect(), end.max(after)))
}

/// Which events the caller may read, of these types or, if none is named, of any.
fn allowed(caller: &Caller, types: Vec<String>) -> Result<Wanted, Error> {
    if !access::may_read_events(&caller.principal) {
        return Err(Refusal::Forbidden.into());
    }
    Ok(Wanted { types, tenant_id: caller.scope.one(), ..Wanted::default() })
}

/// A page of the log for the caller, as [`page`] gives it.
pub async fn read(
    ctx: &Context,
    caller: &Caller,
    types: Vec<String>,
    after: i64,
    limit: i64,
) -> Result<(Vec<Arc<KeptEvent>>, i64), Error> {
    page(ctx, &allowed(caller, types)?, after, limit).await
}

/// Somebody who is told of every event that comes.
#[derive(Debug)]
pub struct Follower {
    wanted: Wanted,
    /// What comes behind here is still to be told; nothing before the log was looked at.
    after: Option<i64>,
    stable: watch::Receiver<i64>,
    closed: watch::Receiver<bool>,
}

impl Follower {
    /// Follows the log from a position on; without one, from now on.
    pub fn new(
        ctx: &Context,
        caller: &Caller,
        types: Vec<String>,
        after: Option<i64>,
    ) -> Result<Self, Error> {
        let wanted = allowed(caller, types)?;
        let (stable, closed) = (ctx.log.stable(), ctx.log.closed.subscribe());
        let now = Some(*stable.borrow()).filter(|position| *position != NOWHERE);
        Ok(Self { wanted, after: after.or(now), stable, closed })
    }

    /// Waits until there is something behind what was told; false when nothing comes any more.
    /// Costs nothing meanwhile.
    pub async fn wait(&mut self) -> bool {
        let after = self.after;
        tokio::select! {
            _ = self.closed.wait_for(|closed| *closed) => false,
            grown = self.stable.wait_for(|stable| *stable > after.unwrap_or(NOWHERE)) => {
                grown.is_ok()
            }
        }
    }

    /// The next wanted events, this many at most; perhaps none, even after [`Self::wait`].
    pub async fn next(&mut self, ctx: &Context, most: i64) -> Result<Vec<Arc<KeptEvent>>, Error> {
        let Some(after) = self.after else {
            self.after = Some(*self.stable.borrow());
            return Ok(Vec::new());
        };
        let (events, end) = page(ctx, &self.wanted, after, most).await?;
        self.after = Some(end);
        Ok(events)
    }
}
