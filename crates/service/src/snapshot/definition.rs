//! What kinds of action there are, and for what reasons one is taken.

use docket_domain::action::{Definition, Reason};
use docket_domain::json::Json;
use serde_json::{Value, json};

use super::{document, localized};

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

/// A reason.
pub(crate) fn reason(reason: &Reason) -> Json {
    document(&json!({
        "id": reason.id.uuid().to_string(),
        "code": reason.details.code,
        "text": reason.details.text,
        "localizedTexts": localized(&reason.details.localized_texts),
    }))
}
