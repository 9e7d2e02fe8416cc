//! What is sent to other systems.

use docket_domain::json::Json;
use docket_domain::webhook::{Webhook, WebhookDetails};
use serde_json::{Value, json};

use super::document;

/// A webhook; of what may be secret only that it is there.
pub(crate) fn webhook(webhook: &Webhook) -> Json {
    let WebhookDetails {
        url,
        connect_timeout,
        read_timeout,
        global,
        tenant_ids,
        events,
        headers,
        username,
        password,
        signature,
        ssl_certificate,
        ssl_certificate_key_id,
        description,
        data,
    } = &webhook.details;
    let events: serde_json::Map<String, Value> =
        events.iter().map(|(event, wanted)| (event.name().to_owned(), (*wanted).into())).collect();
    document(&json!({
        "id": webhook.id.to_string(),
        "url": url,
        "connectTimeout": connect_timeout,
        "readTimeout": read_timeout,
        "global": global,
        "tenantIds": tenant_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "events": events,
        "headerNames": headers.keys().collect::<Vec<_>>(),
        "username": username,
        "hasPassword": password.is_some(),
        "signature": {
            "enabled": signature.enabled,
            "keyId": signature.key_id.map(|id| id.to_string()),
        },
        "sslCertificate": ssl_certificate,
        "sslCertificateKeyId": ssl_certificate_key_id.map(|id| id.to_string()),
        "description": description,
        "data": super::data(data),
    }))
}
