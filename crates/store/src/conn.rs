//! A connection, whichever engine is behind it and whether it reads or is inside a unit of work.
//!
//! Invariant: on `SQLite` every future made here is ready at its first poll. That is what lets a
//! unit of work, written as an `async` block, run to its end inside the writer's group, and a read
//! run on the worker that asks.
//!
//! What waits for `PostgreSQL` is boxed. Every use case holds such futures, and without it each request
//! moved kilobytes of them about, on `SQLite` as well.

use std::sync::Arc;

use crate::batch::{Batch, PART};
use crate::error::DbError;
use crate::filter::{Dialect, Select};
use crate::postgres::{self, Postgres};
use crate::row::FromRow;
use crate::sqlite::{self, Sqlite};
use crate::stmt::Stmt;
use crate::value::Value;

/// Runs statements. Got from [`Db::reader`](crate::Db::reader), where each statement stands alone
/// and may only read, or given to a unit of work by [`Db::write`](crate::Db::write), where all of
/// them happen or none.
#[derive(Debug)]
pub struct Conn {
    pub(crate) inner: Inner,
}

#[derive(Debug)]
pub(crate) enum Inner {
    SqliteReader(Arc<Sqlite>),
    SqliteUnit(sqlite::Unit),
    PostgresReader(Arc<Postgres>),
    PostgresUnit(Box<postgres::Unit>),
}

/// Which of a shared engine's connections a statement should take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Short reads, many in flight.
    Points,
    /// Long lists, which must not hold up the short reads behind them.
    Lists,
}

/// A statement and its values.
pub(crate) type Ask<'q> = (&'static Stmt, &'q [Value<'q>]);

/// Text and the name it goes by in errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'q> {
    pub(crate) name: &'static str,
    pub(crate) text: &'q str,
    pub(crate) params: &'q [Value<'q>],
}

impl<'q> Query<'q> {
    pub(crate) fn postgres((stmt, params): Ask<'q>) -> Self {
        Self { name: stmt.name(), text: stmt.postgres(), params }
    }
}

