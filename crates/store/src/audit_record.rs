//! The audit trail: who changed what, by which credential, from what to what.

use docket_domain::id::{ApiKeyId, AuditId, TenantId, UserId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::conn::Conn;
use crate::error::DbError;
use crate::outbox::{INSERT_EVENT, OutboxEvent};
use crate::value::Value;
use crate::{params, statements};

statements! {
    /// A new record.
    INSERT_RECORD = "INSERT INTO audit_record
            (id, at, principal, key_id, user_id, request_id, tenant_id, event_type, subject_id,
             before, after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
}

/// A record about to be kept.
#[derive(Debug)]
pub struct AuditRecord<'a> {
    /// Its id.
    pub id: AuditId,
    /// When it happened.
    pub at: Instant,
    /// What kind of principal did it.
    pub principal: &'static str,
    /// With which API key.
    pub key_id: Option<ApiKeyId>,
    /// Which user did it, or in whose name it was done.
    pub user_id: Option<UserId>,
    /// By which request.
    pub request_id: &'a str,
    /// In which tenant.
    pub tenant_id: Option<TenantId>,
    /// What was done.
    pub event_type: &'a str,
    /// To what.
    pub subject_id: Uuid,
    /// How it was.
    pub before: Option<&'a Json>,
    /// How it is.
    pub after: Option<&'a Json>,
}

/// Keeps records, each with the event of the same change, in one trip.
pub async fn insert_with_events(
    conn: &mut Conn,
    changes: &[(AuditRecord<'_>, OutboxEvent<'_>)],
) -> Result<(), DbError> {
    let rows: Vec<(Vec<Value<'_>>, Vec<Value<'_>>)> = changes
        .iter()
        .map(|(record, event)| (row_of_record(record), row_of_event(event)))
        .collect();
    let mut batch: Vec<(&'static crate::Stmt, &[Value<'_>])> = Vec::with_capacity(2 * rows.len());
    for (record, event) in &rows {
        batch.extend([(&INSERT_RECORD, record.as_slice()), (&INSERT_EVENT, event.as_slice())]);
    }
    conn.run_all(&batch).await
}

fn row_of_record<'a>(record: &'a AuditRecord<'_>) -> Vec<Value<'a>> {
    params![
        record.id,
        record.at,
        record.principal,
        record.key_id,
        record.user_id,
        record.request_id,
        record.tenant_id,
        record.event_type,
        record.subject_id,
        record.before,
        record.after
    ]
    .to_vec()
}

fn row_of_event<'a>(event: &'a OutboxEvent<'_>) -> Vec<Value<'a>> {
    params![
        event.id,
        event.at,
        event.event_type,
        event.tenant_id,
        event.subject_id,
        event.request_id,
        Value::Json(event.payload.map_or("{}", Json::as_str))
    ]
    .to_vec()
}
