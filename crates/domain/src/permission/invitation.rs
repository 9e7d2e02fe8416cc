//! Invitations: standing offers of one role on one scope (`waldur.md` §9).

use super::named::Named;
use super::restriction::Restriction;
use crate::directory::role::{PROJECT_MANAGER, Role};
use crate::directory::scope::{Place, Scope, ScopeKind};
use crate::id::{CustomerId, InvitationId, RoleId};
use crate::time::Instant;

/// The most characters of the text that goes with an invitation.
pub const LONGEST_TEXT: usize = 500;

/// A standing offer, to whoever matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The customer that the scope is, or belongs to.
    pub customer_id: CustomerId,
    /// What callers say of it.
    pub details: InvitationDetails,
    /// Who made it, as they were called then.
    pub creator: Option<Named>,
    /// Whether it can be asked for; once called off it stays so.
    pub active: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationDetails {
    /// Where the role is offered.
    pub scope: Scope,
    /// Which role.
    pub role_id: RoleId,
    /// The role on the project that a request makes; the role above when absent.
    pub project_role_id: Option<RoleId>,
    /// Whether everybody sees it, without an account too.
    pub public: bool,
    /// Whether a request that is approved makes a project, and gives the role there.
    pub creates_project: bool,
    /// Whether requests need nobody's approval.
    pub approves_at_once: bool,
    /// Whether one user may ask several times.
    pub allows_many_requests: bool,
    /// Whether requesters name and describe the project themselves.
    pub allows_project_details: bool,
    /// The name of such a project, with the requester in it.
    pub project_name_template: Option<String>,
    /// Who may ask.
    pub restriction: Restriction,
    /// What is said to those who may.
    pub custom_text: String,
}

/// A scope as a caller names it, by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedScope {
    /// What the caller said.
    pub text: String,
    /// What that is, if it is the address of a customer or a project.
    pub scope: Option<Scope>,
}

/// What a caller says of an invitation; of what is absent there is nothing new.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Where the role is offered.
    pub scope: Option<NamedScope>,
    /// Which role.
    pub role_id: Option<RoleId>,
    /// The role on the project; perhaps none.
    pub project_role_id: Option<Option<RoleId>>,
    /// Whether everybody sees it.
    pub public: Option<bool>,
    /// Whether a request makes a project.
    pub creates_project: Option<bool>,
    /// Whether requests need nobody's approval.
    pub approves_at_once: Option<bool>,
    /// Whether one user may ask several times.
    pub allows_many_requests: Option<bool>,
    /// Whether requesters name the project themselves.
    pub allows_project_details: Option<bool>,
    /// The name of the project; perhaps none.
    pub project_name_template: Option<Option<String>>,
    /// Patterns of addresses.
    pub email_patterns: Option<Vec<String>>,
    /// Affiliations.
    pub affiliations: Option<Vec<String>>,
    /// Identity sources.
    pub identity_sources: Option<Vec<String>>,
    /// What is said to those who may ask.
    pub custom_text: Option<String>,
}

/// An invitation with what is said of things around it.
#[derive(Debug, Clone)]
pub struct SeenInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// What its scope is called.
    pub scope_name: String,
    /// What the scope is.
    pub scope_description: String,
    /// Where a picture of the scope is.
    pub scope_image: Option<String>,
    /// Whether the scope is a project that was removed.
    pub scope_removed: bool,
    /// What its customer is called.
    pub customer_name: String,
    /// What its role is called.
    pub role_name: String,
    /// What holders of the role do.
    pub role_description: String,
    /// Where a picture of its creator is.
    pub creator_image: Option<String>,
}

impl SeenInvitation {
    /// The scope, and where it stands.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place {
            scope: self.invitation.details.scope,
            customer: self.invitation.customer_id,
            removed: self.scope_removed,
        }
    }
}

/// Which invitations a list is after; what is absent does not matter.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of this customer, on its projects too.
    pub customer: Option<CustomerId>,
    /// Of this role.
    pub role: Option<RoleId>,
    /// Of the role of this name.
    pub role_name: Option<String>,
    /// On exactly this scope.
    pub scope: Option<Scope>,
    /// On scopes of this kind; of one that we do not know there are none.
    pub kind: Option<Option<ScopeKind>>,
    /// Active or not.
    pub active: Option<bool>,
    /// Public or not.
    pub public: Option<bool>,
}

/// Why something cannot be offered; the contract's rules in their order (`waldur.md` §9.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// 1: only staff address everybody.
    #[error("only staff may make public invitations")]
    PublicByStaffOnly,
    /// 2: whoever is addressed so gets a project of their own.
    #[error("a public invitation must make projects")]
    PublicMakesProjects,
    /// 3: and nothing beyond it.
    #[error("a public invitation must offer a role on projects")]
    PublicForProjectRoles,
    /// 4: the role is for scopes of another kind.
    #[error("the role and the scope are not of one kind")]
    WrongKind,
    /// 5: nobody could tell which role to give on the project.
    #[error("a role on projects must be named for the projects that are made")]
    ProjectRoleNeeded,
    /// 6: the project may have one manager, and has one.
    #[error("the project already has an active project manager")]
    ManagerExists,
}

/// A member of an invitation that says what cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadMember {
    /// There is no such role, or it is switched off.
    Role(RoleId),
    /// The same of the role on the project; or it is not one for projects.
    ProjectRole(RoleId),
    /// There is no such scope, or the caller does not see it: what was said.
    Scope(String),
    /// The name's template has holes for these, which nothing fills.
    Template(Vec<String>),
    /// Patterns that are none, or that could run for ever.
    Patterns,
}

