//! What is sent to people.

use docket_domain::json::Json;
use docket_domain::mail::{Template, TemplateDetails};
use serde_json::json;

use super::{document, localized};

/// An e-mail template.
pub(crate) fn template(template: &Template) -> Json {
    let TemplateDetails { name, from_email, from_name, subject, html, text } = &template.details;
    document(&json!({
        "id": template.id.to_string(),
        "name": name,
        "fromEmail": from_email,
        "fromName": from_name.default,
        "localizedFromNames": localized(&from_name.localized),
        "subject": subject.default,
        "localizedSubjects": localized(&subject.localized),
        "html": html.default,
        "localizedHtml": localized(&html.localized),
        "text": text.default,
        "localizedText": localized(&text.localized),
    }))
}
