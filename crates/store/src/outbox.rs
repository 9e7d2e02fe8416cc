//! The outbox: committed changes, to be told to others, in the order in which they were committed.
//!
//! Positions are drawn before the commit, so on `PostgreSQL` a later position can be seen before an
//! earlier one. A [`Snapshot`] taken before a look tells whether a position that is missing can
//! still come.

use docket_domain::id::{EventId, TenantId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of an event, in the order in which a [`KeptEvent`] reads them.
macro_rules! columns {
    () => {
        "position, id, at, event_type, tenant_id, subject_id, request_id, payload"
    };
}

statements! {
    /// A new event.
    pub(crate) INSERT_EVENT = "INSERT INTO outbox
            (id, at, event_type, tenant_id, subject_id, request_id, payload)
        VALUES ($1, $2, $3, $4, $5, $6, $7)",
        many: "INSERT INTO outbox
            (id, at, event_type, tenant_id, subject_id, request_id, payload)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::uuid[],
            $6::text[], $7::json[])";
    /// The events behind a position, in their order.
    EVENTS_AFTER = concat!("SELECT ", columns!(), " FROM outbox
        WHERE position > $1 ORDER BY position LIMIT $2");
    /// The events with these ids, in no order.
    EVENTS_BY_ID = concat!("SELECT ", columns!(), " FROM outbox WHERE id = ANY($1)"),
        sqlite: concat!("SELECT ", columns!(), " FROM outbox
            WHERE id IN (SELECT value FROM rarray($1))");
    /// The events of a type within a range of ids, which is a range of time.
    EVENTS_BETWEEN = concat!("SELECT ", columns!(), " FROM outbox
        WHERE id >= $1 AND id <= $2 AND event_type = $3 ORDER BY id LIMIT $4");
    /// Which transactions are under way. The snapshot's own upper end lies behind the last one that
    /// has ended, and some that go on may lie beyond it; a number drawn now lies beyond all of them.
    /// SQLite has one writer, so none that could come late.
    SNAPSHOT = "SELECT pg_snapshot_xmin(now.taken)::text::bigint,
            pg_current_xact_id()::text::bigint
        FROM (SELECT pg_current_snapshot() AS taken) AS now",
        sqlite: "SELECT 1, 0";
    /// The oldest events before a position, if they are old enough. The one at the position stays,
    /// and so does the newest, whose position must not be given again.
    FORGET_EVENTS = "DELETE FROM outbox WHERE position IN
            (SELECT position FROM outbox WHERE position < $2 ORDER BY position LIMIT $3)
        AND at < $1";
}

/// An event about to be kept.
#[derive(Debug)]
pub struct OutboxEvent {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub event_type: String,
    /// In which tenant.
    pub tenant_id: Option<TenantId>,
    /// To what.
    pub subject_id: Uuid,
    /// By which request.
    pub request_id: String,
    /// What it says.
    pub payload: Option<Json>,
}

/// An event as kept.
#[derive(Debug, Clone)]
pub struct KeptEvent {
    /// Its place in the order of commits.
    pub position: i64,
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub event_type: String,
    /// In which tenant.
    pub tenant_id: Option<TenantId>,
    /// To what.
    pub subject_id: Option<Uuid>,
    /// By which request.
    pub request_id: String,
    /// What it says.
    pub payload: Json,
}

impl FromRow for KeptEvent {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            position: row.next()?,
            id: row.next()?,
            at: row.next()?,
            event_type: row.next()?,
            tenant_id: row.next()?,
            subject_id: row.next()?,
            request_id: row.next()?,
            payload: row.next()?,
        })
    }
}

/// Which transactions are under way, in the engine's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// Every transaction with a smaller number has ended.
    pub oldest_running: i64,
    /// No transaction with this number or a larger one has begun.
    pub next: i64,
}

impl FromRow for Snapshot {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { oldest_running: row.next()?, next: row.next()? })
    }
}

/// Which events of the log are wanted; what is absent does not matter.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of these types; none means of any.
    pub types: Vec<String>,
    /// In this tenant.
    pub tenant_id: Option<TenantId>,
    /// At this instant or later.
    pub from: Option<Instant>,
    /// Before this instant.
    pub to: Option<Instant>,
}

impl Wanted {
    /// Whether the event is one of them.
    #[must_use]
    pub fn includes(&self, event: &KeptEvent) -> bool {
        (self.types.is_empty() || self.types.contains(&event.event_type))
            && self.tenant_id.is_none_or(|tenant| event.tenant_id == Some(tenant))
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at < to)
    }
}

/// The events behind a position, in their order, this many at most.
pub async fn after(conn: &mut Conn, position: i64, most: i64) -> Result<Vec<KeptEvent>, DbError> {
    conn.all(&EVENTS_AFTER, params![position, most]).await
}

/// The wanted events behind a position and up to another, in their order, this many at most.
pub async fn page(
    conn: &mut Conn,
    wanted: &Wanted,
    after: i64,
    until: i64,
    most: i64,
) -> Result<Vec<KeptEvent>, DbError> {
    conn.rows(&select(wanted, after, until, most)).await
}

/// The list behind [`page`]; open to the tests that plan it.
pub fn select(wanted: &Wanted, after: i64, until: i64, most: i64) -> Select<'_> {
    let types = (!wanted.types.is_empty()).then_some(&wanted.types);
    let select = Select::new(concat!("SELECT ", columns!(), " FROM outbox"))
        .and("position > {}", after)
        .and("position <= {}", until)
        .and_some("tenant_id = {}", wanted.tenant_id)
        .and_some("at >= {}", wanted.from)
        .and_some("at < {}", wanted.to);
    let select = match types {
        Some(types) => select.and_any_of("event_type", types),
        None => select,
    };
    select.order("position").limit(most)
}

/// The events with these ids, in no order; those that are not there are left out.
pub async fn by_ids(conn: &mut Conn, ids: &[EventId]) -> Result<Vec<KeptEvent>, DbError> {
    conn.all(&EVENTS_BY_ID, params![ids]).await
}

/// The events of a type between two ids, both included, by id, this many at most.
pub async fn between(
    conn: &mut Conn,
    event_type: &str,
    (first, last): (EventId, EventId),
    most: i64,
) -> Result<Vec<KeptEvent>, DbError> {
    conn.all(&EVENTS_BETWEEN, params![first, last, event_type, most]).await
}

/// Which transactions are under way. To be asked before looking for events.
pub async fn snapshot(conn: &mut Conn) -> Result<Snapshot, DbError> {
    let none = Snapshot { oldest_running: 0, next: 0 };
    Ok(conn.one(&SNAPSHOT, params![]).await?.unwrap_or(none))
}

/// Removes events from before an instant that lie before a position that was reached, this many at
/// most.
pub async fn forget(
    conn: &mut Conn,
    before: Instant,
    until: i64,
    most: i64,
) -> Result<u64, DbError> {
    conn.run(&FORGET_EVENTS, params![before, until, most]).await
}
