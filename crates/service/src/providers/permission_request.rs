//! Permission requests that wait for a decision, for each user who may take it (`native.md` §5).

use std::sync::Arc;

use docket_domain::access::Viewer;
use docket_domain::directory::scope::Scope;
use docket_domain::id::{PermissionRequestId, UserId};
use docket_domain::page::Paging;
use docket_domain::permission::request::{RequestState, SeenRequest, Wanted};
use docket_domain::todo::execution::Outcome;
use docket_domain::todo::{
    Category, CorrectiveAction, Matter, Need, Severity, Surroundings, Thing, Todo, Urgency,
};
use docket_store::outbox::KeptEvent;
use docket_store::{Conn, approver, audience, permission_request, viewer};
use futures_util::FutureExt;
use serde_json::json;

use super::marketplace::params;
use super::{Applied, Asked, Deed, Effect, Look, Looking, Provider, Touched, roles};
use crate::commit::Done;
use crate::requests::{Comment, Deciding, Ids, Verdict};
use crate::snapshot::document;

const ROUTE: &str = "user-permission-requests";
const APPROVE: &str = "Approve";
const REJECT: &str = "Reject";
/// Requests read in one go.
const MOST: i64 = 500;

/// Knows of requests that wait for a decision.
pub(super) struct PermissionRequests;

impl Provider for PermissionRequests {
    fn action_type(&self) -> &'static str {
        "permission_request"
    }

    fn display_name(&self) -> &'static str {
        "Permission Requests"
    }

    fn of_user<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        viewer: &'a Viewer,
    ) -> Looking<'a, Vec<Asked>> {
        async move {
            let wanted = Wanted { states: vec![RequestState::Pending], ..Wanted::default() };
            let sight = viewer.seen_requests();
            let mut all = Vec::new();
            if !viewer.may_manage_any_requests() {
                return Ok(all);
            }
            let mut paging = Paging { start: 0, size: MOST, order: Vec::new() };
            loop {
                let page = permission_request::page(conn, &wanted, &sight, &paging).await?;
                all.extend(page.items.iter().filter_map(|seen| asked(seen, viewer, look)));
                paging.start += MOST;
                if paging.start >= page.total {
                    return Ok(all);
                }
            }
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
            for id in objects.iter().filter_map(|id| id.parse::<PermissionRequestId>().ok()) {
                let seen = permission_request::see(conn, id).await?;
                let pending = |seen: &SeenRequest| seen.request.state == RequestState::Pending;
                let Some(seen) = seen.filter(pending) else { continue };
                let customer = seen.request.customer_id;
                let mut users = audience::holders_within(conn, customer, look.now).await?;
                users.extend(approver::staff(conn).await?);
                users.sort_unstable();
                users.dedup();
                let viewers = viewer::find_all(conn, &users, look.now).await?;
                all.extend(viewers.iter().filter_map(|viewer| asked(&seen, viewer, look)));
            }
            Ok(all)
        }
        .boxed()
    }

    fn affected_users<'a>(&'a self, conn: &'a mut Conn, _: &'a Look) -> Looking<'a, Vec<UserId>> {
        async move {
            let mut users = audience::all_holders(conn).await?;
            users.extend(approver::staff(conn).await?);
            Ok(users)
        }
        .boxed()
    }

    fn touched_by<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        event: &'a KeptEvent,
    ) -> Looking<'a, Touched> {
        async move {
            if event.event_type.starts_with("permission_request.") {
                return Ok(roles::subject(event));
            }
            roles::touched(conn, look, event).await
        }
        .boxed()
    }

    fn effect<'a>(&'a self, deed: Deed<'a>) -> Looking<'a, Effect> {
        async move {
            let (verdict, said) = match deed.action.label.as_str() {
                APPROVE => (Verdict::Approve, "Permission request approved"),
                REJECT => (Verdict::Reject, "Permission request rejected"),
                _ => return Ok(Effect::Declined),
            };
            let Ok(id) = deed.todo.object_id.parse::<PermissionRequestId>() else {
                return Ok(Effect::Declined);
            };
            let unit = Arc::new((deed.ctx.clone(), deed.caller.clone()));
            let (now, ids) = (deed.now, Ids::new(deed.ctx, deed.now));
            Ok(Effect::Within(Arc::new(move |conn| {
                let unit = Arc::clone(&unit);
                async move {
                    let (ctx, caller) = &*unit;
                    let deciding = Deciding { ctx, caller, ids, now };
                    let changes = deciding.decide(conn, id, verdict, &Comment::None).await?;
                    let known = json!({"request_uuid": id.uuid().as_simple().to_string()});
                    let outcome = Outcome::completed(said, Some(document(&known)));
                    Ok(Done::many(Applied::new(outcome), changes))
                }
                .boxed()
            })))
        }
        .boxed()
    }

    fn needs<'a>(&self, _: &Todo, _: &'a CorrectiveAction) -> Need<'a> {
        // Whoever decides is asked once more whether they may, in the unit of work.
        Need::OpenAccount
    }
}

/// What somebody has to do about a request, if they see it and may decide on it.
fn asked(seen: &SeenRequest, viewer: &Viewer, look: &Look) -> Option<Asked> {
    let request = &seen.request;
    let (requester, own) = (request.requester.id, look.settings.access.allow_self_review);
    let sees = viewer.seen_requests().sees(requester, request.customer_id);
    let may = viewer.may_review(seen.place(), seen.creates_project, requester, own).is_ok();
    if !(sees && may && viewer.active) {
        return None;
    }
    let customer = Thing::new(seen.customer_name.clone(), request.customer_id.uuid());
    let project = match request.scope {
        Scope::Project(id) => Thing::new(seen.scope_name.clone(), id.uuid()),
        Scope::Customer(_) => Thing::default(),
    };
    let name = &request.requester.name;
    let title = format!("{name} asks for {} in {}", seen.role_name, seen.scope_name);
    let to = params("uuid", request.id.uuid(), None);
    let matter = Matter {
        title: title.chars().take(255).collect(),
        description: request.project_description.clone(),
        urgency: Urgency::Medium,
        due_at: None,
        object_name: title.chars().take(255).collect(),
        object_type: "permission request".to_owned(),
        route_name: ROUTE.to_owned(),
        route_params: to,
        surroundings: Surroundings { project, organization: customer, ..Surroundings::default() },
        corrective_actions: vec![
            CorrectiveAction::doing(APPROVE, Category::Approve, Severity::Low),
            CorrectiveAction::doing(REJECT, Category::Reject, Severity::Medium),
        ],
    };
    Some(Asked { user_id: viewer.id, object_id: request.id.to_string(), matter })
}
