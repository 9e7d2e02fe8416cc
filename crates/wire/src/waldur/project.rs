//! Projects (`waldur.md` §10.3).

use docket_domain::directory::ProjectDetails;
use docket_domain::directory::project::{NamedProject, ProjectSearch};
use docket_domain::id::CustomerId;
use serde::Serialize;
use serde_json::Value;

use super::body::{Body, Given};
use super::origin::{Origin, object};
use super::problem::Mistakes;
use super::query::Filters;
use super::restriction::{RestrictionLists, RestrictionSaid};
use super::scalar::{Hex, Moment};
use super::user::slug;
use super::{customer, refusal};

/// The collection in addresses.
pub const COLLECTION: &str = "projects";
/// The fields by which lists can be sorted.
pub const ORDER: &[&str] = &["name", "created", "customer_name", "start_date", "end_date"];

/// A project, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::Project)]
pub struct Project {
    url: String,
    uuid: Hex,
    name: String,
    slug: String,
    customer: String,
    customer_uuid: Hex,
    customer_name: String,
    description: String,
    created: Moment,
    start_date: Option<String>,
    end_date: Option<String>,
    is_removed: bool,
    image: Option<String>,
    #[serde(flatten)]
    restriction: RestrictionLists,
}

impl Project {
    /// A project.
    #[must_use]
    pub fn new(named: &NamedProject, origin: &Origin) -> Self {
        let NamedProject { project, customer_name } = named;
        let details = project.details.clone();
        Self {
            url: origin.url(COLLECTION, project.id.uuid()),
            uuid: Hex(project.id.uuid()),
            name: details.name,
            slug: details.slug,
            customer: origin.url(customer::COLLECTION, project.customer_id.uuid()),
            customer_uuid: Hex(project.customer_id.uuid()),
            customer_name: customer_name.clone(),
            description: details.description,
            created: Moment(project.created_at),
            start_date: details.start_date,
            end_date: details.end_date,
            is_removed: project.removed_at.is_some(),
            image: details.image,
            restriction: RestrictionLists::from(&details.restriction),
        }
    }
}

/// What a body says of a project.
#[derive(Debug, Clone)]
pub struct ProjectSaid {
    name: Option<String>,
    description: Option<String>,
    slug: Option<String>,
    start_date: Given<String>,
    end_date: Given<String>,
    restriction: RestrictionSaid,
}

impl ProjectSaid {
    /// Reads what changes a project; `whole` says that the body must name it.
    pub fn read(value: &Value, whole: bool) -> Result<Self, Mistakes> {
        let mut body = Body::new(value);
        if whole {
            body.require(&["name"]);
        }
        let said = Self::read_from(&mut body);
        body.finish()?;
        Ok(said)
    }

    /// Reads a new project, and the customer that it is for.
    pub fn read_new(value: &Value) -> Result<(CustomerId, Self), Mistakes> {
        let mut body = Body::new(value);
        body.require(&["name", "customer"]);
        let address = body.text("customer", 2_000);
        let customer = address.as_deref().and_then(object);
        let customer = customer.filter(|(collection, _)| *collection == customer::COLLECTION);
        if address.is_some() && customer.is_none() {
            body.complain("customer", refusal::NO_MATCH);
        }
        let said = Self::read_from(&mut body);
        body.finish()?;
        let id = customer.map(|(_, id)| id).unwrap_or_default();
        Ok((CustomerId::from_uuid(id), said))
    }

    fn read_from(body: &mut Body<'_>) -> Self {
        Self {
            name: body.text("name", 500),
            description: body.blank_text("description", 2_000),
            slug: body.text("slug", 255),
            start_date: body.date("start_date"),
            end_date: body.date("end_date"),
            restriction: RestrictionSaid::read(body),
        }
    }

    /// A new project.
    #[must_use]
    pub fn details(&self) -> ProjectDetails {
        let details = self.over(&ProjectDetails::default());
        let slug = if details.slug.is_empty() { slug(&details.name) } else { details.slug };
        ProjectDetails { slug, ..details }
    }

    /// What is now said of a project.
    #[must_use]
    pub fn over(&self, before: &ProjectDetails) -> ProjectDetails {
        let text = |said: &Option<String>, before: &String| said.as_ref().unwrap_or(before).clone();
        ProjectDetails {
            name: text(&self.name, &before.name),
            description: text(&self.description, &before.description),
            slug: text(&self.slug, &before.slug),
            image: before.image.clone(),
            start_date: self.start_date.clone().or_keep(before.start_date.clone()),
            end_date: self.end_date.clone().or_keep(before.end_date.clone()),
            restriction: self.restriction.over(&before.restriction),
        }
    }
}

/// Which projects a list is after.
pub fn search(filters: &mut Filters<'_>) -> ProjectSearch {
    let customers = filters.uuids("customer").into_iter().map(CustomerId::from_uuid).collect();
    let text = |name| filters.text(name).map(str::to_owned);
    ProjectSearch {
        customers,
        name: text("name"),
        name_exact: text("name_exact"),
        query: text("query"),
    }
}
