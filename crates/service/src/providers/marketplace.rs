//! What the providers of orders and of resources have in common.

use docket_domain::access::Viewer;
use docket_domain::id::{ProjectId, UserId};
use docket_domain::json::Json;
use docket_domain::todo::{Offering, Surroundings, Thing};
use docket_store::{Conn, audience, viewer};
use serde_json::json;
use uuid::Uuid;

use super::Look;
use crate::error::Error;
use crate::snapshot::document;

/// Something in a project, and what it is called around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) project: (&'a str, Uuid),
    pub(super) customer: (&'a str, Uuid),
    pub(super) offering: &'a Offering,
    pub(super) resource: (&'a str, Option<Uuid>),
    pub(super) order_type: &'a str,
}

impl Around<'_> {
    /// As a to-do shows it.
    pub(super) fn surroundings(self) -> Surroundings {
        let Self { project, customer, offering, resource, order_type } = self;
        Surroundings {
            project: Thing::new(project.0, project.1),
            organization: Thing::new(customer.0, customer.1),
            offering: Thing { name: offering.name.clone(), id: offering.id },
            offering_type: offering.kind.clone(),
            resource: Thing { name: resource.0.to_owned(), id: resource.1 },
            order_type: order_type.to_owned(),
        }
    }
}

/// Parameters of a route that name one object, and perhaps a tab.
pub(super) fn params(name: &str, id: Uuid, tab: Option<&str>) -> Json {
    let mut params = json!({ name: id.as_simple().to_string() });
    if let (Some(tab), Some(members)) = (tab, params.as_object_mut()) {
        members.insert("tab".to_owned(), tab.into());
    }
    document(&params)
}

/// Who holds a role on a project themselves, one with this permission where one is asked for.
pub(super) async fn holders(
    conn: &mut Conn,
    look: &Look,
    project: ProjectId,
    permission: Option<&str>,
) -> Result<Vec<UserId>, Error> {
    let mut candidates = audience::holders_on(conn, project.uuid(), look.now).await?;
    candidates.sort_unstable();
    candidates.dedup();
    let viewers = viewer::find_all(conn, &candidates, look.now).await?;
    let holds = |viewer: &&Viewer| viewer.projects_with(permission).contains(&project);
    Ok(viewers.iter().filter(holds).map(|viewer| viewer.id).collect())
}
