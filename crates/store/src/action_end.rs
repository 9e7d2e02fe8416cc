//! The ends of actions: which is next, which are due, and that they were seen to.
//!
//! An end is pending until it was seen to; whoever sees to it holds that alone, so each is seen to
//! once, however many nodes look. The action's own row stays as it is, but for an end of which nobody
//! is told.

use docket_domain::action::{Action, ActionLength};
use docket_domain::id::{ActionId, UserId};
use docket_domain::time::{Expiry, Instant};
use uuid::Uuid;

use crate::action::columns;
use crate::batch::Batch;
use crate::codec::expiry;
use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{own_params, params, statements};

statements! {
    /// The next end.
    NEXT_END = "SELECT min(due_at) FROM pending_end";
    /// The ends that are due, the longest overdue first; those that somebody else holds are left
    /// out, so that this waits for nobody.
    LOCK_DUE_ENDS = "SELECT due_at, action_id FROM pending_end
        WHERE due_at <= $1 AND (due_at, action_id) > ($2, $3)
        ORDER BY due_at, action_id LIMIT $4 FOR UPDATE SKIP LOCKED",
        sqlite: "SELECT due_at, action_id FROM pending_end
        WHERE due_at <= $1 AND (due_at, action_id) > ($2, $3)
        ORDER BY due_at, action_id LIMIT $4";
    /// The end of an action that is about to be changed.
    HOLD_END = "SELECT due_at FROM pending_end WHERE due_at = $1 AND action_id = $2 FOR UPDATE",
        sqlite: "SELECT due_at FROM pending_end WHERE due_at = $1 AND action_id = $2";
    /// An end to come.
    INSERT_END = "INSERT INTO pending_end (due_at, action_id) VALUES ($1, $2)",
        many: "INSERT INTO pending_end (due_at, action_id)
        SELECT * FROM unnest($1::bigint[], $2::uuid[])";
    /// An end that was seen to, or will not come.
    DELETE_END = "DELETE FROM pending_end WHERE due_at = $1 AND action_id = $2",
        many: "DELETE FROM pending_end USING unnest($1::bigint[], $2::uuid[]) AS past (due_at, id)
        WHERE pending_end.due_at = past.due_at AND pending_end.action_id = past.id";
    /// An action of whose end nobody is told. Both columns of the primary key are named, so that no
    /// index is needed, and the row gets no longer, so that it stays where it is.
    END_QUIETLY = "UPDATE action SET ended_quietly = TRUE WHERE actionee_id = $1 AND id = $2",
        many: "UPDATE action SET ended_quietly = TRUE
        FROM unnest($1::uuid[], $2::uuid[]) AS quiet (actionee_id, id)
        WHERE action.actionee_id = quiet.actionee_id AND action.id = quiet.id";
    /// Actions whose end lies within a span of time, whatever became of it.
    ENDS_BETWEEN = "SELECT id FROM action
        WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at, id";
    /// The actions that somebody took last and that end within a span of time, unless they were ended
    /// early. SQLite would else read everything that this somebody ever took.
    ENDS_OF_ACTIONER = concat!("SELECT ", columns!(), " FROM action
        WHERE expires_at > $2 AND expires_at <= $3 AND cancelled_at IS NULL AND actioner_id = $1"),
        sqlite: concat!("SELECT ", columns!(), " FROM action INDEXED BY action_expires
        WHERE expires_at > $2 AND expires_at <= $3 AND cancelled_at IS NULL AND actioner_id = $1");
    /// The first end after an instant, whatever became of it.
    NEXT_END_AFTER = "SELECT expires_at FROM action
        WHERE expires_at > $1 ORDER BY expires_at, id LIMIT 1";
}

/// An end that nobody has seen to yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingEnd {
    /// When it is due.
    pub due_at: Instant,
    /// What ends.
    pub action_id: ActionId,
}

impl PendingEnd {
    /// The end that is to come for an action, or was.
    fn of(action: &Action) -> Option<Self> {
        match action.length {
            ActionLength::Temporal { expiry, cancelled_at: None, .. } => {
                expiry.instant().map(|due_at| Self { due_at, action_id: action.id })
            }
            ActionLength::Temporal { .. } | ActionLength::Instant => None,
        }
    }
}

impl FromRow for PendingEnd {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { due_at: row.next()?, action_id: row.next()? })
    }
}

/// When the next end is due, whether that has passed or not.
pub async fn next(conn: &mut Conn) -> Result<Expiry, DbError> {
    let next: Option<Option<Instant>> = conn.one(&NEXT_END, params![]).await?;
    Ok(next.flatten().map_or(Expiry::Never, Expiry::At))
}

/// The ends that are due at `now`, this many at most, the longest overdue first; held against other
/// writers until the unit of work ends. `PostgreSQL` walks over all those that were settled a moment
/// ago, unless it is told behind which to begin.
pub async fn due_locked(
    conn: &mut Conn,
    now: Instant,
    behind: Option<PendingEnd>,
    most: i64,
) -> Result<Vec<PendingEnd>, DbError> {
    let (due_at, id) =
        behind.map_or((i64::MIN, Uuid::nil()), |end| (end.due_at.millis(), end.action_id.uuid()));
    conn.all(&LOCK_DUE_ENDS, params![now, due_at, id, most]).await
}

/// Holds the end of an action, when it is pending.
pub(crate) async fn hold(conn: &mut Conn, due_at: i64, id: ActionId) -> Result<(), DbError> {
    let _held: Option<i64> = conn.one(&HOLD_END, params![due_at, id]).await?;
    Ok(())
}

/// The actions whose end comes after one instant and until another.
pub async fn between(
    conn: &mut Conn,
    after: Instant,
    until: Instant,
) -> Result<Vec<ActionId>, DbError> {
    conn.all(&ENDS_BETWEEN, params![after, until]).await
}

/// The actions that this user took last and that will end after one instant and until another.
pub async fn of_actioner(
    conn: &mut Conn,
    actioner: UserId,
    after: Instant,
    until: Instant,
) -> Result<Vec<Action>, DbError> {
    conn.all(&ENDS_OF_ACTIONER, params![actioner, after, until]).await
}

/// The first end after an instant.
pub async fn next_after(conn: &mut Conn, after: Instant) -> Result<Option<Instant>, DbError> {
    let next: Option<i64> = conn.one(&NEXT_END_AFTER, params![after]).await?;
    Ok(next.and_then(|millis| expiry(millis).instant()))
}

/// An end was seen to.
pub fn settle(end: PendingEnd, batch: &mut Batch) {
    batch.push(&DELETE_END, own_params![end.due_at, end.action_id]);
}

/// Nobody is told of the end of this action.
pub fn keep_quiet(action: &Action, batch: &mut Batch) {
    batch.push(&END_QUIETLY, own_params![action.actionee_id, action.id]);
}

/// The end of a new action is to come, if it has one.
pub(crate) fn await_end(action: &Action, batch: &mut Batch) {
    if let Some(end) = PendingEnd::of(action) {
        batch.push(&INSERT_END, own_params![end.due_at, end.action_id]);
    }
}

/// The end of a changed action comes at another time, or no more. One that stays where it was is
/// written anew, for a node whose clock is ahead may have seen to it quietly already.
pub(crate) fn move_end(before: &Action, after: &Action, batch: &mut Batch) {
    if let Some(end) = PendingEnd::of(before) {
        settle(end, batch);
    }
    await_end(after, batch);
}
