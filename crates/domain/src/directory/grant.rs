//! Grants: who holds which role where, and until when (`waldur.md` §2.1, §2.4).

use super::affiliation::Person;
use super::role::Role;
use super::scope::Scope;
use crate::id::{CustomerId, GrantId, RoleId, UserId};
use crate::permission::{Applicant, Restriction};
use crate::time::{Expiry, Instant};

/// A user's role on a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who holds it.
    pub user_id: UserId,
    /// Which role.
    pub role_id: RoleId,
    /// Where.
    pub scope: Scope,
    /// The customer that the scope is, or belongs to.
    pub customer_id: CustomerId,
    /// Until when; from then on it does not count.
    pub expiry: Expiry,
    /// Who gave it, when that is known.
    pub granted_by: Option<UserId>,
    /// What they were called then.
    pub granted_by_name: Option<String>,
    /// When it was given.
    pub created_at: Instant,
}

/// A grant, with what its role and its scope are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedGrant {
    /// The grant.
    pub grant: Grant,
    /// The name of the role.
    pub role_name: String,
    /// The name of the customer or the project.
    pub scope_name: String,
    /// The name of the customer.
    pub customer_name: String,
}

/// A member of the team of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    /// The grant.
    pub grant: Grant,
    /// The name of the role.
    pub role_name: String,
    /// Who holds it.
    pub person: Person,
}

/// Which members of a team a list is after. Texts are looked for inside, without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamSearch {
    /// This user.
    pub user: Option<UserId>,
    /// The holders of any of these roles, by name; of none named, of all.
    pub roles: Vec<String>,
    /// Something in the name, the address or the user name.
    pub text: Option<String>,
    /// Something in the whole name.
    pub full_name: Option<String>,
    /// Something in the name in its own language.
    pub native_name: Option<String>,
    /// Something in the user name.
    pub username: Option<String>,
}

/// Why a role cannot be given (`waldur.md` §2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The user holds it there already.
    #[error("the user already has this role in this scope")]
    AlreadyHeld,
    /// It is for scopes of another kind.
    #[error("the role is not valid for this scope")]
    WrongKind,
    /// It is switched off.
    #[error("the role is not active")]
    RoleInactive,
    /// The project may have one manager, and has one.
    #[error("the project already has an active project manager")]
    ManagerExists,
    /// The customer lets in other people only.
    #[error("the user does not match the restrictions of the customer")]
    CustomerRestricted,
    /// The project lets in other people only.
    #[error("the user does not match the restrictions of the project")]
    ProjectRestricted,
}

/// What has to be known before a role is given.
#[derive(Debug, Clone, Copy)]
pub struct Giving<'a> {
    /// To whom.
    pub applicant: &'a Applicant,
    /// Which role.
    pub role: &'a Role,
    /// Where.
    pub scope: Scope,
    /// Whether they hold it there already.
    pub held: bool,
    /// Whether the project may have one manager only, and has one.
    pub manager_exists: bool,
    /// Whom the customer lets in.
    pub customer: &'a Restriction,
    /// Whom the project lets in, when the scope is one.
    pub project: Option<&'a Restriction>,
}

impl Giving<'_> {
    /// Whether the role can be given; the first reason against it counts.
    pub fn check(&self) -> Result<(), GrantError> {
        let is_manager = self.role.details.name == super::role::PROJECT_MANAGER;
        if self.held {
            Err(GrantError::AlreadyHeld)
        } else if self.role.details.kind != self.scope.kind() {
            Err(GrantError::WrongKind)
        } else if !self.role.active {
            Err(GrantError::RoleInactive)
        } else if self.manager_exists && is_manager {
            Err(GrantError::ManagerExists)
        } else if !self.customer.admits(self.applicant) {
            Err(GrantError::CustomerRestricted)
        } else if self.project.is_some_and(|project| !project.admits(self.applicant)) {
            Err(GrantError::ProjectRestricted)
        } else {
            Ok(())
        }
    }
}
