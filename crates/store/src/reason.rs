//! The table of reasons.

use docket_domain::action::{Reason, ReasonDetails};
use docket_domain::id::ReasonId;
use docket_domain::json::Json;

use crate::codec::{decode_localized, encode_localized};
use crate::conn::Conn;
use crate::error::DbError;
use crate::params;
use crate::row::{FromRow, Row};
use crate::statements;

statements! {
    /// A reason.
    FIND_REASON = "SELECT id, code, text, localized_texts, created_at, updated_at
        FROM reason WHERE id = $1";
    /// A reason that is about to be changed.
    LOCK_REASON = "SELECT id, code, text, localized_texts, created_at, updated_at
        FROM reason WHERE id = $1 FOR UPDATE",
        sqlite: "SELECT id, code, text, localized_texts, created_at, updated_at
        FROM reason WHERE id = $1";
    /// Every reason, by text.
    LIST_REASONS = "SELECT id, code, text, localized_texts, created_at, updated_at
        FROM reason ORDER BY text_key, id";
    /// Whether another reason has this code, and whether one has this text.
    REASON_TAKEN = "SELECT
            EXISTS (SELECT 1 FROM reason WHERE code_key = $2 AND id <> $1),
            EXISTS (SELECT 1 FROM reason WHERE text_key = $3 AND id <> $1)";
    /// A new reason.
    INSERT_REASON = "INSERT INTO reason
            (id, code, code_key, text, text_key, localized_texts, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A changed reason.
    UPDATE_REASON = "UPDATE reason
        SET code = $2, code_key = $3, text = $4, text_key = $5, localized_texts = $6,
            updated_at = $7
        WHERE id = $1";
    /// A reason that goes.
    DELETE_REASON = "DELETE FROM reason WHERE id = $1";
}

impl FromRow for Reason {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            details: ReasonDetails {
                code: row.next()?,
                text: row.next()?,
                localized_texts: decode_localized("reason.localized_texts", &row.next::<Json>()?)?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// The reason with this id.
pub async fn find(conn: &mut Conn, id: ReasonId) -> Result<Option<Reason>, DbError> {
    conn.one(&FIND_REASON, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: ReasonId) -> Result<Option<Reason>, DbError> {
    conn.one(&LOCK_REASON, params![id]).await
}

/// Every reason, by text without regard to case.
pub async fn list(conn: &mut Conn) -> Result<Vec<Reason>, DbError> {
    conn.all(&LIST_REASONS, params![]).await
}

/// Whether another reason than `id` has this code, and whether one has this text.
pub async fn taken(
    conn: &mut Conn,
    id: ReasonId,
    code: &str,
    text: &str,
) -> Result<(bool, bool), DbError> {
    let (code, text) = (code.to_lowercase(), text.to_lowercase());
    Ok(conn.one(&REASON_TAKEN, params![id, &code, &text]).await?.unwrap_or_default())
}

/// Keeps a new reason.
pub async fn insert(conn: &mut Conn, reason: &Reason) -> Result<(), DbError> {
    let Reason { id, details, created_at, updated_at } = reason;
    let (code_key, text_key) = (details.code.to_lowercase(), details.text.to_lowercase());
    let texts = encode_localized(&details.localized_texts);
    conn.run(
        &INSERT_REASON,
        params![
            *id,
            &details.code,
            &code_key,
            &details.text,
            &text_key,
            &texts,
            *created_at,
            *updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a reason.
pub async fn update(conn: &mut Conn, reason: &Reason) -> Result<(), DbError> {
    let details = &reason.details;
    let (code_key, text_key) = (details.code.to_lowercase(), details.text.to_lowercase());
    let texts = encode_localized(&details.localized_texts);
    conn.run(
        &UPDATE_REASON,
        params![
            reason.id,
            &details.code,
            &code_key,
            &details.text,
            &text_key,
            &texts,
            reason.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes a reason.
pub async fn delete(conn: &mut Conn, id: ReasonId) -> Result<(), DbError> {
    conn.run(&DELETE_REASON, params![id]).await?;
    Ok(())
}
