//! Turns what `PostgreSQL` says into a [`DbError`].

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::error::{DbError, FOREIGN_KEY};

/// The error, in the words both engines share.
pub(crate) fn tell(error: Error) -> DbError {
    match conflict(&error) {
        Some(name) => DbError::Conflict(name),
        None if may_pass(&error) => DbError::unavailable(error),
        None => DbError::driver(error),
    }
}

/// Whether the engine gave the transaction up so that another could go on, or because it could not
/// be put in order with it: the same may be done again at once.
pub(crate) fn may_repeat(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
    })
}

/// Whether the connection is gone.
pub(crate) fn is_lost(error: &Error) -> bool {
    error.is_closed()
        || std::error::Error::source(error)
            .is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
        || error.code().is_some_and(|code| {
            [
                &SqlState::ADMIN_SHUTDOWN,
                &SqlState::CRASH_SHUTDOWN,
                &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            ]
            .contains(&code)
        })
}

fn conflict(error: &Error) -> Option<String> {
    let told = error.as_db_error()?;
    match *told.code() {
        SqlState::FOREIGN_KEY_VIOLATION => Some(FOREIGN_KEY.to_owned()),
        SqlState::UNIQUE_VIOLATION | SqlState::CHECK_VIOLATION => {
            told.constraint().map(str::to_owned)
        }
        SqlState::NOT_NULL_VIOLATION => Some(format!("{}.{}", told.table()?, told.column()?)),
        _ => None,
    }
}

/// Whether the cause lies outside and the same may work later.
fn may_pass(error: &Error) -> bool {
    is_lost(error)
        || may_repeat(error)
        || error.code().is_some_and(|code| {
            // Connection trouble, too few resources, an operator's doing: whole classes.
            ["08", "53", "57"].iter().any(|class| code.code().starts_with(class))
                || *code == SqlState::LOCK_NOT_AVAILABLE
        })
}
