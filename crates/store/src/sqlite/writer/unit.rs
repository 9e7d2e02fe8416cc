//! One unit of work: how it waits, how it is run, how it is answered.
//!
//! Invariant: whatever a unit does, it ends here. A panic is caught, a future that would wait for
//! anything but the database is refused, and an answer is given exactly once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::conn::{Conn, Inner};
use crate::db::BoxFuture;
use crate::error::{DbError, Fault};

/// The writer's connection, lent to one unit after the other.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(super) connection: Connection,
    /// Whether a statement of the unit has failed. `PostgreSQL` undoes such a unit whatever it
    /// answers, so neither does this engine keep a part of it.
    spoiled: bool,
}

impl Unit {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, spoiled: false }
    }

    /// Runs a statement, unless one has failed before.
    pub(crate) fn run<T>(
        &mut self,
        statement: impl FnOnce(&Connection) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        if self.spoiled {
            return Err(Fault::Spoiled.into());
        }
        let done = statement(&self.connection);
        // A row that cannot be read is the code's trouble, not the transaction's.
        self.spoiled =
            done.as_ref().is_err_and(|error| !matches!(error, DbError::Contradiction { .. }));
        done
    }
}

/// A unit in the queue, whatever it gives.
pub(super) trait Job: Send {
    /// Whether somebody still waits for the answer.
    fn is_awaited(&self) -> bool;

    /// Runs it to its end and keeps the outcome; whether its changes are to be kept.
    fn run(&mut self, conn: &mut Conn) -> bool;

    /// Tells the outcome, or that the group it was in was undone.
    fn answer(self: Box<Self>, undone: Option<&Arc<DbError>>);
}

/// The only [`Job`]; the trait is there to forget what it gives.
pub(super) struct Waiting<T, E, F> {
    unit: F,
    outcome: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Waiting<T, E, F> {
    pub(super) fn new(unit: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (caller, answer) = oneshot::channel();
        (Self { unit, outcome: None, caller }, answer)
    }
}

impl<T, E, F> Job for Waiting<T, E, F>
where
    T: Send,
    E: From<DbError> + Send,
    F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send,
{
    fn is_awaited(&self) -> bool {
        !self.caller.is_closed()
    }

    fn run(&mut self, conn: &mut Conn) -> bool {
        set_spoiled(conn, false);
        let ended = catch_unwind(AssertUnwindSafe(|| at_once((self.unit)(conn))));
        let mut outcome = match ended {
            Ok(Some(outcome)) => outcome,
            Ok(None) => Err(DbError::from(Fault::Suspended).into()),
            Err(_) => Err(DbError::from(Fault::Panicked).into()),
        };
        if outcome.is_ok() && is_spoiled(conn) {
            outcome = Err(DbError::from(Fault::Spoiled).into());
        }
        let worth_keeping = outcome.is_ok();
        self.outcome = Some(outcome);
        worth_keeping
    }

    fn answer(self: Box<Self>, undone: Option<&Arc<DbError>>) {
        let outcome = match (self.outcome, undone) {
            // It had nothing to lose, and its own words say more.
            (Some(Err(refused)), _) => Err(refused),
            (_, Some(cause)) => Err(DbError::from(Fault::GroupUndone(Arc::clone(cause))).into()),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(DbError::from(Fault::Closed).into()),
        };
        // Whoever asked may have gone; the change stands all the same.
        let _ = self.caller.send(outcome);
    }
}

/// What a future gives at its first poll, if it is ready.
pub(crate) fn at_once<T>(mut future: BoxFuture<'_, T>) -> Option<T> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

fn set_spoiled(conn: &mut Conn, spoiled: bool) {
    if let Inner::SqliteUnit(unit) = &mut conn.inner {
        unit.spoiled = spoiled;
    }
}

fn is_spoiled(conn: &Conn) -> bool {
    matches!(&conn.inner, Inner::SqliteUnit(unit) if unit.spoiled)
}
