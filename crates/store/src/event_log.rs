//! The table of the event log: what the server has to say about itself.

use docket_domain::journal::{EventEntry, EventKind, EventSearch};
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;

use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{Batch, own_params, params, statements};

statements! {
    /// An entry.
    FIND_EVENT_ENTRY = "SELECT id, type, message, created_at FROM event_log WHERE id = $1";
    /// A new entry; the database numbers it.
    INSERT_EVENT_ENTRY = "INSERT INTO event_log (type, message, created_at) VALUES ($1, $2, $3)";
}

/// What a search can be ordered by, and by which column.
const ORDERS: &[(&str, &str)] =
    &[("insertInstant", "created_at"), ("message", "message"), ("type", "type")];

impl FromRow for EventEntry {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            kind: kind(&row.next::<String>()?)?,
            message: row.next()?,
            created_at: row.next()?,
        })
    }
}

fn kind(name: &str) -> Result<EventKind, DbError> {
    EventKind::from_name(name).ok_or_else(|| DbError::contradiction("event_log.type", name))
}

/// The entry of this number.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<EventEntry>, DbError> {
    conn.one(&FIND_EVENT_ENTRY, params![id]).await
}

/// A page of the entries that match, the newest first unless the caller orders otherwise.
pub async fn search(
    conn: &mut Conn,
    search: &EventSearch,
    paging: &Paging,
) -> Result<Page<EventEntry>, DbError> {
    let select = Select::new("SELECT id, type, message, created_at FROM event_log")
        .counted_by("SELECT count(*) FROM event_log")
        .and_some("type = {}", search.kind.map(EventKind::name))
        .and_some("created_at >= {}", search.start)
        .and_some("created_at <= {}", search.end)
        .and_matches("message", search.message.as_deref())
        .paged(paging, ORDERS, "created_at DESC", "id");
    let (items, total) = conn.page(&select).await?;
    Ok(Page { items, total })
}

/// Writes an entry at the end of a unit of work.
pub fn insert_at_end(kind: EventKind, message: String, created_at: Instant, writes: &mut Batch) {
    writes.push(&INSERT_EVENT_ENTRY, own_params![kind.name(), message, created_at]);
}

/// Writes an entry.
pub async fn insert(
    conn: &mut Conn,
    kind: EventKind,
    message: &str,
    created_at: Instant,
) -> Result<(), DbError> {
    conn.run(&INSERT_EVENT_ENTRY, params![kind.name(), message, created_at]).await?;
    Ok(())
}
