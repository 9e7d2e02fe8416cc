//! What ties a user to an application (`fusionauth.md` §4.1, registrations).

use super::application::Application;
use super::user::{LONGEST_TEXT, MOST_LANGUAGES};
use crate::id::{ApplicationId, RegistrationId, UserId};
use crate::json::Json;
use crate::text::Locale;
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};

/// A user's registration for an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its id.
    pub id: RegistrationId,
    /// Whose.
    pub user_id: UserId,
    /// For what.
    pub application_id: ApplicationId,
    /// What callers say of it.
    pub details: RegistrationDetails,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// When the user last logged in to the application.
    pub last_login_at: Option<Instant>,
}

/// What callers say of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationDetails {
    /// Names of roles of the application.
    pub roles: Vec<String>,
    /// The user's name in this application.
    pub username: Option<String>,
    /// What the user reads there.
    pub preferred_languages: Vec<Locale>,
    /// The user's time zone there.
    pub timezone: Option<String>,
    /// The caller's own data.
    pub data: Json,
}

impl RegistrationDetails {
    /// Checks everything that can be seen from the application alone.
    pub fn check(&self, application: &Application) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        for (index, role) in self.roles.iter().enumerate() {
            if !application.details.roles.iter().any(|known| known.name == *role) {
                violations.push(Violation::body(format!("roles[{index}]"), Rule::Invalid));
            }
        }
        if self.preferred_languages.len() > MOST_LANGUAGES {
            violations.push(Violation::body("preferredLanguages", Rule::TooLong(MOST_LANGUAGES)));
        }
        for (field, text) in [("username", &self.username), ("timezone", &self.timezone)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
                violations.push(Violation::body(field, Rule::TooLong(LONGEST_TEXT)));
            }
        }
        violations.into_result()
    }

    /// Gives the roles that the application gives to everybody, unless some were asked for.
    pub fn or_default_roles(&mut self, application: &Application) {
        if self.roles.is_empty() {
            let roles = application.details.roles.iter().filter(|role| role.is_default);
            self.roles = roles.map(|role| role.name.clone()).collect();
        }
    }
}
