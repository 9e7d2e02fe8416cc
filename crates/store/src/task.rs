//! The table of what is done at certain times.

use docket_domain::time::Instant;

use crate::conn::Conn;
use crate::error::DbError;
use crate::{params, statements};

statements! {
    /// When something is done next.
    FIND_TASK = "SELECT next_run_at FROM task WHERE name = $1";
    /// Somebody does it now: the next time is another one. Whoever comes second changes nothing.
    MOVE_TASK = "UPDATE task SET next_run_at = $3 WHERE name = $1 AND next_run_at = $2";
}

/// When it is done next; before the first time that is the beginning of time.
pub async fn next_run(conn: &mut Conn, name: &str) -> Result<Option<Instant>, DbError> {
    conn.one(&FIND_TASK, params![name]).await
}

/// It is done now by whoever is told yes, and then at `next`.
pub async fn claim(
    conn: &mut Conn,
    name: &str,
    due: Instant,
    next: Instant,
) -> Result<bool, DbError> {
    Ok(conn.run(&MOVE_TASK, params![name, due, next]).await? > 0)
}
