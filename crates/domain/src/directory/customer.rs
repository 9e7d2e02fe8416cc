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
