//! The table of executions: what users did about their to-dos.

use docket_domain::id::UserId;
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use docket_domain::todo::Execution;

use crate::batch::Batch;
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{own_params, params, statements};

/// The columns of an execution, in the order in which an [`Execution`] reads them.
macro_rules! columns {
    () => {
        "id, user_id, todo_id, action_type, object_id, label, success, error_message, metadata,
            executed_at"
    };
}

/// What executions can be sorted by: the name in the contract, the column.
const ORDERS: &[(&str, &str)] = &[
    ("id", "id"),
    ("corrective_action_label", "label"),
    ("executed_at", "executed_at"),
    ("success", "success"),
    ("error_message", "error_message"),
];

statements! {
    /// An execution by the user whose it is.
    FIND_EXECUTION = concat!("SELECT ", columns!(), " FROM execution
        WHERE id = $1 AND user_id = $2");
    /// A new execution; its number is the next one.
    INSERT_EXECUTION = "INSERT INTO execution
            (user_id, todo_id, action_type, object_id, label, success, error_message, metadata,
             executed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Executions by users who go.
    pub(crate) DELETE_EXECUTIONS_OF_USERS = "DELETE FROM execution WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM execution WHERE user_id IN (SELECT value FROM rarray($1))";
    /// Some of the executions from long ago.
    FORGET_EXECUTIONS = "DELETE FROM execution WHERE id IN
        (SELECT id FROM execution WHERE executed_at < $1 ORDER BY executed_at, id LIMIT $2)";
}

impl FromRow for Execution {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            user_id: row.next()?,
            todo_id: row.next()?,
            action_type: row.next()?,
            object_id: row.next()?,
            label: row.next()?,
            success: row.next()?,
            error_message: row.next()?,
            metadata: row.next()?,
            executed_at: row.next()?,
        })
    }
}

/// The execution of this number, if it is this user's.
pub async fn find(conn: &mut Conn, id: i64, user: UserId) -> Result<Option<Execution>, DbError> {
    conn.one(&FIND_EXECUTION, params![id, user]).await
}

/// A page of what a user did, and how much that is in all. The newest come first where no order is
/// asked for.
pub async fn page(
    conn: &mut Conn,
    user: UserId,
    paging: &Paging,
) -> Result<Page<Execution>, DbError> {
    let (items, total) = conn.page(&select(user, paging)).await?;
    Ok(Page { items, total })
}

/// The list behind [`page`]; open to the tests that plan it.
pub fn select(user: UserId, paging: &Paging) -> Select<'static> {
    let select = Select::new(concat!("SELECT ", columns!(), " FROM execution"))
        .counted_by("SELECT count(*) FROM execution")
        .and("user_id = {}", user);
    if paging.order.is_empty() {
        return select
            .order("executed_at DESC")
            .order("id DESC")
            .limit(paging.size)
            .offset(paging.start);
    }
    select.paged(paging, ORDERS, "executed_at DESC", "id DESC")
}

/// The fields by which executions can be sorted.
#[must_use]
pub fn order_field(name: &str) -> Option<&'static str> {
    ORDERS.iter().find(|(field, _)| *field == name).map(|(field, _)| *field)
}

/// Keeps a new execution; its number is given here.
pub fn insert(execution: &Execution, batch: &mut Batch) {
    batch.push(
        &INSERT_EXECUTION,
        own_params![
            execution.user_id,
            execution.todo_id,
            execution.action_type.clone(),
            execution.object_id.clone(),
            execution.label.clone(),
            execution.success,
            execution.error_message.clone(),
            execution.metadata.clone(),
            execution.executed_at
        ],
    );
}

/// Forgets executions from before an instant, this many at most.
pub async fn forget(conn: &mut Conn, before: Instant, most: i64) -> Result<u64, DbError> {
    conn.run(&FORGET_EXECUTIONS, params![before, most]).await
}
