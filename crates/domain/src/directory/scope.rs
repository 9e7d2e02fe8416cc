//! Where roles are held: a customer, or one of its projects (`waldur.md` §2).

use uuid::Uuid;

use crate::id::{CustomerId, ProjectId};

/// A customer or a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A customer.
    Customer(CustomerId),
    /// A project.
    Project(ProjectId),
}

/// What kind of scope a role is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKind {
    /// Customers.
    Customer,
    /// Projects.
    Project,
}

/// A scope, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The scope.
    pub scope: Scope,
    /// The customer that it is, or belongs to.
    pub customer: CustomerId,
    /// Whether it is a project that was removed.
    pub removed: bool,
}

impl Scope {
    /// The scope of this kind with this id.
    #[must_use]
    pub const fn new(kind: ScopeKind, id: Uuid) -> Self {
        match kind {
            ScopeKind::Customer => Self::Customer(CustomerId::from_uuid(id)),
            ScopeKind::Project => Self::Project(ProjectId::from_uuid(id)),
        }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> ScopeKind {
        match self {
            Self::Customer(_) => ScopeKind::Customer,
            Self::Project(_) => ScopeKind::Project,
        }
    }

    /// Its id, without its kind.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Customer(id) => id.uuid(),
            Self::Project(id) => id.uuid(),
        }
    }
}

impl ScopeKind {
    /// The name in the contract and in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Project => "project",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "customer" => Some(Self::Customer),
            "project" => Some(Self::Project),
            _ => None,
        }
    }
}

impl Place {
    /// A customer.
    #[must_use]
    pub const fn customer(id: CustomerId) -> Self {
        Self { scope: Scope::Customer(id), customer: id, removed: false }
    }
}
