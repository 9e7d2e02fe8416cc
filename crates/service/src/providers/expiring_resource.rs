//! Resources that are about to end (`waldur.md` §6.2).

use std::sync::Arc;

use docket_domain::access::Viewer;
use docket_domain::directory::role::RESOURCE_TERMINATE;
use docket_domain::id::{ResourceId, UserId};
use docket_domain::todo::due::day_of;
use docket_domain::todo::execution::Outcome;
use docket_domain::todo::resource::ending;
use docket_domain::todo::{Category, CorrectiveAction, Matter, Need, Severity, Todo};
use docket_store::outbox::KeptEvent;
use docket_store::resource::{self, PlacedResource};
use docket_store::{Conn, audience};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::marketplace::{Around, holders, params};
use super::{Applied, Asked, Deed, Effect, Look, Looking, Provider, Touched, roles};
use crate::commit::Done;
use crate::marketplace;
use crate::snapshot::document;

const ROUTE: &str = "marketplace-resource-details";
const TERMINATE: &str = "Terminate Resource";
const ACKNOWLEDGED: &str = "Resource expiration acknowledged. Resource will terminate on end date.";

/// Knows of resources that are about to end.
pub(super) struct ExpiringResources;

impl Provider for ExpiringResources {
    fn action_type(&self) -> &'static str {
        "expiring_resource"
    }

    fn display_name(&self) -> &'static str {
        "Expiring Resources"
    }

    fn of_user<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        viewer: &'a Viewer,
    ) -> Looking<'a, Vec<Asked>> {
        async move {
            let projects = viewer.projects_with(None);
            if projects.is_empty() {
                return Ok(Vec::new());
            }
            let today = day_of(look.now).to_string();
            let resources = resource::resting_of(conn, &projects, &today).await?;
            Ok(resources.iter().filter_map(|placed| asked(placed, viewer.id, look)).collect())
        }
        .boxed()
    }

    fn of_objects<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        objects: &'a [String],
    ) -> Looking<'a, Vec<Asked>> {
        async move {
            let mut all = Vec::new();
            for id in objects.iter().filter_map(|id| id.parse::<ResourceId>().ok()) {
                let Some(placed) = resource::find_resting(conn, id).await? else { continue };
                if ending(&placed.resource.details, reminders(look), look.now).is_none() {
                    continue;
                }
                let project = placed.resource.details.project_id;
                let users = holders(conn, look, project, None).await?;
                all.extend(users.into_iter().filter_map(|user| asked(&placed, user, look)));
            }
            Ok(all)
        }
        .boxed()
    }

    fn affected_users<'a>(&'a self, conn: &'a mut Conn, _: &'a Look) -> Looking<'a, Vec<UserId>> {
        async move { Ok(audience::all_holders(conn).await?) }.boxed()
    }

    fn touched_by<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        event: &'a KeptEvent,
    ) -> Looking<'a, Touched> {
        async move {
            if event.event_type.starts_with("resource.") {
                return Ok(roles::subject(event));
            }
            if event.event_type.starts_with("order.") {
                let order: Value = serde_json::from_str(event.payload.as_str()).unwrap_or_default();
                let resources = ["/resourceId", "/before/resourceId"].iter();
                let named = resources.filter_map(|place| order.pointer(place)?.as_str());
                let objects = named.map(str::to_owned).collect();
                return Ok(Touched { objects, ..Touched::default() });
            }
            roles::touched(conn, look, event).await
        }
        .boxed()
    }

    fn needs<'a>(&self, todo: &Todo, action: &'a CorrectiveAction) -> Need<'a> {
        if action.label == TERMINATE {
            Need::permission(todo.project(), RESOURCE_TERMINATE)
        } else {
            Need::Nothing
        }
    }

    fn effect<'a>(&'a self, deed: Deed<'a>) -> Looking<'a, Effect> {
        async move {
            let id = deed.todo.object_id.parse::<ResourceId>().ok();
            let Some(id) = id.filter(|_| deed.action.label == TERMINATE) else {
                return Ok(Effect::Declined);
            };
            let (now, viewer) = (deed.now, Arc::new(deed.viewer.clone()));
            Ok(Effect::Within(Arc::new(move |conn| {
                let viewer = Arc::clone(&viewer);
                async move {
                    let may = |scope| viewer.has_permission(RESOURCE_TERMINATE, scope);
                    let changes = marketplace::request_end(conn, id, may, now).await?;
                    let outcome = Outcome::completed(ACKNOWLEDGED, None);
                    Ok(Done::many(Applied::new(outcome).silencing(), changes))
                }
                .boxed()
            })))
        }
        .boxed()
    }
}

fn reminders(look: &Look) -> &[i64] {
    &look.settings.todos.default_expiration_reminders
}

fn asked(placed: &PlacedResource, user_id: UserId, look: &Look) -> Option<Asked> {
    let PlacedResource { resource, project_name, customer_name } = placed;
    let details = &resource.details;
    let ending = ending(details, reminders(look), look.now)?;
    let id = resource.id.uuid();
    let to = |tab| params("resource_uuid", id, tab);
    let known = json!({"resource_name": details.name, "resource_uuid": id.as_simple().to_string()});
    let around = Around {
        project: (project_name, details.project_id.uuid()),
        customer: (customer_name, resource.customer_id.uuid()),
        offering: &details.offering,
        resource: (&details.name, Some(id)),
        order_type: "",
    };
    let description = match ending.days {
        1 => "Resource expires tomorrow.".to_owned(),
        days => format!("Resource will expire in {days} days."),
    };
    let matter = Matter {
        title: format!("Resource expiring: {}", details.name).chars().take(255).collect(),
        description,
        urgency: ending.urgency,
        due_at: Some(ending.due_at),
        object_name: details.name.clone(),
        object_type: "resource".to_owned(),
        route_name: ROUTE.to_owned(),
        route_params: to(None),
        surroundings: around.surroundings(),
        corrective_actions: vec![
            CorrectiveAction::leading("View Resource", Category::View, Severity::Safe)
                .to_route(ROUTE, to(None)),
            CorrectiveAction::leading("Renew Resource", Category::Extend, Severity::Low)
                .to_route(ROUTE, to(Some("actions"))),
            CorrectiveAction::doing(TERMINATE, Category::Terminate, Severity::High)
                .knowing(document(&known)),
        ],
    };
    Some(Asked { user_id, object_id: resource.id.to_string(), matter })
}
