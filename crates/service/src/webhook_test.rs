//! Trying a webhook out: one event that means nothing, sent while somebody waits (`native.md` §6).

use std::sync::Arc;

use docket_domain::access::may_see_deliveries;
use docket_domain::attempt::{Attempt, DeliveryState, EventResult, WebhookEvent};
use docket_domain::event::EventType;
use docket_domain::id::{EventId, WebhookId};
use docket_domain::time::Instant;
use docket_domain::webhook::Webhook;
use docket_store::delivery::{self, NewDelivery};

use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::deliveries::{Made, attempt};
use crate::dispatch::Job;
use crate::error::{Error, Refusal};
use crate::webhooks;

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
    let webhook = Arc::new(webhooks::find(ctx, caller, id).await?);
    let created_at = ctx.now();
    let event_id = ctx.id(created_at, EventId::from_uuid);
    let job = Job {
        webhook: Arc::clone(&webhook),
        event_id,
        body: say(event_id, created_at).into(),
        made: 0,
        tries_left: 1,
        leased_until: webhook.lease(created_at),
    };
    let made = ctx.consult.ask(ctx, vec![job.clone()]).await.pop();
    // Whoever was asked answers for every call.
    let made = made.unwrap_or_else(|| unanswered(ctx, job));
    let kept = Arc::new(kept(ctx, &webhook, created_at, &made));
    let now = ctx.now();
    ctx.commit(
        caller,
        now,
        move |conn| {
            let kept = Arc::clone(&kept);
            Box::pin(async move {
                let (event, delivery, attempt) = &*kept;
                let (events, deliveries) = (std::slice::from_ref(event), [delivery.clone()]);
                delivery::insert(conn, events, &deliveries, std::slice::from_ref(attempt)).await?;
                Ok(Done::unchanged(attempt.clone()))
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
