//! Webhooks (`fusionauth.md` §4.9).

use std::collections::{BTreeMap, BTreeSet};

use docket_domain::event::EventType;
use docket_domain::id::{TenantId, WebhookKeyId};
use docket_domain::mail::Secret;
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use docket_domain::webhook::{Signature, Webhook as Endpoint, WebhookDetails, WebhookSearch};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar::Document;
use super::search::{Criteria, gather, settle};
use crate::fields::Fields;

/// What webhooks can be ordered by.
const ORDERS: &[&str] = &["description", "id", "insertInstant", "url"];

/// A webhook, as answered. Headers and password are among it, as in the original: who may read a
/// webhook may change it, and a change in part starts from what was read.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    connect_timeout: i64,
    #[schema(value_type = Object)]
    data: Document,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Since when it is not called any more; the original does not have this.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_instant: Option<i64>,
    events_enabled: BTreeMap<&'static str, bool>,
    global: bool,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_authentication_password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_authentication_username: Option<String>,
    id: Uuid,
    insert_instant: i64,
    last_update_instant: i64,
    read_timeout: i64,
    signature_configuration: SignatureConfiguration,
    /// Of Standard Webhooks; in the answer that makes the webhook and in no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ssl_certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ssl_certificate_key_id: Option<Uuid>,
    tenant_ids: Vec<Uuid>,
    url: String,
}

/// Whether and by which key deliveries are signed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignatureConfiguration {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_key_id: Option<Uuid>,
}

/// `{"webhook": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WebhookResponse {
    webhook: Webhook,
}

/// `{"webhooks": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WebhooksResponse {
    webhooks: Vec<Webhook>,
}

/// `{"total": …, "webhooks": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WebhookSearchResponse {
    total: i64,
    webhooks: Vec<Webhook>,
}

/// Without headers, password and secret.
impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("id", &self.id).finish_non_exhaustive()
    }
}

impl From<&Endpoint> for Webhook {
    fn from(webhook: &Endpoint) -> Self {
        let details = &webhook.details;
        let headers = details.headers.iter();
        Self {
            connect_timeout: details.connect_timeout,
            data: (&details.data).into(),
            description: details.description.clone(),
            disabled_instant: webhook.disabled_at.map(Instant::millis),
            events_enabled: details.events.iter().map(|(e, wanted)| (e.name(), *wanted)).collect(),
            global: details.global,
            headers: headers.map(|(name, value)| (name.clone(), value.reveal().into())).collect(),
            http_authentication_password: details.password.as_ref().map(|p| p.reveal().to_owned()),
            http_authentication_username: details.username.clone(),
            id: webhook.id.uuid(),
            insert_instant: webhook.created_at.millis(),
            last_update_instant: webhook.updated_at.millis(),
            read_timeout: details.read_timeout,
            secret: None,
            signature_configuration: SignatureConfiguration {
                enabled: details.signature.enabled,
                signing_key_id: details.signature.key_id.map(WebhookKeyId::uuid),
            },
            ssl_certificate: details.ssl_certificate.clone(),
            ssl_certificate_key_id: details.ssl_certificate_key_id.map(WebhookKeyId::uuid),
            tenant_ids: details.tenant_ids.iter().map(|id| id.uuid()).collect(),
            url: details.url.clone(),
        }
    }
}

impl WebhookResponse {
    /// A new webhook, with the secret that it signs with.
    #[must_use]
    pub fn made(webhook: &Endpoint, secret: &Secret) -> Self {
        let secret = Some(secret.reveal().to_owned());
        Self { webhook: Webhook { secret, ..webhook.into() } }
    }
}

impl From<&Endpoint> for WebhookResponse {
    fn from(webhook: &Endpoint) -> Self {
        Self { webhook: webhook.into() }
    }
}

impl From<&[Endpoint]> for WebhooksResponse {
    fn from(webhooks: &[Endpoint]) -> Self {
        Self { webhooks: webhooks.iter().map(Into::into).collect() }
    }
}

impl From<&Page<Endpoint>> for WebhookSearchResponse {
    fn from(page: &Page<Endpoint>) -> Self {
        Self { total: page.total, webhooks: page.items.iter().map(Into::into).collect() }
    }
}

