//! The table of the audit log: what callers write down about their own doings.

use docket_domain::id::TenantId;
use docket_domain::journal::{AuditDetails, AuditEntry, AuditSearch};
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;

use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// An entry.
    FIND_AUDIT_ENTRY = "SELECT id, tenant_id, insert_user, message, reason, old_value, new_value,
            data, created_at
        FROM audit_log WHERE id = $1";
    /// A new entry; the database numbers it.
    INSERT_AUDIT_ENTRY = "INSERT INTO audit_log
            (tenant_id, insert_user, message, reason, old_value, new_value, data, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        RETURNING id";
}

/// What a search can be ordered by, and by which column.
const ORDERS: &[(&str, &str)] =
    &[("insertInstant", "created_at"), ("insertUser", "insert_user"), ("message", "message")];

impl FromRow for AuditEntry {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            details: AuditDetails {
                tenant_id: row.next()?,
                insert_user: row.next()?,
                message: row.next()?,
                reason: row.next()?,
                old_value: row.next()?,
                new_value: row.next()?,
                data: row.next()?,
            },
            created_at: row.next()?,
        })
    }
}

/// The entry of this number.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<AuditEntry>, DbError> {
    conn.one(&FIND_AUDIT_ENTRY, params![id]).await
}

/// A page of the entries that match, the newest first unless the caller orders otherwise; `within`
/// is the only tenant whose entries may be seen.
pub async fn search(
    conn: &mut Conn,
    search: &AuditSearch,
    within: Option<TenantId>,
    paging: &Paging,
) -> Result<Page<AuditEntry>, DbError> {
    let select = Select::new(
        "SELECT id, tenant_id, insert_user, message, reason, old_value, new_value, data, created_at
        FROM audit_log",
    )
    .counted_by("SELECT count(*) FROM audit_log")
    .and_some("tenant_id = {}", within)
    .and_some("tenant_id = {}", search.tenant_id)
    .and_some("created_at >= {}", search.start)
    .and_some("created_at <= {}", search.end)
    .and_matches("insert_user", search.user.as_deref())
    .and_matches("message", search.message.as_deref())
    .and_matches("reason", search.reason.as_deref())
    .and_matches("CAST(old_value AS text)", search.old_value.as_deref())
    .and_matches("CAST(new_value AS text)", search.new_value.as_deref())
    .paged(paging, ORDERS, "created_at DESC", "id");
    let (items, total) = conn.page(&select).await?;
    Ok(Page { items, total })
}

/// Writes an entry; its number is the answer.
pub async fn insert(
    conn: &mut Conn,
    details: &AuditDetails,
    created_at: Instant,
) -> Result<i64, DbError> {
    let id: Option<i64> = conn
        .one(
            &INSERT_AUDIT_ENTRY,
            params![
                details.tenant_id,
                &details.insert_user,
                &details.message,
                &details.reason,
                &details.old_value,
                &details.new_value,
                &details.data,
                created_at
            ],
        )
        .await?;
    id.ok_or_else(|| DbError::contradiction("audit_log", "a new entry without a number"))
}
