//! Runs one statement on one `SQLite` connection.
//!
//! Invariant: when a function here returns, its statement is reset. A cursor left open would hold
//! its snapshot, and with it the whole write-ahead log.

use rusqlite::{Connection, params_from_iter};

use super::failure;
use crate::conn::Query;
use crate::error::DbError;
use crate::row::{FromRow, Row};

/// The first row.
pub(crate) fn one<T: FromRow>(conn: &Connection, query: Query<'_>) -> Result<Option<T>, DbError> {
    let told = |error| failure::tell(conn, error);
    let mut statement = conn.prepare_cached(query.text).map_err(told)?;
    let reads = statement.readonly();
    let mut rows = statement.query(params_from_iter(query.params)).map_err(told)?;
    let Some(row) = rows.next().map_err(told)? else { return Ok(None) };
    let first = T::from_row(&mut Row::sqlite(query.name, row))?;
    if !reads {
        // Foreign keys are checked when a change is stepped to its end.
        while rows.next().map_err(told)?.is_some() {}
    }
    Ok(Some(first))
}

/// All rows.
pub(crate) fn all<T: FromRow>(conn: &Connection, query: Query<'_>) -> Result<Vec<T>, DbError> {
    let told = |error| failure::tell(conn, error);
    let mut statement = conn.prepare_cached(query.text).map_err(told)?;
    let mut rows = statement.query(params_from_iter(query.params)).map_err(told)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(told)? {
        all.push(T::from_row(&mut Row::sqlite(query.name, row))?);
    }
    Ok(all)
}

/// The number of rows touched.
pub(crate) fn run(conn: &Connection, query: Query<'_>) -> Result<u64, DbError> {
    let told = |error| failure::tell(conn, error);
    let mut statement = conn.prepare_cached(query.text).map_err(told)?;
    let mut rows = statement.query(params_from_iter(query.params)).map_err(told)?;
    while rows.next().map_err(told)?.is_some() {}
    drop(rows);
    Ok(if statement.readonly() { 0 } else { conn.changes() })
}

/// A page and the count of all, of the same moment.
pub(crate) fn page<T: FromRow>(
    conn: &Connection,
    rows: Query<'_>,
    count: Query<'_>,
) -> Result<(Vec<T>, i64), DbError> {
    // Inside a unit of work there is a moment already.
    let moment = if conn.is_autocommit() {
        Some(conn.unchecked_transaction().map_err(|error| failure::tell(conn, error))?)
    } else {
        None
    };
    let found = all(conn, rows)?;
    let total = one(conn, count)?.unwrap_or(0);
    if let Some(moment) = moment {
        moment.commit().map_err(|error| failure::tell(conn, error))?;
    }
    Ok((found, total))
}
