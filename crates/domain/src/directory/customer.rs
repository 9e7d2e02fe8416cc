//! Customers: organisations that have projects (`waldur.md` §2.1).

use crate::id::CustomerId;
use crate::permission::Restriction;
use crate::time::Instant;

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// What callers say of it.
    pub details: CustomerDetails,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of a customer. Texts that nobody gave are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerDetails {
    /// Its name.
    pub name: String,
    /// Its name in its own language.
    pub native_name: String,
    /// A short form of the name.
    pub abbreviation: String,
    /// What it is.
    pub description: String,
    /// Where it is reached.
    pub email: String,
    /// More addresses, separated by commas.
    pub notification_emails: String,
    /// A telephone number.
    pub phone_number: String,
    /// A short name for addresses.
    pub slug: String,
    /// Whether nothing may be changed in it for now.
    pub blocked: bool,
    /// Whether it is kept for the records only.
    pub archived: bool,
    /// Where a picture is.
    pub image: Option<String>,
    /// Who may hold roles in it.
    pub restriction: Restriction,
}

impl CustomerDetails {
    /// Whether roles may be given in it.
    #[must_use]
    pub const fn is_available(&self) -> bool {
        !self.blocked && !self.archived
    }
}

/// Which customers a list is after. Texts are looked for inside, without regard to case, unless they
/// are exact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerSearch {
    /// Something in the name.
    pub name: Option<String>,
    /// The whole name.
    pub name_exact: Option<String>,
    /// Something in the name in its own language.
    pub native_name: Option<String>,
    /// Something in the short form.
    pub abbreviation: Option<String>,
    /// Something in any of the names or the address.
    pub query: Option<String>,
    /// Whether they are archived.
    pub archived: Option<bool>,
    /// Whether they are blocked.
    pub blocked: Option<bool>,
}

/// A customer with what there is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedCustomer {
    /// The customer.
    pub customer: Customer,
    /// How many projects it has.
    pub projects: i64,
    /// How many users hold a role in it.
    pub users: i64,
}