/// Reads the `webhook` of a request.
pub fn details(value: &Value) -> Result<WebhookDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let details = WebhookDetails {
        url: fields.trimmed("url"),
        connect_timeout: timeout(&mut fields, "connectTimeout"),
        read_timeout: timeout(&mut fields, "readTimeout"),
        global: fields.boolean("global", false),
        tenant_ids: distinct(fields.parsed_list("tenantIds").unwrap_or_default()),
        events: events(&mut fields),
        headers: headers(&mut fields),
        username: fields.optional("httpAuthenticationUsername"),
        password: fields
            .text("httpAuthenticationPassword")
            .filter(|password| !password.is_empty())
            .map(Secret::new),
        signature: fields
            .object("signatureConfiguration", |signature| Signature {
                enabled: signature.boolean("enabled", false),
                key_id: signature.parsed("signingKeyId"),
            })
            .unwrap_or_default(),
        ssl_certificate: fields.optional("sslCertificate"),
        ssl_certificate_key_id: fields.parsed("sslCertificateKeyId"),
        description: fields.optional("description"),
        data: fields.document("data"),
    };
    fields.finish_checked(details, WebhookDetails::check)
}

fn timeout(fields: &mut Fields<'_>, name: &str) -> i64 {
    if !fields.has(name) {
        fields.complain(name, Rule::Missing);
    }
    fields.long(name).unwrap_or_default()
}

/// Each tenant once, in the order given.
fn distinct(tenants: Vec<TenantId>) -> Vec<TenantId> {
    let mut seen = BTreeSet::new();
    tenants.into_iter().filter(|tenant| seen.insert(*tenant)).collect()
}

fn events(fields: &mut Fields<'_>) -> BTreeMap<EventType, bool> {
    let mut events = BTreeMap::new();
    for (name, value) in fields.members("eventsEnabled") {
        match (EventType::from_name(name), value) {
            (None, _) => fields.complain(&format!("eventsEnabled[{name}]"), Rule::Invalid),
            (Some(event), Value::Bool(wanted)) => {
                events.insert(event, *wanted);
            }
            (Some(_), Value::Null) => {}
            (Some(_), _) => {
                fields.complain(&format!("eventsEnabled[{name}]"), Rule::CouldNotConvert);
            }
        }
    }
    events
}

fn headers(fields: &mut Fields<'_>) -> BTreeMap<String, Secret> {
    let mut headers = BTreeMap::new();
    for (name, value) in fields.members("headers") {
        match value {
            Value::String(text) => {
                headers.insert(name.to_owned(), Secret::new(text.clone()));
            }
            Value::Null => {}
            _ => fields.complain(&format!("headers[{name}]"), Rule::CouldNotConvert),
        }
    }
    headers
}

/// Reads the criteria of a search, and the page.
pub fn search(criteria: &Criteria) -> Result<(WebhookSearch, Paging), Vec<Violation>> {
    let mut violations = Vec::new();
    let search = WebhookSearch {
        description: criteria.owned("description"),
        url: criteria.owned("url"),
        tenant_id: gather(criteria.parsed("tenantId"), &mut violations),
    };
    settle(search, criteria.paging(ORDERS), violations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_wrong_with_a_webhook_is_named_at_once() {
        let violations = details(&json!({
            "url": "ftp://x", "connectTimeout": 0, "tenantIds": ["x"],
            "eventsEnabled": {"user.sneeze": true, "user.action": "perhaps"},
            "headers": {"a\nb": "c"}, "signatureConfiguration": {"enabled": true},
        }))
        .unwrap_err();
        let mut found: Vec<_> = violations.iter().map(|v| format!("{:?}", v.field)).collect();
        found.sort();
        let expected = [
            r#"Body("connectTimeout")"#,
            r#"Body("eventsEnabled[user.action]")"#,
            r#"Body("eventsEnabled[user.sneeze]")"#,
            r#"Body("headers[a\nb]")"#,
            r#"Body("readTimeout")"#,
            r#"Body("signatureConfiguration.signingKeyId")"#,
            r#"Body("tenantIds[0]")"#,
            r#"Body("url")"#,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_tenant_is_listed_once() {
        let id = "6b2fa3c0-0000-7000-8000-00000000000a";
        let read = details(&json!({"url": "http://x", "connectTimeout": 1, "readTimeout": 1,
            "tenantIds": [id, id.to_uppercase()]}));
        assert_eq!(read.unwrap().tenant_ids.len(), 1);
    }
}
