//! Modifying and cancelling an action (`fusionauth.md` §3.2, §3.5).

use std::sync::{Arc, Mutex, PoisonError};

use docket_domain::access::TenantScope;
use docket_domain::action::lifecycle::{self, NotInProgress};
use docket_domain::action::{Action, Phase};
use docket_domain::event::Noun;
use docket_domain::id::{ActionId, EventId, UserId};
use docket_domain::text::words;
use docket_domain::time::{Expiry, Instant};
use docket_domain::violation::{Rule, Violation, Violations};
use docket_store::{Batch, Conn, action, definition, user};

use super::{TRIES, Telling, Told, change, judge, tell};
use crate::action_mail;
use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::transaction::{self, Put};

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

/// A change of a running action, as it is asked for.
struct Revision {
    id: ActionId,
    event_id: EventId,
    now: Instant,
    phase: Phase,
    scope: TenantScope,
    command: Revise,
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
    let scope = caller.scope;
    let revision = Arc::new(Revision { id, event_id, now, phase, scope, command });
    let render = Arc::new(render);
    let mut tries = 1;
    loop {
        // What was agreed on is good for one try of the unit of work.
        let put = Mutex::new(put_to_webhooks(ctx, caller, &revision).await?);
        let (revision, render) = (Arc::clone(&revision), Arc::clone(&render));
        let answer = ctx
            .commit(
                caller,
                now,
                move |conn| {
                    let revision = Arc::clone(&revision);
                    let put = put.lock().unwrap_or_else(PoisonError::into_inner).take();
                    Box::pin(async move { revision.commit(conn, put).await })
                },
                move |told: &Told| (*render)(told),
            )
            .await;
        if !matches!(answer, Err(Error::Overtaken)) || tries == TRIES {
            return answer;
        }
        tries += 1;
    }
}

/// Asks the webhooks that must agree to a change, on what the action is before anybody holds it.
async fn put_to_webhooks(
    ctx: &Context,
    caller: &Caller,
    revision: &Revision,
) -> Result<Put<Action>, Error> {
    if !revision.command.telling.broadcast || !transaction::may_be_wanted(ctx).await? {
        return Ok(Put::ToNobody);
    }
    let conn = &mut ctx.db.reader();
    let Some(before) = action::find(conn, revision.id).await? else { return Ok(Put::ToNobody) };
    // What is refused is refused where the row is held.
    let Ok(done) = revision.plan(conn, Some(before.clone())).await else {
        return Ok(Put::ToNobody);
    };
    let agreed = transaction::ask(ctx, caller, &done.value).await?;
    Ok(agreed.map_or(Put::ToNobody, |agreed| Put::Agreed(Box::new((before, agreed)))))
}

impl Revision {
    /// Changes the action, which nobody else may have changed since webhooks were asked.
    async fn commit(&self, conn: &mut Conn, put: Put<Action>) -> Result<Done<Told>, Error> {
        let before = action::find_locked(conn, self.id).await?;
        let (planned, agreed) = match put {
            Put::ToNobody => return self.plan(conn, before).await,
            Put::Agreed(agreed) if before.as_ref() == Some(&agreed.0) => *agreed,
            Put::Agreed(_) | Put::Spent => return Err(Error::Overtaken),
        };
        let mut done = self.plan(conn, before).await?;
        done.value.event.asked = true;
        done.changes = vec![change(Some(&planned), &done.value)];
        agreed.write(&done.value, self.now, &mut done.writes);
        Ok(done)
    }

    /// Decides what the change writes and tells.
    async fn plan(&self, conn: &mut Conn, before: Option<Action>) -> Result<Done<Told>, Error> {
        let before = before
            .filter(|action| self.scope.sees(action.tenant_id))
            .ok_or(Error::not_found(Noun::Action))?;
        let mut violations = Violations::new();
        check_actioner(conn, self.scope, self.command.actioner_id, &mut violations).await?;
        if self.phase == Phase::Modify && self.command.expiry.is_none() {
            violations.push(Violation::body("expiry", Rule::Missing));
        }
        if !before.is_in_progress(self.now) {
            violations.push(Violation::id(Rule::Invalid));
        }
        violations.into_result()?;
        revise_in(conn, self.event_id, self.now, self.phase, before, &self.command).await
    }
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
    let mut writes = Batch::default();
    action::update(&before, &after, event_id, words(after.comment.as_deref()), &mut writes);
    let told = match (definition, actionee) {
        (Some(definition), Some(actionee)) => {
            let telling = &command.telling;
            let mut told = tell(event_id, now, after, Some(phase), &definition, &actionee, telling);
            action_mail::attach(conn, &mut told, &definition, &actionee, &mut writes).await?;
            told
        }
        // Both go together with their actions, so this is a reader that came too late.
        _ => return Err(Error::not_found(Noun::Action)),
    };
    let change = change(Some(&before), &told);
    Ok(Done { writes, ..Done::one(told, change) })
}
