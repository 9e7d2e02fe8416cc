//! Roles, and what their holders may do (`waldur.md` §2.1).

use std::collections::BTreeSet;

use super::scope::ScopeKind;
use crate::id::RoleId;
use crate::time::Instant;

/// May give roles on a customer, offer them, and decide on requests for them.
pub const CUSTOMER_CREATE_PERMISSION: &str = "CUSTOMER.CREATE_PERMISSION";
/// May change grants on a customer.
pub const CUSTOMER_UPDATE_PERMISSION: &str = "CUSTOMER.UPDATE_PERMISSION";
/// May take back grants on a customer.
pub const CUSTOMER_DELETE_PERMISSION: &str = "CUSTOMER.DELETE_PERMISSION";
/// May change a customer.
pub const CUSTOMER_UPDATE: &str = "CUSTOMER.UPDATE";
/// May give roles on a project, offer them, and decide on requests for them.
pub const PROJECT_CREATE_PERMISSION: &str = "PROJECT.CREATE_PERMISSION";
/// May change grants on a project.
pub const PROJECT_UPDATE_PERMISSION: &str = "PROJECT.UPDATE_PERMISSION";
/// May take back grants on a project.
pub const PROJECT_DELETE_PERMISSION: &str = "PROJECT.DELETE_PERMISSION";
/// May make projects in a customer.
pub const PROJECT_CREATE: &str = "PROJECT.CREATE";
/// May change projects of a customer.
pub const PROJECT_UPDATE: &str = "PROJECT.UPDATE";
/// May remove projects of a customer.
pub const PROJECT_DELETE: &str = "PROJECT.DELETE";
/// Sees the invitations of a customer.
pub const INVITATION_LIST: &str = "INVITATION.LIST";
/// May approve orders.
pub const ORDER_APPROVE: &str = "ORDER.APPROVE";
/// May ask for the end of resources.
pub const RESOURCE_TERMINATE: &str = "RESOURCE.TERMINATE";
/// The role of which a project may be limited to one holder.
pub const PROJECT_MANAGER: &str = "PROJECT.MANAGER";
/// How the names of roles on projects begin.
pub const PROJECT_PREFIX: &str = "PROJECT.";

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// What callers say of it.
    pub details: RoleDetails,
    /// Whether it can be given.
    pub active: bool,
    /// Whether it came with the server; its name stays.
    pub system: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDetails {
    /// Its name; unique.
    pub name: String,
    /// What its holders do.
    pub description: String,
    /// On what it is held.
    pub kind: ScopeKind,
    /// What its holders may do there.
    pub permissions: BTreeSet<String>,
}

impl RoleDetails {
    /// Whether the name says that it is a role on projects.
    #[must_use]
    pub fn is_named_for_projects(&self) -> bool {
        self.name.starts_with(PROJECT_PREFIX)
    }
}

/// Which roles a list is after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleSearch {
    /// Something in the name, without regard to case.
    pub name: Option<String>,
    /// On what they are held.
    pub kind: Option<ScopeKind>,
    /// Whether they can be given.
    pub active: Option<bool>,
    /// Whether they came with the server.
    pub system: Option<bool>,
}

/// The roles that come with the server: name, description, kind and permissions.
#[must_use]
pub fn system_roles() -> Vec<RoleDetails> {
    let role = |name: &str, description: &str, kind, permissions: &[&str]| RoleDetails {
        name: name.to_owned(),
        description: description.to_owned(),
        kind,
        permissions: permissions.iter().map(|&permission| permission.to_owned()).collect(),
    };
    let owner = [
        CUSTOMER_CREATE_PERMISSION,
        CUSTOMER_UPDATE_PERMISSION,
        CUSTOMER_DELETE_PERMISSION,
        CUSTOMER_UPDATE,
        PROJECT_CREATE_PERMISSION,
        PROJECT_UPDATE_PERMISSION,
        PROJECT_DELETE_PERMISSION,
        PROJECT_CREATE,
        PROJECT_UPDATE,
        PROJECT_DELETE,
        INVITATION_LIST,
        ORDER_APPROVE,
        RESOURCE_TERMINATE,
    ];
    let manager = [
        PROJECT_CREATE_PERMISSION,
        PROJECT_UPDATE_PERMISSION,
        PROJECT_DELETE_PERMISSION,
        ORDER_APPROVE,
        RESOURCE_TERMINATE,
    ];
    let (customer, project) = (ScopeKind::Customer, ScopeKind::Project);
    vec![
        role("CUSTOMER.OWNER", "Owner of an organization", customer, &owner),
        role("CUSTOMER.SUPPORT", "Support of an organization", customer, &[]),
        role("CUSTOMER.MANAGER", "Service manager of an organization", customer, &[]),
        role(
            "PROJECT.ADMIN",
            "System administrator of a project",
            project,
            &[ORDER_APPROVE, RESOURCE_TERMINATE],
        ),
        role(PROJECT_MANAGER, "Manager of a project", project, &manager),
        role("PROJECT.MEMBER", "Member of a project", project, &[]),
    ]
}

/// What it takes to give a role on a scope of this kind.
#[must_use]
pub const fn create_permission(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Customer => CUSTOMER_CREATE_PERMISSION,
        ScopeKind::Project => PROJECT_CREATE_PERMISSION,
    }
}

/// What it takes to change grants on a scope of this kind.
#[must_use]
pub const fn update_permission(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Customer => CUSTOMER_UPDATE_PERMISSION,
        ScopeKind::Project => PROJECT_UPDATE_PERMISSION,
    }
}

/// What it takes to take back grants on a scope of this kind.
#[must_use]
pub const fn delete_permission(kind: ScopeKind) -> &'static str {
    match kind {
        ScopeKind::Customer => CUSTOMER_DELETE_PERMISSION,
        ScopeKind::Project => PROJECT_DELETE_PERMISSION,
    }
}
