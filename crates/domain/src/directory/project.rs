//! Projects of customers (`waldur.md` §2.1).

use super::scope::{Place, Scope};
use crate::id::{CustomerId, ProjectId};
use crate::permission::Restriction;
use crate::time::Instant;

/// A project. A removed one keeps its row, because what was done in it names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// The customer that it belongs to, for good.
    pub customer_id: CustomerId,
    /// What callers say of it.
    pub details: ProjectDetails,
    /// When it was removed.
    pub removed_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of a project. Texts that nobody gave are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectDetails {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// A short name for addresses.
    pub slug: String,
    /// Where a picture is.
    pub image: Option<String>,
    /// The first day, `YYYY-MM-DD`.
    pub start_date: Option<String>,
    /// The last day, `YYYY-MM-DD`.
    pub end_date: Option<String>,
    /// Who may hold roles in it.
    pub restriction: Restriction,
}

impl Project {
    /// Whether it was removed.
    #[must_use]
    pub const fn is_removed(&self) -> bool {
        self.removed_at.is_some()
    }

    /// The project as a scope.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place {
            scope: Scope::Project(self.id),
            customer: self.customer_id,
            removed: self.is_removed(),
        }
    }
}

/// A project with the name of its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedProject {
    /// The project.
    pub project: Project,
    /// What its customer is called.
    pub customer_name: String,
}

/// Which projects a list is after. Texts are looked for inside, without regard to case, unless they
/// are exact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectSearch {
    /// Those of any of these customers; of none named, of all.
    pub customers: Vec<CustomerId>,
    /// Something in the name.
    pub name: Option<String>,
    /// The whole name.
    pub name_exact: Option<String>,
    /// Something in name or description.
    pub query: Option<String>,
}
