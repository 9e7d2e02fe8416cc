//! What is sent to people.

use docket_domain::json::Json;
use docket_domain::mail::{Address, Email, Message, Template, TemplateDetails};
use serde::{Deserialize, Serialize};
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

/// A message and whom it goes to, as it is kept and read again.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailSnapshot {
    from_email: Option<String>,
    from_name: Option<String>,
    to: Vec<AddressSnapshot>,
    cc: Vec<AddressSnapshot>,
    bcc: Vec<AddressSnapshot>,
    subject: Option<String>,
    html: Option<String>,
    text: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct AddressSnapshot {
    email: String,
    name: Option<String>,
}

impl From<&Email> for EmailSnapshot {
    fn from(email: &Email) -> Self {
        let addresses = |addresses: &[Address]| {
            let snapshot = |address: &Address| AddressSnapshot {
                email: address.email.clone(),
                name: address.name.clone(),
            };
            addresses.iter().map(snapshot).collect()
        };
        let message = email.message.clone();
        Self {
            from_email: message.from_email,
            from_name: message.from_name,
            to: addresses(&email.to),
            cc: addresses(&email.cc),
            bcc: addresses(&email.bcc),
            subject: message.subject,
            html: message.html,
            text: message.text,
        }
    }
}

impl From<EmailSnapshot> for Email {
    fn from(snapshot: EmailSnapshot) -> Self {
        let addresses = |addresses: Vec<AddressSnapshot>| {
            let address =
                |address: AddressSnapshot| Address { email: address.email, name: address.name };
            addresses.into_iter().map(address).collect()
        };
        Self {
            message: Message {
                from_email: snapshot.from_email,
                from_name: snapshot.from_name,
                subject: snapshot.subject,
                html: snapshot.html,
                text: snapshot.text,
            },
            to: addresses(snapshot.to),
            cc: addresses(snapshot.cc),
            bcc: addresses(snapshot.bcc),
        }
    }
}
