//! The table of wrong passwords of late, one row a user.

use docket_domain::directory::login::Failures;
use docket_domain::id::UserId;

use crate::conn::Conn;
use crate::error::DbError;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// A user's wrong passwords.
    FIND_FAILURES = "SELECT attempts, since FROM failed_login WHERE user_id = $1";
    /// One more.
    KEEP_FAILURES = "INSERT INTO failed_login (user_id, attempts, since) VALUES ($1, $2, $3)
        ON CONFLICT (user_id) DO UPDATE
        SET attempts = excluded.attempts, since = excluded.since";
    /// The right one came.
    FORGET_FAILURES = "DELETE FROM failed_login WHERE user_id = $1";
    /// The wrong passwords of users who go.
    pub(crate) DELETE_FAILURES_OF = "DELETE FROM failed_login WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM failed_login WHERE user_id IN (SELECT value FROM rarray($1))";
}

impl FromRow for Failures {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { attempts: row.next()?, since: row.next()? })
    }
}

/// A user's wrong passwords. Whoever counts on holds the user's row.
pub async fn find(conn: &mut Conn, user: UserId) -> Result<Option<Failures>, DbError> {
    conn.one(&FIND_FAILURES, params![user]).await
}

/// Keeps how many there now are.
pub async fn keep(conn: &mut Conn, user: UserId, failures: Failures) -> Result<(), DbError> {
    conn.run(&KEEP_FAILURES, params![user, failures.attempts, failures.since]).await?;
    Ok(())
}

/// Forgets them.
pub async fn forget(conn: &mut Conn, user: UserId) -> Result<(), DbError> {
    conn.run(&FORGET_FAILURES, params![user]).await?;
    Ok(())
}
