//! The table of webhooks. Headers, passwords and secrets are sealed before they get here.

use std::collections::BTreeMap;

use docket_domain::event::EventType;
use docket_domain::id::{TenantId, WebhookId};
use docket_domain::json::Json;
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use docket_domain::webhook::{Signature, Webhook, WebhookDetails, WebhookSearch};
use uuid::Uuid;

use crate::codec::{decode, encode};
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a webhook, in the order in which a [`KeptWebhook`] reads them.
macro_rules! columns {
    () => {
        "id, url, connect_timeout, read_timeout, is_global, tenant_ids, events, username,
         signature_enabled, signing_key_id, ssl_certificate, ssl_certificate_key_id, description,
         data, created_at, updated_at, disabled_at, sealed_headers, sealed_password"
    };
}

statements! {
    /// A webhook.
    FIND_WEBHOOK = concat!("SELECT ", columns!(), " FROM webhook WHERE id = $1");
    /// A webhook that is about to be changed.
    LOCK_WEBHOOK = concat!("SELECT ", columns!(), " FROM webhook WHERE id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM webhook WHERE id = $1");
    /// The webhooks that name a tenant, about to be changed.
    LOCK_WEBHOOKS_NAMING = concat!("SELECT ", columns!(), " FROM webhook
            WHERE CAST(tenant_ids AS text) LIKE $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM webhook WHERE tenant_ids LIKE $1");
    /// A new webhook.
    INSERT_WEBHOOK = "INSERT INTO webhook
            (id, url, connect_timeout, read_timeout, is_global, tenant_ids, events, username,
             signature_enabled, signing_key_id, ssl_certificate, ssl_certificate_key_id,
             description, data, created_at, updated_at, sealed_headers, sealed_password,
             sealed_secret)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19)";
    /// A changed webhook; whoever changes it wants it to be called again.
    UPDATE_WEBHOOK = "UPDATE webhook
        SET url = $2, connect_timeout = $3, read_timeout = $4, is_global = $5, tenant_ids = $6,
            events = $7, username = $8, signature_enabled = $9, signing_key_id = $10,
            ssl_certificate = $11, ssl_certificate_key_id = $12, description = $13, data = $14,
            updated_at = $15, sealed_headers = $16, sealed_password = $17, disabled_at = NULL,
            failing_since = NULL
        WHERE id = $1";
    /// A webhook that is not called any more.
    DISABLE_WEBHOOK = "UPDATE webhook SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL";
    /// Since when a webhook has been failing.
    FAILING_SINCE = "SELECT failing_since FROM webhook WHERE id = $1";
    /// A webhook that signs with another secret, and with the present one a while longer.
    ROTATE_SECRET = "UPDATE webhook
        SET sealed_previous_secret = sealed_secret, previous_secret_until = $3, sealed_secret = $2
        WHERE id = $1";
    /// A webhook that goes.
    DELETE_WEBHOOK = "DELETE FROM webhook WHERE id = $1";
}

/// The head of a list.
const HEAD: &str = concat!("SELECT ", columns!(), " FROM webhook");

/// What a search can be ordered by, and by which column.
const ORDERS: &[(&str, &str)] = &[
    ("description", "coalesce(description, '')"),
    ("id", "id"),
    ("insertInstant", "created_at"),
    ("url", "url"),
];

/// A webhook as kept, with what is sealed beside it.
#[derive(Debug, Clone)]
pub struct KeptWebhook {
    /// The webhook; it is without headers and password.
    pub webhook: Webhook,
    /// The headers as a JSON object, sealed; none when there are none.
    pub sealed_headers: Option<Vec<u8>>,
    /// The password, sealed.
    pub sealed_password: Option<Vec<u8>>,
}

impl FromRow for KeptWebhook {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let webhook = Webhook {
            id: row.next()?,
            details: WebhookDetails {
                url: row.next()?,
                connect_timeout: row.next()?,
                read_timeout: row.next()?,
                global: row.next()?,
                tenant_ids: decode_tenants(&row.next()?)?,
                events: decode_events(&row.next()?)?,
                headers: BTreeMap::new(),
                username: row.next()?,
                password: None,
                signature: Signature { enabled: row.next()?, key_id: row.next()? },
                ssl_certificate: row.next()?,
                ssl_certificate_key_id: row.next()?,
                description: row.next()?,
                data: row.next()?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
            disabled_at: row.next()?,
        };
        Ok(Self { webhook, sealed_headers: row.next()?, sealed_password: row.next()? })
    }
}

