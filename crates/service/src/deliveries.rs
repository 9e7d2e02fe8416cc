//! Deliveries: taken on, and what became of them (`native.md` §6).

use std::collections::HashMap;
use std::sync::Arc;

use docket_domain::attempt::{Attempt, DeliveryState, Outcome};
use docket_domain::delivery::{is_dead, wait_after};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{AttemptId, EventId, WebhookId};
use docket_domain::journal::EventKind;
use docket_domain::time::Instant;
use docket_domain::webhook::Webhook;
use docket_store::{Batch, Conn, delivery, webhook};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done};
use crate::context::{Context, chance};
use crate::dispatch::Job;
use crate::error::Error;
use crate::hooks::Hook;
use crate::{event_log, snapshot, webhooks};

/// A call that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Which.
    pub job: Job,
    /// When it began.
    pub started_at: Instant,
    /// When its outcome was known.
    pub ended_at: Instant,
    /// What came of it.
    pub outcome: Outcome,
}

/// The webhooks for which something is due.
pub async fn webhooks_due(ctx: &Context) -> Result<Vec<WebhookId>, Error> {
    Ok(delivery::webhooks_due(&mut ctx.db.reader(), ctx.now()).await?)
}

/// Takes on what is due for a webhook, this many calls at most.
pub async fn claim(ctx: &Context, hook: &Arc<Hook>, most: usize) -> Result<Vec<Job>, Error> {
    let now = ctx.now();
    let (id, leased_until) = (hook.webhook.id, hook.webhook.lease(now));
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let claimed = ctx
        .db
        .write(move |conn| {
            Box::pin(async move {
                Ok::<_, Error>(delivery::claim(conn, id, now, leased_until, most).await?)
            })
        })
        .await?;
    let jobs = claimed.into_iter().filter_map(|claimed| {
        Some(Job {
            hook: Arc::clone(hook),
            event_id: claimed.event_id,
            body: claimed.body?.into(),
            made: claimed.attempts,
            tries_left: claimed.tries_left,
            leased_until,
        })
    });
    Ok(jobs.collect())
}

/// Lets anybody make calls that this node took on and will not make.
pub async fn release(ctx: &Context, jobs: Vec<Job>) -> Result<(), Error> {
    let now = ctx.now();
    let jobs: Arc<Vec<(WebhookId, EventId)>> =
        Arc::new(jobs.iter().map(|job| (job.hook.webhook.id, job.event_id)).collect());
    ctx.db
        .write(move |conn| {
            let jobs = Arc::clone(&jobs);
            Box::pin(async move { Ok::<_, Error>(delivery::release(conn, &jobs, now).await?) })
        })
        .await
}

/// Keeps what came of calls; a webhook that is gone, or has failed for too long, is disabled.
pub async fn record(ctx: &Context, made: Vec<Made>) -> Result<(), Error> {
    let now = ctx.now();
    let attempts: Vec<(Attempt, DeliveryState, Option<Instant>)> =
        made.iter().map(|made| settled(ctx, made)).collect();
    let mut health: HashMap<WebhookId, bool> = HashMap::new();
    for (attempt, _, _) in &attempts {
        *health.entry(attempt.webhook_id).or_default() |= attempt.outcome.succeeded();
    }
    let failing: Vec<WebhookId> =
        health.iter().filter(|(_, healthy)| !**healthy).map(|(id, _)| *id).collect();
    let (attempts, health) = (Arc::new(attempts), Arc::new(health));
    let written = Arc::clone(&attempts);
    ctx.db
        .write(move |conn| {
            let (attempts, health) = (Arc::clone(&written), Arc::clone(&health));
            Box::pin(async move { write(conn, &attempts, &health, now).await })
        })
        .await?;
    for (attempt, _, _) in attempts.iter().filter(|(attempt, _, _)| attempt.outcome.is_gone()) {
        disable(ctx, attempt.webhook_id, "it answered 410, that it is gone").await?;
    }
    for id in failing {
        let since = webhook::failing_since(&mut ctx.db.reader(), id).await?;
        if since.is_some_and(|since| is_dead(since, now)) {
            disable(ctx, id, "it has done nothing but fail for five days").await?;
        }
    }
    Ok(())
}

