//! A message as this surface shows it (`fusionauth.md` §4.8).

use docket_domain::mail::Message;
use serde::Serialize;

/// A message, filled in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Email {
    #[schema(value_type = Vec<Object>)]
    attachments: [(); 0],
    bcc: Vec<EmailAddress>,
    cc: Vec<EmailAddress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<EmailAddress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    to: Vec<EmailAddress>,
}

/// An address, and the name shown for it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EmailAddress {
    /// The address.
    pub address: String,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

impl Email {
    /// The message as it goes to these readers.
    #[must_use]
    pub fn new(message: &Message, to: Vec<EmailAddress>) -> Self {
        let from = message.from_email.as_ref().map(|address| EmailAddress {
            address: address.clone(),
            display: message.from_name.clone(),
        });
        Self {
            attachments: [],
            bcc: Vec::new(),
            cc: Vec::new(),
            from,
            html: message.html.clone(),
            subject: message.subject.clone(),
            text: message.text.clone(),
            to,
        }
    }
}
