//! Publishes every event to a stream of a NATS broker: all of them, in the order of the log, each
//! once.
//!
//! Only the node whose turn it is publishes. That is not what keeps the order, for a node may be slow
//! to notice that its turn is over: each event goes out on the condition that it follows the one
//! before it in the stream, so that whatever has become of the connection, of an earlier event or of
//! another node, the stream takes an event in its place or not at all.

mod address;
mod stream;

use std::time::Duration;

use docket_domain::time::Instant;
use docket_service::events::{self, Wanted};
use docket_service::turns::Relay;
use docket_service::{Context, Error, turns};
use tokio::time::sleep;
use uuid::Uuid;

use crate::nats::stream::Stream;
use crate::stop::Stop;

pub use crate::nats::address::{Broker, NotAnAddress};

/// Events published at once, before the broker has confirmed the first of them.
const BATCH: i64 = 256;
/// The first pause after something went wrong, and the longest one.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(5)];
/// How often a node that waits for its turn looks at the clock.
const GLANCE: Duration = Duration::from_millis(200);

/// Why publishing stopped for now.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The store did not answer.
    #[error("the store is unavailable")]
    Store(#[from] Error),
    /// The broker cannot be reached, or did not do what it was asked.
    #[error("the broker did not do it: {0}")]
    Broker(#[from] async_nats::Error),
    /// The broker took what was published for something that it had already.
    #[error("the broker had an event already")]
    Known,
    /// Another node has taken over.
    #[error("it is another node's turn")]
    TurnLost,
}

/// What a publisher has come to.
enum Reached {
    /// Everything is published.
    End,
    /// It is another node's turn until then.
    Others(Instant),
}

/// Publishes until the server ends.
pub(crate) async fn run(ctx: Context, broker: Broker, mut stop: Stop) {
    let node = ctx.id(ctx.now(), |id| id);
    let mut publisher = Publisher { ctx: ctx.clone(), broker, node, stream: None, turn: None };
    let mut grown = ctx.log.stable();
    let [shortest, longest] = PAUSES;
    let mut pause = shortest;
    loop {
        grown.mark_unchanged();
        let reached = tokio::select! {
            () = stop.asked() => break,
            reached = publisher.catch_up() => reached,
        };
        let wait = async {
            match &reached {
                Ok(Reached::End) => drop(grown.changed().await),
                Ok(Reached::Others(until)) => {
                    while ctx.now() < *until {
                        sleep(GLANCE).await;
                    }
                }
                Err(_) => sleep(pause).await,
            }
        };
        tokio::select! {
            () = stop.asked() => break,
            () = wait => {}
        }
        pause = if reached.is_ok() { shortest } else { longest.min(pause * 2) };
    }
    publisher.leave().await;
}

/// One node's part in publishing.
struct Publisher {
    ctx: Context,
    broker: Broker,
    node: Uuid,
    stream: Option<Stream>,
    turn: Option<Turn>,
}

/// A turn of this node's own.
#[derive(Debug, Clone, Copy)]
struct Turn {
    position: i64,
    until: Instant,
}

impl Publisher {
    /// Publishes what is there. After a failure another node may try.
    async fn catch_up(&mut self) -> Result<Reached, Failure> {
        let reached = self.publish().await;
        match &reached {
            Ok(_) => {}
            Err(Failure::TurnLost) => tracing::debug!("another node publishes events now"),
            Err(error) => {
                tracing::warn!(%error, "events could not be published; it will be tried again");
                self.leave().await;
            }
        }
        if reached.is_err() {
            self.turn = None;
        }
        reached
    }

    async fn publish(&mut self) -> Result<Reached, Failure> {
        loop {
            let position = match self.turn {
                Some(turn) if self.ctx.now().millis_since(turn.until) < -turns::TURN / 2 => {
                    turn.position
                }
                _ => match self.take_turn().await? {
                    Ok(position) => position,
                    Err(reached) => return Ok(reached),
                },
            };
            let wanted = Wanted::default();
            let (events, end) = events::page(&self.ctx, &wanted, position, BATCH).await?;
            if end <= position {
                return Ok(Reached::End);
            }
            let Some(stream) = &mut self.stream else { return Err(Failure::TurnLost) };
            let (published, outcome) = stream.publish(&events).await;
            let count = u64::try_from(published).unwrap_or(u64::MAX);
            metrics::counter!("docket_nats_events_total").increment(count);
            let last = published.checked_sub(1).and_then(|last| events.get(last));
            let told = if outcome.is_ok() { Some(end) } else { last.map(|last| last.position) };
            if let Some(told) = told {
                let until = turns::told(&self.ctx, Relay::Nats, self.node, told).await?;
                let until = until.ok_or(Failure::TurnLost)?;
                self.turn = Some(Turn { position: told, until });
            }
            match outcome {
                // The turn goes on, after another look at what is in the stream last.
                Err(Failure::Known) => self.turn = None,
                outcome => outcome?,
            }
        }
    }

    /// Takes this node's turn, when there is something to publish and it is nobody else's, and finds
    /// out what the stream has. The answer is how far everything is published.
    async fn take_turn(&mut self) -> Result<Result<i64, Reached>, Failure> {
        let now = self.ctx.now();
        let kept = turns::look(&self.ctx, Relay::Nats).await?;
        if kept.position >= *self.ctx.log.stable().borrow() {
            return Ok(Err(Reached::End));
        }
        if kept.owner.is_some_and(|owner| owner != self.node) && kept.until > now {
            return Ok(Err(Reached::Others(kept.until)));
        }
        // Whoever cannot reach the broker leaves the turn to others.
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => Stream::open(&self.broker).await?,
        };
        let kept = turns::take(&self.ctx, Relay::Nats, self.node).await?;
        if kept.owner != Some(self.node) {
            self.stream = Some(stream);
            return Ok(Err(Reached::Others(kept.until)));
        }
        // What was published and not kept is seen in the stream itself. That it was another event
        // than ours is not ruled out: somebody may have restored the database.
        let last = stream.last().await?;
        self.stream = Some(stream);
        let seen = match last {
            Some(event) => turns::position_of(&self.ctx, event).await?,
            None => None,
        };
        let position = kept.position.max(seen.unwrap_or(kept.position));
        self.turn = Some(Turn { position, until: kept.until });
        Ok(Ok(position))
    }

    /// Leaves the turn to others.
    async fn leave(&mut self) {
        if self.turn.take().is_some()
            && let Err(error) = turns::end(&self.ctx, Relay::Nats, self.node).await
        {
            tracing::debug!(?error, "others publish when this node's turn ends by itself");
        }
    }
}