async fn write(
    conn: &mut Conn,
    attempts: &[(Attempt, DeliveryState, Option<Instant>)],
    health: &HashMap<WebhookId, bool>,
    now: Instant,
) -> Result<(), Error> {
    let mut writes = Batch::default();
    for (attempt, state, due_at) in attempts {
        delivery::settle(attempt, *state, *due_at, &mut writes);
    }
    for (id, healthy) in health {
        delivery::keep_health(*id, *healthy, now, &mut writes);
    }
    for (attempt, _, _) in attempts.iter().filter(|(_, state, _)| *state == DeliveryState::Failed) {
        let message = format!(
            "Event {} was not taken by webhook {} ({}) and will not be sent again: {}",
            attempt.event_id,
            attempt.webhook_id,
            attempt.url,
            attempt.outcome.in_words()
        );
        event_log::write(conn, now, EventKind::Error, &message).await?;
    }
    Ok(conn.at_end(writes).await?)
}

/// The attempt that a call was.
pub(crate) fn attempt(ctx: &Context, made: &Made) -> Attempt {
    let Made { job, started_at, ended_at, outcome } = made;
    Attempt {
        id: ctx.id(*started_at, AttemptId::from_uuid),
        event_id: job.event_id,
        webhook_id: job.hook.webhook.id,
        url: job.hook.webhook.details.url.clone(),
        started_at: *started_at,
        ended_at: *ended_at,
        outcome: outcome.clone(),
    }
}

/// The attempt, how far its delivery is now, and when the next one is due.
fn settled(ctx: &Context, made: &Made) -> (Attempt, DeliveryState, Option<Instant>) {
    let Made { job, ended_at, outcome, .. } = made;
    let attempt = attempt(ctx, made);
    if outcome.succeeded() {
        return (attempt, DeliveryState::Succeeded, None);
    }
    let attempts = u32::try_from(job.made.saturating_add(1)).unwrap_or(u32::MAX);
    let wait = wait_after(attempts, u32::from_ne_bytes(chance()));
    match wait.filter(|_| job.tries_left > 1 && !outcome.is_gone()) {
        Some(wait) => (attempt, DeliveryState::Waiting, Some(ended_at.plus_millis(wait))),
        None => (attempt, DeliveryState::Failed, None),
    }
}

/// Disables a webhook: it is not called until somebody changes it. What was still to be sent is
/// given up, and everybody who follows the log is told.
pub async fn disable(ctx: &Context, id: WebhookId, why: &'static str) -> Result<(), Error> {
    let now = ctx.now();
    let vault = Arc::clone(&ctx.vault);
    ctx.commit(
        &Caller::system("delivery"),
        now,
        move |conn| {
            let vault = Arc::clone(&vault);
            Box::pin(async move {
                let kept = webhook::find_locked(conn, id).await?;
                let Some(kept) = kept else { return Ok(Done::unchanged(())) };
                if !webhook::disable(conn, id, now).await? {
                    return Ok(Done::unchanged(()));
                }
                let given_up = delivery::give_up(conn, id, now).await?;
                delivery::recount(conn, &given_up, now).await?;
                let before = webhooks::open(&vault, kept)?;
                let message = format!(
                    "Webhook {id} ({}) was disabled, because {why}. Saving it enables it again.",
                    before.details.url
                );
                event_log::write(conn, now, EventKind::Error, &message).await?;
                let after = Webhook { disabled_at: Some(now), ..before.clone() };
                let change = Change {
                    happening: Happening::Disabled(Noun::Webhook),
                    before: Some(snapshot::webhook(&before)),
                    after: Some(snapshot::webhook(&after)),
                    ..webhooks::change(
                        Happening::Updated(Noun::Webhook),
                        Some(&before),
                        Some(&after),
                    )
                };
                Ok(Done::one((), change))
            })
        },
        |()| Answer::new(204, Vec::new()),
    )
    .await?;
    Ok(())
}
