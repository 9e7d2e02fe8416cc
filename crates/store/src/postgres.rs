//! `PostgreSQL`: reads on a few shared connections, units of work on pooled ones.
//!
//! Invariant: a connection that is shared never has a transaction open, and is told to refuse
//! writes; a connection with a transaction has exactly one owner.

mod connect;
mod failure;
mod gather;
mod group;
mod lent;
mod parcel;
mod query;
mod shared;
mod unit;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use deadpool_postgres::{
    Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use futures_util::FutureExt;

pub(crate) use connect::Connector;
use gather::Gathering;
use group::Groups;
use shared::Shared;
pub(crate) use unit::Unit;
use unit::{Ended, Pause};

use crate::conn::{Conn, Inner, Lane, Query};
use crate::db::{BoxFuture, Options};
use crate::error::{DbError, Fault};
use crate::row::FromRow;
use crate::stmt::Stmt;
use crate::value::Value;

/// The engine: a pool for units of work, and shared connections for two lengths of reads.
pub(crate) struct Postgres {
    connector: Connector,
    units: Pool,
    points: Shared,
    lists: Shared,
    groups: Groups,
    gathering: Gathering,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}

impl Postgres {
    /// Reads the URL and makes one connection, to tell at once when none can be made.
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Self, DbError> {
        let connector = Connector::new(url, options)?;
        let manager = Manager::from_connect(
            connector.config().clone(),
            connector.clone(),
            // Whether a connection is whole is known from how its last unit ended.
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let units = Pool::builder(manager)
            .max_size(options.write_connections)
            .wait_timeout(Some(options.acquire_timeout))
            .create_timeout(Some(options.acquire_timeout))
            .recycle_timeout(Some(options.acquire_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(DbError::driver)?;
        let points = Shared::new(connector.clone(), options.read_connections);
        let lists = Shared::new(connector.clone(), options.list_connections);
        let groups = Groups::default();
        let gathering = Gathering::new(options.read_connections);
        let engine = Self { connector, units, points, lists, groups, gathering };
        engine.health().await?;
        Ok(engine)
    }

    /// The way to a connection of one's own.
    pub(crate) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Runs the unit in a transaction, again when the engine gave it up for the sake of another;
    /// see [`Db::write`](crate::Db::write).
    pub(crate) async fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        E: From<DbError>,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, E>>,
    {
        let mut pause = Pause::new();
        loop {
            let client = self.units.get().await.map_err(|error| E::from(no_connection(error)))?;
            let mut conn = Conn { inner: Inner::PostgresUnit(Box::new(Unit::new(client))) };
            let ran = AssertUnwindSafe(async { unit(&mut conn).await }).catch_unwind().await;
            // From here on the connection is either ended with care or thrown away by its drop.
            let Inner::PostgresUnit(transaction) = conn.inner else {
                return Err(DbError::from(Fault::Closed).into());
            };
            let ended = match ran {
                Ok(outcome) => transaction.end(outcome).await,
                Err(_) => return Err(DbError::from(Fault::Panicked).into()),
            };
            match ended {
                Ended::Done(outcome) => return outcome,
                Ended::GivenUp(outcome) => {
                    if !pause.before_another().await {
                        return outcome;
                    }
                }
            }
        }
    }

    /// Runs the unit in a transaction that others may share; see
    /// [`Db::write_in_group`](crate::Db::write_in_group).
    pub(crate) async fn write_in_group<T, E, F>(self: &Arc<Self>, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + Sync + 'static,
    {
        group::write(self, unit).await
    }

    /// Runs a long read on one of the connections for lists.
    pub(crate) async fn report<T, E, F>(self: &Arc<Self>, report: F) -> Result<T, E>
    where
        E: From<DbError>,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>>,
    {
        let mut conn = Conn { inner: Inner::PostgresReader(Arc::clone(self)) };
        report(&mut conn).await
    }

    /// The first row.
    pub(crate) async fn one<T: FromRow>(&self, ask: Query<'_>) -> Result<Option<T>, DbError> {
        shared::ask!(self.points, |client| query::one(&client, ask))
    }

    /// All rows.
    pub(crate) async fn all<T: FromRow>(
        &self,
        ask: Query<'_>,
        lane: Lane,
    ) -> Result<Vec<T>, DbError> {
        let shared = match lane {
            Lane::Points => &self.points,
            Lane::Lists => &self.lists,
        };
        shared::ask!(shared, |client| query::all(&client, ask))
    }

    /// All rows, asked with what others ask of the same statement.
    pub(crate) async fn gather<T: FromRow>(
        self: &Arc<Self>,
        stmt: &'static Stmt,
        values: &[Value<'static>],
    ) -> Result<Vec<T>, DbError> {
        gather::all(self, stmt, values).await
    }

    /// Runs a statement that changes nothing, or is refused.
    pub(crate) async fn run(&self, ask: Query<'_>) -> Result<u64, DbError> {
        shared::ask!(self.points, |client| query::run(&client, ask))
    }

    /// A page and the count of all, asked in one go.
    pub(crate) async fn page<T: FromRow>(
        &self,
        rows: Query<'_>,
        count: Query<'_>,
    ) -> Result<(Vec<T>, i64), DbError> {
        shared::ask!(self.lists, |client| query::page(&client, rows, count))
    }

    /// Whether a statement is answered.
    pub(crate) async fn health(&self) -> Result<(), DbError> {
        let ask = Query { name: "health", text: "SELECT 1", params: &[] };
        self.one::<i64>(ask).await.map(drop)
    }

    /// Takes no more units of work, and lets those that run end.
    pub(crate) async fn close(&self) {
        self.units.close();
        self.points.close().await;
        self.lists.close().await;
    }
}

fn no_connection(error: PoolError) -> DbError {
    match error {
        PoolError::Timeout(TimeoutType::Wait) => Fault::NoConnection.into(),
        PoolError::Timeout(_) => Fault::ConnectTimeout.into(),
        PoolError::Closed => Fault::Closed.into(),
        PoolError::Backend(error) => DbError::unavailable(error),
        error => DbError::driver(error),
    }
}
