//! The audit trail: who changed what, by which credential, from what to what.

use docket_domain::id::{ApiKeyId, AuditId, TenantId, UserId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::batch::Batch;
use crate::outbox::{INSERT_EVENT, OutboxEvent};
use crate::{own_params, statements};

statements! {
    /// A new record.
    INSERT_RECORD = "INSERT INTO audit_record
            (id, at, principal, key_id, user_id, request_id, tenant_id, event_type, subject_id,
             before, after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        many: "INSERT INTO audit_record
            (id, at, principal, key_id, user_id, request_id, tenant_id, event_type, subject_id,
             before, after)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::uuid[],
            $6::text[], $7::uuid[], $8::text[], $9::uuid[], $10::json[], $11::json[])";
}

/// A record about to be kept.
#[derive(Debug)]
pub struct AuditRecord {
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
    pub request_id: String,
    /// In which tenant.
    pub tenant_id: Option<TenantId>,
    /// What was done.
    pub event_type: String,
    /// To what.
    pub subject_id: Uuid,
    /// How it was.
    pub before: Option<Json>,
    /// How it is.
    pub after: Option<Json>,
}

/// Keeps a record and the event of the same change.
pub fn insert_with_event(record: AuditRecord, event: OutboxEvent, batch: &mut Batch) {
    batch.push(
        &INSERT_RECORD,
        own_params![
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
        ],
    );
    batch.push(
        &INSERT_EVENT,
        own_params![
            event.id,
            event.at,
            event.event_type,
            event.tenant_id,
            event.subject_id,
            event.request_id,
            event.payload.unwrap_or_else(Json::empty_object)
        ],
    );
}
