//! A key that signs what webhooks are sent.

use docket_domain::json::Json;
use docket_domain::webhook_key::WebhookKey;
use serde_json::json;

use super::document;

/// A key, without its private part.
pub(crate) fn webhook_key(key: &WebhookKey) -> Json {
    document(&json!({
        "id": key.id.to_string(),
        "name": key.name,
        "algorithm": key.algorithm.name(),
        "kid": key.kid,
        "length": key.length,
        "issuer": key.issuer,
        "publicKey": key.public_key,
        "certificate": key.certificate,
        "signs": key.signs,
    }))
}
