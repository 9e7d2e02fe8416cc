//! What ties a user to an application (`fusionauth.md` §4.1, registrations).

use crate::id::{ApplicationId, RegistrationId, UserId};
use crate::json::Json;
use crate::text::Locale;
use crate::time::Instant;

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
