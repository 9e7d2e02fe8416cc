//! Trying a webhook out: one event that means nothing, sent while somebody waits (`native.md` §6).

use std::sync::Arc;

use docket_domain::access::may_see_deliveries;
use docket_domain::attempt::{Attempt, DeliveryState, EventResult, WebhookEvent};
use docket_domain::event::EventType;
use docket_domain::id::{EventId, WebhookId};
use docket_domain::time::Instant;
use docket_domain::webhook::Webhook;
use docket_store::DbError;
use docket_store::delivery::{self, NewDelivery};

use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::deliveries::{Made, attempt};
use crate::dispatch::Job;
use crate::error::{Error, Refusal};
use crate::hooks::Hook;
use crate::{webhook_signing, webhooks};

/// Sends a webhook a test, whatever events it wants and even when it is disabled, and says what came
/// of it. The call is kept with the others, but neither tried again nor counted for or against the
/// webhook. `say` writes what is sent.
pub async fn send(
    ctx: &Context,
    caller: &Caller,
    id: WebhookId,
    say: fn(EventId, Instant) -> String,
    render: impl Render<Attempt>,
) -> Result<Answer, Error> {
    if !may_see_deliveries(&caller.principal) {
        return Err(Refusal::Forbidden.into());
    }
    let webhook = webhooks::find(ctx, caller, id).await?;
    let mut signings = webhook_signing::signings(&ctx.vault, &mut ctx.db.reader()).await?;
    let signing = signings.remove(&id).ok_or_else(|| DbError::contradiction("webhook", id))?;
    let hook = Arc::new(Hook { webhook, signing });
    let created_at = ctx.now();
    let event_id = ctx.id(created_at, EventId::from_uuid);
    let job = Job {
        hook: Arc::clone(&hook),
        event_id,
        body: say(event_id, created_at).into(),
        made: 0,
        tries_left: 1,
        leased_until: hook.webhook.lease(created_at),
    };
    let made = ctx.consult.ask(ctx, vec![job.clone()]).await.pop();
    // Whoever was asked answers for every call.
    let made = made.unwrap_or_else(|| unanswered(ctx, job));
    let kept = Arc::new(kept(ctx, &hook.webhook, created_at, &made));
    let now = ctx.now();
    ctx.commit(
        caller,
        now,
        move |_| {
            let kept = Arc::clone(&kept);
            Box::pin(async move {
                let (event, delivery, attempt) = &*kept;
                let mut done = Done::unchanged(attempt.clone());
                delivery::insert_event(event.clone(), &mut done.writes);
                delivery::insert(delivery, &mut done.writes);
                delivery::insert_attempt(attempt, &mut done.writes);
                Ok(done)
            })
        },
        render,
    )
    .await
}

fn unanswered(ctx: &Context, job: Job) -> Made {
    let now = ctx.now();
    let outcome = docket_domain::attempt::Outcome::failure("the call was not made");
    Made { job, started_at: now, ended_at: now, outcome }
}

/// The test as the log keeps it.
fn kept(
    ctx: &Context,
    webhook: &Webhook,
    created_at: Instant,
    made: &Made,
) -> (WebhookEvent, NewDelivery, Attempt) {
    let succeeded = made.outcome.succeeded();
    let (result, state) = if succeeded {
        (EventResult::Succeeded, DeliveryState::Succeeded)
    } else {
        (EventResult::Failed, DeliveryState::Failed)
    };
    let event = WebhookEvent {
        id: made.job.event_id,
        event_type: EventType::Test.name().to_owned(),
        tenant_id: webhook.sole_tenant(),
        linked_id: None,
        created_at,
        updated_at: made.ended_at,
        last_attempt_at: Some(made.ended_at),
        result,
        successful: i64::from(succeeded),
        failed: i64::from(!succeeded),
        body: made.job.body.to_string(),
    };
    let delivery = NewDelivery {
        webhook_id: webhook.id,
        event_id: event.id,
        state,
        attempts: 1,
        tries_left: 0,
        due_at: None,
        updated_at: made.ended_at,
    };
    (event, delivery, attempt(ctx, made))
}
