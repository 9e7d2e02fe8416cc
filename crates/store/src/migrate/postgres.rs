//! Migrates a `PostgreSQL` database.
//!
//! Invariant: an advisory lock of the transaction is taken before anything is looked at; a node
//! that starts at the same moment waits for it and then finds nothing to do. Being the
//! transaction's, it cannot be left behind.

use tokio_postgres::{Error, Transaction};

use super::{Applied, Migration, checksum, pending};
use crate::error::{DbError, Fault};
use crate::postgres::Postgres;

/// "docket" in ASCII; locks of other programs in the same database have other numbers.
const LOCK: i64 = 0x646f_636b_6574;

const CREATE_HISTORY: &str = "
    CREATE TABLE IF NOT EXISTS schema_migration (
        number bigint NOT NULL PRIMARY KEY,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at bigint NOT NULL
            DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint
    )";

/// Applies what is pending; gives its names.
pub(crate) async fn apply(
    engine: &Postgres,
    migrations: &'static [Migration],
) -> Result<Vec<String>, DbError> {
    let mut client = engine.connector().migrator().await?;
    // The driver's own transaction: dropped unfinished, so is its connection.
    let client: &mut tokio_postgres::Client = &mut client;
    let tx = client.transaction().await.map_err(DbError::driver)?;
    let applied = history(&tx).await.map_err(DbError::driver)?;
    let pending = pending(migrations, &applied, |migration| migration.postgres)?;
    for migration in pending {
        run(&tx, migration)
            .await
            .map_err(|error| Fault::Migration { name: migration.name, source: error.into() })?;
    }
    tx.commit().await.map_err(DbError::driver)?;
    Ok(pending.iter().map(|migration| migration.name.to_owned()).collect())
}

async fn history(tx: &Transaction<'_>) -> Result<Vec<Applied>, Error> {
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    tx.batch_execute(CREATE_HISTORY).await?;
    let rows = tx
        .query("SELECT number, name, checksum FROM schema_migration ORDER BY number", &[])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Applied {
                number: row.try_get(0)?,
                name: row.try_get(1)?,
                checksum: row.try_get(2)?,
            })
        })
        .collect()
}

async fn run(tx: &Transaction<'_>, migration: &Migration) -> Result<(), Error> {
    tx.batch_execute(migration.postgres).await?;
    tx.execute(
        "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)",
        &[&i64::from(migration.number), &migration.name, &checksum(migration.postgres)],
    )
    .await
    .map(drop)
}