/// The webhook with this id.
pub async fn find(conn: &mut Conn, id: WebhookId) -> Result<Option<KeptWebhook>, DbError> {
    conn.one(&FIND_WEBHOOK, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: WebhookId) -> Result<Option<KeptWebhook>, DbError> {
    conn.one(&LOCK_WEBHOOK, params![id]).await
}

/// The webhooks that name this tenant, held against other writers until the unit of work ends.
pub async fn find_naming_locked(
    conn: &mut Conn,
    tenant: TenantId,
) -> Result<Vec<KeptWebhook>, DbError> {
    conn.all(&LOCK_WEBHOOKS_NAMING, params![naming(tenant)]).await
}

/// Every webhook, by address; `within` is the only tenant that those given may hear of.
pub async fn list(conn: &mut Conn, within: Option<TenantId>) -> Result<Vec<KeptWebhook>, DbError> {
    conn.rows(&hearing_only_of(Select::new(HEAD), within).order("url, id")).await
}

/// A page of the webhooks that match, by address unless the caller orders otherwise.
pub async fn search(
    conn: &mut Conn,
    search: &WebhookSearch,
    within: Option<TenantId>,
    paging: &Paging,
) -> Result<Page<KeptWebhook>, DbError> {
    let select = Select::new(HEAD).counted_by("SELECT count(*) FROM webhook");
    let select = hearing_only_of(select, within)
        .and_matches("description", search.description.as_deref())
        .and_matches("url", search.url.as_deref())
        .and_some(r"is_global OR CAST(tenant_ids AS text) LIKE {}", search.tenant_id.map(naming))
        .paged(paging, ORDERS, "url", "id");
    let (items, total) = conn.page(&select).await?;
    Ok(Page { items, total })
}

/// The pattern of a list of ids with this one in it; each has one spelling.
fn naming(tenant: TenantId) -> String {
    format!("%{tenant}%")
}

/// Only those that hear of this tenant and of nothing else; the list of ids has one spelling.
fn hearing_only_of(select: Select<'_>, tenant: Option<TenantId>) -> Select<'_> {
    let only = tenant.map(|tenant| encode_tenants(&[tenant]));
    select.and_some("NOT is_global AND CAST(tenant_ids AS text) = {}", only)
}

/// Keeps a new webhook and its first secret; headers and password are taken from beside it.
pub async fn insert(
    conn: &mut Conn,
    kept: &KeptWebhook,
    sealed_secret: &[u8],
) -> Result<(), DbError> {
    let Webhook { id, details, created_at, updated_at, .. } = &kept.webhook;
    conn.run(
        &INSERT_WEBHOOK,
        params![
            *id,
            &details.url,
            details.connect_timeout,
            details.read_timeout,
            details.global,
            encode_tenants(&details.tenant_ids),
            encode_events(&details.events),
            &details.username,
            details.signature.enabled,
            details.signature.key_id,
            &details.ssl_certificate,
            details.ssl_certificate_key_id,
            &details.description,
            &details.data,
            *created_at,
            *updated_at,
            &kept.sealed_headers,
            &kept.sealed_password,
            sealed_secret
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a webhook; headers and password are taken from beside it.
pub async fn update(conn: &mut Conn, kept: &KeptWebhook) -> Result<(), DbError> {
    let Webhook { id, details, updated_at, .. } = &kept.webhook;
    conn.run(
        &UPDATE_WEBHOOK,
        params![
            *id,
            &details.url,
            details.connect_timeout,
            details.read_timeout,
            details.global,
            encode_tenants(&details.tenant_ids),
            encode_events(&details.events),
            &details.username,
            details.signature.enabled,
            details.signature.key_id,
            &details.ssl_certificate,
            details.ssl_certificate_key_id,
            &details.description,
            &details.data,
            *updated_at,
            &kept.sealed_headers,
            &kept.sealed_password
        ],
    )
    .await?;
    Ok(())
}

/// Since when the webhook has done nothing but fail, if it does.
pub async fn failing_since(conn: &mut Conn, id: WebhookId) -> Result<Option<Instant>, DbError> {
    Ok(conn.one(&FAILING_SINCE, params![id]).await?.flatten())
}

/// The webhook is not called any more; whether it was until now.
pub async fn disable(conn: &mut Conn, id: WebhookId, now: Instant) -> Result<bool, DbError> {
    Ok(conn.run(&DISABLE_WEBHOOK, params![id, now]).await? > 0)
}

/// Keeps another secret; the present one stays beside it until the instant given.
pub async fn rotate_secret(
    conn: &mut Conn,
    id: WebhookId,
    sealed_secret: &[u8],
    previous_until: Instant,
) -> Result<(), DbError> {
    conn.run(&ROTATE_SECRET, params![id, sealed_secret, previous_until]).await?;
    Ok(())
}

/// Removes a webhook.
pub async fn delete(conn: &mut Conn, id: WebhookId) -> Result<(), DbError> {
    conn.run(&DELETE_WEBHOOK, params![id]).await?;
    Ok(())
}

fn encode_tenants(tenants: &[TenantId]) -> String {
    encode(&tenants.iter().map(|tenant| tenant.uuid()).collect::<Vec<_>>())
}

fn decode_tenants(json: &Json) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> = decode("webhook.tenant_ids", json)?;
    Ok(ids.into_iter().map(TenantId::from_uuid).collect())
}

fn encode_events(events: &BTreeMap<EventType, bool>) -> String {
    let entries: BTreeMap<&str, bool> =
        events.iter().map(|(event, wanted)| (event.name(), *wanted)).collect();
    encode(&entries)
}

/// Types that this version does not know are left out.
fn decode_events(json: &Json) -> Result<BTreeMap<EventType, bool>, DbError> {
    let entries: BTreeMap<String, bool> = decode("webhook.events", json)?;
    let known = entries
        .into_iter()
        .filter_map(|(name, wanted)| Some((EventType::from_name(&name)?, wanted)));
    Ok(known.collect())
}
