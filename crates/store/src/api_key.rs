//! The table of API keys. The secret itself is never here: its hash is, and where it may be read
//! again, a sealed copy.

use std::collections::{BTreeMap, BTreeSet};

use docket_domain::access::{Method, Permissions};
use docket_domain::directory::{ApiKey, ApiKeyDetails};
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
    /// A new key.
    INSERT_API_KEY = "INSERT INTO api_key
            (id, hash, sealed_key, name, name_key, tenant_id, key_manager, retrievable,
             permissions, expires_at, attributes, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
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

fn encode_permissions(permissions: &Permissions) -> String {
    let endpoints: BTreeMap<&str, Vec<&str>> = permissions
        .endpoints()
        .iter()
        .map(|(path, methods)| (path.as_str(), methods.iter().map(|m| m.name()).collect()))
        .collect();
    encode(&endpoints)
}
