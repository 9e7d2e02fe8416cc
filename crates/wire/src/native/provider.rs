//! Providers and what they are asked (`native.md` §5).

use docket_domain::id::UserId;
use docket_domain::time::Instant;
use docket_domain::todo::provider::USUAL_TIMEOUT;
use docket_domain::todo::schedule::EVERY_SIX_HOURS;
use docket_domain::todo::{Provider, ProviderDetails};
use docket_domain::violation::Violation;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::scalar;
use super::todo::{PushBody, read_item};
use crate::fields::Fields;

/// A provider.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderItem<'a> {
    id: Uuid,
    action_type: &'a str,
    display_name: &'a str,
    /// Absent when the provider is part of Docket.
    url: Option<&'a str>,
    built_in: bool,
    schedule: &'a str,
    enabled: bool,
    timeout_seconds: i64,
    next_run_at: Option<String>,
    last_run_at: Option<String>,
    last_status: &'a str,
    created_at: String,
    updated_at: String,
    /// In the answer that makes the provider and in no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

/// Without the secret.
impl std::fmt::Debug for ProviderItem<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderItem").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Every provider.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProviderList<'a> {
    /// The providers, in the order in which they were made.
    pub items: Vec<ProviderItem<'a>>,
    /// Always `null`: there are few of them.
    pub next: Option<String>,
}

impl<'a> From<&'a Provider> for ProviderItem<'a> {
    fn from(provider: &'a Provider) -> Self {
        let details = &provider.details;
        Self {
            id: provider.id.uuid(),
            action_type: &details.action_type,
            display_name: &details.display_name,
            url: details.url.as_deref(),
            built_in: details.is_built_in(),
            schedule: &details.schedule,
            enabled: details.enabled,
            timeout_seconds: details.timeout_seconds,
            next_run_at: provider.next_run_at.map(scalar::instant),
            last_run_at: provider.last_run_at.map(scalar::instant),
            last_status: &provider.last_status,
            created_at: scalar::instant(provider.created_at),
            updated_at: scalar::instant(provider.updated_at),
            secret: None,
        }
    }
}

impl<'a> ProviderItem<'a> {
    /// The same with its first secret.
    #[must_use]
    pub fn with_secret(self, secret: &'a str) -> Self {
        Self { secret: Some(secret), ..self }
    }
}

/// Reads what a caller says of a provider.
pub fn read_details(value: &Value) -> Result<ProviderDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let action_type = fields.trimmed("actionType");
    let display_name = fields.optional("displayName");
    let details = ProviderDetails {
        display_name: display_name.unwrap_or_else(|| action_type.clone()),
        action_type,
        url: fields.optional("url"),
        schedule: fields.optional("schedule").unwrap_or_else(|| EVERY_SIX_HOURS.to_owned()),
        enabled: fields.boolean("enabled", true),
        timeout_seconds: fields.long("timeoutSeconds").unwrap_or(USUAL_TIMEOUT),
    };
    fields.finish_checked(details, ProviderDetails::check)
}

/// What a provider is asked.
#[must_use]
pub fn question(action_type: &str, users: Option<&[UserId]>, cursor: Option<&str>) -> Vec<u8> {
    let users = users.map(|users| users.iter().map(ToString::to_string).collect::<Vec<_>>());
    let body = json!({"actionType": action_type, "userIds": users, "cursor": cursor});
    body.to_string().into_bytes()
}

/// A page of what a provider says.
#[derive(Debug)]
pub struct Page {
    /// Its items with their keys; of one that cannot be used, the key if it has one.
    pub items: Vec<Result<(String, PushBody), Option<String>>>,
    /// Where to go on.
    pub next: Option<String>,
}

/// Reads a page, or says why it is none.
pub fn read_page(body: &[u8], now: Instant) -> Result<Page, String> {
    let wrong = || "the answer is not the JSON that it should be".to_owned();
    let value: Value = serde_json::from_slice(body).map_err(|_| wrong())?;
    let items = value.get("items").and_then(Value::as_array).ok_or_else(wrong)?;
    let items = items.iter().map(|item| read_item(item, now).map_err(|(key, _)| key)).collect();
    let next = match value.get("next") {
        None | Some(Value::Null) => None,
        Some(Value::String(next)) => Some(next.clone()),
        Some(_) => return Err(wrong()),
    };
    Ok(Page { items, next })
}

/// A to-do in a trial.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewItem<'a> {
    /// Whose.
    pub user_id: Uuid,
    /// About what.
    pub external_id: &'a str,
    /// What.
    pub title: &'a str,
}

/// What would change if a provider were asked in earnest.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Trial<'a> {
    /// Whether the provider was heard to the end.
    pub success: bool,
    /// Why not.
    pub error: Option<&'a str>,
    /// How many items it named.
    pub items: usize,
    /// How many of them cannot be used.
    pub unusable: usize,
    /// To-dos that would be new.
    pub created: Vec<PreviewItem<'a>>,
    /// To-dos that would be refreshed.
    pub updated: Vec<PreviewItem<'a>>,
    /// To-dos that would be resolved.
    pub resolved: Vec<PreviewItem<'a>>,
    /// How many to-dos would stay as they are.
    pub unchanged: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_767_603_600_000);

    #[test]
    fn a_page_is_read_and_its_bad_items_are_told_apart() {
        let body = json!({"items": [
            {"externalId": "1", "emails": ["a@example.com"], "title": "One"},
            {"externalId": "2", "emails": ["a@example.com"]},
            {"title": "Three"},
            7,
        ], "next": "c"});
        let page = read_page(body.to_string().as_bytes(), NOW).unwrap();
        assert_eq!(page.next.as_deref(), Some("c"));
        let keys: Vec<_> = page
            .items
            .iter()
            .map(|item| match item {
                Ok((key, _)) => format!("ok {key}"),
                Err(key) => format!("bad {}", key.as_deref().unwrap_or("-")),
            })
            .collect();
        assert_eq!(keys, ["ok 1", "bad 2", "bad -", "bad -"]);
        for wrong in ["", "[]", "{}", r#"{"items": []"#, r#"{"items": [], "next": 7}"#] {
            assert!(read_page(wrong.as_bytes(), NOW).is_err(), "{wrong}");
        }
    }

    #[test]
    fn everybody_is_asked_for_by_nobody_s_name() {
        let body: Value = serde_json::from_slice(&question("a", None, None)).unwrap();
        assert_eq!(body, json!({"actionType": "a", "userIds": null, "cursor": null}));
    }
}
