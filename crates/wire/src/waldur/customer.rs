//! Customers, which this surface also calls organizations (`waldur.md` §10.3).

use docket_domain::directory::CustomerDetails;
use docket_domain::directory::customer::{CountedCustomer, CustomerSearch};
use serde::Serialize;
use serde_json::Value;

use super::body::Body;
use super::origin::Origin;
use super::problem::Mistakes;
use super::query::Filters;
use super::restriction::{RestrictionLists, RestrictionSaid};
use super::scalar::{Hex, Moment};
use super::user::slug;

/// The collection in addresses.
pub const COLLECTION: &str = "customers";
/// The fields by which lists can be sorted.
pub const ORDER: &[&str] = &["name", "native_name", "abbreviation", "email", "created"];

/// A customer, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::Customer)]
pub struct Customer {
    url: String,
    uuid: Hex,
    created: Moment,
    name: String,
    display_name: String,
    native_name: String,
    abbreviation: String,
    description: String,
    email: String,
    notification_emails: String,
    phone_number: String,
    slug: String,
    blocked: bool,
    archived: bool,
    image: Option<String>,
    projects_count: i64,
    users_count: i64,
    #[serde(flatten)]
    restriction: RestrictionLists,
    #[schema(value_type = Vec<Object>)]
    organization_groups: [(); 0],
}

impl Customer {
    /// A customer.
    #[must_use]
    pub fn new(counted: &CountedCustomer, origin: &Origin) -> Self {
        let CountedCustomer { customer, projects, users } = counted;
        let details = customer.details.clone();
        Self {
            url: origin.url(COLLECTION, customer.id.uuid()),
            uuid: Hex(customer.id.uuid()),
            created: Moment(customer.created_at),
            display_name: details.name.clone(),
            name: details.name,
            native_name: details.native_name,
            abbreviation: details.abbreviation,
            description: details.description,
            email: details.email,
            notification_emails: details.notification_emails,
            phone_number: details.phone_number,
            slug: details.slug,
            blocked: details.blocked,
            archived: details.archived,
            image: details.image,
            projects_count: *projects,
            users_count: *users,
            restriction: RestrictionLists::from(&details.restriction),
            organization_groups: [],
        }
    }
}

/// What a body says of a customer.
#[derive(Debug, Clone)]
pub struct CustomerSaid {
    name: Option<String>,
    native_name: Option<String>,
    abbreviation: Option<String>,
    description: Option<String>,
    email: Option<String>,
    notification_emails: Option<String>,
    phone_number: Option<String>,
    slug: Option<String>,
    blocked: Option<bool>,
    archived: Option<bool>,
    restriction: RestrictionSaid,
}

impl CustomerSaid {
    /// Reads a body; `whole` says that it must name the customer.
    pub fn read(value: &Value, whole: bool) -> Result<Self, Mistakes> {
        let mut body = Body::new(value);
        if whole {
            body.require(&["name"]);
        }
        let said = Self {
            name: body.text("name", 150),
            native_name: body.blank_text("native_name", 500),
            abbreviation: body.blank_text("abbreviation", 12),
            description: body.blank_text("description", 2_000),
            email: body.email("email", 75),
            notification_emails: body.blank_text("notification_emails", 1_000),
            phone_number: body.blank_text("phone_number", 255),
            slug: body.text("slug", 255),
            blocked: body.boolean("blocked"),
            archived: body.boolean("archived"),
            restriction: RestrictionSaid::read(&mut body),
        };
        body.finish()?;
        Ok(said)
    }

    /// A new customer.
    #[must_use]
    pub fn details(&self) -> CustomerDetails {
        let details = self.over(&CustomerDetails::default());
        let slug = if details.slug.is_empty() { slug(&details.name) } else { details.slug };
        CustomerDetails { slug, ..details }
    }

    /// What is now said of a customer.
    #[must_use]
    pub fn over(&self, before: &CustomerDetails) -> CustomerDetails {
        let text = |said: &Option<String>, before: &String| said.as_ref().unwrap_or(before).clone();
        CustomerDetails {
            name: text(&self.name, &before.name),
            native_name: text(&self.native_name, &before.native_name),
            abbreviation: text(&self.abbreviation, &before.abbreviation),
            description: text(&self.description, &before.description),
            email: text(&self.email, &before.email),
            notification_emails: text(&self.notification_emails, &before.notification_emails),
            phone_number: text(&self.phone_number, &before.phone_number),
            slug: text(&self.slug, &before.slug),
            blocked: self.blocked.unwrap_or(before.blocked),
            archived: self.archived.unwrap_or(before.archived),
            image: before.image.clone(),
            restriction: self.restriction.over(&before.restriction),
        }
    }
}

/// Which customers a list is after.
#[must_use]
pub fn search(filters: &Filters<'_>) -> CustomerSearch {
    let text = |name| filters.text(name).map(str::to_owned);
    CustomerSearch {
        name: text("name"),
        name_exact: text("name_exact"),
        native_name: text("native_name"),
        abbreviation: text("abbreviation"),
        query: text("query"),
        archived: filters.boolean("archived"),
        blocked: filters.boolean("blocked"),
    }
}
