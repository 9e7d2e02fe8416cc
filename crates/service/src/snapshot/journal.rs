//! What callers write down.

use docket_domain::journal::AuditEntry;
use docket_domain::json::Json;
use serde_json::json;

use super::{data, document};

/// An entry of the audit log.
pub(crate) fn audit_entry(entry: &AuditEntry) -> Json {
    let details = &entry.details;
    document(&json!({
        "id": entry.id,
        "tenantId": details.tenant_id.map(|id| id.to_string()),
        "insertUser": details.insert_user,
        "message": details.message,
        "reason": details.reason,
        "oldValue": details.old_value.as_ref().map(data),
        "newValue": details.new_value.as_ref().map(data),
        "data": data(&details.data),
        "createdAt": entry.created_at.millis(),
    }))
}
