//! The table of keys that sign what webhooks are sent. Private parts are sealed before they get
//! here.

use docket_domain::id::{WebhookId, WebhookKeyId};
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use docket_domain::webhook_key::{Algorithm, Family, WebhookKey, WebhookKeySearch};

use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a key, in the order in which a [`WebhookKey`] reads them.
macro_rules! columns {
    () => {
        "id, name, algorithm, kid, length, issuer, public_key, certificate,
         sealed_private_part IS NOT NULL, created_at, updated_at"
    };
}

statements! {
    /// A key.
    FIND_WEBHOOK_KEY = concat!("SELECT ", columns!(), " FROM webhook_key WHERE id = $1");
    /// A key that is about to be changed.
    LOCK_WEBHOOK_KEY = concat!("SELECT ", columns!(), " FROM webhook_key WHERE id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM webhook_key WHERE id = $1");
    /// A key that a webhook names, held against deletion.
    SHARE_WEBHOOK_KEY = concat!("SELECT ", columns!(), " FROM webhook_key WHERE id = $1 FOR SHARE"),
        sqlite: concat!("SELECT ", columns!(), " FROM webhook_key WHERE id = $1");
    /// Every key, by name.
    LIST_WEBHOOK_KEYS = concat!("SELECT ", columns!(), " FROM webhook_key ORDER BY name_key");
    /// Whether another key has this name, and whether one has this `kid`.
    WEBHOOK_KEY_TAKEN = "SELECT
            EXISTS (SELECT 1 FROM webhook_key WHERE name_key = $2 AND id <> $1),
            EXISTS (SELECT 1 FROM webhook_key WHERE kid = $3 AND id <> $1)";
    /// Whether a webhook names this key. Webhooks are few.
    WEBHOOK_KEY_IN_USE = "SELECT EXISTS (SELECT 1 FROM webhook
            WHERE signing_key_id = $1 OR ssl_certificate_key_id = $1)";
    /// A new key.
    INSERT_WEBHOOK_KEY = "INSERT INTO webhook_key
            (id, name, name_key, algorithm, family, kid, length, issuer, public_key, certificate,
             sealed_private_part, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    /// A key that is called something else.
    RENAME_WEBHOOK_KEY = "UPDATE webhook_key SET name = $2, name_key = $3, updated_at = $4
        WHERE id = $1";
    /// A key that goes.
    DELETE_WEBHOOK_KEY = "DELETE FROM webhook_key WHERE id = $1";
    /// What signs the deliveries of each webhook.
    LIST_SIGNING = "SELECT webhook.id, webhook.sealed_secret, webhook.sealed_previous_secret,
            webhook.previous_secret_until, webhook_key.kid, webhook_key.algorithm,
            webhook_key.sealed_private_part
        FROM webhook LEFT JOIN webhook_key
            ON webhook_key.id = webhook.signing_key_id AND webhook.signature_enabled";
}

/// The head of a list.
const HEAD: &str = concat!("SELECT ", columns!(), " FROM webhook_key");

/// What a search can be ordered by, and by which column. No key expires, so all do so alike.
const ORDERS: &[(&str, &str)] = &[
    ("algorithm", "algorithm"),
    ("expiration", "id"),
    ("id", "id"),
    ("insertInstant", "created_at"),
    ("name", "name_key"),
    ("type", "family"),
];

