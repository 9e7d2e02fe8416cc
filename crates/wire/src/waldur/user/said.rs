//! What a body says of a user, and what a query asks of users (`waldur.md` §10.2).

use docket_domain::directory::affiliation::{Affiliation, PeopleSearch, PersonDetails};
use docket_domain::directory::scope::{Scope, ScopeKind};
use docket_domain::directory::user::LONGEST_PASSWORD;
use docket_domain::directory::{Profile, UserDetails};
use docket_domain::json::Json;
use docket_domain::mail::Secret;
use docket_domain::text::Locale;
use docket_domain::time::Expiry;
use serde_json::Value;

use crate::waldur::body::{Body, Given};
use crate::waldur::problem::Mistakes;
use crate::waldur::query::Filters;

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
    preferred_language: Given<Locale>,
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
        let language = read_language(&mut body);
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
            preferred_language: language,
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
            self.put_for_staff(&mut after);
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
        match &self.preferred_language {
            Given::Absent => {}
            Given::Null => details.preferred_languages.clear(),
            Given::Value(language) => {
                details.preferred_languages.retain(|known| known != language);
                details.preferred_languages.insert(0, language.clone());
            }
        }
    }

    fn put_for_staff(&self, after: &mut PersonDetails) {
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

/// The language that the user reads best; an empty text takes all away.
fn read_language(body: &mut Body<'_>) -> Given<Locale> {
    match body.blank_text("preferred_language", 10).as_deref() {
        None => Given::Absent,
        Some("") => Given::Null,
        Some(text) => {
            if let Ok(language) = text.parse() {
                return Given::Value(language);
            }
            body.complain("preferred_language", "This is not a language.");
            Given::Absent
        }
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
