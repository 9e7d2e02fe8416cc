//! Keys that sign what webhooks are sent (`fusionauth.md` §4.9).

use docket_domain::mail::Secret;
use docket_domain::page::{Page, Paging};
use docket_domain::violation::{Rule, Violation};
use docket_domain::webhook_key::{Algorithm, Family, WebhookKey, WebhookKeySearch};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::search::{Criteria, gather, settle};
use crate::fields::Fields;

/// What keys can be ordered by.
const ORDERS: &[&str] = &["algorithm", "expiration", "id", "insertInstant", "name", "type"];

/// A key, as answered: never with its private part, with a shared secret only when it is made.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = fusionauth::Key)]
pub struct KeyBody {
    algorithm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    has_private_key: bool,
    id: Uuid,
    insert_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    kid: String,
    last_update_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<i64>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(rename = "type")]
    family: &'static str,
}

/// `{"key": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeyResponse {
    key: KeyBody,
}

/// `{"keys": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeysResponse {
    keys: Vec<KeyBody>,
}

/// `{"keys": […], "total": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeySearchResponse {
    keys: Vec<KeyBody>,
    total: i64,
}

/// Without the secret.
impl std::fmt::Debug for KeyBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyBody").field("id", &self.id).finish_non_exhaustive()
    }
}

impl From<&WebhookKey> for KeyBody {
    fn from(key: &WebhookKey) -> Self {
        let family = key.algorithm.family();
        Self {
            algorithm: key.algorithm.name(),
            certificate: key.certificate.clone(),
            has_private_key: key.signs && family != Family::Hmac,
            id: key.id.uuid(),
            insert_instant: key.created_at.millis(),
            issuer: key.issuer.clone(),
            kid: key.kid.clone(),
            last_update_instant: key.updated_at.millis(),
            length: key.length,
            name: key.name.clone(),
            public_key: key.public_key.clone(),
            secret: None,
            family: family.name(),
        }
    }
}

impl KeyResponse {
    /// The key; with its secret where that is shown.
    #[must_use]
    pub fn new(key: &WebhookKey, secret: Option<&Secret>) -> Self {
        let secret = secret.map(|secret| secret.reveal().to_owned());
        Self { key: KeyBody { secret, ..key.into() } }
    }
}

impl From<&[WebhookKey]> for KeysResponse {
    fn from(keys: &[WebhookKey]) -> Self {
        Self { keys: keys.iter().map(Into::into).collect() }
    }
}

impl From<&Page<WebhookKey>> for KeySearchResponse {
    fn from(page: &Page<WebhookKey>) -> Self {
        Self { keys: page.items.iter().map(Into::into).collect(), total: page.total }
    }
}

/// The `key` of a request that has one made.
#[derive(Debug)]
pub struct WantedKey {
    /// What people shall call it.
    pub name: String,
    /// How it shall sign.
    pub algorithm: Algorithm,
    /// Its size in bits.
    pub length: Option<i64>,
    /// Who makes it.
    pub issuer: Option<String>,
}

impl WantedKey {
    /// Reads it.
    pub fn read(value: &Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::new(value);
        let name = fields.trimmed("name");
        let algorithm = algorithm(&mut fields);
        let length = fields.long("length");
        let issuer = fields.optional("issuer");
        whole(fields, &name, algorithm).map(|algorithm| Self { name, algorithm, length, issuer })
    }
}

/// The `key` of a request that brings one.
#[derive(Debug)]
pub struct BroughtKey {
    /// What people call it.
    pub name: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// By which name those who check a signature know it.
    pub kid: Option<String>,
    /// The secret of an algorithm with a shared one.
    pub secret: Option<Secret>,
    /// The private part, PEM.
    pub private_key: Option<Secret>,
    /// The public part, PEM.
    pub public_key: Option<String>,
    /// A certificate.
    pub certificate: Option<String>,
    /// Who made it.
    pub issuer: Option<String>,
}

impl BroughtKey {
    /// Reads it.
    pub fn read(value: &Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::new(value);
        let name = fields.trimmed("name");
        let algorithm = algorithm(&mut fields);
        let kid = fields.optional("kid");
        // White space around a secret is part of it: its very bytes sign.
        let secret = fields.text("secret").filter(|secret| !secret.is_empty()).map(Secret::new);
        let private_key = fields.optional("privateKey").map(Secret::new);
        let public_key = fields.optional("publicKey");
        let certificate = fields.optional("certificate");
        let issuer = fields.optional("issuer");
        whole(fields, &name, algorithm).map(|algorithm| Self {
            name,
            algorithm,
            kid,
            secret,
            private_key,
            public_key,
            certificate,
            issuer,
        })
    }
}

/// Reads the `key` of a request that changes one: its name, for nothing else of a key can change.
pub fn name(value: &Value) -> Result<String, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let name = fields.trimmed("name");
    fields.finish().map(|()| name)
}

fn algorithm(fields: &mut Fields<'_>) -> Option<Algorithm> {
    if !fields.has("algorithm") {
        fields.complain("algorithm", Rule::Missing);
    }
    fields.named("algorithm", Algorithm::from_name)
}

/// The algorithm, unless something was wrong: then a name that says nothing is, too.
fn whole(
    fields: Fields<'_>,
    name: &str,
    algorithm: Option<Algorithm>,
) -> Result<Algorithm, Vec<Violation>> {
    let blank = || Err(vec![Violation::body("name", Rule::Blank)]);
    let read = fields.finish_checked(algorithm, |_| if name.is_empty() { blank() } else { Ok(()) });
    read.and_then(|read| read.ok_or_else(|| vec![Violation::body("algorithm", Rule::Missing)]))
}

/// Reads the criteria of a search, and the page.
pub fn search(criteria: &Criteria) -> Result<(WebhookKeySearch, Paging), Vec<Violation>> {
    let mut violations = Vec::new();
    let search = WebhookKeySearch {
        name: criteria.owned("name"),
        algorithm: gather(named(criteria, "algorithm", Algorithm::from_name), &mut violations),
        family: gather(named(criteria, "type", Family::from_name), &mut violations),
    };
    settle(search, criteria.paging(ORDERS), violations)
}

fn named<T>(
    criteria: &Criteria,
    name: &str,
    find: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Vec<Violation>> {
    criteria.text(name).filter(|text| !text.is_empty()).map_or(Ok(None), |text| {
        let unknown = || Violation::named(format!("search.{name}"), Rule::CouldNotConvert);
        find(text).map(Some).ok_or_else(|| vec![unknown()])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_wrong_with_a_key_is_named_at_once() {
        let violations = WantedKey::read(&json!({"algorithm": "None", "length": "long"}));
        let found = violations.unwrap_err();
        let fields: Vec<_> = found.iter().map(|v| format!("{:?}", v.field)).collect();
        assert_eq!(fields, [r#"Body("algorithm")"#, r#"Body("length")"#, r#"Body("name")"#]);
        assert!(BroughtKey::read(&json!({})).is_err());
    }

    #[test]
    fn a_secret_is_taken_as_it_is() {
        let read = BroughtKey::read(&json!({"name": " A ", "algorithm": "HS256", "secret": " x "}));
        let read = read.unwrap();
        assert_eq!((read.name.as_str(), read.secret.unwrap().reveal()), ("A", " x "));
    }
}