/// What has to be known before something is offered.
#[derive(Debug, Clone, Copy)]
pub struct Offering<'a> {
    /// The role that is offered.
    pub role: &'a Role,
    /// Whether staff offer it.
    pub by_staff: bool,
    /// Whether the project may have one manager only, and has one.
    pub manager_exists: bool,
}

impl Said {
    /// What there is now, when this was there before.
    #[must_use]
    pub fn over(&self, before: InvitationDetails, scope: Scope) -> InvitationDetails {
        let said = self.clone();
        let restriction = before.restriction;
        InvitationDetails {
            scope,
            role_id: said.role_id.unwrap_or(before.role_id),
            project_role_id: said.project_role_id.unwrap_or(before.project_role_id),
            public: said.public.unwrap_or(before.public),
            creates_project: said.creates_project.unwrap_or(before.creates_project),
            approves_at_once: said.approves_at_once.unwrap_or(before.approves_at_once),
            allows_many_requests: said.allows_many_requests.unwrap_or(before.allows_many_requests),
            allows_project_details: said
                .allows_project_details
                .unwrap_or(before.allows_project_details),
            project_name_template: said
                .project_name_template
                .unwrap_or(before.project_name_template),
            restriction: Restriction {
                email_patterns: said.email_patterns.unwrap_or(restriction.email_patterns),
                affiliations: said.affiliations.unwrap_or(restriction.affiliations),
                identity_sources: said.identity_sources.unwrap_or(restriction.identity_sources),
            },
            custom_text: said.custom_text.unwrap_or(before.custom_text),
        }
    }
}

impl InvitationDetails {
    /// An offer of this role on this scope, and nothing more.
    #[must_use]
    pub fn new(scope: Scope, role_id: RoleId) -> Self {
        Self {
            scope,
            role_id,
            project_role_id: None,
            public: false,
            creates_project: false,
            approves_at_once: false,
            allows_many_requests: false,
            allows_project_details: false,
            project_name_template: None,
            restriction: Restriction::default(),
            custom_text: String::new(),
        }
    }

    /// Whether this can be offered; the first rule that is broken counts.
    pub fn check(&self, offering: Offering<'_>) -> Result<(), InvitationError> {
        let role = &offering.role.details;
        let (scope_kind, is_for_projects) = (self.scope.kind(), role.is_named_for_projects());
        let makes_its_scope = self.creates_project
            && scope_kind == ScopeKind::Customer
            && role.kind == ScopeKind::Project;
        if self.public && !offering.by_staff {
            Err(InvitationError::PublicByStaffOnly)
        } else if self.public && !self.creates_project {
            Err(InvitationError::PublicMakesProjects)
        } else if self.public && !is_for_projects {
            Err(InvitationError::PublicForProjectRoles)
        } else if role.kind != scope_kind && !makes_its_scope {
            Err(InvitationError::WrongKind)
        } else if self.creates_project && self.project_role_id.is_none() && !is_for_projects {
            Err(InvitationError::ProjectRoleNeeded)
        } else if scope_kind == ScopeKind::Project
            && offering.manager_exists
            && role.name == PROJECT_MANAGER
        {
            Err(InvitationError::ManagerExists)
        } else {
            Ok(())
        }
    }

    /// The role that is given on a project that a request makes.
    #[must_use]
    pub fn role_on_project(&self) -> RoleId {
        self.project_role_id.unwrap_or(self.role_id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;
    use crate::directory::role::RoleDetails;
    use crate::id::ProjectId;

    fn role(name: &str, kind: ScopeKind) -> Role {
        let at = Instant::from_millis(0);
        let details = RoleDetails {
            name: name.to_owned(),
            description: String::new(),
            kind,
            permissions: BTreeSet::new(),
        };
        let id = RoleId::from_uuid(Uuid::nil());
        Role { id, details, active: true, system: true, created_at: at, updated_at: at }
    }

    fn on(scope: Scope) -> InvitationDetails {
        InvitationDetails::new(scope, RoleId::from_uuid(Uuid::nil()))
    }

    fn check(
        details: &InvitationDetails,
        role: &Role,
        by_staff: bool,
    ) -> Result<(), InvitationError> {
        details.check(Offering { role, by_staff, manager_exists: true })
    }

    #[test]
    fn the_first_rule_that_is_broken_counts() {
        let customer = on(Scope::Customer(CustomerId::from_uuid(Uuid::nil())));
        let project = on(Scope::Project(ProjectId::from_uuid(Uuid::nil())));
        let owner = role("CUSTOMER.OWNER", ScopeKind::Customer);
        let manager = role("PROJECT.MANAGER", ScopeKind::Project);
        let admin = role("PROJECT.ADMIN", ScopeKind::Project);
        let public = InvitationDetails { public: true, ..customer.clone() };
        let making = InvitationDetails { creates_project: true, ..customer.clone() };
        let both = InvitationDetails { public: true, ..making.clone() };
        let named = InvitationDetails {
            project_role_id: Some(admin.id),
            creates_project: true,
            ..customer
        };
        for (details, role, by_staff, expected) in [
            (&public, &owner, false, Err(InvitationError::PublicByStaffOnly)),
            (&public, &owner, true, Err(InvitationError::PublicMakesProjects)),
            (&both, &owner, true, Err(InvitationError::PublicForProjectRoles)),
            (&both, &admin, true, Ok(())),
            (&project, &owner, true, Err(InvitationError::WrongKind)),
            (&making, &owner, false, Err(InvitationError::ProjectRoleNeeded)),
            (&named, &owner, false, Ok(())),
            (&making, &manager, false, Ok(())),
            (&project, &manager, true, Err(InvitationError::ManagerExists)),
            (&project, &admin, false, Ok(())),
        ] {
            assert_eq!(check(details, role, by_staff), expected, "{details:?} {role:?}");
        }
    }
}
