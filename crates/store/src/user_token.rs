//! The table of the tokens of users, of which each has one. The token itself is never here: its hash
//! is, and a sealed copy, because it is told again at the next login.

use docket_domain::id::{TenantId, UserId};
use docket_domain::time::{Expiry, Instant};

use crate::codec::expiry;
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// Whose token has this hash.
    FIND_HOLDER = "SELECT user_token.hash, user_token.created_at, users.id, users.tenant_id,
            users.active, users.staff, users.expires_at, affiliation.support,
            affiliation.token_lifetime_seconds
        FROM user_token
        JOIN users ON users.id = user_token.user_id
        LEFT JOIN affiliation ON affiliation.user_id = user_token.user_id
        WHERE user_token.hash = $1";
    /// The token of a user.
    FIND_USER_TOKEN = "SELECT sealed_key, created_at FROM user_token WHERE user_id = $1";
    /// The token that a user now has.
    KEEP_USER_TOKEN = "INSERT INTO user_token (user_id, hash, sealed_key, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id) DO UPDATE
        SET hash = excluded.hash, sealed_key = excluded.sealed_key,
            created_at = excluded.created_at";
    /// A token is as good as new.
    RENEW_USER_TOKEN = "UPDATE user_token SET created_at = $2 WHERE user_id = $1";
    /// The tokens of users who go, or who log out.
    pub(crate) DELETE_USER_TOKENS = "DELETE FROM user_token WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM user_token WHERE user_id IN (SELECT value FROM rarray($1))";
}

/// Whose token it is, and what decides whether it is good.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The hash of the token as kept.
    pub hash: Vec<u8>,
    /// When the token was given last.
    pub created_at: Instant,
    /// The user.
    pub user_id: UserId,
    /// The user's tenant.
    pub tenant_id: TenantId,
    /// Whether the account is open.
    pub active: bool,
    /// Whether the user runs this server.
    pub staff: bool,
    /// When the account closes by itself.
    pub expiry: Expiry,
    /// Whether the user sees everything.
    pub support: bool,
    /// For how long the token is good.
    pub lifetime_seconds: Option<i64>,
}

impl FromRow for Holder {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            hash: row.next()?,
            created_at: row.next()?,
            user_id: row.next()?,
            tenant_id: row.next()?,
            active: row.next()?,
            staff: row.next()?,
            expiry: expiry(row.next()?),
            support: row.next::<Option<bool>>()?.unwrap_or_default(),
            lifetime_seconds: row.next()?,
        })
    }
}

/// A user's token as kept.
#[derive(Debug, Clone)]
pub struct KeptToken {
    /// The token, sealed.
    pub sealed_key: Vec<u8>,
    /// When it was given last.
    pub created_at: Instant,
}

impl FromRow for KeptToken {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { sealed_key: row.next()?, created_at: row.next()? })
    }
}

/// Whose token has this hash.
pub async fn find_holder(conn: &mut Conn, hash: &[u8]) -> Result<Option<Holder>, DbError> {
    conn.one(&FIND_HOLDER, params![hash]).await
}

/// The token of a user.
pub async fn find(conn: &mut Conn, user: UserId) -> Result<Option<KeptToken>, DbError> {
    conn.one(&FIND_USER_TOKEN, params![user]).await
}

/// Gives a user this token instead of any before.
pub async fn keep(
    conn: &mut Conn,
    user: UserId,
    hash: &[u8],
    sealed_key: &[u8],
    at: Instant,
) -> Result<(), DbError> {
    conn.run(&KEEP_USER_TOKEN, params![user, hash, sealed_key, at]).await?;
    Ok(())
}

/// From now on the user's token is as good as new.
pub async fn renew(conn: &mut Conn, user: UserId, at: Instant) -> Result<(), DbError> {
    conn.run(&RENEW_USER_TOKEN, params![user, at]).await?;
    Ok(())
}

/// Takes a user's token away; whether there was one.
pub async fn delete(conn: &mut Conn, user: UserId) -> Result<bool, DbError> {
    Ok(conn.run(&DELETE_USER_TOKENS, params![&[user][..]]).await? > 0)
}
