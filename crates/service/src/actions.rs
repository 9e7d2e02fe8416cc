//! Actions: taken, modified, cancelled, read (`fusionauth.md` §3).

use docket_domain::access::TenantScope;
use docket_domain::action::lifecycle;
use docket_domain::action::{Action, ActionEvent, Definition, Notice, Phase};
use docket_domain::directory::User;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{ActionId, EventId, UserId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation, Violations};
use docket_store::{action, user};

use crate::commit::Change;
use crate::context::Context;
use crate::error::Error;
use crate::snapshot;

mod revise;
mod take;

pub(crate) use revise::revise_in;
pub use revise::{Revise, cancel, modify};
pub(crate) use take::{Objects, take_in};
pub use take::{Take, take};

/// Who shall hear of a change.
#[derive(Debug, Clone, Default)]
pub struct Telling {
    /// What the user shall hear.
    pub notice: Notice,
    /// Whether webhooks are told.
    pub broadcast: bool,
    /// What the caller tells of the request's origin.
    pub info: Option<Json>,
}

/// An action after a change, and what others are told of that change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The action.
    pub action: Action,
    /// The event.
    pub event: ActionEvent,
}

/// How often a change is planned before the callers who change what it is about are let win.
const TRIES: u32 = 5;

/// The ids that a change will need, made before its unit of work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewIds {
    pub(crate) action: ActionId,
    pub(crate) event: EventId,
}

impl NewIds {
    pub(crate) fn make(ctx: &Context, now: Instant) -> Self {
        Self { action: ctx.id(now, ActionId::from_uuid), event: ctx.id(now, EventId::from_uuid) }
    }
}

fn judge(field: &'static str, given: bool, found: bool, violations: &mut Violations) {
    if !given {
        violations.push(Violation::body(field, Rule::Missing));
    } else if !found {
        violations.push(Violation::body(field, Rule::Invalid));
    }
}

pub(crate) fn tell(
    id: EventId,
    now: Instant,
    action: Action,
    phase: Option<Phase>,
    definition: &Definition,
    actionee: &User,
    telling: &Telling,
) -> Told {
    let asked = telling.notice.email;
    let event = ActionEvent {
        id,
        at: now,
        phase,
        broadcast: telling.broadcast,
        asked: false,
        emailed_user: lifecycle::emails_user(&definition.details, phase, asked, actionee),
        template_id: lifecycle::template(&definition.details, phase),
        email: None,
        notify_user: telling.notice.notify,
        duration: phase.and_then(|phase| lifecycle::duration(&action, phase, now)),
        info: telling.info.clone(),
    };
    Told { action, event }
}

pub(crate) fn change(before: Option<&Action>, told: &Told) -> Change {
    Change {
        happening: Happening::UserAction,
        subject: told.action.id.uuid(),
        tenant: Some(told.action.tenant_id),
        before: before.map(snapshot::action),
        after: Some(snapshot::action(&told.action)),
        event: Some(snapshot::action_event(told)),
        event_id: Some(told.event.id),
    }
}

/// An action.
pub async fn find(ctx: &Context, scope: TenantScope, id: ActionId) -> Result<Action, Error> {
    action::find(&mut ctx.db.reader(), id)
        .await?
        .filter(|action| scope.sees(action.tenant_id))
        .ok_or(Error::not_found(Noun::Action))
}

/// Which actions of a user to list (§3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    All,
    /// Those in force.
    Active,
    /// Those over, cancelled or instant.
    Inactive,
    /// Those in force that prevent login.
    PreventingLogin,
}

/// A user's actions, newest first.
pub async fn list(
    ctx: &Context,
    scope: TenantScope,
    actionee: UserId,
    wanted: Wanted,
) -> Result<Vec<Action>, Error> {
    let now = ctx.now();
    let mut conn = ctx.db.reader();
    let mut actions = match wanted {
        Wanted::PreventingLogin => action::list_preventing_login(&mut conn, actionee, now).await?,
        Wanted::Active => action::list_in_force(&mut conn, actionee, now).await?,
        Wanted::All | Wanted::Inactive => action::list_of(&mut conn, actionee, now).await?,
    };
    // Every action of a user is in the user's tenant: only an empty list leaves it open.
    let visible = match actions.first() {
        Some(action) => scope.sees(action.tenant_id),
        None => user::tenant_of(&mut conn, actionee).await?.is_some_and(|t| scope.sees(t)),
    };
    if !visible {
        return Err(Error::not_found(Noun::User));
    }
    if wanted == Wanted::Inactive {
        actions.retain(|action| !action.is_active(now));
    }
    Ok(actions)
}
