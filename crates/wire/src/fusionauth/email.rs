//! Messages as this surface shows them, and how callers send some (`fusionauth.md` §4.8).

use std::collections::BTreeMap;

use docket_domain::id::{ApplicationId, UserId};
use docket_domain::json::Json;
use docket_domain::mail::{Address, Flaw, Message};
use docket_domain::text::Locale;
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::fields::Fields;

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

impl From<&Address> for EmailAddress {
    fn from(address: &Address) -> Self {
        Self { address: address.email.clone(), display: address.name.clone() }
    }
}

impl From<&docket_domain::mail::Email> for Email {
    fn from(email: &docket_domain::mail::Email) -> Self {
        let addresses = |addresses: &[Address]| addresses.iter().map(Into::into).collect();
        Self {
            cc: addresses(&email.cc),
            bcc: addresses(&email.bcc),
            ..Self::new(&email.message, addresses(&email.to))
        }
    }
}

/// What a request to send mails says.
#[derive(Debug)]
pub struct SendRequest {
    /// `userIds`
    pub user_ids: Vec<UserId>,
    /// `toAddresses`
    pub to: Vec<Address>,
    /// `ccAddresses`
    pub cc: Vec<Address>,
    /// `bccAddresses`
    pub bcc: Vec<Address>,
    /// `preferredLanguages`
    pub languages: Vec<Locale>,
    /// `applicationId`
    pub application_id: Option<ApplicationId>,
    /// `requestData`
    pub request_data: Json,
}

impl SendRequest {
    /// Reads a body; an address may also be written as text alone, as the clients do for copies.
    pub fn read(body: &Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::new(body);
        let mut user_ids: Vec<UserId> = fields.parsed_list("userIds").unwrap_or_default();
        user_ids.sort_unstable();
        user_ids.dedup();
        let request = Self {
            user_ids,
            to: addresses(&mut fields, "toAddresses"),
            cc: addresses(&mut fields, "ccAddresses"),
            bcc: addresses(&mut fields, "bccAddresses"),
            languages: fields.locales("preferredLanguages"),
            application_id: fields.parsed("applicationId"),
            request_data: fields.document("requestData"),
        };
        fields.finish().map(|()| request)
    }
}

fn addresses(fields: &mut Fields<'_>, name: &str) -> Vec<Address> {
    let mut addresses = Vec::new();
    for (index, element) in fields.elements(name).iter().enumerate() {
        let member = |name: &str| element.get(name).and_then(Value::as_str).map(str::trim);
        let email = element.as_str().map(str::trim).or_else(|| member("address"));
        let name_shown = member("display").filter(|name| !name.is_empty()).map(str::to_owned);
        let is_storable = |text: &str| !text.contains('\0');
        match email
            .filter(|email| is_storable(email) && name_shown.as_deref().is_none_or(is_storable))
        {
            Some(email) => addresses.push(Address { email: email.to_owned(), name: name_shown }),
            None => fields.complain(&format!("{name}[{index}]"), Rule::CouldNotConvert),
        }
    }
    addresses
}

/// Who could not be written to, and why; whoever is not named gets a mail.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendResponse {
    /// By address.
    anonymous_results: BTreeMap<String, EmailTemplateErrors>,
    /// By user.
    results: BTreeMap<Uuid, EmailTemplateErrors>,
}

/// What could not be filled, by the part of the template.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmailTemplateErrors {
    /// Always empty: a template that is not one cannot be saved.
    parse_errors: BTreeMap<String, String>,
    render_errors: BTreeMap<String, String>,
}

impl SendResponse {
    /// The flaws of the mails to users and to addresses.
    #[must_use]
    pub fn new(
        users: &BTreeMap<UserId, Vec<Flaw>>,
        anonymous: &BTreeMap<String, Vec<Flaw>>,
    ) -> Self {
        Self {
            anonymous_results: anonymous
                .iter()
                .map(|(address, flaws)| (address.clone(), flaws.as_slice().into()))
                .collect(),
            results: users.iter().map(|(id, flaws)| (id.uuid(), flaws.as_slice().into())).collect(),
        }
    }
}

impl From<&[Flaw]> for EmailTemplateErrors {
    fn from(flaws: &[Flaw]) -> Self {
        let render_errors =
            flaws.iter().map(|flaw| (flaw.part.clone(), flaw.message.clone())).collect();
        Self { render_errors, ..Self::default() }
    }
}
