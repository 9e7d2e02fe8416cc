//! The database: opened by a URL, read through [`Conn`], changed by units of work.
//!
//! Invariant: `Err` from [`Db::write`] means that nothing happened, `Ok` that it is on disk.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::conn::{Conn, Inner};
use crate::error::{DbError, Fault};
use crate::migrate::{self, Migration};
use crate::plan::{self, Planned};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

/// A future that borrows the connection it works on.
pub type BoxFuture<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// How to use an engine; the defaults fit a server of its own.
#[derive(Debug, Clone)]
pub struct Options {
    /// `PostgreSQL`: connections for units of work at most.
    pub write_connections: usize,
    /// `PostgreSQL`: connections that all short reads share.
    pub read_connections: usize,
    /// `PostgreSQL`: connections that all lists share.
    pub list_connections: usize,
    /// `PostgreSQL`: how long to wait for a connection.
    pub acquire_timeout: Duration,
    /// `PostgreSQL`: how long a statement may run.
    pub statement_timeout: Duration,
    /// `SQLite`: how long to wait for another process.
    pub busy_timeout: Duration,
    /// `SQLite`: bytes of the file to map into memory, at most 1 TiB.
    pub mmap_bytes: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            write_connections: 24,
            read_connections: 4,
            list_connections: 2,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            busy_timeout: Duration::from_secs(5),
            mmap_bytes: 1 << 40,
        }
    }
}

/// A database on either engine. Clones are the same database.
#[derive(Debug, Clone)]
pub struct Db {
    engine: Engine,
}

#[derive(Debug, Clone)]
enum Engine {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

impl Db {
    /// Opens `sqlite://path` or `postgres://…`. The file is made when it is not there; any other
    /// beginning is an error, so that a mistyped URL does not become a new, empty database.
    pub async fn open(url: &str, options: &Options) -> Result<Self, DbError> {
        let engine = match url.split_once("://") {
            Some(("sqlite", path)) if !path.is_empty() && !path.contains('?') => {
                let path = PathBuf::from(path);
                Engine::Sqlite(Arc::new(Sqlite::open(path, options).await?))
            }
            Some(("postgres" | "postgresql", _)) => {
                Engine::Postgres(Arc::new(Postgres::open(url, options).await?))
            }
            // The URL is not repeated, for it may hold a password.
            _ => {
                let want = "a database URL is sqlite://path or postgres://user@host/name";
                return Err(Fault::Url(want.to_owned()).into());
            }
        };
        Ok(Self { engine })
    }

    /// Brings the schema up to date; gives the names of what was applied.
    pub async fn migrate(&self) -> Result<Vec<String>, DbError> {
        self.migrate_with(migrate::MIGRATIONS).await
    }

    /// Brings the schema up to date with migrations other than the embedded ones, for tests.
    pub async fn migrate_with(
        &self,
        migrations: &'static [Migration],
    ) -> Result<Vec<String>, DbError> {
        match &self.engine {
            Engine::Sqlite(engine) => migrate::sqlite::apply(engine, migrations).await,
            Engine::Postgres(engine) => migrate::postgres::apply(engine, migrations).await,
        }
    }

    /// A connection to read on. Each statement sees what is committed when it runs; none may write.
    ///
    /// On `SQLite` statements run on the worker that asks, so they must be short; longer ones
    /// belong into a [`report`](Self::report).
    #[must_use]
    pub fn reader(&self) -> Conn {
        let inner = match &self.engine {
            Engine::Sqlite(engine) => Inner::SqliteReader(Arc::clone(engine)),
            Engine::Postgres(engine) => Inner::PostgresReader(Arc::clone(engine)),
        };
        Conn { inner }
    }

    /// Runs a unit of work: all that it does through its connection happens, or nothing.
    ///
    /// It may await its connection and nothing else; anything else is refused on `SQLite` and
    /// holds up others on `PostgreSQL`. It may be run more than once, so ids and instants are made
    /// outside of it. A unit that goes on after one of its statements failed cannot succeed.
    pub async fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + Sync + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.write(unit).await,
            // Boxed, for it is far larger than the other, and every use case holds one.
            Engine::Postgres(engine) => Box::pin(engine.write(unit)).await,
        }
    }

    /// Runs a unit of work together with others, which is cheaper for all of them.
    ///
    /// The same as [`write`](Self::write) for a unit that leaves all its writes
    /// [to the end](Conn::at_end), and until then holds only what any number of others may hold as
    /// well: units that run together are one to the engine, so they do not wait for each other, and
    /// none sees what the others write.
    pub async fn write_in_group<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + Sync + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.write(unit).await,
            Engine::Postgres(engine) => Box::pin(engine.write_in_group(unit)).await,
        }
    }

    /// Runs reads that may take long, without holding up anybody else's.
    pub async fn report<T, E, F>(&self, report: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.report(report).await,
            Engine::Postgres(engine) => engine.report(report).await,
        }
    }

    /// How the engine would run a statement or a list, step by step; for tests.
    #[doc(hidden)]
    pub async fn plan(&self, planned: impl Into<Planned>) -> Result<Vec<String>, DbError> {
        match &self.engine {
            Engine::Sqlite(engine) => plan::sqlite(engine, &planned.into()),
            Engine::Postgres(engine) => plan::postgres(engine, &planned.into()).await,
        }
    }

    /// Whether the database answers.
    pub async fn health(&self) -> Result<(), DbError> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.health(),
            Engine::Postgres(engine) => engine.health().await,
        }
    }

    /// Waits until the engine has done what it does beside its units of work, or for a moment at most;
    /// for those who are in no hurry.
    pub async fn calm(&self) {
        match &self.engine {
            Engine::Sqlite(engine) => engine.calm().await,
            // It sees to that itself, on a machine of its own perhaps.
            Engine::Postgres(_) => {}
        }
    }

    /// Finishes the units of work that are queued and takes no more.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(engine) => engine.close().await,
        }
    }
}
