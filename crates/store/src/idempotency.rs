//! First answers to writes that carried an `Idempotency-Key` (`native.md` §1).

use docket_domain::time::Instant;

use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// How long an answer is kept: 24 hours.
pub const KEPT_MILLIS: i64 = 24 * 60 * 60 * 1_000;

statements! {
    /// Whether this unit of work is the only one with this key at the moment. SQLite has one writer,
    /// so there it always is.
    CLAIM_KEY = "SELECT pg_try_advisory_xact_lock(
            ('x' || substr(encode($1, 'hex'), 1, 8))::bit(32)::int,
            ('x' || substr(encode($2, 'hex'), 1, 8))::bit(32)::int)",
        sqlite: "SELECT 1 WHERE $1 IS NOT NULL AND $2 IS NOT NULL";
    /// The answer kept for a key.
    FIND_ANSWER = "SELECT fingerprint, status, sealed_body FROM idempotency
        WHERE credential = $1 AND key = $2 AND at > $3";
    /// A new answer; it takes the place of one that is no longer kept.
    INSERT_ANSWER = "INSERT INTO idempotency (credential, key, fingerprint, status, sealed_body, at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (credential, key) DO UPDATE SET fingerprint = excluded.fingerprint,
            status = excluded.status, sealed_body = excluded.sealed_body, at = excluded.at";
    /// Some of the answers that are no longer kept.
    FORGET_ANSWERS = "DELETE FROM idempotency WHERE (credential, key) IN
        (SELECT credential, key FROM idempotency WHERE at <= $1 LIMIT $2)";
}

/// An answer as kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The hash of the request that it answers.
    pub fingerprint: Vec<u8>,
    /// The HTTP status.
    pub status: i64,
    /// The body, sealed.
    pub sealed_body: Vec<u8>,
}

impl FromRow for Kept {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { fingerprint: row.next()?, status: row.next()?, sealed_body: row.next()? })
    }
}

/// Whether nobody else is answering a request with this key at this moment.
pub async fn claim(conn: &mut Conn, credential: &[u8], key: &[u8]) -> Result<bool, DbError> {
    Ok(conn.one(&CLAIM_KEY, params![credential, key]).await?.unwrap_or(false))
}

/// The answer kept for a key since `since`.
pub async fn find(
    conn: &mut Conn,
    credential: &[u8],
    key: &[u8],
    since: Instant,
) -> Result<Option<Kept>, DbError> {
    conn.one(&FIND_ANSWER, params![credential, key, since]).await
}

/// Keeps an answer.
pub async fn insert(
    conn: &mut Conn,
    credential: &[u8],
    key: &[u8],
    kept: &Kept,
    now: Instant,
) -> Result<(), DbError> {
    conn.run(
        &INSERT_ANSWER,
        params![
            credential,
            key,
            kept.fingerprint.as_slice(),
            kept.status,
            kept.sealed_body.as_slice(),
            now
        ],
    )
    .await?;
    Ok(())
}

/// Forgets answers given until `until`, this many at most.
pub async fn forget(conn: &mut Conn, until: Instant, most: i64) -> Result<u64, DbError> {
    conn.run(&FORGET_ANSWERS, params![until, most]).await
}
