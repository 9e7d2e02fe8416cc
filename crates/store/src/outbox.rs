//! The outbox: committed changes, to be told to others.

use docket_domain::id::{EventId, TenantId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// A new event.
    pub(crate) INSERT_EVENT = "INSERT INTO outbox
            (id, at, event_type, tenant_id, subject_id, request_id, payload)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// The events about one object, oldest first.
    EVENTS_OF = "SELECT id, at, event_type, payload FROM outbox
        WHERE subject_id = $1 ORDER BY id";
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
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub event_type: String,
    /// What it says.
    pub payload: Json,
}

impl FromRow for KeptEvent {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { id: row.next()?, at: row.next()?, event_type: row.next()?, payload: row.next()? })
    }
}

/// The events about one object, oldest first.
pub async fn of_subject(conn: &mut Conn, subject: Uuid) -> Result<Vec<KeptEvent>, DbError> {
    conn.all(&EVENTS_OF, params![subject]).await
}