impl Conn {
    /// The first row, if there is one.
    pub async fn one<T: FromRow>(
        &mut self,
        stmt: &'static Stmt,
        params: &[Value<'_>],
    ) -> Result<Option<T>, DbError> {
        let query = Query { name: stmt.name(), text: self.text(stmt), params };
        match &mut self.inner {
            Inner::SqliteReader(engine) => engine.read(|conn| sqlite::query::one(conn, query)),
            Inner::SqliteUnit(unit) => unit.run(|conn| sqlite::query::one(conn, query)),
            Inner::PostgresReader(engine) => Box::pin(engine.one(query)).await,
            Inner::PostgresUnit(unit) => Box::pin(unit.one(query)).await,
        }
    }

    /// All rows, in the order of the statement.
    pub async fn all<T: FromRow>(
        &mut self,
        stmt: &'static Stmt,
        params: &[Value<'_>],
    ) -> Result<Vec<T>, DbError> {
        let query = Query { name: stmt.name(), text: self.text(stmt), params };
        self.all_of(query, Lane::Points).await
    }

    /// All rows, in the order of the statement, which `PostgreSQL` is asked for together with what
    /// others ask of it at the same moment: for reads that are short and many. The statement has a
    /// [text for many](Stmt::with_many).
    pub async fn gather<T: FromRow>(
        &mut self,
        stmt: &'static Stmt,
        params: &[Value<'static>],
    ) -> Result<Vec<T>, DbError> {
        if let Inner::PostgresReader(engine) = &self.inner {
            return Box::pin(engine.gather(stmt, params)).await;
        }
        self.all(stmt, params).await
    }

    /// Runs a statement for its effect, and then gives the first row of another: one round trip of a
    /// unit of work on `PostgreSQL`.
    pub(crate) async fn one_after<T: FromRow>(
        &mut self,
        before: Ask<'_>,
        ask: Ask<'_>,
    ) -> Result<Option<T>, DbError> {
        if let Inner::PostgresUnit(unit) = &mut self.inner {
            let both = unit.one_after(Query::postgres(before), Query::postgres(ask));
            return Box::pin(both).await;
        }
        self.run(before.0, before.1).await?;
        self.one(ask.0, ask.1).await
    }

    /// Leaves statements to the end of the unit of work: it succeeds only if they do, and may not
    /// look at what they write. On `PostgreSQL` they wait for its end, and the last of them travel
    /// with `COMMIT`; on both engines many of them give way to others now and then.
    pub async fn at_end(&mut self, batch: Batch) -> Result<(), DbError> {
        if let Inner::PostgresUnit(unit) = &mut self.inner {
            unit.at_end(batch);
            return Ok(());
        }
        for (part, asks) in batch.asks.chunks(PART).enumerate() {
            if part > 0 {
                std::thread::yield_now();
            }
            for (stmt, values) in asks {
                self.run(stmt, values).await?;
            }
        }
        Ok(())
    }

    /// Runs a statement for its effect; the number is that of the rows it touched.
    pub async fn run(&mut self, stmt: &'static Stmt, params: &[Value<'_>]) -> Result<u64, DbError> {
        let query = Query { name: stmt.name(), text: self.text(stmt), params };
        match &mut self.inner {
            Inner::SqliteReader(engine) => engine.read(|conn| sqlite::query::run(conn, query)),
            Inner::SqliteUnit(unit) => unit.run(|conn| sqlite::query::run(conn, query)),
            Inner::PostgresReader(engine) => Box::pin(engine.run(query)).await,
            Inner::PostgresUnit(unit) => Box::pin(unit.run(query)).await,
        }
    }

    /// Runs statements none of which needs the answer of another: one round trip on `PostgreSQL`.
    /// The first error is the one given.
    pub async fn run_all(
        &mut self,
        batch: &[(&'static Stmt, &[Value<'_>])],
    ) -> Result<(), DbError> {
        if let Inner::PostgresUnit(unit) = &mut self.inner {
            let queries: Vec<Query<'_>> = batch.iter().copied().map(Query::postgres).collect();
            return Box::pin(unit.run_all(&queries)).await;
        }
        for (stmt, params) in batch {
            self.run(stmt, params).await?;
        }
        Ok(())
    }

    /// One page of a list, and how many rows there are on all pages together.
    pub async fn page<T: FromRow>(
        &mut self,
        select: &Select<'_>,
    ) -> Result<(Vec<T>, i64), DbError> {
        let (text, params) = select.rows_text(self.dialect());
        let (count_text, count_params) = select.count_text(self.dialect());
        let rows = Query { name: "page", text: &text, params: &params };
        let count = Query { name: "count", text: &count_text, params: &count_params };
        match &mut self.inner {
            Inner::SqliteReader(engine) => {
                engine.read(|conn| sqlite::query::page(conn, rows, count))
            }
            Inner::SqliteUnit(unit) => unit.run(|conn| sqlite::query::page(conn, rows, count)),
            Inner::PostgresReader(engine) => Box::pin(engine.page(rows, count)).await,
            Inner::PostgresUnit(unit) => Box::pin(unit.page(rows, count)).await,
        }
    }

    /// The rows of a list, without counting the others.
    pub async fn rows<T: FromRow>(&mut self, select: &Select<'_>) -> Result<Vec<T>, DbError> {
        let (text, params) = select.rows_text(self.dialect());
        self.all_of(Query { name: "rows", text: &text, params: &params }, Lane::Lists).await
    }

    async fn all_of<T: FromRow>(
        &mut self,
        query: Query<'_>,
        lane: Lane,
    ) -> Result<Vec<T>, DbError> {
        match &mut self.inner {
            Inner::SqliteReader(engine) => engine.read(|conn| sqlite::query::all(conn, query)),
            Inner::SqliteUnit(unit) => unit.run(|conn| sqlite::query::all(conn, query)),
            Inner::PostgresReader(engine) => Box::pin(engine.all(query, lane)).await,
            Inner::PostgresUnit(unit) => Box::pin(unit.all(query)).await,
        }
    }

    fn text(&self, stmt: &'static Stmt) -> &'static str {
        match self.dialect() {
            Dialect::Postgres => stmt.postgres(),
            Dialect::Sqlite => stmt.sqlite(),
        }
    }

    /// Which of two texts to take.
    fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::SqliteReader(_) | Inner::SqliteUnit(_) => Dialect::Sqlite,
            Inner::PostgresReader(_) | Inner::PostgresUnit(_) => Dialect::Postgres,
        }
    }
}
