//! Turns what `SQLite` says into a [`DbError`], with the names that `PostgreSQL` would give.
//!
//! Invariant: a conflict bears the same name on both engines. `SQLite` names columns where
//! `PostgreSQL` names the index, so the index is looked up, in the schema as it is at that moment;
//! conflicts are rare enough to pay for it then.

use rusqlite::ffi::{
    SQLITE_CONSTRAINT_CHECK, SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_NOTNULL,
    SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE,
};
use rusqlite::{Connection, Error, ErrorCode};

use crate::error::{DbError, FOREIGN_KEY};

/// The error, in the words both engines share.
pub(crate) fn tell(conn: &Connection, error: Error) -> DbError {
    let Error::SqliteFailure(code, message) = &error else { return DbError::driver(error) };
    let message = message.as_deref().unwrap_or_default();
    let named = match code.extended_code {
        SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_ROWID => {
            unique_name(conn, message)
        }
        SQLITE_CONSTRAINT_FOREIGNKEY => Some(FOREIGN_KEY.to_owned()),
        SQLITE_CONSTRAINT_CHECK => after(message, "CHECK constraint failed: "),
        SQLITE_CONSTRAINT_NOTNULL => after(message, "NOT NULL constraint failed: "),
        _ => None,
    };
    match named {
        Some(name) => DbError::Conflict(name),
        None if may_pass(code.code) => DbError::unavailable(error),
        None => DbError::driver(error),
    }
}

/// Whether the cause lies outside and the same may work later.
fn may_pass(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
    )
}

fn after(message: &str, prefix: &str) -> Option<String> {
    message.strip_prefix(prefix).map(str::to_owned)
}

/// `UNIQUE constraint failed: index 'name'` or `UNIQUE constraint failed: t.a, t.b`.
fn unique_name(conn: &Connection, message: &str) -> Option<String> {
    let what = message.strip_prefix("UNIQUE constraint failed: ")?;
    if let Some(index) = what.strip_prefix("index '") {
        return Some(index.trim_end_matches('\'').to_owned());
    }
    let (table, _) = what.split_once('.')?;
    let columns: Vec<&str> =
        what.split(", ").filter_map(|name| name.split_once('.')).map(|(_, name)| name).collect();
    let found = index_over(conn, table, &columns).ok().flatten();
    // A rowid's own key has no index to be found.
    Some(found.unwrap_or_else(|| format!("{table}_pkey")))
}

/// The unique index of the table over exactly these columns. Those that `SQLite` named itself get
/// the name that `PostgreSQL` would have given.
fn index_over(
    conn: &Connection,
    table: &str,
    columns: &[&str],
) -> rusqlite::Result<Option<String>> {
    let mut indexes =
        conn.prepare_cached("SELECT name, origin FROM pragma_index_list(?1) WHERE \"unique\" = 1")?;
    let mut members =
        conn.prepare_cached("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
    let indexes = indexes.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for index in indexes {
        let (name, origin): (String, String) = index?;
        let of: Vec<Option<String>> =
            members.query_map([&name], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if of.iter().map(Option::as_deref).eq(columns.iter().map(|column| Some(*column))) {
            return Ok(Some(match origin.as_str() {
                "pk" => format!("{table}_pkey"),
                "u" => format!("{table}_{}_key", columns.join("_")),
                _ => name,
            }));
        }
    }
    Ok(None)
}
