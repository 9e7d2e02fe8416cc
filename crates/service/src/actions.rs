//! Actions: taken, modified, cancelled, read (`fusionauth.md` §3).

use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::action::lifecycle::{self, NotInProgress};
use docket_domain::action::{Action, ActionEvent, Definition, Notice, Phase, Reason, TakeCommand};
use docket_domain::directory::User;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{ActionId, ApplicationId, DefinitionId, EventId, ReasonId, UserId};
use docket_domain::json::Json;
use docket_domain::text::words;
use docket_domain::time::{Expiry, Instant};
use docket_domain::violation::{Rule, Violation, Violations};
use docket_store::{Conn, action, definition, take, user};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::snapshot;

/// What a caller says when taking an action.
#[derive(Debug, Clone, Default)]
pub struct Take {
    /// On whom.
    pub actionee_id: Option<UserId>,
    /// By whom.
    pub actioner_id: Option<UserId>,
    /// Which kind of action.
    pub definition_id: Option<DefinitionId>,
    /// Why.
    pub reason_id: Option<ReasonId>,
    /// Limited to which applications.
    pub application_ids: Vec<ApplicationId>,
    /// A comment.
    pub comment: Option<String>,
    /// Which option.
    pub option: Option<String>,
    /// Until when.
    pub expiry: Option<Expiry>,
    /// Who shall hear of it.
    pub telling: Telling,
}

/// What a caller says when modifying or cancelling an action.
#[derive(Debug, Clone, Default)]
pub struct Revise {
    /// By whom.
    pub actioner_id: Option<UserId>,
    /// A comment; absent clears the last one.
    pub comment: Option<String>,
    /// Until when; without meaning when cancelling.
    pub expiry: Option<Expiry>,
    /// Who shall hear of it.
    pub telling: Telling,
}

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
#[derive(Debug, Clone)]
pub struct Told {
    /// The action.
    pub action: Action,
    /// The event.
    pub event: ActionEvent,
}

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

/// Takes an action on a user.
pub async fn take(
    ctx: &Context,
    caller: &Caller,
    command: Take,
    render: impl Render<Told>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let ids = NewIds::make(ctx, now);
    let caller = &caller.acting_for(command.actioner_id);
    let (command, scope) = (Arc::new(command), caller.scope);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let command = Arc::clone(&command);
            Box::pin(async move {
                let objects = Objects::find(conn, scope, &command).await?;
                take_in(conn, ids, now, objects, &command).await
            })
        },
        render,
    )
    .await
}

/// Takes an action inside a unit of work; the objects that it names were found before.
pub(crate) async fn take_in(
    conn: &mut Conn,
    ids: NewIds,
    now: Instant,
    objects: Objects,
    command: &Take,
) -> Result<Done<Told>, Error> {
    let Objects { actionee, definition, reason } = objects;
    let domain_command = TakeCommand {
        actioner_id: command.actioner_id,
        application_ids: command.application_ids.clone(),
        comment: command.comment.clone(),
        option: command.option.clone(),
        expiry: command.expiry,
        notice: command.telling.notice,
    };
    let action =
        lifecycle::take(ids.action, now, &actionee, &definition, reason.as_ref(), domain_command)?;
    let words = words(
        [&action.comment, &actionee.details.email, &actionee.details.username]
            .into_iter()
            .flatten()
            .map(String::as_str),
    );
    action::insert(conn, &action, reason.map(|reason| reason.id), &words).await?;
    let phase = definition.details.temporal.then_some(Phase::Start);
    let told = tell(ids.event, now, action, phase, &definition, &actionee, &command.telling);
    let change = change(None, &told);
    Ok(Done::one(told, change))
}

/// The objects that somebody names when taking an action.
pub(crate) struct Objects {
    pub(crate) actionee: User,
    pub(crate) definition: Definition,
    pub(crate) reason: Option<Reason>,
}

impl Objects {
    /// Finds what the command names, and says of everything at once what is missing or cannot be
    /// used (§3.2).
    async fn find(conn: &mut Conn, scope: TenantScope, command: &Take) -> Result<Self, Error> {
        let mut violations = Violations::new();
        let Take { actionee_id, actioner_id, definition_id, reason_id, .. } = *command;
        let named =
            take::find_named(conn, actionee_id, actioner_id, definition_id, reason_id).await?;
        let actionee = named.actionee.filter(|user| scope.sees(user.tenant_id));
        judge("actioneeUserId", actionee_id.is_some(), actionee.is_some(), &mut violations);
        let actioner = named.actioner_tenant.filter(|tenant| scope.sees(*tenant));
        judge("actionerUserId", actioner_id.is_some(), actioner.is_some(), &mut violations);
        let definition = named.definition.filter(|found| found.active);
        judge("userActionId", definition_id.is_some(), definition.is_some(), &mut violations);
        let reason = named.reason;
        if reason_id.is_some() && reason.is_none() {
            violations.push(Violation::body("reasonId", Rule::Invalid));
        }
        if let Some(actionee) = &actionee
            && !applications_fit(conn, actionee, &command.application_ids).await?
        {
            violations.push(Violation::body("applicationIds", Rule::Invalid));
        }
        if let Some(definition) = &definition
            && definition.details.temporal
            && command.expiry.is_none()
            && !violations.is_empty()
        {
            // Without other complaints the rule itself says so.
            violations.push(Violation::body("expiry", Rule::Missing));
        }
        violations.into_result()?;
        match (actionee, definition) {
            (Some(actionee), Some(definition)) => Ok(Self { actionee, definition, reason }),
            _ => Err(Violation::whole(Rule::Missing).into()),
        }
    }
}

