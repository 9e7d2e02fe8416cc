//! Orders that wait for somebody of their project (`waldur.md` §6.2).

use std::sync::Arc;

use docket_domain::access::Viewer;
use docket_domain::directory::role::ORDER_APPROVE;
use docket_domain::event::Happening;
use docket_domain::event::Noun;
use docket_domain::id::{OrderId, UserId};
use docket_domain::time::Instant;
use docket_domain::todo::execution::Outcome;
use docket_domain::todo::order::{OrderState, waiting, waits_from};
use docket_domain::todo::{Category, CorrectiveAction, Matter, Need, Severity, Todo};
use docket_store::order::{self, PlacedOrder};
use docket_store::outbox::KeptEvent;
use docket_store::{Conn, audience};
use futures_util::FutureExt;
use serde_json::json;

use super::marketplace::{Around, holders, params};
use super::{Applied, Asked, Deed, Effect, Look, Looking, Provider, Touched, roles};
use crate::commit::Done;
use crate::marketplace;
use crate::snapshot::document;

const ROUTE: &str = "marketplace-orders.details";
const APPROVE: &str = "Approve Order";
const REJECT: &str = "Reject Order";

/// Knows of orders that wait.
pub(super) struct PendingOrders;

impl Provider for PendingOrders {
    fn action_type(&self) -> &'static str {
        "pending_order"
    }

    fn display_name(&self) -> &'static str {
        "Pending Orders"
    }

    fn of_user<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        viewer: &'a Viewer,
    ) -> Looking<'a, Vec<Asked>> {
        async move {
            let projects = viewer.projects_with(Some(ORDER_APPROVE));
            if projects.is_empty() {
                return Ok(Vec::new());
            }
            let before = look.now.plus_millis(-hours(look).saturating_mul(3_600_000));
            let orders = order::pending_of(conn, &projects, before).await?;
            Ok(orders.iter().filter_map(|placed| asked(placed, viewer.id, look)).collect())
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
            for id in objects.iter().filter_map(|id| id.parse::<OrderId>().ok()) {
                let Some(placed) = order::find_placed(conn, id).await? else { continue };
                if waiting(&placed.order.details, hours(look), look.now).is_none() {
                    continue;
                }
                let project = placed.order.details.project_id;
                let users = holders(conn, look, project, Some(ORDER_APPROVE)).await?;
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
            if event.event_type.starts_with("order.") {
                return Ok(roles::subject(event));
            }
            roles::touched(conn, look, event).await
        }
        .boxed()
    }

    fn turned<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        since: Instant,
    ) -> Looking<'a, (Touched, Option<Instant>)> {
        async move {
            // What was ordered so long ago has waited for too long from just after then on.
            let ordered = |turn: Instant| turn.plus_millis(-hours(look).saturating_mul(3_600_000));
            let (from, before) = (ordered(since), ordered(look.now));
            let orders = order::pending_between(conn, from, before).await?;
            let next = order::next_pending(conn, before).await?;
            let mut touched = Touched::default();
            touched.objects.extend(orders.iter().map(ToString::to_string));
            Ok((touched, next.map(|ordered| waits_from(ordered, hours(look)))))
        }
        .boxed()
    }

    fn needs<'a>(&self, todo: &Todo, action: &'a CorrectiveAction) -> Need<'a> {
        if [APPROVE, REJECT].contains(&action.label.as_str()) {
            Need::permission(todo.project(), ORDER_APPROVE)
        } else {
            Need::Nothing
        }
    }

    fn effect<'a>(&'a self, deed: Deed<'a>) -> Looking<'a, Effect> {
        async move {
            let (happening, state, said) = match deed.action.label.as_str() {
                APPROVE => {
                    let approved = Happening::Approved(Noun::Order);
                    (approved, OrderState::Approved, "Order approval initiated")
                }
                REJECT => {
                    (Happening::Rejected(Noun::Order), OrderState::Rejected, "Order rejected")
                }
                _ => return Ok(Effect::Declined),
            };
            let Ok(id) = deed.todo.object_id.parse::<OrderId>() else {
                return Ok(Effect::Declined);
            };
            let (now, viewer) = (deed.now, Arc::new(deed.viewer.clone()));
            Ok(Effect::Within(Arc::new(move |conn| {
                let viewer = Arc::clone(&viewer);
                async move {
                    let may = |scope| viewer.has_permission(ORDER_APPROVE, scope);
                    let decided =
                        marketplace::decide(conn, id, (happening, state), may, now).await?;
                    let metadata = json!({"order_uuid": id.uuid().as_simple().to_string()});
                    let outcome = Outcome::completed(said, Some(document(&metadata)));
                    Ok(Done::one(Applied::new(outcome), decided))
                }
                .boxed()
            })))
        }
        .boxed()
    }
}

fn hours(look: &Look) -> i64 {
    look.settings.todos.pending_order_hours
}

fn asked(placed: &PlacedOrder, user_id: UserId, look: &Look) -> Option<Asked> {
    let PlacedOrder { order, project_name, customer_name, customer_email } = placed;
    let details = &order.details;
    let waiting = waiting(details, hours(look), look.now)?;
    let id = order.id.uuid();
    let to = |tab| params("order_uuid", id, tab);
    let number = details.kind.number();
    let contact = Some(customer_email).filter(|email| !email.is_empty());
    let offering = &details.offering;
    let approve = json!({"order_type": number, "offering_type": offering.kind,
        "estimated_cost": details.estimated_cost});
    let reject = json!({"order_type": number, "customer_contact": contact});
    let around = Around {
        project: (project_name, details.project_id.uuid()),
        customer: (customer_name, order.customer_id.uuid()),
        offering,
        resource: (
            &details.resource_name,
            details.resource_id.map(docket_domain::id::ResourceId::uuid),
        ),
        order_type: details.kind.name(),
    };
    let name = Some(&details.resource_name).filter(|name| !name.is_empty());
    let matter = Matter {
        title: format!("Approve pending order: {}", offering.name).chars().take(255).collect(),
        description: format!("Order has been pending approval for {} days.", waiting.days),
        urgency: waiting.urgency,
        due_at: Some(waiting.due_at),
        object_name: name.unwrap_or(&offering.name).clone(),
        object_type: "Order".to_owned(),
        route_name: ROUTE.to_owned(),
        route_params: to(None),
        surroundings: around.surroundings(),
        corrective_actions: vec![
            CorrectiveAction::leading("View Order Details", Category::View, Severity::Safe)
                .to_route(ROUTE, to(None)),
            CorrectiveAction::doing(APPROVE, Category::Approve, Severity::Low)
                .for_holders_of(ORDER_APPROVE)
                .knowing(document(&approve)),
            // Upstream leads to a page where the order can be rejected; here it is (`native.md` §5).
            CorrectiveAction::doing(REJECT, Category::Reject, Severity::High)
                .to_route(ROUTE, to(Some("reject")))
                .knowing(document(&reject)),
        ],
    };
    Some(Asked { user_id, object_id: order.id.to_string(), matter })
}
