//! What a user is to organisations (`waldur.md` §2.1).

use crate::directory::scope::Scope;
use crate::directory::{User, UserDetails};
use crate::permission::Applicant;

/// What a user is to organisations. Texts that nobody gave are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affiliation {
    /// Whether the user sees everything and manages nothing.
    pub support: bool,
    /// The name in the user's own language.
    pub native_name: String,
    /// Where the user works, in the user's words.
    pub organization: String,
    /// As what.
    pub job_title: String,
    /// What the user belongs to, as the identity source says.
    pub affiliations: Vec<String>,
    /// Where the account comes from; empty when it is our own.
    pub identity_source: String,
    /// Whether the user wants to hear by mail.
    pub notifies: bool,
    /// For how long the user's token is good.
    pub token_lifetime_seconds: Option<i64>,
}

/// A user who is nothing special hears by mail.
impl Default for Affiliation {
    fn default() -> Self {
        Self {
            support: false,
            native_name: String::new(),
            organization: String::new(),
            job_title: String::new(),
            affiliations: Vec::new(),
            identity_source: String::new(),
            notifies: true,
            token_lifetime_seconds: None,
        }
    }
}

/// A user, and what they are to organisations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub user: User,
    /// What they are to organisations.
    pub affiliation: Affiliation,
}

impl Person {
    /// What counts when they want to be let in somewhere.
    #[must_use]
    pub fn applicant(&self) -> Applicant {
        Applicant {
            email: self.user.details.email.clone().unwrap_or_default(),
            affiliations: self.affiliation.affiliations.clone(),
            identity_source: self.affiliation.identity_source.clone(),
        }
    }

    /// The name that they log in with: the user name, else the address, else the number.
    #[must_use]
    pub fn username(&self) -> &str {
        username(&self.user)
    }

    /// The whole name: as given, else first and last name together.
    #[must_use]
    pub fn full_name(&self) -> String {
        full_name(&self.user)
    }
}

/// What is said of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonDetails {
    /// All that is said of the user openly.
    pub details: UserDetails,
    /// What the user is to organisations.
    pub affiliation: Affiliation,
    /// Whether the user runs this server.
    pub staff: bool,
    /// Whether the account is open.
    pub active: bool,
}

impl From<&Person> for PersonDetails {
    fn from(person: &Person) -> Self {
        Self {
            details: person.user.details.clone(),
            affiliation: person.affiliation.clone(),
            staff: person.user.staff,
            active: person.user.active,
        }
    }
}

/// Which users a list is after. Texts are looked for inside, without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleSearch {
    /// Something in the user name.
    pub username: Option<String>,
    /// Something in the address.
    pub email: Option<String>,
    /// Something in the whole name.
    pub full_name: Option<String>,
    /// Something in any of these.
    pub query: Option<String>,
    /// Who holds a role in this customer, or on this project.
    pub within: Option<Scope>,
    /// Whether the account is open.
    pub active: Option<bool>,
    /// Whether the user runs this server.
    pub staff: Option<bool>,
}

/// The name that a user logs in with: the user name, else the address, else the number.
#[must_use]
pub fn username(user: &User) -> &str {
    user.details.username.as_deref().unwrap_or_else(|| user.details.login())
}

/// The whole name of a user: as given, else first and last name together; perhaps empty.
#[must_use]
pub fn full_name(user: &User) -> String {
    let profile = &user.details.profile;
    profile.full_name.clone().unwrap_or_else(|| {
        let names = [&profile.first_name, &profile.last_name];
        names.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    })
}
