//! What has to be thrown away from time to time.

use docket_domain::id::{self, EventId};
use docket_domain::time::Instant;
use docket_store::relay;
use docket_store::{delivery, idempotency, mail, outbox, token_attempt};

use crate::context::Context;
use crate::error::Error;
use crate::user_tokens;

/// Rows in one unit of work, so that nobody waits long for it to end.
const BATCH: i64 = 1_000;

/// Forgets the answers that are no longer kept for requests that come again; says how many.
pub async fn forget_answers(ctx: &Context) -> Result<u64, Error> {
    let until = ctx.now().plus_millis(-idempotency::KEPT_MILLIS);
    let mut forgotten = 0;
    loop {
        let batch = ctx
            .db
            .write(move |conn| {
                Box::pin(
                    async move { Ok::<_, Error>(idempotency::forget(conn, until, BATCH).await?) },
                )
            })
            .await?;
        forgotten += batch;
        if batch < BATCH.unsigned_abs() {
            return Ok(forgotten);
        }
    }
}

/// Forgets the mails that were settled long ago; says how many.
pub async fn forget_mails(ctx: &Context) -> Result<u64, Error> {
    let until = ctx.now().plus_millis(-mail::KEPT_MILLIS);
    let mut forgotten = 0;
    loop {
        let batch = ctx
            .db
            .write(move |conn| {
                Box::pin(async move { Ok::<_, Error>(mail::forget(conn, until, BATCH).await?) })
            })
            .await?;
        forgotten += batch;
        if batch < BATCH.unsigned_abs() {
            return Ok(forgotten);
        }
    }
}

/// Forgets wrong passwords that lock nobody out any more; says of how many names.
pub async fn forget_attempts(ctx: &Context) -> Result<u64, Error> {
    let until = ctx.now().plus_millis(-user_tokens::LOCKED_MILLIS);
    let mut forgotten = 0;
    loop {
        let batch = ctx
            .db
            .write(move |conn| {
                Box::pin(async move {
                    Ok::<_, Error>(token_attempt::forget_old(conn, until, BATCH).await?)
                })
            })
            .await?;
        forgotten += batch;
        if batch < BATCH.unsigned_abs() {
            return Ok(forgotten);
        }
    }
}

/// Forgets events that happened before this, with what webhooks were sent of them; says how many
/// events. What is still to be sent stays, and so does what was not looked at yet.
pub async fn forget_events(ctx: &Context, before: Instant) -> Result<u64, Error> {
    let told_before = EventId::from_uuid(id::at(before, [0; 10]));
    loop {
        let batch = ctx
            .db
            .write(move |conn| {
                Box::pin(async move {
                    Ok::<_, Error>(delivery::forget(conn, told_before, BATCH).await?)
                })
            })
            .await?;
        if batch < BATCH.unsigned_abs() {
            break;
        }
    }
    let mut forgotten = 0;
    loop {
        let batch = ctx
            .db
            .write(move |conn| {
                Box::pin(async move {
                    let until = relay::told_by_all(conn, before).await?;
                    Ok::<_, Error>(outbox::forget(conn, before, until, BATCH).await?)
                })
            })
            .await?;
        forgotten += batch;
        if batch < BATCH.unsigned_abs() {
            return Ok(forgotten);
        }
    }
}
