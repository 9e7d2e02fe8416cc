//! Objects as JSON, for the audit trail and the events: how it was, how it is.
//!
//! Snapshots are Docket's own format, in the words of the glossary; no secret is ever in one.

use docket_domain::action::{Definition, Reason};
use docket_domain::json::Json;
use docket_domain::text::Localized;
use docket_domain::time::Expiry;
use serde_json::{Value, json};

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

/// A reason.
pub(crate) fn reason(reason: &Reason) -> Json {
    document(&json!({
        "id": reason.id.uuid().to_string(),
        "code": reason.details.code,
        "text": reason.details.text,
        "localizedTexts": localized(&reason.details.localized_texts),
    }))
}

/// A definition.
pub(crate) fn definition(definition: &Definition) -> Json {
    let details = &definition.details;
    let options: Vec<Value> = details
        .options
        .iter()
        .map(|option| json!({"name": option.name, "localizedNames": localized(&option.localized_names)}))
        .collect();
    let templates: serde_json::Map<String, Value> = details
        .templates
        .named()
        .map(|(name, id)| (name.to_owned(), id.to_string().into()))
        .collect();
    document(&json!({
        "id": definition.id.to_string(),
        "active": definition.active,
        "name": details.name,
        "localizedNames": localized(&details.localized_names),
        "options": options,
        "temporal": details.temporal,
        "preventsLogin": details.prevents_login,
        "sendsEndEvent": details.sends_end_event,
        "emailsUser": details.emails_user,
        "offersNotification": details.offers_notification,
        "eventIncludesEmail": details.event_includes_email,
        "transaction": details.transaction.name(),
        "templates": templates,
    }))
}
