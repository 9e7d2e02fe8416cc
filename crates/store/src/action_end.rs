//! The ends of actions: which is next, which are due, and that they were seen to.
//!
//! An end is due until it is settled; whoever settles it holds the action's row, so each is settled
//! once, however many nodes look.

use docket_domain::action::Action;
use docket_domain::id::{ActionId, UserId};
use docket_domain::time::{Expiry, Instant};

use crate::action::columns;
use crate::batch::Batch;
use crate::codec::expiry;
use crate::conn::Conn;
use crate::error::DbError;
use crate::{own_params, params, statements};

/// What is true of an end that is still to be seen to, in the words of its index.
macro_rules! unsettled {
    () => {
        "NOT end_settled AND cancelled_at IS NULL AND expires_at < 9223372036854775807"
    };
}

statements! {
    /// The next end. SQLite is told which index it is, for the one for searches has all ends.
    NEXT_END = concat!("SELECT expires_at FROM action WHERE ", unsettled!(), "
        ORDER BY expires_at LIMIT 1"),
        sqlite: concat!("SELECT expires_at FROM action INDEXED BY action_end WHERE ", unsettled!(), "
        ORDER BY expires_at LIMIT 1");
    /// Actions whose end is due, the longest overdue first; those that somebody else holds are left
    /// out, so that this waits for nobody.
    LOCK_DUE_ENDS = concat!("SELECT ", columns!(), " FROM action
        WHERE ", unsettled!(), " AND expires_at <= $1
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED"),
        sqlite: concat!("SELECT ", columns!(), " FROM action INDEXED BY action_end
        WHERE ", unsettled!(), " AND expires_at <= $1
        ORDER BY expires_at LIMIT $2");
    /// Actions whose end lies within a span of time, whatever became of it.
    ENDS_BETWEEN = "SELECT id FROM action
        WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at, id";
    /// The actions that somebody took last and that will end within a span of time.
    ENDS_OF_ACTIONER = concat!("SELECT ", columns!(), " FROM action
        WHERE ", unsettled!(), " AND expires_at > $2 AND expires_at <= $3 AND actioner_id = $1"),
        sqlite: concat!("SELECT ", columns!(), " FROM action INDEXED BY action_end
        WHERE ", unsettled!(), " AND expires_at > $2 AND expires_at <= $3 AND actioner_id = $1");
    /// The first end after an instant, whatever became of it.
    NEXT_END_AFTER = "SELECT expires_at FROM action
        WHERE expires_at > $1 ORDER BY expires_at, id LIMIT 1";
    /// An end of which others are told. Both columns of the primary key are named, so that no index
    /// is needed, and nothing that is written makes the row longer, so that it stays where it is.
    SETTLE_TOLD_END = "UPDATE action
        SET end_settled = TRUE, end_event_sent = TRUE, updated_at = $3
        WHERE actionee_id = $1 AND id = $2",
        many: "UPDATE action
        SET end_settled = TRUE, end_event_sent = TRUE, updated_at = told.at
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS told (actionee_id, id, at)
        WHERE action.actionee_id = told.actionee_id AND action.id = told.id";
    /// An end of which nobody is told.
    SETTLE_QUIET_END = "UPDATE action SET end_settled = TRUE WHERE actionee_id = $1 AND id = $2",
        many: "UPDATE action SET end_settled = TRUE
        FROM unnest($1::uuid[], $2::uuid[]) AS quiet (actionee_id, id)
        WHERE action.actionee_id = quiet.actionee_id AND action.id = quiet.id";
}

/// When the next end is due, whether that has passed or not.
pub async fn next(conn: &mut Conn) -> Result<Expiry, DbError> {
    let next: Option<Instant> = conn.one(&NEXT_END, params![]).await?;
    Ok(next.map_or(Expiry::Never, Expiry::At))
}

/// Actions whose end is due at `now`, this many at most, the longest overdue first; held against
/// other writers until the unit of work ends.
pub async fn due_locked(conn: &mut Conn, now: Instant, most: i64) -> Result<Vec<Action>, DbError> {
    conn.all(&LOCK_DUE_ENDS, params![now, most]).await
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

/// The end of this action was seen to at `now`, and others are told of it or nobody.
pub fn settle(action: &Action, is_told: bool, now: Instant, batch: &mut Batch) {
    let (on, id) = (action.actionee_id, action.id);
    if is_told {
        batch.push(&SETTLE_TOLD_END, own_params![on, id, now]);
    } else {
        batch.push(&SETTLE_QUIET_END, own_params![on, id]);
    }
}
