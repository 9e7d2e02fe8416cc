//! Users (`waldur.md` §10.2).

use docket_domain::directory::affiliation::{Affiliation, PeopleSearch, PersonDetails};
use docket_domain::directory::grant::NamedGrant;
use docket_domain::directory::scope::{Scope, ScopeKind};
use docket_domain::directory::user::LONGEST_PASSWORD;
use docket_domain::directory::{Person, Profile, UserDetails};
use docket_domain::json::Json;
use docket_domain::mail::Secret;
use docket_domain::text::Locale;
use docket_domain::time::{Expiry, Instant};
use serde::Serialize;
use serde_json::Value;

use super::body::{Body, Given};
use super::origin::Origin;
use super::problem::Mistakes;
use super::query::Filters;
use super::scalar::{Hex, Moment};

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

/// What a body says of a user.
#[derive(Debug, Clone)]
pub struct UserSaid {
    username: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    native_name: Option<String>,
    organization: Option<String>,
    job_title: Option<String>,
    phone_number: Option<String>,
    affiliations: Option<Vec<String>>,
    identity_source: Option<String>,
    is_staff: Option<bool>,
    is_support: Option<bool>,
    is_active: Option<bool>,
    notifications_enabled: Option<bool>,
    token_lifetime: Given<i64>,
    preferred_language: Option<Option<Locale>>,
}

impl UserSaid {
    /// Reads what changes a user.
    pub fn read(value: &Value) -> Result<Self, Mistakes> {
        Self::read_with(value, &[])
    }

    /// Reads a new user.
    pub fn read_new(value: &Value) -> Result<Self, Mistakes> {
        Self::read_with(value, &["username", "email"])
    }

    fn read_with(value: &Value, required: &[&'static str]) -> Result<Self, Mistakes> {
        let mut body = Body::new(value);
        body.require(required);
        let language = body.blank_text("preferred_language", 10);
        let locale =
            language.map(|text| if text.is_empty() { Ok(None) } else { text.parse().map(Some) });
        if let Some(Err(_)) = locale {
            body.complain("preferred_language", "This is not a language.");
        }
        let said = Self {
            username: body.text("username", 128),
            email: body.email("email", 255),
            first_name: body.blank_text("first_name", 100),
            last_name: body.blank_text("last_name", 100),
            native_name: body.blank_text("native_name", 100),
            organization: body.blank_text("organization", 255),
            job_title: body.blank_text("job_title", 120),
            phone_number: body.blank_text("phone_number", 255),
            affiliations: body.texts("affiliations", 255),
            identity_source: body.blank_text("identity_source", 50),
            is_staff: body.boolean("is_staff"),
            is_support: body.boolean("is_support"),
            is_active: body.boolean("is_active"),
            notifications_enabled: body.boolean("notifications_enabled"),
            token_lifetime: body.integer("token_lifetime", 60, 10 * 365 * 86_400),
            preferred_language: locale.and_then(Result::ok),
        };
        body.finish()?;
        Ok(said)
    }

    /// A new user.
    #[must_use]
    pub fn new_person(&self) -> PersonDetails {
        let nobody = PersonDetails {
            details: UserDetails {
                email: None,
                username: None,
                expiry: Expiry::Never,
                preferred_languages: Vec::new(),
                profile: Profile::default(),
                data: Json::empty_object(),
                password_change_required: false,
            },
            affiliation: Affiliation::default(),
            staff: false,
            active: true,
        };
        self.over(&nobody, true)
    }

    /// What is now said of a user. What decides whom they are let in as, staff alone says; from
    /// others it is ignored, as the original does.
    #[must_use]
    pub fn over(&self, before: &PersonDetails, by_staff: bool) -> PersonDetails {
        let mut after = before.clone();
        self.put_own(&mut after);
        if by_staff {
            self.put_staff_s(&mut after);
        }
        after
    }

    fn put_own(&self, after: &mut PersonDetails) {
        let (details, affiliation) = (&mut after.details, &mut after.affiliation);
        let profile = &mut details.profile;
        let given = |said: &Option<String>| said.clone().filter(|text| !text.is_empty());
        if self.first_name.is_some() || self.last_name.is_some() {
            // The whole name would say something else than its parts.
            profile.full_name = None;
        }
        for (said, kept) in [
            (&self.first_name, &mut profile.first_name),
            (&self.last_name, &mut profile.last_name),
            (&self.phone_number, &mut profile.mobile_phone),
        ] {
            if said.is_some() {
                *kept = given(said);
            }
        }
        for (said, kept) in [
            (&self.native_name, &mut affiliation.native_name),
            (&self.organization, &mut affiliation.organization),
            (&self.job_title, &mut affiliation.job_title),
        ] {
            if let Some(said) = said {
                kept.clone_from(said);
            }
        }
        affiliation.notifies = self.notifications_enabled.unwrap_or(affiliation.notifies);
        affiliation.token_lifetime_seconds =
            self.token_lifetime.clone().or_keep(affiliation.token_lifetime_seconds);
        if let Some(language) = &self.preferred_language {
            let languages = &mut details.preferred_languages;
            languages.retain(|known| Some(known) != language.as_ref());
            languages.splice(0..0, language.clone());
        }
    }

    fn put_staff_s(&self, after: &mut PersonDetails) {
        let (details, affiliation) = (&mut after.details, &mut after.affiliation);
        if let Some(username) = &self.username {
            details.username = Some(username.clone());
        }
        if let Some(email) = &self.email {
            details.email = Some(email.to_lowercase()).filter(|email| !email.is_empty());
        }
        if let Some(affiliations) = &self.affiliations {
            affiliation.affiliations.clone_from(affiliations);
        }
        if let Some(source) = &self.identity_source {
            affiliation.identity_source.clone_from(source);
        }
        affiliation.support = self.is_support.unwrap_or(affiliation.support);
        after.staff = self.is_staff.unwrap_or(after.staff);
        after.active = self.is_active.unwrap_or(after.active);
    }
}

/// What a body says of a password that is to be changed.
#[derive(Debug)]
pub struct PasswordSaid {
    /// The present one.
    pub old: Option<Secret>,
    /// The next one.
    pub new: Secret,
}

impl PasswordSaid {
    /// Reads a body.
    pub fn read(value: &Value) -> Result<Self, Mistakes> {
        let mut body = Body::new(value);
        body.require(&["new_password"]);
        let new = body.secret("new_password", LONGEST_PASSWORD).unwrap_or_default();
        let old = body.secret("old_password", LONGEST_PASSWORD);
        body.finish()?;
        Ok(Self { old: old.map(Secret::new), new: Secret::new(new) })
    }
}

/// Which users a list is after.
pub fn search(filters: &mut Filters<'_>) -> PeopleSearch {
    let customer = filters.uuid("customer_uuid").map(|id| Scope::new(ScopeKind::Customer, id));
    let project = filters.uuid("project_uuid").map(|id| Scope::new(ScopeKind::Project, id));
    let text = |name| filters.text(name).map(str::to_owned);
    PeopleSearch {
        username: text("username"),
        email: text("email"),
        full_name: text("full_name"),
        query: text("query"),
        within: project.or(customer),
        active: filters.boolean("is_active"),
        staff: filters.boolean("is_staff"),
    }
}

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
