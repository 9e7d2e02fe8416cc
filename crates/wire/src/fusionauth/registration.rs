//! Registrations (`fusionauth.md` §4.1).

use docket_domain::directory::{Account, Registration, RegistrationDetails};
use docket_domain::id::ApplicationId;
use docket_domain::time::Instant;
use docket_domain::violation::Violation;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar::{self, Document};
use super::user::User;
use crate::fields::Fields;

/// A registration, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRegistration {
    application_id: Uuid,
    #[schema(value_type = Object)]
    data: Document,
    id: Uuid,
    insert_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login_instant: Option<i64>,
    last_update_instant: i64,
    preferred_languages: Vec<String>,
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    username_status: &'static str,
    verified: bool,
}

/// `{"registration": …}`, with the user when it was just made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RegistrationResponse {
    registration: UserRegistration,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<User>,
}

impl From<&Registration> for UserRegistration {
    fn from(registration: &Registration) -> Self {
        let details = &registration.details;
        Self {
            application_id: registration.application_id.uuid(),
            data: (&details.data).into(),
            id: registration.id.uuid(),
            insert_instant: registration.created_at.millis(),
            last_login_instant: registration.last_login_at.map(Instant::millis),
            last_update_instant: registration.updated_at.millis(),
            preferred_languages: scalar::locales(&details.preferred_languages),
            roles: details.roles.clone(),
            timezone: details.timezone.clone(),
            username: details.username.clone(),
            username_status: "ACTIVE",
            verified: true,
        }
    }
}

impl From<&Registration> for RegistrationResponse {
    fn from(registration: &Registration) -> Self {
        Self { registration: registration.into(), user: None }
    }
}

impl RegistrationResponse {
    /// A registration with its user.
    #[must_use]
    pub fn with_user(registration: &Registration, account: &Account) -> Self {
        Self { registration: registration.into(), user: Some(account.into()) }
    }
}

/// Reads the `registration` of a request, and for which application it is.
pub fn details(
    value: &Value,
) -> Result<(Option<ApplicationId>, RegistrationDetails), Vec<Violation>> {
    let mut fields = Fields::new(value);
    let application = fields.parsed("applicationId");
    let details = RegistrationDetails {
        roles: scalar::distinct(fields.parsed_list("roles").unwrap_or_default()),
        username: fields.optional("username"),
        preferred_languages: scalar::distinct(fields.locales("preferredLanguages")),
        timezone: fields.optional("timezone"),
        data: fields.document("data"),
    };
    fields.finish().map(|()| (application, details))
}
