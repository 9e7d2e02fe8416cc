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
use docket_store::{Batch, Conn, action, take};

use super::{NewIds, TRIES, Telling, Told, change, judge, tell};
use crate::action_mail;
use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::transaction::{self, Put};

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
    let taking = Arc::new(Taking { ids, now, scope: caller.scope, command });
    let render = Arc::new(render);
    let mut tries = 1;
    loop {
        let put = put_to_webhooks(ctx, caller, &taking).await?;
        let (taking, render) = (Arc::clone(&taking), Arc::clone(&render));
        let render = move |told: &Told| (*render)(told);
        let answer = if matches!(put, Put::ToNobody) {
            ctx.commit_in_group(
                caller,
                now,
                move |conn| {
                    let taking = Arc::clone(&taking);
                    Box::pin(async move { taking.plan(conn).await })
                },
                render,
            )
            .await
        } else {
            let put = Mutex::new(put);
            ctx.commit(
                caller,
                now,
                move |conn| {
                    let taking = Arc::clone(&taking);
                    let put = put.lock().unwrap_or_else(PoisonError::into_inner).take();
                    Box::pin(async move { taking.commit(conn, put).await })
                },
                render,
            )
            .await
        };
        if !matches!(answer, Err(Error::Overtaken)) || tries == TRIES {
            return answer;
        }
        tries += 1;
    }
}

/// An action, as it is asked for.
struct Taking {
    ids: NewIds,
    now: Instant,
    scope: TenantScope,
    command: Take,
}

/// Asks the webhooks that must agree, on what would be taken if nothing changed meanwhile.
async fn put_to_webhooks(
    ctx: &Context,
    caller: &Caller,
    taking: &Arc<Taking>,
) -> Result<Put<Told>, Error> {
    if !taking.command.telling.broadcast || !transaction::may_be_wanted(ctx).await? {
        return Ok(Put::ToNobody);
    }
    let planning = Arc::clone(taking);
    // What it names is held while it is read, and let go again.
    let planned = ctx
        .db
        .write(move |conn| {
            let taking = Arc::clone(&planning);
            Box::pin(async move { Ok::<_, Error>(taking.plan(conn).await?.value) })
        })
        .await;
    // What is refused is refused where everything is held.
    let Ok(told) = planned else { return Ok(Put::ToNobody) };
    let agreed = transaction::ask(ctx, caller, &told).await?;
    Ok(agreed.map_or(Put::ToNobody, |agreed| Put::Agreed(Box::new((told, agreed)))))
}

impl Taking {
    /// Takes the action, which must be what webhooks were asked about.
    async fn commit(&self, conn: &mut Conn, put: Put<Told>) -> Result<Done<Told>, Error> {
        let mut done = self.plan(conn).await?;
        let (planned, agreed) = match put {
            Put::ToNobody => return Ok(done),
            Put::Agreed(agreed) => *agreed,
            Put::Spent => return Err(Error::Overtaken),
        };
        if planned != done.value {
            return Err(Error::Overtaken);
        }
        done.value.event.asked = true;
        done.changes = vec![change(None, &done.value)];
        agreed.write(&done.value, self.now, &mut done.writes);
        Ok(done)
    }

    /// Decides what follows. Read by the unit itself, not ahead of it: on SQLite it is the writer
    /// that has the pages at hand, and on PostgreSQL reading rides with what must be held anyway.
    async fn plan(&self, conn: &mut Conn) -> Result<Done<Told>, Error> {
        let objects = Objects::find(conn, self.scope, &self.command).await?;
        take_in(conn, self.ids, self.now, &objects, &self.command).await
    }
}

/// What follows from taking an action on these objects: the action, its event, and what is to be
/// written. Nothing is written yet.
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
    let reason_id = reason.as_ref().map(|reason| reason.id);
    action::insert(&action, ids.event, reason_id, words, &mut writes);
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
