//! Taking an action (`fusionauth.md` §3.2): first decided, then written.

use std::sync::{Arc, Mutex, PoisonError};

use docket_domain::access::TenantScope;
use docket_domain::action::lifecycle;
use docket_domain::action::{Definition, Phase, Reason, TakeCommand};
use docket_domain::directory::User;
use docket_domain::id::{ApplicationId, DefinitionId, ReasonId, UserId};
use docket_domain::text::words;
use docket_domain::time::{Expiry, Instant};
use docket_domain::violation::{Rule, Violation, Violations};
use docket_store::{Batch, Conn, DbError, action, take};

use super::{NewIds, TRIES, Telling, Told, change, judge, tell};
use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::{action_mail, transaction};

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
    let render = Arc::new(render);
    let mut tries = 1;
    loop {
        let plan = plan(ctx, caller, ids, now, &command).await;
        let render = Arc::clone(&render);
        let answer = commit(ctx, caller, now, plan, move |told: &Told| (*render)(told)).await;
        if !answer.as_ref().is_err_and(Error::is_overtaken) || tries == TRIES {
            return answer;
        }
        tries += 1;
    }
}

/// Decides what taking the action writes and tells. Nothing is written yet, and nothing held: what
/// is written first makes sure that everything is still as it was read.
async fn plan(
    ctx: &Context,
    caller: &Caller,
    ids: NewIds,
    now: Instant,
    command: &Take,
) -> Result<Done<Told>, Error> {
    let objects = Objects::find(&mut ctx.db.reader(), caller.scope, command).await?;
    let mut writes = Batch::default();
    let Objects { actionee, definition, reason } = &objects;
    let by = command.actioner_id;
    take::insist_on_named(actionee, by, definition, reason.as_ref(), &mut writes);
    take::insist_on_applications(&command.application_ids, &mut writes);
    let mut done = take_in(&mut ctx.db.reader(), ids, now, &objects, command).await?;
    if let Some(agreed) = transaction::ask(ctx, caller, &done.value).await? {
        done.value.event.asked = true;
        done.changes = vec![change(None, &done.value)];
        agreed.write(&done.value, now, &mut writes);
    }
    writes.append(std::mem::take(&mut done.writes));
    done.writes = writes;
    ctx.record(caller, now, &mut done);
    Ok(done)
}

/// Writes what was planned, or fails as overtaken. A refusal comes here too, for a request that is
/// sent again is answered as it was the first time, whatever it would be told now.
async fn commit(
    ctx: &Context,
    caller: &Caller,
    now: Instant,
    plan: Result<Done<Told>, Error>,
    render: impl Render<Told>,
) -> Result<Answer, Error> {
    let plan = match plan {
        Err(refused) if caller.idempotency.is_none() => return Err(refused),
        plan => plan,
    };
    // A plan is good for one try of the unit of work.
    let plan = Mutex::new(Some(plan));
    ctx.commit(
        caller,
        now,
        move |_| {
            let plan = plan.lock().unwrap_or_else(PoisonError::into_inner).take();
            Box::pin(async { plan.unwrap_or(Err(DbError::Overtaken.into())) })
        },
        render,
    )
    .await
}

/// What follows from taking an action on objects that are held, or made sure of.
pub(crate) async fn take_in(
    conn: &mut Conn,
    ids: NewIds,
    now: Instant,
    objects: &Objects,
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
        lifecycle::take(ids.action, now, actionee, definition, reason.as_ref(), domain_command)?;
    let words = words(action.comment.as_deref());
    let mut writes = Batch::default();
    action::insert(&action, reason.as_ref().map(|reason| reason.id), words, &mut writes);
    let phase = definition.details.temporal.then_some(Phase::Start);
    let mut told = tell(ids.event, now, action, phase, definition, actionee, &command.telling);
    action_mail::attach(conn, &mut told, definition, actionee, &mut writes).await?;
    let change = change(None, &told);
    Ok(Done { writes, ..Done::one(told, change) })
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
