//! Actions that will end within three days, for those who took them (`native.md` §5).

use docket_domain::access::Viewer;
use docket_domain::action::{Action, ActionLength, Phase};
use docket_domain::event::EventType;
use docket_domain::id::{ActionId, UserId};
use docket_domain::time::{Expiry, Instant};
use docket_domain::todo::due::{DAY_MILLIS, day_of};
use docket_domain::todo::execution::Outcome;
use docket_domain::todo::{Category, CorrectiveAction, Matter, Severity, Surroundings, Urgency};
use docket_store::outbox::KeptEvent;
use docket_store::{Conn, action, action_end, audience, user};
use futures_util::FutureExt;
use serde::Deserialize;
use serde_json::json;

use super::{Applied, Asked, Deed, Effect, Look, Looking, Provider, Touched, roles};
use crate::actions::{self, Revise};
use crate::caller::Caller;
use crate::commit::{Answer, Done};
use crate::error::Error;
use crate::snapshot::document;

/// How long before its end one is told of an action.
const AHEAD_MILLIS: i64 = 3 * DAY_MILLIS;
/// By how many days an action is extended.
const EXTENSION_DAYS: i64 = 7;
const EXTEND: &str = "Extend";
const LET_END: &str = "Let it end";

/// Knows of actions that are about to end.
pub(super) struct ExpiringActions;

/// What an event says of an action's end.
#[derive(Deserialize)]
struct About {
    phase: Option<String>,
    action: Ending,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ending {
    ends_at: Option<i64>,
}

impl Provider for ExpiringActions {
    fn action_type(&self) -> &'static str {
        "expiring_action"
    }

    fn display_name(&self) -> &'static str {
        "Expiring Actions"
    }

    fn of_user<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        viewer: &'a Viewer,
    ) -> Looking<'a, Vec<Asked>> {
        async move {
            let until = look.now.plus_millis(AHEAD_MILLIS);
            let actions = action_end::of_actioner(conn, viewer.id, look.now, until).await?;
            asked(conn, &actions, look).await
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
            let ids: Vec<ActionId> = objects.iter().filter_map(|id| id.parse().ok()).collect();
            let actions = action::find_all(conn, &ids).await?;
            asked(conn, &actions, look).await
        }
        .boxed()
    }

    fn affected_users<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
    ) -> Looking<'a, Vec<UserId>> {
        async move {
            let until = look.now.plus_millis(AHEAD_MILLIS);
            Ok(audience::actioners_of_ends(conn, look.now, until).await?)
        }
        .boxed()
    }

    fn touched_by<'a>(
        &'a self,
        _: &'a mut Conn,
        look: &'a Look,
        event: &'a KeptEvent,
    ) -> Looking<'a, Touched> {
        let touched = if event.event_type == EventType::UserAction.name() {
            let about: Option<About> = serde_json::from_str(event.payload.as_str()).ok();
            let soon = look.now.plus_millis(AHEAD_MILLIS).millis();
            let phase = about.as_ref().and_then(|about| Phase::from_name(about.phase.as_deref()?));
            let end = about.and_then(|about| about.action.ends_at);
            match phase {
                Some(Phase::End | Phase::Cancel) => {
                    Touched { over: roles::subject(event).objects, ..Touched::default() }
                }
                Some(Phase::Modify) => roles::subject(event),
                // Most actions are new and end long after; nobody has to do anything about those.
                Some(Phase::Start) | None if end.is_some_and(|end| end <= soon) => {
                    roles::subject(event)
                }
                Some(Phase::Start) | None => Touched::default(),
            }
        } else {
            Touched::default()
        };
        std::future::ready(Ok(touched)).boxed()
    }

    fn turned<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        since: Instant,
    ) -> Looking<'a, (Touched, Option<Instant>)> {
        async move {
            let ahead = |instant: Instant| instant.plus_millis(AHEAD_MILLIS);
            let ended = action_end::between(conn, since, look.now).await?;
            let near = action_end::between(conn, ahead(since), ahead(look.now)).await?;
            let next_end = action_end::next_after(conn, look.now).await?;
            let next_near = action_end::next_after(conn, ahead(look.now)).await?;
            let next_near = next_near.map(|end| end.plus_millis(-AHEAD_MILLIS));
            let objects = near.iter().map(ToString::to_string).collect();
            let over = ended.iter().map(ToString::to_string).collect();
            let next = next_end.into_iter().chain(next_near).min();
            Ok((Touched { objects, over, ..Touched::default() }, next))
        }
        .boxed()
    }

    fn effect<'a>(&'a self, deed: Deed<'a>) -> Looking<'a, Effect> {
        async move {
            let Ok(id) = deed.todo.object_id.parse::<ActionId>() else {
                return Ok(Effect::Declined);
            };
            match deed.action.label.as_str() {
                EXTEND => Ok(Effect::Did(extend(deed, id).await?)),
                LET_END => Ok(Effect::Within(std::sync::Arc::new(|_| {
                    let outcome = Outcome::completed("The action will end as it was to.", None);
                    let done = Done::unchanged(Applied::new(outcome).silencing());
                    std::future::ready(Ok(done)).boxed()
                }))),
                _ => Ok(Effect::Declined),
            }
        }
        .boxed()
    }
}

