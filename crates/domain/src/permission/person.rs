//! People as they were called when something happened (`native.md` §7, 8).

use crate::directory::User;
use crate::id::UserId;

/// A user as they were called then: what is said of a request does not go with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// The whole name; empty when they had none.
    pub name: String,
    /// What they logged in with.
    pub username: String,
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        let details = &user.details;
        let username = details.username.clone().unwrap_or_else(|| details.login().to_owned());
        Self { id: user.id, name: details.profile.name(), username }
    }
}
