//! People as they were called when something happened (`native.md` §7, 8).

use crate::directory::User;
use crate::directory::affiliation::{full_name, username};
use crate::id::UserId;

/// A user as they were called then: what is said of a request does not go with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Who.
    pub id: UserId,
    /// The whole name; empty when they had none.
    pub name: String,
    /// What they logged in with.
    pub username: String,
}

impl From<&User> for Named {
    fn from(user: &User) -> Self {
        Self { id: user.id, name: full_name(user), username: username(user).to_owned() }
    }
}
