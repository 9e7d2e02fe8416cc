//! Everything that can go wrong between the code and the data.
//!
//! Invariant: both engines give the same error for the same cause, down to the name in a
//! [`DbError::Conflict`]; only the source, which is for the log, tells them apart.

use std::error::Error;
use std::fmt::Display;

/// The cause, as the driver told it.
pub type Source = Box<dyn Error + Send + Sync>;

/// Why a statement or a unit of work did not do what it says.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached, is full, too busy or shutting down: the same may work later.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// A rule of the schema forbids it. The name is that of the unique index, the primary key
    /// (`table_pkey`) or the check; `table.column` where a value is missing; and [`FOREIGN_KEY`]
    /// where a row that is pointed at is not there, or still pointed at.
    #[error("the change conflicts with {0}")]
    Conflict(String),
    /// What is stored is not what the code says must be stored there.
    #[error("{table} holds what it must not, in the row {row}")]
    Contradiction {
        /// The table or the statement, with the column where it is known.
        table: String,
        /// The id of the row, or what else tells it apart.
        row: String,
    },
    /// The statement, the schema or the driver is at fault: the same will fail again.
    #[error("the database driver failed")]
    Driver(#[source] Source),
}

/// The name in a [`DbError::Conflict`] of foreign keys; `SQLite` does not say which one it was.
pub const FOREIGN_KEY: &str = "foreign_key";

impl DbError {
    /// The row of the table is not what the code says it must be.
    #[must_use]
    pub fn contradiction(table: impl Into<String>, row: impl Display) -> Self {
        Self::Contradiction { table: table.into(), row: row.to_string() }
    }

    /// Whether this is a conflict with that index or constraint.
    #[must_use]
    pub fn is_conflict_with(&self, name: &str) -> bool {
        matches!(self, Self::Conflict(conflict) if conflict == name)
    }

    pub(crate) fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable(source.into())
    }

    pub(crate) fn driver(source: impl Into<Source>) -> Self {
        Self::Driver(source.into())
    }
}

/// What went wrong on our side of the driver.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("a unit of work awaited something other than the database")]
    Suspended,
    #[error("a unit of work panicked")]
    Panicked,
    #[error("a unit of work went on after one of its statements had failed")]
    Spoiled,
    #[error("the group of writes was undone as a whole")]
    GroupUndone(#[source] std::sync::Arc<DbError>),
    #[error("the engine undid the transaction by itself")]
    UndoneByEngine,
    #[error("the database is closed")]
    Closed,
    #[error("no connection became free in time")]
    NoConnection,
    #[error("the connection could not be made in time")]
    ConnectTimeout,
    #[error("{0}")]
    Url(String),
    #[error("{0}")]
    Schema(String),
    #[error("the migration {name} failed")]
    Migration { name: &'static str, source: Source },
    #[error("the server's certificates could not be used: {0}")]
    Tls(String),
}

impl From<Fault> for DbError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::GroupUndone(_)
            | Fault::UndoneByEngine
            | Fault::Closed
            | Fault::NoConnection
            | Fault::ConnectTimeout => Self::unavailable(fault),
            Fault::Suspended
            | Fault::Panicked
            | Fault::Spoiled
            | Fault::Url(_)
            | Fault::Schema(_)
            | Fault::Migration { .. }
            | Fault::Tls(_) => Self::driver(fault),
        }
    }
}
