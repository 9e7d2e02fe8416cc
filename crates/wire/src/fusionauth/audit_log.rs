//! The audit log (`fusionauth.md` §4.11).

use docket_domain::id::TenantId;
use docket_domain::journal::{AuditDetails, AuditEntry, AuditSearch};
use docket_domain::page::{Page, Paging};
use docket_domain::violation::Violation;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar::Document;
use super::search::{Criteria, gather, settle};
use crate::fields::Fields;

/// What entries can be ordered by.
const ORDERS: &[&str] = &["insertInstant", "insertUser", "message"];

/// An entry, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLog {
    #[schema(value_type = Object)]
    data: Document,
    id: i64,
    insert_instant: i64,
    insert_user: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    new_value: Option<Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    old_value: Option<Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<Uuid>,
}

/// `{"auditLog": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLogResponse {
    audit_log: AuditLog,
}

/// `{"auditLogs": […], "total": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLogSearchResponse {
    audit_logs: Vec<AuditLog>,
    total: i64,
}

impl From<&AuditEntry> for AuditLog {
    fn from(entry: &AuditEntry) -> Self {
        let details = &entry.details;
        Self {
            data: (&details.data).into(),
            id: entry.id,
            insert_instant: entry.created_at.millis(),
            insert_user: details.insert_user.clone(),
            message: details.message.clone(),
            new_value: details.new_value.as_ref().map(Into::into),
            old_value: details.old_value.as_ref().map(Into::into),
            reason: details.reason.clone(),
            tenant_id: details.tenant_id.map(TenantId::uuid),
        }
    }
}

impl From<&AuditEntry> for AuditLogResponse {
    fn from(entry: &AuditEntry) -> Self {
        Self { audit_log: entry.into() }
    }
}

impl From<&Page<AuditEntry>> for AuditLogSearchResponse {
    fn from(page: &Page<AuditEntry>) -> Self {
        Self { audit_logs: page.items.iter().map(Into::into).collect(), total: page.total }
    }
}

/// Reads the `auditLog` of a request.
pub fn details(value: &Value) -> Result<AuditDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let details = AuditDetails {
        tenant_id: fields.parsed("tenantId"),
        insert_user: fields.trimmed("insertUser"),
        message: fields.text("message").unwrap_or_default(),
        reason: fields.optional("reason"),
        old_value: fields.any("oldValue"),
        new_value: fields.any("newValue"),
        data: fields.document("data"),
    };
    fields.finish_checked(details, AuditDetails::check)
}

/// Reads the criteria of a search, and the page.
pub fn search(criteria: &Criteria) -> Result<(AuditSearch, Paging), Vec<Violation>> {
    let mut violations = Vec::new();
    let search = AuditSearch {
        user: criteria.owned("user"),
        message: criteria.owned("message"),
        reason: criteria.owned("reason"),
        new_value: criteria.owned("newValue"),
        old_value: criteria.owned("oldValue"),
        start: gather(criteria.instant("start"), &mut violations),
        end: gather(criteria.instant("end"), &mut violations),
        tenant_id: gather(criteria.parsed("tenantId"), &mut violations),
    };
    settle(search, criteria.paging(ORDERS), violations)
}
