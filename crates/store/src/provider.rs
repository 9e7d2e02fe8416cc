//! The table of providers: who knows what users have to do.

use docket_domain::id::ProviderId;
use docket_domain::time::Instant;
use docket_domain::todo::{Provider, ProviderDetails};

use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a provider, in the order in which a [`Provider`] reads them.
macro_rules! columns {
    () => {
        "id, number, action_type, display_name, url, schedule, enabled, timeout_seconds, next_run_at,
            last_run_at, last_status, created_at, updated_at"
    };
}

statements! {
    /// Every provider, by its number.
    LIST_PROVIDERS = concat!("SELECT ", columns!(), " FROM provider ORDER BY number");
    /// A provider.
    FIND_PROVIDER = concat!("SELECT ", columns!(), " FROM provider WHERE id = $1");
    /// A provider that is about to be changed.
    LOCK_PROVIDER = concat!("SELECT ", columns!(), " FROM provider WHERE id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM provider WHERE id = $1");
    /// The provider of a type, which is about to be changed or must not go.
    LOCK_PROVIDER_OF_TYPE = concat!("SELECT ", columns!(), " FROM provider
        WHERE action_type = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM provider WHERE action_type = $1");
    /// The provider of a type.
    FIND_PROVIDER_OF_TYPE = concat!("SELECT ", columns!(), " FROM provider WHERE action_type = $1");
    /// The secrets of a provider, and until when the second one is valid.
    PROVIDER_SECRETS = "SELECT sealed_secret, sealed_previous_secret, previous_secret_until
        FROM provider WHERE id = $1";
    /// A new provider.
    INSERT_PROVIDER = "INSERT INTO provider
            (id, action_type, display_name, url, schedule, enabled, timeout_seconds, sealed_secret,
             next_run_at, leased_until, last_run_at, last_status, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13)";
    /// A changed provider.
    UPDATE_PROVIDER = "UPDATE provider
        SET action_type = $2, display_name = $3, url = $4, schedule = $5, enabled = $6,
            timeout_seconds = $7, next_run_at = $8, updated_at = $9
        WHERE id = $1";
    /// Another secret; the one before stays valid until then.
    ROTATE_PROVIDER_SECRET = "UPDATE provider
        SET sealed_previous_secret = sealed_secret, previous_secret_until = $3, sealed_secret = $2
        WHERE id = $1";
    /// A provider that goes.
    DELETE_PROVIDER = "DELETE FROM provider WHERE id = $1";
    /// A provider that is due and nobody's: it is claimed until then.
    CLAIM_PROVIDER = concat!("UPDATE provider
        SET leased_until = $2, last_run_at = $1, last_status = 'STARTED'
        WHERE id IN (SELECT id FROM provider
            WHERE enabled AND next_run_at <= $1 AND leased_until <= $1
            ORDER BY next_run_at, number LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING ", columns!()),
        sqlite: concat!("UPDATE provider
        SET leased_until = $2, last_run_at = $1, last_status = 'STARTED'
        WHERE id IN (SELECT id FROM provider
            WHERE enabled AND next_run_at <= $1 AND leased_until <= $1
            ORDER BY next_run_at, number LIMIT 1)
        RETURNING ", columns!());
    /// The lease of a run that goes on.
    EXTEND_LEASE = "UPDATE provider SET leased_until = $3
        WHERE id = $1 AND last_run_at = $2 AND leased_until > 0";
    /// How a run ended; the next one is due then, or earlier when somebody has asked for one since.
    FINISH_RUN = "UPDATE provider
        SET leased_until = 0, last_status = $3,
            next_run_at = CASE WHEN next_run_at > $2 THEN next_run_at ELSE $4 END
        WHERE id = $1 AND last_run_at = $2";
    /// Runs that are wanted now, of one type or of all.
    WANT_RUN = "UPDATE provider SET next_run_at = $1
        WHERE enabled AND ($2::text IS NULL OR action_type = $2)
            AND (next_run_at IS NULL OR next_run_at > $1 OR leased_until > $1)",
        sqlite: "UPDATE provider SET next_run_at = $1
        WHERE enabled AND ($2 IS NULL OR action_type = $2)
            AND (next_run_at IS NULL OR next_run_at > $1 OR leased_until > $1)";
    /// When the next run is due.
    NEXT_RUN = "SELECT min(next_run_at) FROM provider WHERE enabled";
}

/// What a provider signs and is known by, sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SealedSecrets {
    /// The present secret.
    pub secret: Option<Vec<u8>>,
    /// The one before it.
    pub previous: Option<Vec<u8>>,
    /// Until when that is valid.
    pub previous_until: Option<Instant>,
}

impl FromRow for SealedSecrets {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { secret: row.next()?, previous: row.next()?, previous_until: row.next()? })
    }
}

impl FromRow for Provider {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            number: row.next()?,
            details: ProviderDetails {
                action_type: row.next()?,
                display_name: row.next()?,
                url: row.next()?,
                schedule: row.next()?,
                enabled: row.next()?,
                timeout_seconds: row.next()?,
            },
            next_run_at: row.next()?,
            last_run_at: row.next()?,
            last_status: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// Every provider, by its number.
pub async fn list(conn: &mut Conn) -> Result<Vec<Provider>, DbError> {
    conn.all(&LIST_PROVIDERS, params![]).await
}

/// The provider with this id.
pub async fn find(conn: &mut Conn, id: ProviderId) -> Result<Option<Provider>, DbError> {
    conn.one(&FIND_PROVIDER, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: ProviderId) -> Result<Option<Provider>, DbError> {
    conn.one(&LOCK_PROVIDER, params![id]).await
}

/// The provider of a type.
pub async fn of_type(conn: &mut Conn, action_type: &str) -> Result<Option<Provider>, DbError> {
    conn.one(&FIND_PROVIDER_OF_TYPE, params![action_type]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn of_type_locked(
    conn: &mut Conn,
    action_type: &str,
) -> Result<Option<Provider>, DbError> {
    conn.one(&LOCK_PROVIDER_OF_TYPE, params![action_type]).await
}

/// What a provider signs and is known by.
pub async fn secrets(conn: &mut Conn, id: ProviderId) -> Result<Option<SealedSecrets>, DbError> {
    conn.one(&PROVIDER_SECRETS, params![id]).await
}

/// Keeps a new provider; its number is given here.
pub async fn insert(
    conn: &mut Conn,
    provider: &Provider,
    sealed_secret: Option<&[u8]>,
) -> Result<(), DbError> {
    let details = &provider.details;
    conn.run(
        &INSERT_PROVIDER,
        params![
            provider.id,
            &details.action_type,
            &details.display_name,
            &details.url,
            &details.schedule,
            details.enabled,
            details.timeout_seconds,
            sealed_secret,
            provider.next_run_at,
            provider.last_run_at,
            &provider.last_status,
            provider.created_at,
            provider.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a provider.
pub async fn update(conn: &mut Conn, provider: &Provider) -> Result<(), DbError> {
    let details = &provider.details;
    conn.run(
        &UPDATE_PROVIDER,
        params![
            provider.id,
            &details.action_type,
            &details.display_name,
            &details.url,
            &details.schedule,
            details.enabled,
            details.timeout_seconds,
            provider.next_run_at,
            provider.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Gives a provider another secret; the one before stays valid until then.
pub async fn rotate_secret(
    conn: &mut Conn,
    id: ProviderId,
    sealed_secret: &[u8],
    previous_until: Instant,
) -> Result<(), DbError> {
    conn.run(&ROTATE_PROVIDER_SECRET, params![id, sealed_secret, previous_until]).await?;
    Ok(())
}

/// Removes a provider.
pub async fn delete(conn: &mut Conn, id: ProviderId) -> Result<(), DbError> {
    conn.run(&DELETE_PROVIDER, params![id]).await?;
    Ok(())
}

/// A provider whose run is due and nobody's; it is claimed until then.
pub async fn claim(
    conn: &mut Conn,
    now: Instant,
    until: Instant,
) -> Result<Option<Provider>, DbError> {
    conn.one(&CLAIM_PROVIDER, params![now, until]).await
}

/// Whether the run that began then is still its node's; then it is, until that instant.
pub async fn extend(
    conn: &mut Conn,
    id: ProviderId,
    began_at: Instant,
    until: Instant,
) -> Result<bool, DbError> {
    Ok(conn.run(&EXTEND_LEASE, params![id, began_at, until]).await? > 0)
}

/// Keeps how the run that began then ended, and when the next one is due.
pub async fn finish(
    conn: &mut Conn,
    id: ProviderId,
    began_at: Instant,
    status: &str,
    next: Option<Instant>,
) -> Result<(), DbError> {
    conn.run(&FINISH_RUN, params![id, began_at, status, next]).await?;
    Ok(())
}

/// Has the provider of a type, or every one, asked now.
pub async fn want(
    conn: &mut Conn,
    now: Instant,
    action_type: Option<&str>,
) -> Result<u64, DbError> {
    conn.run(&WANT_RUN, params![now, action_type]).await
}

/// When the next run is due.
pub async fn next_run(conn: &mut Conn) -> Result<Option<Instant>, DbError> {
    Ok(conn.one::<Option<Instant>>(&NEXT_RUN, params![]).await?.flatten())
}
