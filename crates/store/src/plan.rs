//! How an engine would run a statement. For tests, which read the plans of all of them.
//!
//! Invariant: nothing is run, only planned, and on `PostgreSQL` without knowing the values, so that
//! the plan is the one which all callers share.

use tokio_postgres::SimpleQueryMessage;

use crate::error::DbError;
use crate::filter::{Dialect, Select};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

/// What a plan is wanted of.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Planned {
    sqlite: String,
    postgres: String,
}

impl From<&crate::Stmt> for Planned {
    fn from(stmt: &crate::Stmt) -> Self {
        Self { sqlite: stmt.sqlite().to_owned(), postgres: stmt.postgres().to_owned() }
    }
}

impl From<&Select<'_>> for Planned {
    fn from(select: &Select<'_>) -> Self {
        Self {
            sqlite: select.rows_text(Dialect::Sqlite).0,
            postgres: select.rows_text(Dialect::Postgres).0,
        }
    }
}

impl Planned {
    /// The statement as it is run when a batch has many of it.
    #[must_use]
    pub fn many_of(stmt: &crate::Stmt) -> Option<Self> {
        let postgres = stmt.many()?.to_owned();
        Some(Self { sqlite: stmt.sqlite().to_owned(), postgres })
    }

    /// The count of all that a list holds, on whatever page.
    #[must_use]
    pub fn count_of(select: &Select<'_>) -> Self {
        Self {
            sqlite: select.count_text(Dialect::Sqlite).0,
            postgres: select.count_text(Dialect::Postgres).0,
        }
    }
}

/// The steps as `EXPLAIN QUERY PLAN` words them.
pub(crate) fn sqlite(engine: &Sqlite, planned: &Planned) -> Result<Vec<String>, DbError> {
    engine.read(|conn| {
        let explain = format!("EXPLAIN QUERY PLAN {}", planned.sqlite);
        let mut statement = conn.prepare(&explain).map_err(DbError::driver)?;
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().map_err(DbError::driver)? {
            steps.push(row.get("detail").map_err(DbError::driver)?);
        }
        Ok(steps)
    })
}

/// The steps as `EXPLAIN` words them. The tables of a test are small, for which a scan is always
/// best, and bitmaps, which lose an index's order, are next; so both are made dear, and what stays
/// of them is what nothing can replace.
pub(crate) async fn postgres(engine: &Postgres, planned: &Planned) -> Result<Vec<String>, DbError> {
    let client = engine.connector().migrator().await?;
    let statement = client.prepare(&planned.postgres).await.map_err(DbError::driver)?;
    let values = vec!["NULL"; statement.params().len()].join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let explain = format!(
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
         SET enable_bitmapscan = off;
         PREPARE planned AS {};
         EXPLAIN (COSTS OFF) EXECUTE planned{values}",
        planned.postgres
    );
    let answers = client.simple_query(&explain).await.map_err(DbError::driver)?;
    Ok(answers
        .iter()
        .filter_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .collect())
}