/// Moves the end of an action, in the name of the one who took it.
async fn extend(deed: Deed<'_>, id: ActionId) -> Result<Result<Outcome, String>, Error> {
    let found = action::find(&mut deed.ctx.db.reader(), id).await?;
    let Some(found) = found.filter(|found| found.actioner_id == Some(deed.todo.user_id)) else {
        return Ok(Err("The action is no longer this user's.".to_owned()));
    };
    let Some(end) = found.expiry().and_then(Expiry::instant).filter(|_| found.is_active(deed.now))
    else {
        return Ok(Err("The action is over.".to_owned()));
    };
    let later = end.plus_millis(EXTENSION_DAYS * DAY_MILLIS);
    let command = Revise {
        actioner_id: found.actioner_id,
        comment: found.comment,
        expiry: Some(Expiry::At(later)),
        ..Revise::default()
    };
    // What is answered to the request is told when the execution is kept.
    let caller = Caller { idempotency: None, ..deed.caller.clone() };
    let answer = actions::modify(deed.ctx, &caller, id, command, |_| Answer::new(200, Vec::new()));
    match answer.await {
        Ok(_) => {
            let metadata = document(&json!({"ends_at": later.millis()}));
            let said = format!("The action now ends on {}.", day_of(later));
            Ok(Ok(Outcome::completed(&said, Some(metadata))))
        }
        Err(Error::Refused(_)) => Ok(Err("The action cannot be extended.".to_owned())),
        Err(error) => Err(error),
    }
}

async fn asked(conn: &mut Conn, actions: &[Action], look: &Look) -> Result<Vec<Asked>, Error> {
    let mut actionees: Vec<UserId> = actions.iter().map(|action| action.actionee_id).collect();
    actionees.sort_unstable();
    actionees.dedup();
    let actionees = user::find_all(conn, &actionees).await?;
    let name = |id: UserId| {
        let found = actionees.iter().find(|user| user.id == id);
        found.map(|user| user.details.login().to_owned()).unwrap_or_default()
    };
    Ok(actions
        .iter()
        .filter_map(|action| {
            let user_id = action.actioner_id?;
            let end = end_to_come(action, look.now)?;
            Some(Asked {
                user_id,
                object_id: action.id.to_string(),
                matter: matter(action, &name(action.actionee_id), end, look.now),
            })
        })
        .collect())
}

/// When the action ends, if that is soon and nobody has called it off.
fn end_to_come(action: &Action, now: Instant) -> Option<Instant> {
    let ActionLength::Temporal { expiry: Expiry::At(end), cancelled_at: None, .. } = action.length
    else {
        return None;
    };
    (end > now && end <= now.plus_millis(AHEAD_MILLIS)).then_some(end)
}

fn matter(action: &Action, actionee: &str, end: Instant, now: Instant) -> Matter {
    let known = document(&json!({"days": EXTENSION_DAYS}));
    Matter {
        title: format!("Action ends soon: {}", action.name).chars().take(255).collect(),
        description: format!("{} on {actionee} ends on {}.", action.name, day_of(end)),
        urgency: Urgency::of_due(Some(end), now),
        due_at: Some(end),
        object_name: action.name.clone(),
        object_type: "action".to_owned(),
        route_name: String::new(),
        route_params: docket_domain::json::Json::empty_object(),
        surroundings: Surroundings::default(),
        corrective_actions: vec![
            CorrectiveAction::doing(EXTEND, Category::Extend, Severity::Low).knowing(known),
            CorrectiveAction::doing(LET_END, Category::Terminate, Severity::Safe),
        ],
    }
}