fn judge(field: &'static str, given: bool, found: bool, violations: &mut Violations) {
    if !given {
        violations.push(Violation::body(field, Rule::Missing));
    } else if !found {
        violations.push(Violation::body(field, Rule::Invalid));
    }
}

/// The actioner must exist, in the caller's tenant when the call is limited to one (§3.2).
async fn check_actioner(
    conn: &mut Conn,
    scope: TenantScope,
    id: Option<UserId>,
    violations: &mut Violations,
) -> Result<(), Error> {
    let found = match id {
        Some(id) => user::tenant_of(conn, id).await?.is_some_and(|tenant| scope.sees(tenant)),
        None => false,
    };
    judge("actionerUserId", id.is_some(), found, violations);
    Ok(())
}

async fn applications_fit(
    conn: &mut Conn,
    actionee: &User,
    ids: &[ApplicationId],
) -> Result<bool, Error> {
    if ids.is_empty() {
        return Ok(true);
    }
    let known = action::applications_among(conn, actionee.tenant_id, ids).await?;
    Ok(ids.iter().all(|id| known.contains(id)))
}

/// Gives a running action another end and comment.
pub async fn modify(
    ctx: &Context,
    caller: &Caller,
    id: ActionId,
    command: Revise,
    render: impl Render<Told>,
) -> Result<Answer, Error> {
    revise(ctx, caller, id, Phase::Modify, command, render).await
}

/// Ends a running action now.
pub async fn cancel(
    ctx: &Context,
    caller: &Caller,
    id: ActionId,
    command: Revise,
    render: impl Render<Told>,
) -> Result<Answer, Error> {
    revise(ctx, caller, id, Phase::Cancel, command, render).await
}

async fn revise(
    ctx: &Context,
    caller: &Caller,
    id: ActionId,
    phase: Phase,
    command: Revise,
    render: impl Render<Told>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let event_id = ctx.id(now, EventId::from_uuid);
    let caller = &caller.acting_for(command.actioner_id);
    let (command, scope) = (Arc::new(command), caller.scope);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let command = Arc::clone(&command);
            Box::pin(async move {
                let before = action::find_locked(conn, id)
                    .await?
                    .filter(|action| scope.sees(action.tenant_id))
                    .ok_or(Error::not_found(Noun::Action))?;
                let mut violations = Violations::new();
                check_actioner(conn, scope, command.actioner_id, &mut violations).await?;
                if phase == Phase::Modify && command.expiry.is_none() {
                    violations.push(Violation::body("expiry", Rule::Missing));
                }
                if !before.is_active(now) {
                    violations.push(Violation::id(Rule::Invalid));
                }
                violations.into_result()?;
                revise_in(conn, event_id, now, phase, before, &command).await
            })
        },
        render,
    )
    .await
}

/// Modifies or cancels an action inside a unit of work that holds its row.
pub(crate) async fn revise_in(
    conn: &mut Conn,
    event_id: EventId,
    now: Instant,
    phase: Phase,
    before: Action,
    command: &Revise,
) -> Result<Done<Told>, Error> {
    let actionee = user::find(conn, before.actionee_id).await?;
    let definition = definition::find(conn, before.definition_id).await?;
    let (by, comment) = (command.actioner_id, command.comment.clone());
    let revised = match (phase, command.expiry) {
        (Phase::Modify, Some(until)) => {
            lifecycle::modify(before.clone(), now, by, comment, until, command.telling.notice)
        }
        _ => lifecycle::cancel(before.clone(), now, by, comment),
    };
    let after = revised.map_err(|NotInProgress| Error::from(Violation::id(Rule::Invalid)))?;
    action::update(conn, &after, &words(after.comment.as_deref())).await?;
    let told = match (definition, actionee) {
        (Some(definition), Some(actionee)) => {
            tell(event_id, now, after, Some(phase), &definition, &actionee, &command.telling)
        }
        // Both go together with their actions, so this is a reader that came too late.
        _ => return Err(Error::not_found(Noun::Action)),
    };
    let change = change(Some(&before), &told);
    Ok(Done::one(told, change))
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
        emailed_user: lifecycle::emails_user(&definition.details, phase, asked, actionee),
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
        Wanted::All | Wanted::Inactive => action::list_of(&mut conn, actionee).await?,
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
