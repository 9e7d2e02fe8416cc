//! The table of events that webhooks were told, or asked about, with the bytes they are sent.

use docket_domain::attempt::{EventResult, WebhookEvent, WebhookEventSearch};
use docket_domain::id::{EventId, TenantId};
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;

use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of an event, in the order in which a [`WebhookEvent`] reads them.
macro_rules! columns {
    () => {
        "id, event_type, tenant_id, linked_id, created_at, updated_at, last_attempt_at, result,
         successful, failed, body"
    };
}

statements! {
    /// A new event. One that is told again is there already.
    pub(crate) INSERT_WEBHOOK_EVENT = "INSERT INTO webhook_event
            (id, event_type, tenant_id, linked_id, created_at, updated_at, last_attempt_at, result,
             successful, failed, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (id) DO NOTHING",
        many: "INSERT INTO webhook_event
            (id, event_type, tenant_id, linked_id, created_at, updated_at, last_attempt_at, result,
             successful, failed, body)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::bigint[],
            $6::bigint[], $7::bigint[], $8::text[], $9::bigint[], $10::bigint[], $11::text[])
        ON CONFLICT (id) DO NOTHING";
    /// An event.
    FIND_WEBHOOK_EVENT = concat!("SELECT ", columns!(), " FROM webhook_event WHERE id = $1");
    /// What kind of event some are, and whose.
    BRIEF_EVENTS = "SELECT id, event_type, tenant_id FROM webhook_event WHERE id = ANY($1)",
        sqlite: "SELECT id, event_type, tenant_id FROM webhook_event
            WHERE id IN (SELECT value FROM rarray($1))";
    /// One attempt more; what it means for the event as a whole is read from its deliveries, which are
    /// written before it. Of many, several may be of one event.
    pub(crate) COUNT_ATTEMPT = "UPDATE webhook_event
        SET successful = successful + $2, failed = failed + $3, updated_at = $4,
            last_attempt_at = CASE WHEN $2 + $3 > 0 THEN $4 ELSE last_attempt_at END,
            result = CASE
                WHEN EXISTS (SELECT 1 FROM delivery AS d
                    WHERE d.event_id = $1 AND d.state = 'waiting') THEN 'Running'
                WHEN EXISTS (SELECT 1 FROM delivery AS d
                    WHERE d.event_id = $1 AND d.state = 'failed') THEN 'Failed'
                ELSE 'Succeeded' END
        WHERE id = $1",
        many: "UPDATE webhook_event AS e
        SET successful = e.successful + made.successful, failed = e.failed + made.failed,
            updated_at = made.at,
            last_attempt_at = CASE WHEN made.successful + made.failed > 0 THEN made.at
                ELSE e.last_attempt_at END,
            result = CASE
                WHEN EXISTS (SELECT 1 FROM delivery AS d
                    WHERE d.event_id = e.id AND d.state = 'waiting') THEN 'Running'
                WHEN EXISTS (SELECT 1 FROM delivery AS d
                    WHERE d.event_id = e.id AND d.state = 'failed') THEN 'Failed'
                ELSE 'Succeeded' END
        FROM (SELECT one.id, sum(one.successful)::bigint AS successful,
                sum(one.failed)::bigint AS failed, max(one.at) AS at
            FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])
                AS one (id, successful, failed, at)
            GROUP BY one.id) AS made
        WHERE e.id = made.id";
    /// What of the log is older than it is kept for.
    FORGET_WEBHOOK_EVENTS = "DELETE FROM webhook_event WHERE id = ANY($1)",
        sqlite: "DELETE FROM webhook_event WHERE id IN (SELECT value FROM rarray($1))";
}

/// What a search can be ordered by, and by which column.
const ORDERS: &[(&str, &str)] = &[
    ("eventResult", "result"),
    ("eventType", "event_type"),
    ("id", "id"),
    ("insertInstant", "id"),
    ("lastAttemptInstant", "last_attempt_at"),
    ("linkedObjectId", "coalesce(linked_id, id)"),
    ("sequence", "id"),
];

impl FromRow for WebhookEvent {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            event_type: row.next()?,
            tenant_id: row.next()?,
            linked_id: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
            last_attempt_at: Some(row.next()?).filter(|at: &Instant| at.millis() > 0),
            result: {
                let name: String = row.next()?;
                EventResult::from_name(&name)
                    .ok_or_else(|| DbError::contradiction("webhook_event.result", name))?
            },
            successful: row.next()?,
            failed: row.next()?,
            body: row.next()?,
        })
    }
}

/// What kind of event it is, and whose.
#[derive(Debug, Clone)]
pub struct Brief {
    /// Its id.
    pub id: EventId,
    /// What happened.
    pub event_type: String,
    /// In which tenant.
    pub tenant_id: Option<TenantId>,
}

impl FromRow for Brief {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { id: row.next()?, event_type: row.next()?, tenant_id: row.next()? })
    }
}

/// What kind of events these are, and whose; those that are not there are left out.
pub async fn brief(conn: &mut Conn, ids: &[EventId]) -> Result<Vec<Brief>, DbError> {
    conn.all(&BRIEF_EVENTS, params![ids]).await
}

/// The event with this id.
pub async fn find(conn: &mut Conn, id: EventId) -> Result<Option<WebhookEvent>, DbError> {
    conn.one(&FIND_WEBHOOK_EVENT, params![id]).await
}

/// A page of the events that match, the newest first unless the caller orders otherwise; `within`
/// is the only tenant whose events are given.
pub async fn search(
    conn: &mut Conn,
    search: &WebhookEventSearch,
    within: Option<TenantId>,
    paging: &Paging,
) -> Result<Page<WebhookEvent>, DbError> {
    let (items, total) = conn.page(&select(search, within, paging)).await?;
    Ok(Page { items, total })
}

/// The list behind [`search`]; open to the tests that plan it. Ids sort by the time they were made
/// at, so a window of time is a range of ids.
pub fn select<'a>(
    search: &'a WebhookEventSearch,
    within: Option<TenantId>,
    paging: &Paging,
) -> Select<'a> {
    let first = search.start.map(|at| EventId::from_uuid(docket_domain::id::at(at, [0; 10])));
    let last = search.end.map(|at| EventId::from_uuid(docket_domain::id::at(at, [0xff; 10])));
    Select::new(concat!("SELECT ", columns!(), " FROM webhook_event"))
        .counted_by("SELECT count(*) FROM webhook_event")
        .and_some("id >= {}", first)
        .and_some("id <= {}", last)
        .and_some("event_type = {}", search.event_type.as_deref())
        .and_some("result = {}", search.result.map(EventResult::name))
        .and_some("tenant_id = {}", within)
        .and_matches("body", search.event.as_deref())
        .paged(paging, ORDERS, "id DESC", "id")
}

/// Removes these events.
pub async fn delete(conn: &mut Conn, ids: &[EventId]) -> Result<(), DbError> {
    conn.run(&FORGET_WEBHOOK_EVENTS, params![ids]).await?;
    Ok(())
}
