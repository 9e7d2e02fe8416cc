//! The table of deliveries: one event for one webhook, due until it is settled.
//!
//! A claim is a lease: whoever sends a delivery moves `due_at` to the lease's end. If nothing is
//! recorded until then, the delivery is due again, for any node.

use docket_domain::attempt::{Attempt, DeliveryState, EventResult, WebhookEvent};
use docket_domain::id::{EventId, WebhookId};
use docket_domain::time::Instant;

use crate::attempt::INSERT_ATTEMPT;
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::value::Value;
use crate::webhook_event::{COUNT_ATTEMPT, INSERT_WEBHOOK_EVENT};
use crate::{Batch, Stmt, own_params, params, statements};

statements! {
    /// A new delivery; one that there is already begins anew.
    INSERT_DELIVERY = "INSERT INTO delivery
            (webhook_id, event_id, state, attempts, tries_left, due_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (webhook_id, event_id) DO UPDATE SET state = excluded.state,
            attempts = excluded.attempts, tries_left = excluded.tries_left,
            due_at = excluded.due_at, updated_at = excluded.updated_at",
        many: "INSERT INTO delivery
            (webhook_id, event_id, state, attempts, tries_left, due_at, updated_at)
        SELECT DISTINCT ON (one.webhook_id, one.event_id) one.*
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::bigint[])
            AS one (webhook_id, event_id, state, attempts, tries_left, due_at, updated_at)
        ON CONFLICT (webhook_id, event_id) DO UPDATE SET state = excluded.state,
            attempts = excluded.attempts, tries_left = excluded.tries_left,
            due_at = excluded.due_at, updated_at = excluded.updated_at";
    /// The webhooks for which something is due.
    WEBHOOKS_DUE = "SELECT webhook.id FROM webhook WHERE webhook.disabled_at IS NULL AND EXISTS
        (SELECT 1 FROM delivery AS d WHERE d.webhook_id = webhook.id AND d.due_at <= $1)";
    /// Takes what is due for a webhook on, until an instant.
    CLAIM_DELIVERIES = "UPDATE delivery AS d SET due_at = $3
        FROM (SELECT webhook_id, event_id FROM delivery
              WHERE webhook_id = $1 AND due_at <= $2 ORDER BY due_at, event_id LIMIT $4
              FOR UPDATE SKIP LOCKED) AS due
        WHERE d.webhook_id = due.webhook_id AND d.event_id = due.event_id
        RETURNING d.event_id, d.attempts, d.tries_left,
            (SELECT e.body FROM webhook_event AS e WHERE e.id = d.event_id)",
        sqlite: "UPDATE delivery SET due_at = $3
        WHERE (webhook_id, event_id) IN (SELECT webhook_id, event_id FROM delivery
              WHERE webhook_id = $1 AND due_at <= $2 ORDER BY due_at, event_id LIMIT $4)
        RETURNING event_id, attempts, tries_left,
            (SELECT e.body FROM webhook_event AS e WHERE e.id = event_id)";
    /// Lets anybody make a call now.
    RELEASE_DELIVERY = "UPDATE delivery SET due_at = $3
        WHERE webhook_id = $1 AND event_id = $2 AND state = 'waiting'";
    /// What an attempt made of a delivery. What is settled stays so. Of many, two may be of one
    /// delivery, whose lease ended before the first was kept: what settles it counts.
    SETTLE_DELIVERY = "UPDATE delivery
        SET state = $3, attempts = attempts + 1, tries_left = tries_left - 1, due_at = $4,
            updated_at = $5
        WHERE webhook_id = $1 AND event_id = $2 AND state = 'waiting'",
        many: "UPDATE delivery AS d
        SET state = made.state, attempts = d.attempts + made.times,
            tries_left = d.tries_left - made.times, due_at = made.due_at, updated_at = made.at
        FROM (SELECT DISTINCT ON (one.webhook_id, one.event_id) one.*,
                count(*) OVER (PARTITION BY one.webhook_id, one.event_id) AS times
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
                AS one (webhook_id, event_id, state, due_at, at)
            ORDER BY one.webhook_id, one.event_id, one.state = 'waiting', one.at) AS made
        WHERE d.webhook_id = made.webhook_id AND d.event_id = made.event_id
            AND d.state = 'waiting'";
    /// Gives up what is still to be sent to a webhook.
    GIVE_UP_DELIVERIES = "UPDATE delivery SET state = 'failed', due_at = NULL, updated_at = $2
        WHERE webhook_id = $1 AND due_at IS NOT NULL RETURNING event_id";
    /// The deliveries to a webhook, newest first.
    DELIVERIES_TO = "SELECT webhook_id, event_id, state, attempts, due_at, updated_at FROM delivery
        WHERE webhook_id = $1 AND event_id < $2 ORDER BY event_id DESC LIMIT $3";
    /// The deliveries of some events.
    DELIVERIES_OF = "SELECT webhook_id, event_id, state, attempts, due_at, updated_at FROM delivery
        WHERE event_id = ANY($1)",
        sqlite: "SELECT webhook_id, event_id, state, attempts, due_at, updated_at FROM delivery
        WHERE event_id IN (SELECT value FROM rarray($1))";
    /// The events of a webhook's deliveries that were given up, within a range of events.
    FAILED_BETWEEN = "SELECT event_id FROM delivery
        WHERE webhook_id = $1 AND event_id >= $2 AND event_id <= $3 AND state = 'failed'
        ORDER BY event_id LIMIT $4";
    /// The oldest events whose deliveries are all settled.
    EVENTS_SETTLED_BEFORE = "SELECT id FROM webhook_event WHERE id < $1 AND result <> 'Running'
        ORDER BY id LIMIT $2";
    /// The deliveries of events that are forgotten.
    FORGET_DELIVERIES = "DELETE FROM delivery WHERE event_id = ANY($1)",
        sqlite: "DELETE FROM delivery WHERE event_id IN (SELECT value FROM rarray($1))";
    /// The attempts of events that are forgotten.
    FORGET_ATTEMPTS = "DELETE FROM attempt WHERE event_id = ANY($1)",
        sqlite: "DELETE FROM attempt WHERE event_id IN (SELECT value FROM rarray($1))";
    /// A webhook has answered again.
    END_FAILING = "UPDATE webhook SET failing_since = NULL
        WHERE id = $1 AND failing_since IS NOT NULL";
    /// A webhook has begun to fail.
    BEGIN_FAILING = "UPDATE webhook SET failing_since = $2
        WHERE id = $1 AND failing_since IS NULL";
}

