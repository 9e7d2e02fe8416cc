//! Migrates a `SQLite` file.
//!
//! Invariant: the lock is the file's own write lock, taken before anything is looked at; another
//! process that starts at the same moment waits for it and then finds nothing to do.

use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Applied, Migration, checksum, pending, refuse};
use crate::error::{DbError, Fault};
use crate::sqlite::{Sqlite, blocking};

const CREATE_HISTORY: &str = "
    CREATE TABLE IF NOT EXISTS schema_migration (
        number INTEGER NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
    ) STRICT";

/// Applies what is pending; gives its names.
pub(crate) async fn apply(
    engine: &Arc<Sqlite>,
    migrations: &'static [Migration],
) -> Result<Vec<String>, DbError> {
    let engine = Arc::clone(engine);
    blocking(move || in_one_transaction(&mut engine.migrator()?, migrations)).await
}

fn in_one_transaction(
    conn: &mut Connection,
    migrations: &'static [Migration],
) -> Result<Vec<String>, DbError> {
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(DbError::unavailable)?;
    tx.execute_batch(CREATE_HISTORY).map_err(DbError::driver)?;
    let applied = history(&tx).map_err(DbError::driver)?;
    let pending = pending(migrations, &applied, |migration| migration.sqlite)?;
    for migration in pending {
        run(&tx, migration)
            .map_err(|error| Fault::Migration { name: migration.name, source: error.into() })?;
    }
    if !pending.is_empty() {
        check_foreign_keys(&tx)?;
    }
    tx.commit().map_err(DbError::driver)?;
    Ok(pending.iter().map(|migration| migration.name.to_owned()).collect())
}

fn history(tx: &Transaction<'_>) -> rusqlite::Result<Vec<Applied>> {
    tx.prepare("SELECT number, name, checksum FROM schema_migration ORDER BY number")?
        .query_map([], |row| {
            Ok(Applied { number: row.get(0)?, name: row.get(1)?, checksum: row.get(2)? })
        })?
        .collect()
}

fn run(tx: &Transaction<'_>, migration: &Migration) -> rusqlite::Result<()> {
    tx.execute_batch(migration.sqlite)?;
    tx.execute(
        "INSERT INTO schema_migration (number, name, checksum) VALUES (?1, ?2, ?3)",
        (migration.number, migration.name, checksum(migration.sqlite)),
    )
    .map(drop)
}

/// Enforcement is off while tables are rebuilt, so all of it is checked at the end.
fn check_foreign_keys(tx: &Transaction<'_>) -> Result<(), DbError> {
    let broken: Option<String> = tx
        .prepare("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.next().transpose())
        .map_err(DbError::driver)?;
    match broken {
        Some(table) => refuse(format!("a row of {table} points at nothing")),
        None => Ok(()),
    }
}
