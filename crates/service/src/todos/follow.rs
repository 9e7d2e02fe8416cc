//! Follows the log of events for what they change about to-dos, and the clock for what it changes
//! (`waldur.md` §6.5). Of all nodes one does it at a time; what it has seen is kept now and then, for
//! seeing it twice does no harm.

use docket_domain::time::Instant;
use uuid::Uuid;

use super::refresh;
use crate::context::Context;
use crate::error::Error;
use crate::events::{self, Wanted};
use crate::turns::{self, Relay, TURN};

/// Events looked at in one go.
const LOOK: i64 = 256;
/// How far the kept mark may lie behind what was seen.
const LONGEST_LAG: i64 = 5_000;
/// The same in time, in milliseconds.
const LONGEST_SILENCE: i64 = 1_000;
/// How long a node leaves the turn to another before it looks again, in milliseconds.
const PATIENCE: i64 = 1_000;
/// How far back a node looks at most for what time has changed when its turn begins: longer than
/// the schedule lets pass.
const LOOK_BACK: i64 = 7 * 60 * 60 * 1_000;
/// How far the kept clock may lie behind the one that was followed, in milliseconds.
const LONGEST_CLOCK_LAG: i64 = 60_000;
/// How long the clock is left alone at most, in milliseconds: what is new and changes nothing for days
/// is not asked when that will be.
const LONGEST_REST: i64 = 60_000;

/// What a node has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// Everything is seen to; time will change something next then.
    End(Option<Instant>),
    /// It is another node's turn until then.
    Others(Instant),
}

/// One node's part in it.
#[derive(Debug)]
pub struct Follower {
    node: Uuid,
    turn: Option<Turn>,
    /// Until then it is another's turn, as far as this node knows.
    others: Option<Instant>,
}

/// A turn of this node's own.
#[derive(Debug, Clone, Copy)]
struct Turn {
    position: i64,
    kept: i64,
    kept_at: Instant,
    until: Instant,
    /// Up to when the clock was followed.
    clock: Instant,
    /// The same, as kept.
    clock_kept: Instant,
    /// When time will change something next; not known when nothing.
    next: Option<Instant>,
}

impl Turn {
    /// Whether all that has happened is seen to and kept, and time changes nothing yet.
    fn is_at_rest(&self, ctx: &Context) -> bool {
        self.kept == self.position
            && *ctx.log.stable().borrow() <= self.position
            && self.next.is_some_and(|next| ctx.now() < next)
    }
}

impl Follower {
    /// A node that may have its turn.
    #[must_use]
    pub fn new(ctx: &Context) -> Self {
        Self { node: ctx.id(ctx.now(), |id| id), turn: None, others: None }
    }

    /// Sees to everything that has happened, and to what time has changed.
    pub async fn catch_up(&mut self, ctx: &Context) -> Result<Reached, Error> {
        loop {
            let mut turn = match self.turn {
                Some(turn) if ctx.now().millis_since(turn.until) < -TURN / 2 => turn,
                // Nothing is written for a turn at which there is nothing to do: it may lapse.
                Some(turn) if turn.is_at_rest(ctx) => return Ok(Reached::End(turn.next)),
                _ => match self.take(ctx).await? {
                    Ok(turn) => turn,
                    Err(until) => return Ok(Reached::Others(until)),
                },
            };
            let (seen, end) = events::page(ctx, &Wanted::default(), turn.position, LOOK).await?;
            if !seen.is_empty() {
                let _turn = ctx.turn().await;
                if refresh::take_in(ctx, &seen).await? {
                    turn.next = None;
                }
            }
            turn.position = end.max(turn.position);
            self.turn = self.keep(ctx, turn).await?;
            if end > turn.kept && !seen.is_empty() {
                continue;
            }
            return self.follow_clock(ctx).await;
        }
    }

    /// Ends the node's turn, so that another need not wait for the end of its lease.
    pub async fn leave(&mut self, ctx: &Context) -> Result<(), Error> {
        if let Some(turn) = self.turn.take() {
            turns::followed(ctx, turn.clock).await?;
            turns::told(ctx, Relay::Todos, self.node, turn.position).await?;
            turns::end(ctx, Relay::Todos, self.node).await?;
        }
        Ok(())
    }

    async fn follow_clock(&mut self, ctx: &Context) -> Result<Reached, Error> {
        let now = ctx.now();
        let Some(turn) = &mut self.turn else { return Ok(Reached::Others(now)) };
        let is_due = turn.next.is_none_or(|next| next <= now);
        if is_due {
            let next = refresh::take_in_time(ctx, turn.clock).await?;
            let latest = now.plus_millis(LONGEST_REST);
            let next = next.map_or(latest, |next| next.min(latest));
            (turn.clock, turn.next) = (now, Some(next));
            if now.millis_since(turn.clock_kept) >= LONGEST_CLOCK_LAG {
                turns::followed(ctx, now).await?;
                turn.clock_kept = now;
            }
        }
        Ok(Reached::End(turn.next))
    }

    /// Takes this node's turn, unless it is another's until then.
    async fn take(&mut self, ctx: &Context) -> Result<Result<Turn, Instant>, Error> {
        let now = ctx.now();
        if let Some(until) = self.others.filter(|until| now < *until) {
            return Ok(Err(until));
        }
        let before = self.turn.take();
        // Looking locks nothing; that it is another's turn is what most nodes find.
        let seen = turns::look(ctx, Relay::Todos).await?;
        if seen.owner.is_some_and(|owner| owner != self.node) && now < seen.until {
            let until = seen.until.min(now.plus_millis(PATIENCE));
            self.others = Some(until);
            return Ok(Err(until));
        }
        self.others = None;
        let taken = turns::take(ctx, Relay::Todos, self.node).await?;
        if taken.owner != Some(self.node) {
            return Ok(Err(taken.until));
        }
        let kept = turns::look(ctx, Relay::TodosClock).await?.position;
        // A clock that was once ahead says nothing.
        let kept = Some(Instant::from_millis(kept)).filter(|kept| *kept <= now);
        let farthest = now.plus_millis(-LOOK_BACK);
        let clock = kept.map_or(farthest, |kept| kept.max(farthest));
        let turn = Turn {
            position: before.map_or(taken.position, |turn| turn.position.max(taken.position)),
            kept: taken.position,
            kept_at: now,
            until: taken.until,
            clock: before.map_or(clock, |turn| turn.clock.max(clock)),
            clock_kept: clock,
            next: before.and_then(|turn| turn.next),
        };
        self.turn = Some(turn);
        Ok(Ok(turn))
    }

    /// Keeps how far this has got when that is much further than what is kept. Nothing when the turn
    /// is lost.
    async fn keep(&self, ctx: &Context, mut turn: Turn) -> Result<Option<Turn>, Error> {
        let now = ctx.now();
        let lag = turn.position - turn.kept;
        let long_ago = now.millis_since(turn.kept_at) >= LONGEST_SILENCE;
        if lag == 0 || !(lag >= LONGEST_LAG || long_ago) {
            return Ok(Some(turn));
        }
        let until = turns::told(ctx, Relay::Todos, self.node, turn.position).await?;
        Ok(until.map(|until| {
            (turn.kept, turn.kept_at, turn.until) = (turn.position, now, until);
            turn
        }))
    }
}
