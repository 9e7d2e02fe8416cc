//! Users (`waldur.md` §10.2).

use docket_domain::directory::Person;
use docket_domain::directory::grant::NamedGrant;
use docket_domain::directory::scope::Scope;
use docket_domain::time::Instant;
use serde::Serialize;

use super::origin::Origin;
use super::scalar::{Hex, Moment};

mod said;

pub use said::{PasswordSaid, UserSaid, search};

/// The collection in addresses.
pub const COLLECTION: &str = "users";

/// A user, as answered. Texts that nobody gave are empty.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::User)]
pub struct User {
    url: String,
    uuid: Hex,
    username: String,
    slug: String,
    email: String,
    first_name: String,
    last_name: String,
    full_name: String,
    native_name: String,
    job_title: String,
    organization: String,
    phone_number: String,
    is_staff: bool,
    is_support: bool,
    is_active: bool,
    token_lifetime: Option<i64>,
    date_joined: Moment,
    preferred_language: String,
    notifications_enabled: bool,
    affiliations: Vec<String>,
    identity_source: String,
    registration_method: &'static str,
    image: Option<String>,
}

impl User {
    /// A user. `now` tells whether the account's time is over.
    #[must_use]
    pub fn new(person: &Person, origin: &Origin, now: Instant) -> Self {
        let Person { user, affiliation } = person;
        let (details, profile) = (&user.details, &user.details.profile);
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let username = person.username().to_owned();
        Self {
            url: origin.url(COLLECTION, user.id.uuid()),
            uuid: Hex(user.id.uuid()),
            slug: slug(&username),
            username,
            email: text(details.email.as_ref()),
            first_name: text(profile.first_name.as_ref()),
            last_name: text(profile.last_name.as_ref()),
            full_name: person.full_name(),
            native_name: affiliation.native_name.clone(),
            job_title: affiliation.job_title.clone(),
            organization: affiliation.organization.clone(),
            phone_number: text(profile.mobile_phone.as_ref().or(profile.phone_number.as_ref())),
            is_staff: user.staff,
            is_support: affiliation.support,
            is_active: user.active && !details.expiry.is_past(now),
            token_lifetime: affiliation.token_lifetime_seconds,
            date_joined: Moment(user.created_at),
            preferred_language: details
                .preferred_languages
                .first()
                .map(|locale| locale.as_str().to_owned())
                .unwrap_or_default(),
            notifications_enabled: affiliation.notifies,
            affiliations: affiliation.affiliations.clone(),
            identity_source: affiliation.identity_source.clone(),
            registration_method: "default",
            image: profile.image_url.clone(),
        }
    }
}

/// The fields by which lists can be sorted.
pub const ORDER: &[&str] =
    &["username", "email", "full_name", "date_joined", "created", "is_active", "is_staff"];

/// A short name for addresses: letters and digits of ASCII in lower case, joined by hyphens.
#[must_use]
pub fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// The caller, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::UserMe)]
pub struct UserMe {
    #[serde(flatten)]
    user: User,
    token: Option<String>,
    permissions: Vec<Permission>,
}

impl UserMe {
    /// The caller, with the token that may be told again and the roles that are held.
    #[must_use]
    pub fn new(user: User, token: Option<&str>, grants: &[NamedGrant]) -> Self {
        let permissions = grants.iter().map(Permission::from).collect();
        Self { user, token: token.map(str::to_owned), permissions }
    }
}

/// A role that the caller holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::Permission)]
pub struct Permission {
    role_name: String,
    role_uuid: Hex,
    scope_type: &'static str,
    scope_uuid: Hex,
    scope_name: String,
    customer_uuid: Hex,
    customer_name: String,
    project_uuid: Option<Hex>,
    resource_uuid: Option<Hex>,
    expiration_time: Option<Moment>,
}

impl From<&NamedGrant> for Permission {
    fn from(named: &NamedGrant) -> Self {
        let NamedGrant { grant, role_name, scope_name, customer_name } = named;
        Self {
            role_name: role_name.clone(),
            role_uuid: Hex(grant.role_id.uuid()),
            scope_type: grant.scope.kind().name(),
            scope_uuid: Hex(grant.scope.uuid()),
            scope_name: scope_name.clone(),
            customer_uuid: Hex(grant.customer_id.uuid()),
            customer_name: customer_name.clone(),
            project_uuid: match grant.scope {
                Scope::Project(id) => Some(Hex(id.uuid())),
                Scope::Customer(_) => None,
            },
            resource_uuid: None,
            expiration_time: Moment::of(grant.expiry),
        }
    }
}

/// What staff may know of a user's token.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::Token)]
pub struct TokenOf {
    created: Moment,
    user_first_name: String,
    user_last_name: String,
    user_username: String,
    user_is_active: bool,
    user_token_lifetime: Option<i64>,
}

impl TokenOf {
    /// The token of this user, given last at this instant.
    #[must_use]
    pub fn new(person: &Person, created_at: Instant) -> Self {
        let profile = &person.user.details.profile;
        Self {
            created: Moment(created_at),
            user_first_name: profile.first_name.clone().unwrap_or_default(),
            user_last_name: profile.last_name.clone().unwrap_or_default(),
            user_username: person.username().to_owned(),
            user_is_active: person.user.active,
            user_token_lifetime: person.affiliation.token_lifetime_seconds,
        }
    }
}

/// A user's token.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::TokenKey)]
pub struct TokenKey<'a> {
    /// 40 hexadecimal digits.
    pub token: &'a str,
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_slug_is_letters_and_digits() {
        assert_eq!(slug("  Ada.Lovelace@example.com "), "ada-lovelace-example-com");
        assert_eq!(slug("ü"), "");
    }
}
