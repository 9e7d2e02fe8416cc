//! A user with all that they hold, and what they may see and do among customers and projects
//! (`waldur.md` §2.2): the one place where that is decided, for lists as for single objects.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::directory::role;
use crate::directory::scope::{Place, Scope, ScopeKind};
use crate::id::{CustomerId, ProjectId, RoleId, UserId};

/// A user, and the roles that they hold at the instant of the look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub id: UserId,
    /// Whether the account is open.
    pub active: bool,
    /// Whether they run this server.
    pub staff: bool,
    /// Whether they see everything and manage nothing.
    pub support: bool,
    /// What they hold; nothing of it is over.
    pub held: Vec<Held>,
}

/// One role that a viewer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Where.
    pub scope: Scope,
    /// The customer that the scope is, or belongs to.
    pub customer: CustomerId,
    /// Which role.
    pub role: RoleId,
    /// What it allows there.
    pub permissions: Arc<BTreeSet<String>>,
}

/// Which customers, projects, requests or invitations somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight<T> {
    /// All there are.
    All,
    /// These.
    Of(T),
}

/// The customers and projects that somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenScopes {
    /// Customers, because of a role on them or on one of their projects.
    pub customers: BTreeSet<CustomerId>,
    /// Customers all of whose projects they see.
    pub whole_customers: BTreeSet<CustomerId>,
    /// Projects, because of a role on them.
    pub projects: BTreeSet<ProjectId>,
}

/// The requests that somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRequests {
    /// The own ones.
    pub requester: UserId,
    /// Those for invitations of these customers.
    pub customers: BTreeSet<CustomerId>,
}

/// The invitations that somebody sees in a list, besides the public ones that are active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenInvitations {
    /// Those of these customers.
    pub customers: BTreeSet<CustomerId>,
}

/// Why somebody may not decide on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// They may not manage what is asked for.
    #[error("the request cannot be managed by this user")]
    NotReviewer,
    /// It is their own (`native.md` §7, 7).
    #[error("nobody decides on their own request")]
    OwnRequest,
}

impl Viewer {
    /// Whether they see everything.
    #[must_use]
    pub const fn sees_all(&self) -> bool {
        self.staff || self.support
    }

    /// Whether they hold a role with this permission on exactly this scope. Staff may do everything,
    /// closed accounts nothing.
    #[must_use]
    pub fn has_permission(&self, permission: &str, scope: Scope) -> bool {
        self.active
            && (self.staff
                || self
                    .held
                    .iter()
                    .any(|held| held.scope == scope && held.permissions.contains(permission)))
    }

    /// The projects on which they hold a role themselves, one with this permission where one is asked
    /// for. Staff hold none by being staff.
    #[must_use]
    pub fn projects_with(&self, permission: Option<&str>) -> Vec<ProjectId> {
        let counts = |held: &&Held| {
            self.active && permission.is_none_or(|permission| held.permissions.contains(permission))
        };
        let scopes = self.held.iter().filter(counts).map(|held| held.scope);
        let mut projects: Vec<ProjectId> = scopes
            .filter_map(|scope| match scope {
                Scope::Project(id) => Some(id),
                Scope::Customer(_) => None,
            })
            .collect();
        projects.sort_unstable();
        projects.dedup();
        projects
    }

    /// Whether they hold this role on exactly this scope.
    #[must_use]
    pub fn holds(&self, role: RoleId, scope: Scope) -> bool {
        self.held.iter().any(|held| held.scope == scope && held.role == role)
    }

    /// Whether they may offer roles on a scope, and decide on requests for them. Of a removed project
    /// nobody may, staff included.
    #[must_use]
    pub fn may_manage_invitations(&self, place: Place) -> bool {
        let customer = Scope::Customer(place.customer);
        let permission = role::create_permission(place.scope.kind());
        !place.removed
            && (self.has_permission(permission, place.scope)
                || self.has_permission(permission, customer)
                || self.has_permission(role::CUSTOMER_CREATE_PERMISSION, customer))
    }

    /// Whether they may decide on requests for an invitation. One that makes a project is decided on
    /// by those who may give roles in any project of the customer.
    #[must_use]
    pub fn may_manage_requests(&self, place: Place, creates_project: bool) -> bool {
        if creates_project {
            let customer = Scope::Customer(place.customer);
            self.has_permission(role::PROJECT_CREATE_PERMISSION, customer)
        } else {
            self.may_manage_invitations(place)
        }
    }

    /// Whether there can be requests that they may decide on: without one of these permissions anywhere,
    /// [`Self::may_manage_requests`] says no to every one.
    #[must_use]
    pub fn may_manage_any_requests(&self) -> bool {
        let decides = |held: &Held| {
            held.permissions.contains(role::CUSTOMER_CREATE_PERMISSION)
                || held.permissions.contains(role::PROJECT_CREATE_PERMISSION)
        };
        self.active && (self.staff || self.held.iter().any(decides))
    }

