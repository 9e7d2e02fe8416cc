//! Asking webhooks before a change is committed (`fusionauth.md` §4.9). Nothing is held meanwhile:
//! the change was planned, and whether the plan still holds is seen when it is written.

use docket_domain::action::definition::Transaction;
use docket_domain::attempt::{Attempt, DeliveryState, EventResult, Outcome};
use docket_domain::delivery::wait_after;
use docket_domain::event::EventType;
use docket_domain::journal::EventKind;
use docket_domain::time::Instant;
use docket_store::delivery::{self, NewDelivery};
use docket_store::{Batch, event_log};

use crate::actions::Told;
use crate::caller::Caller;
use crate::context::{Context, chance};
use crate::deliveries::{self, Made};
use crate::dispatch::{Job, Said, webhook_event};
use crate::error::{Error, Refusal};

/// How often a webhook that did not agree is told again when the change was committed all the same.
const TRIES_AFTER: i64 = 3;

/// What came of asking: enough webhooks agreed.
#[derive(Debug)]
pub(crate) struct Agreed {
    said: Said,
    attempts: Vec<Attempt>,
}

/// Whom a change was put to before anybody held what it is about.
#[derive(Debug)]
pub(crate) enum Put<T> {
    /// To nobody.
    ToNobody,
    /// To webhooks, of which enough agreed; to this, as it was then.
    Agreed(Box<(T, Agreed)>),
    /// That was used up by another try of the unit of work.
    Spent,
}

impl<T> Put<T> {
    /// What is good for one try.
    pub(crate) fn take(&mut self) -> Self {
        match self {
            Self::ToNobody => Self::ToNobody,
            Self::Agreed(_) | Self::Spent => std::mem::replace(self, Self::Spent),
        }
    }
}

/// Whether any tenant wants webhooks to agree before the commit.
pub(crate) async fn may_be_wanted(ctx: &Context) -> Result<bool, Error> {
    Ok(ctx.directory().await?.asks(EventType::UserAction))
}

/// Asks the webhooks that must agree to a change. Nothing means that nobody must; too few who agree
/// are a refusal, of which nothing remains but the log of who was asked.
pub(crate) async fn ask(
    ctx: &Context,
    caller: &Caller,
    told: &Told,
) -> Result<Option<Agreed>, Error> {
    // What was answered before is answered so again, and nobody is asked.
    if !told.event.broadcast || ctx.is_remembered(caller).await? {
        return Ok(None);
    }
    let directory = ctx.directory().await?;
    let tenant = told.action.tenant_id;
    let transaction = directory.transaction(EventType::UserAction, tenant);
    let hearing: Vec<_> = directory.hearing(EventType::UserAction, tenant).collect();
    if transaction == Transaction::None || hearing.is_empty() {
        return Ok(None);
    }
    let Some(said) = ctx.consult.say(told) else { return Ok(None) };
    let now = ctx.now();
    let jobs = hearing.into_iter().map(|hook| Job {
        hook: hook.clone(),
        event_id: told.event.id,
        body: said.body.as_str().into(),
        made: 0,
        tries_left: 1,
        leased_until: hook.webhook.lease(now),
    });
    let made = ctx.consult.ask(ctx, jobs.collect()).await;
    let agreeing = made.iter().filter(|made| made.outcome.succeeded()).count();
    let agreed = Agreed { said, attempts: attempts(ctx, &made) };
    if transaction.commits(agreeing, made.len()) {
        return Ok(Some(agreed));
    }
    agreed.write_refused(ctx, told, agreeing).await?;
    Err(Refusal::Vetoed.into())
}

fn attempts(ctx: &Context, made: &[Made]) -> Vec<Attempt> {
    made.iter().map(|made| deliveries::attempt(ctx, made)).collect()
}

impl Agreed {
    /// Keeps who was asked with the change; those who did not agree are told again.
    pub(crate) fn write(self, told: &Told, now: Instant, writes: &mut Batch) {
        let all = self.attempts.iter().all(|attempt| attempt.outcome.succeeded());
        let result = if all { EventResult::Succeeded } else { EventResult::Running };
        for attempt in &self.attempts {
            let again = !attempt.outcome.succeeded() && !attempt.outcome.is_gone();
            let wait = wait_after(1, u32::from_ne_bytes(chance())).filter(|_| again);
            let due_at = wait.map(|wait| attempt.ended_at.plus_millis(wait));
            let state = state(&attempt.outcome, due_at);
            delivery::insert(&delivery_of(attempt, state, due_at), writes);
        }
        self.write_log(told, now, result, writes);
    }

    /// Keeps who was asked, and that it came to nothing.
    async fn write_refused(self, ctx: &Context, told: &Told, agreeing: usize) -> Result<(), Error> {
        let now = ctx.now();
        let message = format!(
            "Event {} was not committed: {agreeing} of {} webhooks agreed.",
            told.event.id,
            self.attempts.len()
        );
        let mut writes = Batch::default();
        for attempt in &self.attempts {
            let state = state(&attempt.outcome, None);
            delivery::insert(&delivery_of(attempt, state, None), &mut writes);
        }
        self.write_log(told, now, EventResult::Failed, &mut writes);
        // A unit of work may run twice, what it writes is made once.
        let writes = std::sync::Mutex::new(Some((writes, message)));
        ctx.db
            .write(move |conn| {
                let planned =
                    writes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                Box::pin(async move {
                    let Some((writes, message)) = planned else { return Ok::<_, Error>(()) };
                    event_log::insert(conn, EventKind::Error, &message, now).await?;
                    Ok(conn.at_end(writes).await?)
                })
            })
            .await
    }

    fn write_log(self, told: &Told, now: Instant, result: EventResult, writes: &mut Batch) {
        for attempt in &self.attempts {
            delivery::insert_attempt(attempt, writes);
        }
        let ok = self.attempts.iter().filter(|attempt| attempt.outcome.succeeded()).count();
        let failed = self.attempts.len().saturating_sub(ok);
        let mut event = webhook_event(told, self.said, now, result);
        event.last_attempt_at = self.attempts.iter().map(|attempt| attempt.ended_at).max();
        event.successful = i64::try_from(ok).unwrap_or(i64::MAX);
        event.failed = i64::try_from(failed).unwrap_or(i64::MAX);
        delivery::insert_event(event, writes);
    }
}

fn state(outcome: &Outcome, due_at: Option<Instant>) -> DeliveryState {
    match (outcome.succeeded(), due_at) {
        (true, _) => DeliveryState::Succeeded,
        (false, Some(_)) => DeliveryState::Waiting,
        (false, None) => DeliveryState::Failed,
    }
}

fn delivery_of(attempt: &Attempt, state: DeliveryState, due_at: Option<Instant>) -> NewDelivery {
    NewDelivery {
        webhook_id: attempt.webhook_id,
        event_id: attempt.event_id,
        state,
        attempts: 1,
        tries_left: TRIES_AFTER,
        due_at,
        updated_at: attempt.ended_at,
    }
}