/// A delivery about to be kept.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// Of which event.
    pub event_id: EventId,
    /// How far it is.
    pub state: DeliveryState,
    /// How many attempts there were already.
    pub attempts: i64,
    /// How many may follow.
    pub tries_left: i64,
    /// When the next one is due, or the lease of whoever makes it ends.
    pub due_at: Option<Instant>,
    /// When this was decided.
    pub updated_at: Instant,
}

/// A delivery that was taken on.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Of which event.
    pub event_id: EventId,
    /// How many attempts there were already.
    pub attempts: i64,
    /// How many may follow, the next one included.
    pub tries_left: i64,
    /// What is sent; none when the event is gone.
    pub body: Option<String>,
}

impl FromRow for Claimed {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            event_id: row.next()?,
            attempts: row.next()?,
            tries_left: row.next()?,
            body: row.next()?,
        })
    }
}

/// A delivery as kept.
#[derive(Debug, Clone)]
pub struct KeptDelivery {
    /// To which webhook.
    pub webhook_id: WebhookId,
    /// Of which event.
    pub event_id: EventId,
    /// How far it is.
    pub state: DeliveryState,
    /// How many attempts there were.
    pub attempts: i64,
    /// When the next one is due.
    pub due_at: Option<Instant>,
    /// When it last got on.
    pub updated_at: Instant,
}