impl FromRow for WebhookKey {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let id = row.next()?;
        Ok(Self {
            id,
            name: row.next()?,
            algorithm: algorithm(&row.next::<String>()?, id)?,
            kid: row.next()?,
            length: row.next()?,
            issuer: row.next()?,
            public_key: row.next()?,
            certificate: row.next()?,
            signs: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

fn algorithm(name: &str, row: impl std::fmt::Display) -> Result<Algorithm, DbError> {
    Algorithm::from_name(name).ok_or_else(|| DbError::contradiction("webhook_key.algorithm", row))
}

/// What the deliveries of a webhook are signed with, sealed.
#[derive(Debug, Clone)]
pub struct KeptSigning {
    /// Whose deliveries.
    pub webhook_id: WebhookId,
    /// The secret of the webhook.
    pub sealed_secret: Vec<u8>,
    /// The secret before it.
    pub sealed_previous_secret: Option<Vec<u8>>,
    /// Until when the secret before it is valid.
    pub previous_secret_until: Option<Instant>,
    /// The key of the webhook, if it has one that is switched on.
    pub key: Option<KeptKey>,
}

/// The part of a key that signs, sealed.
#[derive(Debug, Clone)]
pub struct KeptKey {
    /// By which name those who check a signature know the key.
    pub kid: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// The private part.
    pub sealed_private_part: Vec<u8>,
}

impl FromRow for KeptSigning {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let webhook_id = row.next()?;
        let sealed_secret = row.next()?;
        let sealed_previous_secret = row.next()?;
        let previous_secret_until = row.next()?;
        let (kid, name, sealed): (Option<String>, Option<String>, Option<Vec<u8>>) =
            (row.next()?, row.next()?, row.next()?);
        let key = match (kid, name, sealed) {
            (Some(kid), Some(name), Some(sealed_private_part)) => {
                let algorithm = algorithm(&name, &kid)?;
                Some(KeptKey { kid, algorithm, sealed_private_part })
            }
            _ => None,
        };
        Ok(Self { webhook_id, sealed_secret, sealed_previous_secret, previous_secret_until, key })
    }
}

/// The key with this id.
pub async fn find(conn: &mut Conn, id: WebhookKeyId) -> Result<Option<WebhookKey>, DbError> {
    conn.one(&FIND_WEBHOOK_KEY, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: WebhookKeyId) -> Result<Option<WebhookKey>, DbError> {
    conn.one(&LOCK_WEBHOOK_KEY, params![id]).await
}

/// The same, held against deletion alone: a webhook is about to name it.
pub async fn share(conn: &mut Conn, id: WebhookKeyId) -> Result<Option<WebhookKey>, DbError> {
    conn.one(&SHARE_WEBHOOK_KEY, params![id]).await
}

/// Every key, by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<WebhookKey>, DbError> {
    conn.all(&LIST_WEBHOOK_KEYS, params![]).await
}

/// A page of the keys that match, by name unless the caller orders otherwise.
pub async fn search(
    conn: &mut Conn,
    search: &WebhookKeySearch,
    paging: &Paging,
) -> Result<Page<WebhookKey>, DbError> {
    let select = Select::new(HEAD)
        .counted_by("SELECT count(*) FROM webhook_key")
        .and_matches("name", search.name.as_deref())
        .and_some("algorithm = {}", search.algorithm.map(Algorithm::name))
        .and_some("family = {}", search.family.map(Family::name))
        .paged(paging, ORDERS, "name_key", "id");
    let (items, total) = conn.page(&select).await?;
    Ok(Page { items, total })
}

/// Whether another key than `id` has this name, and whether one has this `kid`.
pub async fn taken(
    conn: &mut Conn,
    id: WebhookKeyId,
    name: &str,
    kid: &str,
) -> Result<(bool, bool), DbError> {
    let taken = conn.one(&WEBHOOK_KEY_TAKEN, params![id, name.to_lowercase(), kid]).await?;
    Ok(taken.unwrap_or_default())
}

/// Whether a webhook names this key.
pub async fn in_use(conn: &mut Conn, id: WebhookKeyId) -> Result<bool, DbError> {
    Ok(conn.one(&WEBHOOK_KEY_IN_USE, params![id]).await?.unwrap_or_default())
}

/// Keeps a new key, with its private part if it has one.
pub async fn insert(
    conn: &mut Conn,
    key: &WebhookKey,
    sealed_private_part: Option<&[u8]>,
) -> Result<(), DbError> {
    conn.run(
        &INSERT_WEBHOOK_KEY,
        params![
            key.id,
            &key.name,
            key.name.to_lowercase(),
            key.algorithm.name(),
            key.algorithm.family().name(),
            &key.kid,
            key.length,
            &key.issuer,
            &key.public_key,
            &key.certificate,
            sealed_private_part,
            key.created_at,
            key.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps another name of a key.
pub async fn rename(conn: &mut Conn, key: &WebhookKey) -> Result<(), DbError> {
    let name_key = key.name.to_lowercase();
    conn.run(&RENAME_WEBHOOK_KEY, params![key.id, &key.name, name_key, key.updated_at]).await?;
    Ok(())
}

/// Removes a key.
pub async fn delete(conn: &mut Conn, id: WebhookKeyId) -> Result<(), DbError> {
    conn.run(&DELETE_WEBHOOK_KEY, params![id]).await?;
    Ok(())
}

/// What signs the deliveries of each webhook.
pub async fn list_signing(conn: &mut Conn) -> Result<Vec<KeptSigning>, DbError> {
    conn.all(&LIST_SIGNING, params![]).await
}
