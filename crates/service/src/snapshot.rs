//! Objects as JSON, for the audit trail and the events: how it was, how it is.
//!
//! Snapshots are Docket's own format, in the words of the glossary; no secret is ever in one.

use docket_domain::json::Json;
use docket_domain::text::Localized;
use docket_domain::time::Expiry;
use serde_json::Value;

mod action;
mod api_key;
mod definition;
mod directory;
mod journal;
mod mail;
mod organisation;
mod permission;
mod todo;
mod told;
mod webhook;
mod webhook_key;

pub(crate) use action::{action, action_event};
pub(crate) use api_key::api_key;
pub(crate) use definition::{definition, reason};
pub(crate) use directory::{application, comment, registration, tenant, user};
pub(crate) use journal::audit_entry;
pub(crate) use mail::{EmailSnapshot, template};
pub(crate) use organisation::{Granted, customer, grant, person, project, role};
pub(crate) use permission::{Outcome, invitation, request, seen_invitation, seen_request};
pub(crate) use todo::{order, provider, resource, todo, todo_value};
pub(crate) use told::{is_told, told};
pub(crate) use webhook::webhook;
pub(crate) use webhook_key::webhook_key;

pub(crate) fn document(value: &Value) -> Json {
    Json::from_trusted(value.to_string())
}

pub(crate) fn localized(texts: &Localized) -> Value {
    texts.iter().map(|(locale, text)| (locale.to_string(), Value::from(text))).collect()
}

/// Milliseconds, or `null` for never.
pub(crate) fn expiry(expiry: Expiry) -> Value {
    expiry.instant().map_or(Value::Null, |end| end.millis().into())
}

/// The caller's own data.
fn data(json: &Json) -> Value {
    serde_json::from_str(json.as_str()).unwrap_or(Value::Null)
}

/// An object as it is, with how it was as its member `before`.
pub(crate) fn beside(is: &Json, was: &Json) -> Json {
    let mut value = data(is);
    if let Value::Object(members) = &mut value {
        members.insert("before".to_owned(), data(was));
    }
    document(&value)
}
