//! What has to be thrown away from time to time.

use docket_store::{idempotency, mail};

use crate::context::Context;
use crate::error::Error;

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
