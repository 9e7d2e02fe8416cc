//! Units of work that share a transaction: what waits when a connection is free is committed at once,
//! and so the engine is asked, and the disk waited for, once for all of them.
//!
//! Invariant: units of one group do not see each other. Each leaves all that it writes to the end,
//! and what it holds until then others may hold as well. Nothing of a unit that is refused is
//! written; when anything else goes wrong, nothing of the group is, and each unit is on its own.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::oneshot;

use super::unit::Unit;
use super::{Postgres, no_connection};
use crate::batch::Batch;
use crate::conn::{Conn, Inner};
use crate::db::BoxFuture;
use crate::error::{DbError, Fault};

/// Units in one transaction at most: as many as rows in one statement.
const MOST: usize = super::parcel::ROWS;

/// Groups that are under way at once. While one waits for the disk, another is read and written.
const GROUPS: usize = 4;

/// The units that wait, and how many groups are under way.
#[derive(Default)]
pub(super) struct Groups {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Box<dyn Job>>,
    under_way: usize,
}

impl Groups {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a unit wait; whether a group is to be begun for it.
    fn add(&self, job: Box<dyn Job>) -> bool {
        let mut state = self.state();
        state.waiting.push_back(job);
        let begins = state.under_way < GROUPS;
        state.under_way += usize::from(begins);
        begins
    }

    /// The units of the next group; nothing when none waits, and then there is one group less.
    fn next(&self) -> Option<Vec<Box<dyn Job>>> {
        let mut state = self.state();
        let many = state.waiting.len().min(MOST);
        if many == 0 {
            state.under_way -= 1;
            return None;
        }
        Some(state.waiting.drain(..many).collect())
    }
}

/// Runs the unit in some group, or on its own; see
/// [`Db::write_in_group`](crate::Db::write_in_group).
pub(super) async fn write<T, E, F>(engine: &Arc<Postgres>, unit: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
    F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + Sync + 'static,
{
    let unit = Arc::new(unit);
    let (caller, answer) = oneshot::channel();
    let job = Waiting { unit: Arc::clone(&unit), outcome: None, caller };
    if engine.groups.add(Box::new(job)) {
        engine.connector.home().spawn(lead(Arc::clone(engine)));
    }
    match answer.await {
        Ok(Some(outcome)) => outcome,
        Ok(None) => engine.write(move |conn| (*unit)(conn)).await,
        Err(_) => Err(DbError::from(Fault::Closed).into()),
    }
}

/// Runs one group after the other until nobody waits.
async fn lead(engine: Arc<Postgres>) {
    while let Some(jobs) = engine.groups.next() {
        // Whoever waits for a group that panicked is told so by its being gone.
        let _ = AssertUnwindSafe(run(&engine, jobs)).catch_unwind().await;
    }
}

async fn run(engine: &Postgres, mut jobs: Vec<Box<dyn Job>>) {
    jobs.retain(|job| job.is_awaited());
    if jobs.is_empty() {
        return;
    }
    let end = match engine.units.get().await {
        Ok(client) => commit(Unit::new(client), &mut jobs).await,
        Err(error) => End::Failed(Arc::new(no_connection(error))),
    };
    for job in jobs {
        job.answer(&end);
    }
}

/// Runs all units at once on one connection, and then writes what they leave.
async fn commit(mut transaction: Unit, jobs: &mut [Box<dyn Job>]) -> End {
    let mut conns: Vec<Conn> = jobs
        .iter()
        .map(|_| Conn { inner: Inner::PostgresUnit(Box::new(transaction.member())) })
        .collect();
    let running: FuturesUnordered<_> =
        jobs.iter_mut().zip(&mut conns).map(|(job, conn)| job.run(conn)).collect();
    // What is polled first is sent first.
    let (begun, ran) = join(transaction.begin_group(), running.collect::<Vec<_>>()).await;
    if begun.is_err() || ran.contains(&Ran::Badly) {
        transaction.roll_back().await;
        return End::Alone;
    }
    let mut writes = Batch::default();
    for (job, conn) in jobs.iter().zip(conns) {
        if let Inner::PostgresUnit(member) = conn.inner
            && job.is_to_be_kept()
        {
            writes.asks.extend(member.left().asks);
        }
    }
    transaction.at_end(writes);
    match transaction.commit().await {
        Ok(()) => End::Committed,
        Err(_) if transaction.roll_back().await => End::Alone,
        // With the connection the answer to COMMIT is lost, so nobody knows.
        Err(error) => End::Failed(Arc::new(error)),
    }
}

/// How a unit ran, as far as its group is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    /// To its end, whatever it says.
    Well,
    /// The transaction is of no use any more.
    Badly,
}

/// How a group ended.
enum End {
    /// It is on disk.
    Committed,
    /// Nothing happened, and each of its units is to try on its own.
    Alone,
    /// It could not even begin, or nobody knows how it ended.
    Failed(Arc<DbError>),
}

/// A unit that waits, whatever it gives.
trait Job: Send {
    /// Whether somebody still waits for the answer.
    fn is_awaited(&self) -> bool;

    /// Runs it to its end and keeps the outcome.
    fn run<'j>(&'j mut self, conn: &'j mut Conn) -> BoxFuture<'j, Ran>;

    /// Whether what it left is to be written.
    fn is_to_be_kept(&self) -> bool;

    /// Tells the outcome, if the end of its group is one.
    fn answer(self: Box<Self>, end: &End);
}

/// The only [`Job`]; the trait is there to forget what it gives.
struct Waiting<T, E, F> {
    unit: Arc<F>,
    outcome: Option<Result<T, E>>,
    /// Is told nothing when the unit is to be tried on its own.
    caller: oneshot::Sender<Option<Result<T, E>>>,
}

impl<T, E, F> Job for Waiting<T, E, F>
where
    T: Send,
    E: From<DbError> + Send,
    F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + Sync,
{
    fn is_awaited(&self) -> bool {
        !self.caller.is_closed()
    }

    fn run<'j>(&'j mut self, conn: &'j mut Conn) -> BoxFuture<'j, Ran> {
        Box::pin(async move {
            let unit = &self.unit;
            let ran = AssertUnwindSafe(async { unit(conn).await }).catch_unwind().await;
            let Inner::PostgresUnit(member) = &conn.inner else { return Ran::Badly };
            match ran {
                Ok(outcome) if !member.is_spoiled() => {
                    self.outcome = Some(outcome);
                    Ran::Well
                }
                Ok(_) | Err(_) => Ran::Badly,
            }
        })
    }

    fn is_to_be_kept(&self) -> bool {
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, end: &End) {
        let outcome = match (self.outcome, end) {
            // It had nothing to lose, and its own words say more.
            (Some(Err(refused)), End::Committed | End::Failed(_)) => Some(Err(refused)),
            (Some(Ok(value)), End::Committed) => Some(Ok(value)),
            (_, End::Failed(cause)) => {
                Some(Err(DbError::from(Fault::GroupUndone(Arc::clone(cause))).into()))
            }
            (_, End::Alone) | (None, End::Committed) => None,
        };
        // Whoever asked may have gone; the change stands all the same.
        let _ = self.caller.send(outcome);
    }
}
