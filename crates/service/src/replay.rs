//! Telling a webhook once more, or for the first time, what it missed (`native.md` §6).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use docket_domain::access::may_see_deliveries;
use docket_domain::attempt::{DeliveryState, EventResult, WebhookEvent};
use docket_domain::event::{EventType, Noun};
use docket_domain::id::{self, EventId, WebhookId};
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use docket_domain::webhook::Webhook;
use docket_store::delivery::{self, NewDelivery};
use docket_store::outbox::{self, KeptEvent};
use docket_store::{Conn, webhook, webhook_event};

use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::dispatch::{most_attempts, webhook_event as told_event};
use crate::error::{Error, Refusal};
use crate::hooks::Directory;
use crate::{snapshot, webhooks};

/// Events that are queued in one go at most.
pub const MOST_EVENTS: usize = 1_000;
/// Looks at the log in one go at most, where it says little that the webhook would hear.
const MOST_LOOKS: usize = 10;

/// What is to be told again.
#[derive(Debug, Clone)]
pub enum Missed {
    /// These events.
    These(Vec<EventId>),
    /// Those of a span of time.
    Between(Span),
}

/// Events of a span of time.
#[derive(Debug, Clone)]
pub struct Span {
    /// Made at this instant or later.
    pub from: Instant,
    /// Made before this instant; until now when absent.
    pub to: Option<Instant>,
    /// Only those whose delivery was given up.
    pub only_failed: bool,
    /// Only those behind this one.
    pub after: Option<EventId>,
}

/// What was queued.
#[derive(Debug, Clone)]
pub struct Queued {
    /// How many events.
    pub events: usize,
    /// Behind which one there may be more in the span.
    pub next: Option<EventId>,
}

/// What is told: events by id, and those of them that no webhook was told before.
#[derive(Debug, Default)]
struct Found {
    ids: Vec<EventId>,
    new: Vec<WebhookEvent>,
    next: Option<EventId>,
}

/// Makes deliveries due at once, with as many attempts as new ones have. A webhook that is disabled
/// is told nothing, so nothing can be queued for it.
pub async fn replay(
    ctx: &Context,
    caller: &Caller,
    id: WebhookId,
    missed: Missed,
    render: impl Render<Queued>,
) -> Result<Answer, Error> {
    if !may_see_deliveries(&caller.principal) {
        return Err(Refusal::Forbidden.into());
    }
    let webhook = webhooks::find(ctx, caller, id).await?;
    if webhook.disabled_at.is_some() {
        return Err(Violation::id(Rule::Invalid).into());
    }
    let mut conn = ctx.db.reader();
    let found = match missed {
        Missed::These(ids) => these(ctx, &mut conn, &webhook, ids).await?,
        Missed::Between(span) if span.only_failed => {
            failed(ctx, &mut conn, &webhook, &span).await?
        }
        Missed::Between(span) => heard(ctx, &mut conn, &webhook, &span).await?,
    };
    drop(conn);
    let found = Arc::new(found);
    let now = ctx.now();
    ctx.commit(
        caller,
        now,
        move |conn| {
            let found = Arc::clone(&found);
            Box::pin(async move {
                let there = webhook::find_locked(conn, id).await?;
                there.ok_or(Error::not_found(Noun::Webhook))?;
                let queued = Queued { events: found.ids.len(), next: found.next };
                let mut done = Done::unchanged(queued);
                for event in &found.new {
                    delivery::insert_event(event.clone(), &mut done.writes);
                }
                for event in &found.ids {
                    delivery::insert(&due(id, *event, now), &mut done.writes);
                    delivery::recount_at_end(*event, now, &mut done.writes);
                }
                Ok(done)
            })
        },
        render,
    )
    .await
}

fn due(webhook_id: WebhookId, event_id: EventId, now: Instant) -> NewDelivery {
    NewDelivery {
        webhook_id,
        event_id,
        state: DeliveryState::Waiting,
        attempts: 0,
        tries_left: most_attempts(),
        due_at: Some(now),
        updated_at: now,
    }
}

