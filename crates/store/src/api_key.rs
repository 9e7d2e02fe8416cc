//! The table of API keys. The secret itself is never here: its hash is, and where it may be read
//! again, a sealed copy.

use std::collections::{BTreeMap, BTreeSet};

use docket_domain::access::{Method, Permissions};
use docket_domain::directory::{ApiKey, ApiKeyDetails};
use docket_domain::id::ApiKeyId;
use docket_domain::json::Json;

use crate::codec::{decode, encode, expiry, expiry_millis};
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// The key with this hash.
    FIND_KEY_BY_HASH = "SELECT id, tenant_id, key_manager, retrievable, name, permissions,
            expires_at, attributes, created_at, updated_at, hash
        FROM api_key WHERE hash = $1";
    /// A key, with its sealed copy.
    FIND_API_KEY = "SELECT id, tenant_id, key_manager, retrievable, name, permissions,
            expires_at, attributes, created_at, updated_at, sealed_key
        FROM api_key WHERE id = $1";
    /// A key that is about to be changed, with its sealed copy.
    LOCK_API_KEY = "SELECT id, tenant_id, key_manager, retrievable, name, permissions,
            expires_at, attributes, created_at, updated_at, sealed_key
        FROM api_key WHERE id = $1 FOR UPDATE",
        sqlite: "SELECT id, tenant_id, key_manager, retrievable, name, permissions,
            expires_at, attributes, created_at, updated_at, sealed_key
        FROM api_key WHERE id = $1";
    /// Every key, oldest first. They are few: programs have keys, people have passwords.
    LIST_API_KEYS = "SELECT id, tenant_id, key_manager, retrievable, name, permissions,
            expires_at, attributes, created_at, updated_at
        FROM api_key ORDER BY id";
    /// Whether another key has this hash, and whether one has this name.
    API_KEY_TAKEN = "SELECT
            EXISTS (SELECT 1 FROM api_key WHERE hash = $2 AND id <> $1),
            EXISTS (SELECT 1 FROM api_key WHERE name_key = $3 AND id <> $1)";
    /// A new key.
    INSERT_API_KEY = "INSERT INTO api_key
            (id, hash, sealed_key, name, name_key, tenant_id, key_manager, retrievable,
             permissions, expires_at, attributes, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    /// A changed key.
    UPDATE_API_KEY = "UPDATE api_key
        SET name = $2, name_key = $3, permissions = $4, expires_at = $5, attributes = $6,
            updated_at = $7
        WHERE id = $1";
    /// A key that goes.
    DELETE_API_KEY = "DELETE FROM api_key WHERE id = $1";
}

/// A key as kept, with the copy of the secret where there is one.
#[derive(Debug, Clone)]
pub struct KeptApiKey {
    /// The key.
    pub key: ApiKey,
    /// The secret, sealed; only of a key that can be read again.
    pub sealed_key: Option<Vec<u8>>,
}

impl FromRow for KeptApiKey {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { key: ApiKey::from_row(row)?, sealed_key: row.next()? })
    }
}

impl FromRow for ApiKey {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            tenant_id: row.next()?,
            key_manager: row.next()?,
            retrievable: row.next()?,
            details: ApiKeyDetails {
                name: row.next()?,
                permissions: permissions(&row.next()?)?,
                expiry: expiry(row.next()?),
                attributes: row.next()?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

fn permissions(json: &Json) -> Result<Permissions, DbError> {
    let endpoints: BTreeMap<String, Vec<String>> = decode("api_key.permissions", json)?;
    let endpoints = endpoints.into_iter().map(|(path, methods)| {
        let methods: BTreeSet<Method> =
            methods.iter().filter_map(|name| Method::from_name(name)).collect();
        (path, methods)
    });
    Ok(Permissions::new(endpoints.collect()))
}

struct WithHash(ApiKey, Vec<u8>);

impl FromRow for WithHash {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self(ApiKey::from_row(row)?, row.next()?))
    }
}

/// The key with this hash, and the hash as kept.
pub async fn find_by_hash(
    conn: &mut Conn,
    hash: &[u8],
) -> Result<Option<(ApiKey, Vec<u8>)>, DbError> {
    let found: Option<WithHash> = conn.one(&FIND_KEY_BY_HASH, params![hash]).await?;
    Ok(found.map(|WithHash(key, hash)| (key, hash)))
}

/// The key with this id.
pub async fn find(conn: &mut Conn, id: ApiKeyId) -> Result<Option<KeptApiKey>, DbError> {
    conn.one(&FIND_API_KEY, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: ApiKeyId) -> Result<Option<KeptApiKey>, DbError> {
    conn.one(&LOCK_API_KEY, params![id]).await
}

/// Every key, oldest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<ApiKey>, DbError> {
    conn.all(&LIST_API_KEYS, params![]).await
}

/// Whether another key than `id` has this hash, and whether one has this name. The hash is not
/// asked about where none is given, nor the name.
pub async fn taken(
    conn: &mut Conn,
    id: ApiKeyId,
    hash: Option<&[u8]>,
    name: Option<&str>,
) -> Result<(bool, bool), DbError> {
    let name = name.map(str::to_lowercase);
    Ok(conn.one(&API_KEY_TAKEN, params![id, hash, &name]).await?.unwrap_or_default())
}

/// Keeps a new key: its hash, and a sealed copy when it may be read again.
pub async fn insert(
    conn: &mut Conn,
    key: &ApiKey,
    hash: &[u8],
    sealed_key: Option<&[u8]>,
) -> Result<(), DbError> {
    let details = &key.details;
    conn.run(
        &INSERT_API_KEY,
        params![
            key.id,
            hash,
            sealed_key,
            &details.name,
            details.name.as_deref().map(str::to_lowercase),
            key.tenant_id,
            key.key_manager,
            key.retrievable,
            encode_permissions(&details.permissions),
            expiry_millis(details.expiry),
            &details.attributes,
            key.created_at,
            key.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a key.
pub async fn update(conn: &mut Conn, key: &ApiKey) -> Result<(), DbError> {
    let details = &key.details;
    conn.run(
        &UPDATE_API_KEY,
        params![
            key.id,
            &details.name,
            details.name.as_deref().map(str::to_lowercase),
            encode_permissions(&details.permissions),
            expiry_millis(details.expiry),
            &details.attributes,
            key.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes a key.
pub async fn delete(conn: &mut Conn, id: ApiKeyId) -> Result<(), DbError> {
    conn.run(&DELETE_API_KEY, params![id]).await?;
    Ok(())
}

fn encode_permissions(permissions: &Permissions) -> String {
    let endpoints: BTreeMap<&str, Vec<&str>> = permissions
        .endpoints()
        .iter()
        .map(|(path, methods)| (path.as_str(), methods.iter().map(|m| m.name()).collect()))
        .collect();
    encode(&endpoints)
}
