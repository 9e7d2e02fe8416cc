//! Whose turn it is to tell the broker: of all nodes one at a time, or the order of the events would
//! be lost. Likewise whose turn it is to keep to-dos up to date, which once is enough.
//!
//! A turn is a lease. A node that dies is followed by another when its lease ends.

use docket_domain::id::EventId;
use docket_domain::time::Instant;
use docket_store::{Batch, outbox, relay};
use uuid::Uuid;

pub use docket_store::relay::{Relay, Turn};

use crate::context::Context;
use crate::error::Error;

/// How long a turn lasts from when the node was last heard of, in milliseconds.
pub const TURN: i64 = 10_000;

/// How far somebody has got, and whose turn it is.
pub async fn look(ctx: &Context, relay: Relay) -> Result<Turn, Error> {
    Ok(relay::turn(&mut ctx.db.reader(), relay).await?)
}

/// Takes the node's turn, or goes on with it. The answer says whose turn it is now.
pub async fn take(ctx: &Context, relay: Relay, node: Uuid) -> Result<Turn, Error> {
    let now = ctx.now();
    ctx.db
        .write(move |conn| {
            Box::pin(async move {
                relay::take_turn(conn, relay, node, now, now.plus_millis(TURN)).await?;
                Ok::<_, Error>(relay::turn(conn, relay).await?)
            })
        })
        .await
}

/// Keeps that the node has seen to everything up to a position. The answer is until when
/// its turn goes on; nothing when it is not its any more.
pub async fn told(
    ctx: &Context,
    relay: Relay,
    node: Uuid,
    position: i64,
) -> Result<Option<Instant>, Error> {
    let until = ctx.now().plus_millis(TURN);
    let kept = ctx
        .db
        .write(move |conn| {
            Box::pin(async move {
                let kept = relay::advance_turn(conn, relay, node, position, until).await?;
                Ok::<_, Error>(kept)
            })
        })
        .await?;
    Ok(kept.then_some(until))
}

/// Ends the node's turn, so that another need not wait for the end of its lease.
pub async fn end(ctx: &Context, relay: Relay, node: Uuid) -> Result<(), Error> {
    let now = ctx.now();
    ctx.db
        .write(move |conn| {
            Box::pin(async move {
                relay::end_turn(conn, relay, node, now).await?;
                Ok::<_, Error>(())
            })
        })
        .await
}

/// Keeps up to when the clock was followed; it never goes back.
pub async fn followed(ctx: &Context, clock: Instant) -> Result<(), Error> {
    ctx.db
        .write(move |conn| {
            Box::pin(async move {
                let mut writes = Batch::default();
                relay::advance(Relay::TodosClock, clock.millis(), &mut writes);
                Ok::<_, Error>(conn.at_end(writes).await?)
            })
        })
        .await
}

/// Where an event is in the log; nothing when it is not there, or not any more.
pub async fn position_of(ctx: &Context, event: EventId) -> Result<Option<i64>, Error> {
    let found = outbox::by_ids(&mut ctx.db.reader(), &[event]).await?;
    Ok(found.first().map(|event| event.position))
}
