//! The table of signing keys; private parts are sealed before they get here.

use docket_domain::id::SigningKeyId;
use docket_domain::time::Instant;

use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// The first key made for a purpose, on which all nodes agree.
    FIRST_KEY = "SELECT id, algorithm, sealed_private_key, public_key, created_at
        FROM signing_key WHERE purpose = $1 ORDER BY id LIMIT 1";
    /// A new key.
    INSERT_KEY = "INSERT INTO signing_key
            (id, purpose, algorithm, sealed_private_key, public_key, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
}

/// A key as kept.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// Its id, the `kid` of what it signs.
    pub id: SigningKeyId,
    /// The name of its algorithm.
    pub algorithm: String,
    /// The private part, sealed.
    pub sealed_private_key: Vec<u8>,
    /// The public part.
    pub public_key: String,
    /// When it was made.
    pub created_at: Instant,
}

impl FromRow for SigningKey {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            algorithm: row.next()?,
            sealed_private_key: row.next()?,
            public_key: row.next()?,
            created_at: row.next()?,
        })
    }
}

/// The first key made for a purpose.
pub async fn first(conn: &mut Conn, purpose: &str) -> Result<Option<SigningKey>, DbError> {
    conn.one(&FIRST_KEY, params![purpose]).await
}

/// Keeps a new key.
pub async fn insert(conn: &mut Conn, purpose: &str, key: &SigningKey) -> Result<(), DbError> {
    conn.run(
        &INSERT_KEY,
        params![
            key.id,
            purpose,
            &key.algorithm,
            key.sealed_private_key.as_slice(),
            &key.public_key,
            key.created_at
        ],
    )
    .await?;
    Ok(())
}