    /// Whether they may decide on this very request.
    pub fn may_review(
        &self,
        place: Place,
        creates_project: bool,
        requester: UserId,
        own_allowed: bool,
    ) -> Result<(), ReviewError> {
        if !self.may_manage_requests(place, creates_project) {
            Err(ReviewError::NotReviewer)
        } else if requester == self.id && !own_allowed {
            Err(ReviewError::OwnRequest)
        } else {
            Ok(())
        }
    }

    /// The customers and projects that they see: where they hold a role, and around it.
    #[must_use]
    pub fn seen_scopes(&self) -> Sight<SeenScopes> {
        if self.sees_all() {
            return Sight::All;
        }
        Sight::Of(SeenScopes {
            customers: self.held.iter().map(|held| held.customer).collect(),
            whole_customers: self.held_customers(|_| true),
            projects: self
                .held
                .iter()
                .filter_map(|held| match held.scope {
                    Scope::Project(id) => Some(id),
                    Scope::Customer(_) => None,
                })
                .collect(),
        })
    }

    /// The requests that they see: the own ones, and those of customers on which they hold any role.
    #[must_use]
    pub fn seen_requests(&self) -> Sight<SeenRequests> {
        if self.sees_all() {
            return Sight::All;
        }
        Sight::Of(SeenRequests { requester: self.id, customers: self.held_customers(|_| true) })
    }

    /// The invitations that they see in a list.
    #[must_use]
    pub fn seen_invitations(&self) -> Sight<SeenInvitations> {
        if self.sees_all() {
            return Sight::All;
        }
        let lists = |held: &Held| held.permissions.contains(role::INVITATION_LIST);
        Sight::Of(SeenInvitations { customers: self.held_customers(lists) })
    }

    fn held_customers(&self, counts: impl Fn(&Held) -> bool) -> BTreeSet<CustomerId> {
        self.held
            .iter()
            .filter(|held| counts(held))
            .filter_map(|held| match held.scope {
                Scope::Customer(id) => Some(id),
                Scope::Project(_) => None,
            })
            .collect()
    }
}

impl Sight<SeenScopes> {
    /// Whether they see this customer.
    #[must_use]
    pub fn sees_customer(&self, id: CustomerId) -> bool {
        match self {
            Self::All => true,
            Self::Of(seen) => seen.customers.contains(&id),
        }
    }

    /// Whether they see this project of this customer.
    #[must_use]
    pub fn sees_project(&self, id: ProjectId, customer: CustomerId) -> bool {
        match self {
            Self::All => true,
            Self::Of(seen) => {
                seen.projects.contains(&id) || seen.whole_customers.contains(&customer)
            }
        }
    }

    /// Whether they see this scope.
    #[must_use]
    pub fn sees(&self, place: Place) -> bool {
        match place.scope {
            Scope::Customer(id) => self.sees_customer(id),
            Scope::Project(id) => self.sees_project(id, place.customer),
        }
    }
}

impl Sight<SeenRequests> {
    /// Whether they see a request of this user for an invitation of this customer.
    #[must_use]
    pub fn sees(&self, requester: UserId, customer: CustomerId) -> bool {
        match self {
            Self::All => true,
            Self::Of(seen) => seen.requester == requester || seen.customers.contains(&customer),
        }
    }
}

impl Sight<SeenInvitations> {
    /// Whether a list shows them an invitation of this customer; `open` says that it is public and
    /// active.
    #[must_use]
    pub fn sees(&self, customer: CustomerId, open: bool) -> bool {
        match self {
            Self::All => true,
            Self::Of(seen) => open || seen.customers.contains(&customer),
        }
    }
}

/// What is done to the grants of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamChange {
    /// A role is given.
    Give,
    /// Its end is moved.
    Move,
    /// It is taken back.
    TakeBack,
}

/// Why somebody may not change a team (`waldur.md` §10.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TeamError {
    /// They may not at all.
    #[error("the team cannot be managed by this user")]
    Forbidden,
    /// A role on a project is not managed by its holder.
    #[error("a user cannot manage their own role")]
    OwnRole,
}

impl Viewer {
    /// Whether they may change what `target` holds on a scope: by a permission on the customer, either
    /// for its team or for those of its projects; or on the scope itself, but then not for themselves.
    pub fn may_change_team(
        &self,
        place: Place,
        change: TeamChange,
        target: UserId,
    ) -> Result<(), TeamError> {
        let permission_on = match change {
            TeamChange::Give => role::create_permission,
            TeamChange::Move => role::update_permission,
            TeamChange::TakeBack => role::delete_permission,
        };
        let permission = permission_on(place.scope.kind());
        let customer = Scope::Customer(place.customer);
        if self.has_permission(permission, customer)
            || self.has_permission(permission_on(ScopeKind::Customer), customer)
        {
            Ok(())
        } else if !self.has_permission(permission, place.scope) {
            Err(TeamError::Forbidden)
        } else if target == self.id {
            Err(TeamError::OwnRole)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
