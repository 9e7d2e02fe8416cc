//! Runs one statement on one `PostgreSQL` connection.
//!
//! Invariant: an answer is read to its end, for an error may come after the first row. Errors stay
//! the driver's here, since what follows from them depends on whose connection it is.

use std::pin::pin;

use deadpool_postgres::ClientWrapper;
use futures_util::TryStreamExt;
use tokio_postgres::{Error, Row as EngineRow, RowStream, Statement};

use super::failure;
use crate::conn::Query;
use crate::error::DbError;
use crate::row::{FromRow, Row};

/// Prepared statements kept on one connection. The code's own are fewer; lists with all their
/// combinations of conditions may be more, and then all are forgotten rather than any counted.
const STATEMENTS: usize = 512;

/// What went wrong with a statement.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The engine or the way to it.
    Engine(Error),
    /// A row that the code cannot read; the transaction does not mind.
    Row(DbError),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl From<Failed> for DbError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Engine(error) => failure::tell(error),
            Failed::Row(error) => error,
        }
    }
}

/// The statement, prepared the first time it is asked for.
pub(crate) async fn prepare(client: &ClientWrapper, text: &str) -> Result<Statement, Error> {
    if client.statement_cache.size() > STATEMENTS {
        client.statement_cache.clear();
    }
    client.prepare_cached(text).await
}

/// The first row.
pub(crate) async fn one<T: FromRow>(
    client: &ClientWrapper,
    query: Query<'_>,
) -> Result<Option<T>, Failed> {
    let statement = prepare(client, query.text).await?;
    first(client, &statement, query).await
}

/// The first row of a statement that is prepared.
pub(crate) async fn first<T: FromRow>(
    client: &ClientWrapper,
    statement: &Statement,
    query: Query<'_>,
) -> Result<Option<T>, Failed> {
    let mut rows = pin!(start(client, statement, query).await?);
    let mut first = None;
    while let Some(row) = rows.try_next().await? {
        if first.is_none() {
            first = Some(T::from_row(&mut Row::postgres(query.name, &row)));
        }
    }
    first.transpose().map_err(Failed::Row)
}

/// All rows.
pub(crate) async fn all<T: FromRow>(
    client: &ClientWrapper,
    query: Query<'_>,
) -> Result<Vec<T>, Failed> {
    let statement = prepare(client, query.text).await?;
    every(client, &statement, query).await
}

/// All rows of a statement that is prepared.
pub(crate) async fn every<T: FromRow>(
    client: &ClientWrapper,
    statement: &Statement,
    query: Query<'_>,
) -> Result<Vec<T>, Failed> {
    let mut rows = pin!(start(client, statement, query).await?);
    let mut all = Vec::new();
    let mut unread = None;
    while let Some(row) = rows.try_next().await? {
        match T::from_row(&mut Row::postgres(query.name, &row)) {
            Ok(value) => all.push(value),
            Err(error) => unread = unread.or(Some(error)),
        }
    }
    unread.map_or(Ok(all), |error| Err(Failed::Row(error)))
}

/// All rows as the driver gives them.
pub(crate) async fn raw(
    client: &ClientWrapper,
    query: Query<'_>,
) -> Result<Vec<EngineRow>, Failed> {
    let statement = prepare(client, query.text).await?;
    Ok(start(client, &statement, query).await?.try_collect().await?)
}

/// The number of rows touched.
pub(crate) async fn run(client: &ClientWrapper, query: Query<'_>) -> Result<u64, Failed> {
    let statement = prepare(client, query.text).await?;
    effect(client, &statement, query).await
}

/// The number of rows touched by a statement that is prepared.
pub(crate) async fn effect(
    client: &ClientWrapper,
    statement: &Statement,
    query: Query<'_>,
) -> Result<u64, Failed> {
    Ok(client.execute_raw(statement, query.params).await?)
}

/// A page and the count of all. Both are on their way before either is answered.
pub(crate) async fn page<T: FromRow>(
    client: &ClientWrapper,
    rows: Query<'_>,
    count: Query<'_>,
) -> Result<(Vec<T>, i64), Failed> {
    let (found, total) =
        futures_util::future::join(all(client, rows), one::<i64>(client, count)).await;
    Ok((found?, total?.unwrap_or(0)))
}

async fn start(
    client: &ClientWrapper,
    statement: &Statement,
    query: Query<'_>,
) -> Result<RowStream, Error> {
    client.query_raw(statement, query.params).await
}
