//! An API key.

use docket_domain::directory::ApiKey;
use docket_domain::json::Json;
use serde_json::{Value, json};

use super::{data, document, expiry};

/// An API key, without its secret.
pub(crate) fn api_key(key: &ApiKey) -> Json {
    let details = &key.details;
    let endpoints: serde_json::Map<String, Value> = details
        .permissions
        .endpoints()
        .iter()
        .map(|(path, methods)| (path.clone(), methods.iter().map(|m| m.name()).collect()))
        .collect();
    document(&json!({
        "id": key.id.to_string(),
        "tenantId": key.tenant_id.map(|id| id.to_string()),
        "keyManager": key.key_manager,
        "retrievable": key.retrievable,
        "name": details.name,
        "endpoints": endpoints,
        "expiry": expiry(details.expiry),
        "attributes": data(&details.attributes),
    }))
}
