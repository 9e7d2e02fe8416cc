//! The table of wrong passwords of those who ask for tokens, by name and address.

use docket_domain::time::Instant;

use crate::conn::Conn;
use crate::error::DbError;
use crate::{params, statements};

statements! {
    /// How many wrong passwords there were of late.
    COUNT_ATTEMPTS = "SELECT attempts FROM token_attempt
        WHERE username_key = $1 AND address = $2 AND since > $3";
    /// One more; those before it count when the last of them is not too long ago.
    ADD_ATTEMPT = "INSERT INTO token_attempt (username_key, address, attempts, since)
        VALUES ($1, $2, 1, $3)
        ON CONFLICT (username_key, address) DO UPDATE
        SET attempts = CASE WHEN token_attempt.since > $4
                THEN token_attempt.attempts + 1 ELSE 1 END,
            since = excluded.since";
    /// The right one came.
    FORGET_ATTEMPTS = "DELETE FROM token_attempt WHERE username_key = $1 AND address = $2";
    /// What does not count any more.
    FORGET_OLD_ATTEMPTS = "DELETE FROM token_attempt WHERE (username_key, address) IN
        (SELECT username_key, address FROM token_attempt WHERE since <= $1 LIMIT $2)";
}

/// Who tries, and from where. The name is not kept as it was typed: people type passwords into the
/// wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trier {
    /// A hash of the name.
    pub username_key: String,
    /// The address of the caller.
    pub address: String,
}

/// How many wrong passwords there were since an instant.
pub async fn count(conn: &mut Conn, trier: &Trier, since: Instant) -> Result<i64, DbError> {
    let params = params![&trier.username_key, &trier.address, since];
    Ok(conn.one(&COUNT_ATTEMPTS, params).await?.unwrap_or(0))
}

/// One more wrong password.
pub async fn add(
    conn: &mut Conn,
    trier: &Trier,
    now: Instant,
    since: Instant,
) -> Result<(), DbError> {
    conn.run(&ADD_ATTEMPT, params![&trier.username_key, &trier.address, now, since]).await?;
    Ok(())
}

/// Forgets the wrong passwords of somebody who now had the right one.
pub async fn forget(conn: &mut Conn, trier: &Trier) -> Result<(), DbError> {
    conn.run(&FORGET_ATTEMPTS, params![&trier.username_key, &trier.address]).await?;
    Ok(())
}

/// Forgets some of what was last counted at this instant or before; says how many.
pub async fn forget_old(conn: &mut Conn, until: Instant, most: i64) -> Result<u64, DbError> {
    conn.run(&FORGET_OLD_ATTEMPTS, params![until, most]).await
}
