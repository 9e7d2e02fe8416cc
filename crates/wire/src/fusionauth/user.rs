//! Users (`fusionauth.md` §4.1).

use docket_domain::directory::user::Submission;
use docket_domain::directory::{Account, Profile, UserDetails};
use docket_domain::id::ApplicationId;
use docket_domain::mail::Secret;
use docket_domain::time::{Expiry, Instant};
use docket_domain::violation::Violation;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::registration::UserRegistration;
use super::scalar::{self, Document};
use crate::fields::Fields;

/// A user, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = fusionauth::User)]
pub struct User {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    #[schema(value_type = Object)]
    data: Document,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_name: Option<String>,
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<String>,
    insert_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login_instant: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    last_update_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    memberships: Option<[Membership; 0]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_phone: Option<String>,
    password_change_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_last_update_instant: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    preferred_languages: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registrations: Option<Vec<UserRegistration>>,
    tenant_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    two_factor: TwoFactor,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username_status: Option<&'static str>,
    verified: bool,
}

/// A user's membership of a group, of which there are none.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Membership {}

/// A user's second factors, of which there are none.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct TwoFactor {}

/// `{"user": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UserResponse {
    user: User,
}

/// Which lists of a user are told along; those that are not are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expand {
    /// The registrations.
    pub registrations: bool,
    /// The memberships.
    pub memberships: bool,
}

impl Expand {
    /// Both.
    pub const ALL: Self = Self { registrations: true, memberships: true };
}

impl User {
    /// A user with these lists.
    #[must_use]
    pub fn new(account: &Account, expand: Expand) -> Self {
        let Account { user, registrations } = account;
        let details = &user.details;
        let profile = details.profile.clone();
        let username_status = details.username.as_ref().map(|_| "ACTIVE");
        let registrations = || registrations.iter().map(Into::into).collect();
        Self {
            active: user.active,
            birth_date: profile.birth_date,
            data: (&details.data).into(),
            email: details.email.clone(),
            expiry: details.expiry.instant().map(Instant::millis),
            first_name: profile.first_name,
            full_name: profile.full_name,
            id: user.id.uuid(),
            image_url: profile.image_url,
            insert_instant: user.created_at.millis(),
            last_login_instant: user.last_login_at.map(Instant::millis),
            last_name: profile.last_name,
            last_update_instant: user.updated_at.millis(),
            memberships: expand.memberships.then_some([]),
            middle_name: profile.middle_name,
            mobile_phone: profile.mobile_phone,
            password_change_required: details.password_change_required,
            password_last_update_instant: user.password_updated_at.map(Instant::millis),
            phone_number: profile.phone_number,
            preferred_languages: scalar::locales(&details.preferred_languages),
            registrations: expand.registrations.then(registrations),
            tenant_id: user.tenant_id.uuid(),
            timezone: profile.timezone,
            two_factor: TwoFactor::default(),
            username: details.username.clone(),
            username_status,
            verified: true,
        }
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self::new(account, Expand::ALL)
    }
}

impl From<&Account> for UserResponse {
    fn from(account: &Account) -> Self {
        Self { user: account.into() }
    }
}

/// What stands beside the user in a request.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// `applicationId`.
    pub application_id: Option<ApplicationId>,
    /// `sendSetPasswordEmail`.
    pub chooses_password: bool,
}

/// Reads what stands beside the user in a request.
pub fn options(body: &Value) -> Result<Options, Vec<Violation>> {
    let mut fields = Fields::new(body);
    let options = Options {
        application_id: fields.parsed("applicationId"),
        chooses_password: fields.boolean("sendSetPasswordEmail", false),
    };
    fields.finish().map(|()| options).map_err(scalar::at_the_top)
}

/// Reads the `user` of a request.
pub fn submission(value: &Value) -> Result<Submission, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let email = fields.optional("email").map(|email| email.to_lowercase());
    let details = UserDetails {
        email,
        username: fields.optional("username"),
        expiry: fields.long("expiry").map_or(Expiry::Never, scalar::expiry_from_millis),
        preferred_languages: scalar::distinct(fields.locales("preferredLanguages")),
        profile: Profile {
            first_name: fields.optional("firstName"),
            middle_name: fields.optional("middleName"),
            last_name: fields.optional("lastName"),
            full_name: fields.optional("fullName"),
            birth_date: fields.optional("birthDate"),
            image_url: fields.optional("imageUrl"),
            mobile_phone: fields.optional("mobilePhone"),
            phone_number: fields.optional("phoneNumber"),
            timezone: fields.optional("timezone"),
        },
        data: fields.document("data"),
        password_change_required: fields.boolean("passwordChangeRequired", false),
    };
    let password = fields.text("password").map(Secret::new);
    fields.finish_checked(Submission { details, password }, Submission::check)
}
