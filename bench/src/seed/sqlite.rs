//! Loads a `SQLite` file: one transaction, indexes made afterwards, rows in the order of their
//! table, or in the one in which they would have come.

use anyhow::Context;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};

use super::rows::{Cell, Filled, LARGE, Table, small};
use crate::community::Community;
use crate::engine;

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Bool(value) => ValueRef::Integer((*value).into()),
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
            Self::Id(value) => return Ok(ToSqlOutput::Owned(Value::Blob(value.as_bytes().into()))),
        }))
    }
}

/// Loads the community into the file.
pub(crate) fn load(path: &str, community: &Community) -> anyhow::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let mut conn = Connection::open_with_flags(path, flags)
        .with_context(|| format!("{path} is not there; `docket migrate` makes it"))?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.pragma_update(None, "synchronous", "off")?;
    conn.pragma_update(None, "cache_size", -512 * 1_024)?;
    // A log would hold everything twice.
    conn.query_row("PRAGMA journal_mode = delete", [], |_| Ok(()))?;
    let transaction = conn.transaction()?;
    let indexes = take_indexes(&transaction)?;
    for (table, rows) in small(community) {
        let mut insert = transaction.prepare_cached(&insert(table))?;
        for row in rows {
            insert.execute(params_from_iter(&row))?;
        }
    }
    for large in LARGE {
        let mut insert = transaction.prepare_cached(&insert(large.table()))?;
        for row in large.rows(community) {
            insert.execute(params_from_iter(&row))?;
        }
    }
    for index in indexes {
        transaction.execute_batch(&index)?;
    }
    transaction.commit()?;
    conn.query_row("PRAGMA journal_mode = wal", [], |_| Ok(()))?;
    conn.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Adds rows to a database in use.
pub(crate) fn add(path: &str, filled: Vec<Filled>) -> anyhow::Result<()> {
    let mut conn = engine::open(path)?;
    let transaction = conn.transaction()?;
    for (table, rows) in filled {
        let mut insert = transaction.prepare(&insert(table))?;
        for row in rows {
            insert.execute(params_from_iter(&row))?;
        }
    }
    transaction.commit()?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

fn insert(table: Table) -> String {
    let places = vec!["?"; table.columns.len()].join(", ");
    format!("INSERT INTO {} ({}) VALUES ({places})", table.name, table.columns.join(", "))
}

/// Drops the indexes of the large tables; the answer is how to make them again.
fn take_indexes(conn: &Connection) -> anyhow::Result<Vec<String>> {
    let tables: Vec<String> =
        LARGE.iter().map(|large| format!("'{}'", large.table().name)).collect();
    let found: Vec<(String, String)> = conn
        .prepare(&format!(
            "SELECT name, sql FROM sqlite_schema
             WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({})",
            tables.join(", ")
        ))?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (name, _) in &found {
        conn.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    Ok(found.into_iter().map(|(_, sql)| sql).collect())
}