/// These events: each was told to the webhook before, or it would hear of it now.
async fn these(
    ctx: &Context,
    conn: &mut Conn,
    webhook: &Webhook,
    mut ids: Vec<EventId>,
) -> Result<Found, Error> {
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(*id));
    let before = told_before(conn, webhook, &ids).await?;
    let log = outbox::by_ids(conn, &ids).await?;
    let log: HashMap<EventId, KeptEvent> = log.into_iter().map(|kept| (kept.id, kept)).collect();
    let directory = ctx.directory().await?;
    let (mut found, mut violations) = (Found::default(), Vec::new());
    for (place, id) in ids.into_iter().enumerate() {
        if !before.contains(&id) {
            let kept = log.get(&id);
            match kept.and_then(|kept| news(ctx, &directory, webhook.id, kept)) {
                Some(event) => found.new.push(event),
                None => {
                    violations.push(Violation::body(format!("eventIds[{place}]"), Rule::Invalid));
                }
            }
        }
        found.ids.push(id);
    }
    if violations.is_empty() { Ok(found) } else { Err(violations.into()) }
}

/// The events of these that the webhook was told before, and may still hear of.
async fn told_before(
    conn: &mut Conn,
    webhook: &Webhook,
    ids: &[EventId],
) -> Result<HashSet<EventId>, Error> {
    let deliveries = delivery::of_events(conn, ids).await?;
    let mut told: HashSet<EventId> = deliveries
        .into_iter()
        .filter(|delivery| delivery.webhook_id == webhook.id)
        .map(|delivery| delivery.event_id)
        .collect();
    let brief = webhook_event::brief(conn, ids).await?;
    let may_hear: HashSet<EventId> = brief
        .into_iter()
        .filter(|event| event.tenant_id.is_none_or(|tenant| webhook.is_about(tenant)))
        .map(|event| event.id)
        .collect();
    told.retain(|id| may_hear.contains(id));
    Ok(told)
}

/// The event as the webhook would be told it, if it would hear of it.
fn news(
    ctx: &Context,
    directory: &Directory,
    webhook: WebhookId,
    kept: &KeptEvent,
) -> Option<WebhookEvent> {
    if kept.event_type != EventType::UserAction.name() {
        return None;
    }
    let told = snapshot::told(kept).filter(|told| told.event.broadcast)?;
    let mut hearing = directory.hearing(EventType::UserAction, told.action.tenant_id);
    hearing.find(|hook| hook.webhook.id == webhook)?;
    let said = ctx.consult.say(&told)?;
    Some(told_event(&told, said, ctx.now(), EventResult::Running))
}

/// The first and the last id of what is left of a span.
fn bounds(ctx: &Context, span: &Span) -> (EventId, EventId) {
    let to = span.to.unwrap_or_else(|| ctx.now().plus_millis(1));
    let (first, last) = id::between(span.from, to);
    let first = span.after.map_or(first, |after| id::next(after.uuid()).max(first));
    (EventId::from_uuid(first), EventId::from_uuid(last))
}

/// Those that were given up.
async fn failed(
    ctx: &Context,
    conn: &mut Conn,
    webhook: &Webhook,
    span: &Span,
) -> Result<Found, Error> {
    let ids = delivery::failed_between(conn, webhook.id, bounds(ctx, span), most()).await?;
    let next = ids.last().copied().filter(|_| ids.len() == MOST_EVENTS);
    let told = told_before(conn, webhook, &ids).await?;
    let ids = ids.into_iter().filter(|id| told.contains(id)).collect();
    Ok(Found { ids, new: Vec::new(), next })
}

/// Those that the webhook hears of, whether it was told or not.
async fn heard(
    ctx: &Context,
    conn: &mut Conn,
    webhook: &Webhook,
    span: &Span,
) -> Result<Found, Error> {
    let directory = ctx.directory().await?;
    let (mut first, last) = bounds(ctx, span);
    let (mut found, event_type) = (Found::default(), EventType::UserAction.name());
    for _ in 0..MOST_LOOKS {
        let events = outbox::between(conn, event_type, (first, last), most()).await?;
        let full = events.len() == MOST_EVENTS;
        for kept in events {
            found.next = Some(kept.id);
            first = EventId::from_uuid(id::next(kept.id.uuid()));
            if let Some(event) = news(ctx, &directory, webhook.id, &kept) {
                found.ids.push(event.id);
                found.new.push(event);
                if found.ids.len() == MOST_EVENTS {
                    return Ok(found);
                }
            }
        }
        if !full {
            found.next = None;
            return Ok(found);
        }
    }
    Ok(found)
}

fn most() -> i64 {
    i64::try_from(MOST_EVENTS).unwrap_or(i64::MAX)
}