impl FromRow for KeptDelivery {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let (webhook_id, event_id) = (row.next()?, row.next()?);
        let name: String = row.next()?;
        let state = DeliveryState::from_name(&name)
            .ok_or_else(|| DbError::contradiction("delivery.state", name))?;
        Ok(Self {
            webhook_id,
            event_id,
            state,
            attempts: row.next()?,
            due_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// Keeps an event that webhooks are told.
pub fn insert_event(event: WebhookEvent, writes: &mut Batch) {
    let row = own_params![
        event.id,
        event.event_type,
        event.tenant_id,
        event.linked_id,
        event.created_at,
        event.updated_at,
        // No attempt sorts before the first one, on both engines.
        event.last_attempt_at.unwrap_or(Instant::from_millis(0)),
        EventResult::name(event.result),
        event.successful,
        event.failed,
        event.body
    ];
    writes.push(&INSERT_WEBHOOK_EVENT, row);
}

/// Keeps a delivery.
pub fn insert(delivery: &NewDelivery, writes: &mut Batch) {
    let row = own_params![
        delivery.webhook_id,
        delivery.event_id,
        delivery.state.name(),
        delivery.attempts,
        delivery.tries_left,
        delivery.due_at,
        delivery.updated_at
    ];
    writes.push(&INSERT_DELIVERY, row);
}

/// Keeps an attempt.
pub fn insert_attempt(attempt: &Attempt, writes: &mut Batch) {
    let row = own_params![
        attempt.id,
        attempt.event_id,
        attempt.webhook_id,
        attempt.url.clone(),
        attempt.started_at,
        attempt.ended_at,
        attempt.outcome.status.map(u32::from),
        attempt.outcome.error.clone(),
        attempt.outcome.answer.clone()
    ];
    writes.push(&INSERT_ATTEMPT, row);
}

/// The webhooks for which something is due at `now`.
pub async fn webhooks_due(conn: &mut Conn, now: Instant) -> Result<Vec<WebhookId>, DbError> {
    let ids: Vec<uuid::Uuid> = conn.all(&WEBHOOKS_DUE, params![now]).await?;
    Ok(ids.into_iter().map(WebhookId::from_uuid).collect())
}

/// Takes on what is due for a webhook at `now`, this many at most, until an instant.
pub async fn claim(
    conn: &mut Conn,
    webhook: WebhookId,
    now: Instant,
    until: Instant,
    most: i64,
) -> Result<Vec<Claimed>, DbError> {
    conn.all(&CLAIM_DELIVERIES, params![webhook, now, until, most]).await
}

/// Makes these due at `now`, whoever had taken them on.
pub async fn release(
    conn: &mut Conn,
    deliveries: &[(WebhookId, EventId)],
    now: Instant,
) -> Result<(), DbError> {
    let rows: Vec<[Value<'_>; 3]> = deliveries
        .iter()
        .map(|(webhook, event)| [(*webhook).into(), (*event).into(), now.into()])
        .collect();
    let batch: Vec<(&'static Stmt, &[Value<'_>])> =
        rows.iter().map(|row| (&RELEASE_DELIVERY, row.as_slice())).collect();
    conn.run_all(&batch).await
}

/// Keeps an attempt and what it makes of its delivery: how far that is now, and when the next
/// attempt is due.
pub fn settle(
    attempt: &Attempt,
    state: DeliveryState,
    due_at: Option<Instant>,
    writes: &mut Batch,
) {
    insert_attempt(attempt, writes);
    let (webhook, event, at) = (attempt.webhook_id, attempt.event_id, attempt.ended_at);
    writes.push(&SETTLE_DELIVERY, own_params![webhook, event, state.name(), due_at, at]);
    let succeeded = attempt.outcome.succeeded();
    let counts = (i64::from(succeeded), i64::from(!succeeded));
    writes.push(&COUNT_ATTEMPT, own_params![event, counts.0, counts.1, at]);
}

/// Gives up whatever is still to be sent to a webhook; the answer is of which events.
pub async fn give_up(
    conn: &mut Conn,
    webhook: WebhookId,
    now: Instant,
) -> Result<Vec<EventId>, DbError> {
    let ids: Vec<uuid::Uuid> = conn.all(&GIVE_UP_DELIVERIES, params![webhook, now]).await?;
    Ok(ids.into_iter().map(EventId::from_uuid).collect())
}

/// Reads the result of events anew from their deliveries.
pub async fn recount(conn: &mut Conn, events: &[EventId], now: Instant) -> Result<(), DbError> {
    let rows: Vec<[Value<'_>; 4]> =
        events.iter().map(|id| [(*id).into(), 0.into(), 0.into(), now.into()]).collect();
    let batch: Vec<(&'static Stmt, &[Value<'_>])> =
        rows.iter().map(|row| (&COUNT_ATTEMPT, row.as_slice())).collect();
    conn.run_all(&batch).await
}

/// Reads the result of an event anew from its deliveries, after what was written before.
pub fn recount_at_end(event: EventId, now: Instant, writes: &mut Batch) {
    writes.push(&COUNT_ATTEMPT, own_params![event, 0_i64, 0_i64, now]);
}

/// The deliveries to a webhook of events before this one, newest first.
pub async fn page_to(
    conn: &mut Conn,
    webhook: WebhookId,
    before: EventId,
    most: i64,
) -> Result<Vec<KeptDelivery>, DbError> {
    conn.all(&DELIVERIES_TO, params![webhook, before, most]).await
}

/// The deliveries of these events.
pub async fn of_events(conn: &mut Conn, events: &[EventId]) -> Result<Vec<KeptDelivery>, DbError> {
    conn.all(&DELIVERIES_OF, params![events]).await
}

/// The events between two, both included, whose delivery to a webhook was given up.
pub async fn failed_between(
    conn: &mut Conn,
    webhook: WebhookId,
    (first, last): (EventId, EventId),
    most: i64,
) -> Result<Vec<EventId>, DbError> {
    let ids: Vec<uuid::Uuid> =
        conn.all(&FAILED_BETWEEN, params![webhook, first, last, most]).await?;
    Ok(ids.into_iter().map(EventId::from_uuid).collect())
}

/// The webhook has taken something, or has done nothing but fail since `now` if it had not before.
pub fn keep_health(webhook: WebhookId, healthy: bool, now: Instant, writes: &mut Batch) {
    if healthy {
        writes.push(&END_FAILING, own_params![webhook]);
    } else {
        writes.push(&BEGIN_FAILING, own_params![webhook, now]);
    }
}

/// Forgets events told before this one whose deliveries are all settled, this many at most.
pub async fn forget(conn: &mut Conn, before: EventId, most: i64) -> Result<u64, DbError> {
    let ids: Vec<uuid::Uuid> = conn.all(&EVENTS_SETTLED_BEFORE, params![before, most]).await?;
    let forgotten = u64::try_from(ids.len()).unwrap_or_default();
    let events: Vec<EventId> = ids.into_iter().map(EventId::from_uuid).collect();
    let ids = params![&events];
    conn.run_all(&[(&FORGET_ATTEMPTS, ids), (&FORGET_DELIVERIES, ids)]).await?;
    crate::webhook_event::delete(conn, &events).await?;
    Ok(forgotten)
}
