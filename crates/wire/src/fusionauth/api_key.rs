//! API keys (`fusionauth.md` §4.7).

use std::collections::{BTreeMap, BTreeSet};

use docket_domain::access::{Method, Permissions};
use docket_domain::directory::{ApiKey, ApiKeyDetails};
use docket_domain::id::TenantId;
use docket_domain::json::Json;
use docket_domain::mail::Secret;
use docket_domain::time::Expiry;
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::scalar::{self, Document};
use crate::fields::Fields;

/// An API key, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = fusionauth::ApiKey)]
pub struct ApiKeyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_instant: Option<i64>,
    id: Uuid,
    insert_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    key_manager: bool,
    last_update_instant: i64,
    meta_data: MetaData,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    permissions: EndpointPermissions,
    retrievable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<Uuid>,
}

/// What a key may call: methods by path. No path at all means everything.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EndpointPermissions {
    endpoints: BTreeMap<String, Vec<&'static str>>,
}

/// What callers note about a key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MetaData {
    #[schema(value_type = BTreeMap<String, String>)]
    attributes: Document,
}

/// `{"apiKey": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyResponse {
    api_key: ApiKeyBody,
}

impl ApiKeyResponse {
    /// The key; with its secret where that may be shown.
    #[must_use]
    pub fn new(key: &ApiKey, secret: Option<&Secret>) -> Self {
        let details = &key.details;
        let endpoints = details.permissions.endpoints().iter();
        let endpoints = endpoints
            .map(|(path, methods)| (path.clone(), methods.iter().map(|m| m.name()).collect()));
        let api_key = ApiKeyBody {
            expiration_instant: details.expiry.instant().map(docket_domain::time::Instant::millis),
            id: key.id.uuid(),
            insert_instant: key.created_at.millis(),
            key: secret.map(|secret| secret.reveal().to_owned()),
            key_manager: key.key_manager,
            last_update_instant: key.updated_at.millis(),
            meta_data: MetaData { attributes: (&details.attributes).into() },
            name: details.name.clone(),
            permissions: EndpointPermissions { endpoints: endpoints.collect() },
            retrievable: key.retrievable,
            tenant_id: key.tenant_id.map(TenantId::uuid),
        };
        Self { api_key }
    }
}

/// The members of a new key that cannot be changed later.
#[derive(Debug)]
pub struct Fixed {
    /// The only tenant it may see.
    pub tenant_id: Option<TenantId>,
    /// Whether its secret can be read again.
    pub retrievable: bool,
    /// The secret, where the caller chose it.
    pub secret: Option<Secret>,
}

/// Reads the `apiKey` of a request that makes one.
pub fn new_key(value: &Value) -> Result<(ApiKeyDetails, Fixed), Vec<Violation>> {
    let mut fields = Fields::new(value);
    let fixed = Fixed {
        tenant_id: fields.parsed("tenantId"),
        retrievable: fields.boolean("retrievable", true),
        secret: fields.optional("key").map(Secret::new),
    };
    let details = read(&mut fields);
    fields.finish().map(|()| (details, fixed))
}

/// Reads the `apiKey` of a request that changes one.
pub fn details(value: &Value) -> Result<ApiKeyDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let details = read(&mut fields);
    fields.finish().map(|()| details)
}

fn read(fields: &mut Fields<'_>) -> ApiKeyDetails {
    ApiKeyDetails {
        name: fields.optional("name"),
        permissions: fields.object("permissions", permissions).unwrap_or_default(),
        expiry: fields.long("expirationInstant").map_or(Expiry::Never, scalar::expiry_from_millis),
        attributes: fields.object("metaData", attributes).unwrap_or_else(Json::empty_object),
    }
}

fn permissions(fields: &mut Fields<'_>) -> Permissions {
    let mut endpoints = BTreeMap::new();
    for (path, methods) in fields.members("endpoints") {
        let mut named = BTreeSet::new();
        let elements = methods.as_array().map(Vec::as_slice);
        for method in elements.unwrap_or(std::slice::from_ref(methods)) {
            match method.as_str().and_then(Method::from_name) {
                Some(method) => drop(named.insert(method)),
                None => fields.complain(&format!("endpoints[{path}]"), Rule::CouldNotConvert),
            }
        }
        endpoints.insert(path.to_owned(), named);
    }
    Permissions::new(endpoints)
}

/// Notes are texts by name.
fn attributes(fields: &mut Fields<'_>) -> Json {
    let mut texts = Map::new();
    for (name, value) in fields.members("attributes") {
        match value {
            Value::Null => {}
            Value::String(text) => drop(texts.insert(name.to_owned(), text.clone().into())),
            _ => fields.complain(&format!("attributes[{name}]"), Rule::CouldNotConvert),
        }
    }
    Json::from_trusted(Value::Object(texts).to_string())
}
