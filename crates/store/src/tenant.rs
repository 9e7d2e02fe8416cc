//! The table of tenants.

use std::collections::BTreeMap;

use docket_domain::action::definition::Transaction;
use docket_domain::directory::tenant::{EventSetting, MailSecurity};
use docket_domain::directory::{Lockout, MailSettings, Tenant, TenantDetails};
use docket_domain::event::EventType;
use docket_domain::id::TenantId;
use docket_domain::json::Json;
use docket_domain::page::Paging;
use docket_domain::time::{Span, SpanUnit};
use serde::{Deserialize, Serialize};

use crate::codec::{decode, encode};
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::{Select, pattern};
use crate::row::{FromRow, Row};
use crate::{params, statements};

pub(crate) mod removal;

pub use removal::delete;

/// A tenant's columns, in the order in which they are read.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, issuer, events, lockout_definition_id, lockout_attempts,
                lockout_window_seconds, lockout_length, lockout_unit, lockout_emails_user,
                lockout_ends_on_password_reset, mail, requires_authentication, data, created_at,
                updated_at, sealed_mail_password
            FROM tenant ",
            $rest
        )
    };
}

/// The fields by which a search can be ordered.
pub const ORDERS: &[&str] = &["id", "insertInstant", "name"];

statements! {
    /// Whether there is such a tenant.
    TENANT_EXISTS = "SELECT EXISTS (SELECT 1 FROM tenant WHERE id = $1)";
    /// Keeps other nodes from furnishing the same empty database, or from deleting the other one of
    /// two tenants. `SQLite` has one writer anyway.
    CLAIM_EMPTY = "SELECT pg_advisory_xact_lock(7304915)", sqlite: "SELECT 1";
    /// Whether there is any tenant.
    ANY_TENANT = "SELECT EXISTS (SELECT 1 FROM tenant)";
    /// Whether there is any other tenant.
    ANOTHER_TENANT = "SELECT EXISTS (SELECT 1 FROM tenant WHERE id <> $1)";
    /// Whether another tenant has this name.
    TENANT_NAME_TAKEN = "SELECT EXISTS (SELECT 1 FROM tenant WHERE name_key = $2 AND id <> $1)";
    /// A tenant, and another one when there are several.
    TWO_TENANTS = "SELECT id FROM tenant ORDER BY id LIMIT 2";
    /// A tenant.
    FIND_TENANT = select!("WHERE id = $1");
    /// A tenant that is about to be changed.
    LOCK_TENANT = select!("WHERE id = $1 FOR UPDATE"), sqlite: select!("WHERE id = $1");
    /// The tenants that there are, of those named; they must not go before the unit of work ends.
    SHARE_TENANTS = "SELECT id FROM tenant WHERE id = ANY($1) FOR KEY SHARE",
        sqlite: "SELECT id FROM tenant WHERE id IN (SELECT value FROM rarray($1))";
    /// Every tenant, by name.
    LIST_TENANTS = select!("ORDER BY name_key");
    /// A changed tenant.
    UPDATE_TENANT = "UPDATE tenant
        SET name = $2, name_key = $3, issuer = $4, events = $5, lockout_definition_id = $6,
            lockout_attempts = $7, lockout_window_seconds = $8, lockout_length = $9,
            lockout_unit = $10, lockout_emails_user = $11, lockout_ends_on_password_reset = $12,
            mail = $13, sealed_mail_password = $14, requires_authentication = $15, data = $16,
            updated_at = $17
        WHERE id = $1";
    /// A new tenant.
    INSERT_TENANT = "INSERT INTO tenant
            (id, name, name_key, issuer, events, lockout_definition_id, lockout_attempts,
             lockout_window_seconds, lockout_length, lockout_unit, lockout_emails_user,
             lockout_ends_on_password_reset, mail, sealed_mail_password, requires_authentication,
             data, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
}

/// How a mail configuration is written into its column; the password has one of its own.
#[derive(Serialize, Deserialize)]
struct MailColumn {
    host: String,
    port: u16,
    username: Option<String>,
    security: String,
    from_email: String,
    from_name: Option<String>,
}

/// A tenant as kept, with what is sealed beside it.
#[derive(Debug, Clone)]
pub struct KeptTenant {
    /// The tenant; its mail settings are without the password.
    pub tenant: Tenant,
    /// The password of the mail server, sealed.
    pub sealed_mail_password: Option<Vec<u8>>,
}

impl FromRow for KeptTenant {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let tenant = Tenant {
            id: row.next()?,
            details: TenantDetails {
                name: row.next()?,
                issuer: row.next()?,
                events: decode_events(&row.next()?)?,
                lockout: Lockout {
                    definition_id: row.next()?,
                    attempts: row.next()?,
                    window_seconds: row.next()?,
                    duration: Span {
                        length: row.next()?,
                        unit: decode_unit(&row.next::<String>()?)?,
                    },
                    emails_user: row.next()?,
                    ends_on_password_reset: row.next()?,
                },
                mail: decode_mail(&row.next()?)?,
                requires_authentication: row.next()?,
                data: row.next()?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
        };
        Ok(Self { tenant, sealed_mail_password: row.next()? })
    }
}

/// Whether there is such a tenant.
pub async fn exists(conn: &mut Conn, id: TenantId) -> Result<bool, DbError> {
    Ok(conn.one(&TENANT_EXISTS, params![id]).await?.unwrap_or(false))
}

/// Whether the database is empty and this unit of work the one to furnish it.
pub async fn claim_empty(conn: &mut Conn) -> Result<bool, DbError> {
    conn.run(&CLAIM_EMPTY, params![]).await?;
    let any: Option<bool> = conn.one(&ANY_TENANT, params![]).await?;
    Ok(any == Some(false))
}

/// The only tenant; `None` when there are several.
pub async fn sole(conn: &mut Conn) -> Result<Option<TenantId>, DbError> {
    let tenants: Vec<TenantId> = conn.all(&TWO_TENANTS, params![]).await?;
    Ok(match tenants.as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}

/// The tenant with this id.
pub async fn find(conn: &mut Conn, id: TenantId) -> Result<Option<KeptTenant>, DbError> {
    conn.one(&FIND_TENANT, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: TenantId) -> Result<Option<KeptTenant>, DbError> {
    conn.one(&LOCK_TENANT, params![id]).await
}

/// Those of the tenants that there are, held against deletion until the unit of work ends: what is
/// made in them meanwhile would be left behind.
pub async fn share(conn: &mut Conn, ids: &[TenantId]) -> Result<Vec<TenantId>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.all(&SHARE_TENANTS, params![ids]).await
}

/// Every tenant, by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<KeptTenant>, DbError> {
    conn.all(&LIST_TENANTS, params![]).await
}

/// The tenants whose name matches, a page of them; by name where no order is asked for.
pub async fn search(
    conn: &mut Conn,
    name: Option<&str>,
    paging: &Paging,
) -> Result<(Vec<KeptTenant>, i64), DbError> {
    // Names and ids are unique and instants nearly so: a second field changes nothing.
    let order = match paging.order.first() {
        None => "name_key",
        Some(order) => match (order.field, order.descending) {
            ("id", false) => "id",
            ("id", true) => "id DESC",
            ("insertInstant", false) => "created_at, id",
            ("insertInstant", true) => "created_at DESC, id",
            (_, false) => "name_key",
            (_, true) => "name_key DESC",
        },
    };
    let select = Select::new(select!(""))
        .and_some(r"lower(name) LIKE {} ESCAPE '\'", name.map(pattern))
        .order(order)
        .limit(paging.size)
        .offset(paging.start);
    conn.page(&select).await
}

/// Whether this is the only tenant; nobody makes or deletes another until the unit of work ends.
pub async fn is_last(conn: &mut Conn, id: TenantId) -> Result<bool, DbError> {
    conn.run(&CLAIM_EMPTY, params![]).await?;
    let another: Option<bool> = conn.one(&ANOTHER_TENANT, params![id]).await?;
    Ok(another == Some(false))
}

/// Whether another tenant than `id` has this name.
pub async fn is_name_taken(conn: &mut Conn, id: TenantId, name: &str) -> Result<bool, DbError> {
    let name = name.to_lowercase();
    Ok(conn.one(&TENANT_NAME_TAKEN, params![id, &name]).await?.unwrap_or_default())
}

/// Keeps a new tenant.
pub async fn insert(
    conn: &mut Conn,
    tenant: &Tenant,
    sealed_mail_password: Option<&[u8]>,
) -> Result<(), DbError> {
    let details = &tenant.details;
    let lockout = &details.lockout;
    conn.run(
        &INSERT_TENANT,
        params![
            tenant.id,
            &details.name,
            details.name.to_lowercase(),
            &details.issuer,
            encode_events(&details.events),
            lockout.definition_id,
            lockout.attempts,
            lockout.window_seconds,
            lockout.duration.length,
            lockout.duration.unit.name(),
            lockout.emails_user,
            lockout.ends_on_password_reset,
            encode_mail(&details.mail),
            sealed_mail_password,
            details.requires_authentication,
            &details.data,
            tenant.created_at,
            tenant.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a tenant.
pub async fn update(
    conn: &mut Conn,
    tenant: &Tenant,
    sealed_mail_password: Option<&[u8]>,
) -> Result<(), DbError> {
    let details = &tenant.details;
    let lockout = &details.lockout;
    conn.run(
        &UPDATE_TENANT,
        params![
            tenant.id,
            &details.name,
            details.name.to_lowercase(),
            &details.issuer,
            encode_events(&details.events),
            lockout.definition_id,
            lockout.attempts,
            lockout.window_seconds,
            lockout.duration.length,
            lockout.duration.unit.name(),
            lockout.emails_user,
            lockout.ends_on_password_reset,
            encode_mail(&details.mail),
            sealed_mail_password,
            details.requires_authentication,
            &details.data,
            tenant.updated_at
        ],
    )
    .await?;
    Ok(())
}

fn encode_events(events: &BTreeMap<EventType, EventSetting>) -> String {
    let entries: BTreeMap<&str, (bool, &str)> = events
        .iter()
        .map(|(event, setting)| (event.name(), (setting.enabled, setting.transaction.name())))
        .collect();
    encode(&entries)
}

/// Types that this version does not know are left out.
fn decode_events(json: &Json) -> Result<BTreeMap<EventType, EventSetting>, DbError> {
    let entries: BTreeMap<String, (bool, String)> = decode("tenant.events", json)?;
    let known = entries.into_iter().filter_map(|(name, (enabled, transaction))| {
        let transaction = Transaction::from_name(&transaction)?;
        Some((EventType::from_name(&name)?, EventSetting { enabled, transaction }))
    });
    Ok(known.collect())
}

fn encode_mail(mail: &MailSettings) -> String {
    encode(&MailColumn {
        host: mail.host.clone(),
        port: mail.port,
        username: mail.username.clone(),
        security: mail.security.name().to_owned(),
        from_email: mail.from_email.clone(),
        from_name: mail.from_name.clone(),
    })
}

fn decode_mail(json: &Json) -> Result<MailSettings, DbError> {
    let column: MailColumn = decode("tenant.mail", json)?;
    let security = MailSecurity::from_name(&column.security)
        .ok_or_else(|| DbError::contradiction("tenant.mail", &column.security))?;
    Ok(MailSettings {
        host: column.host,
        port: column.port,
        username: column.username,
        password: None,
        security,
        from_email: column.from_email,
        from_name: column.from_name,
    })
}

fn decode_unit(name: &str) -> Result<SpanUnit, DbError> {
    SpanUnit::from_name(name).ok_or_else(|| DbError::contradiction("tenant.lockout_unit", name))
}
