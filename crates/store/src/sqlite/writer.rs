//! The one writer: a thread that commits everything waiting as one group.
//!
//! Invariant: a unit of work is answered `Ok` only after the commit of its group, and its changes
//! are in that commit whole or not at all. Where a unit fails that had changed something, the group
//! begins anew with a savepoint for each of its units; as long as none does, nobody pays for them.

mod unit;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::checkpoint::{self, Calm, Checkpointer};
use super::reader::Commits;
use super::{failure, open};
use crate::conn::{Conn, Inner};
use crate::db::{BoxFuture, Options};
use crate::error::{DbError, Fault};
use unit::{Job, Waiting};
pub(crate) use unit::{Unit, at_once};

/// Units in one commit at most: beyond it an `fsync` is shared enough, and the first waits longer.
const GROUP: usize = 256;

/// Units that may wait; past it callers wait for a place, and so the network slows them down.
const QUEUE: usize = 4_096;

enum Message {
    Work(Box<dyn Job>),
    Stop(oneshot::Sender<()>),
}

/// The hold on the thread; it ends when this is dropped or closed.
pub(crate) struct Writer {
    queue: mpsc::Sender<Message>,
    calm: Calm,
}

impl Writer {
    /// Opens the connection, so that a file that cannot be used is told at once, and starts.
    pub(crate) fn start(
        path: &Path,
        options: &Options,
        commits: Arc<Commits>,
    ) -> Result<Self, DbError> {
        let mut connection = open::writer(path, options)?;
        let pages_in_log = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&pages_in_log);
        connection
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
                seen.store(pages.try_into().unwrap_or(0), Ordering::Relaxed);
                commits.add();
                Ok(())
            }))
            .map_err(DbError::driver)?;
        let checkpointer = Checkpointer::start(path, options, pages_in_log)?;
        let calm = checkpointer.calm();
        let (queue, waiting) = mpsc::channel(QUEUE);
        let conn = Conn { inner: Inner::SqliteUnit(Unit::new(connection)) };
        let mut thread = Thread { conn, waiting, checkpointer };
        thread::Builder::new()
            .name("docket-writer".into())
            .spawn(move || thread.run())
            .map_err(DbError::unavailable)?;
        Ok(Self { queue, calm })
    }

    /// Runs the unit in some group; see [`Db::write`](crate::Db::write).
    pub(crate) async fn run<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let (job, answer) = Waiting::new(unit);
        if self.queue.send(Message::Work(Box::new(job))).await.is_err() {
            return Err(DbError::from(Fault::Closed).into());
        }
        answer.await.unwrap_or_else(|_| Err(DbError::from(Fault::Closed).into()))
    }

    /// Waits until the log is not being copied.
    pub(crate) async fn calm(&self) {
        self.calm.clone().wait().await;
    }

    /// Whether units are still taken.
    pub(crate) fn is_running(&self) -> bool {
        !self.queue.is_closed()
    }

    /// Finishes what is queued and stops.
    pub(crate) async fn close(&self) {
        let (done, wait) = oneshot::channel();
        if self.queue.send(Message::Stop(done)).await.is_ok() {
            // An error means that it had stopped already.
            let _ = wait.await;
        }
    }
}

struct Thread {
    conn: Conn,
    waiting: mpsc::Receiver<Message>,
    checkpointer: Checkpointer,
}

impl Thread {
    fn run(&mut self) {
        let mut stopped = Vec::new();
        let mut group = Vec::with_capacity(GROUP);
        let mut messages = Vec::with_capacity(GROUP);
        while self.waiting.blocking_recv_many(&mut messages, GROUP) > 0 {
            for message in messages.drain(..) {
                match message {
                    Message::Work(job) => group.push(job),
                    Message::Stop(done) => {
                        // No more come in; those that are in are still served.
                        self.waiting.close();
                        stopped.push(done);
                    }
                }
            }
            self.commit_as_one(&mut group);
            self.checkpointer.consider();
        }
        // The other thread is not to be copying at the same time: this waits for it.
        self.checkpointer.finish();
        if let Some(unit) = self.unit() {
            checkpoint::copy_all(&unit.connection);
        }
        for done in stopped {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }

    /// Runs every unit of the group, commits, and answers; the group is empty afterwards.
    fn commit_as_one(&mut self, group: &mut Vec<Box<dyn Job>>) {
        group.retain(|job| job.is_awaited());
        if group.is_empty() {
            return;
        }
        let ended =
            self.begin().and_then(|()| self.run_all(group)).and_then(|()| self.control("COMMIT"));
        let undone = ended.err().map(|error| {
            self.abandon();
            tracing::warn!(error = %error, units = group.len(), "a group of writes was undone");
            Arc::new(error)
        });
        for job in group.drain(..) {
            job.answer(undone.as_ref());
        }
    }

    /// Runs the units, so that the transaction holds the changes of those that succeeded and no
    /// others. An error is the group's, not a unit's: the transaction is gone, and going on would
    /// commit the rest of it statement by statement.
    fn run_all(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), DbError> {
        if self.run_unguarded(group)? {
            return Ok(());
        }
        self.control("ROLLBACK")?;
        self.begin()?;
        group.iter_mut().try_for_each(|job| self.run_guarded(job.as_mut()))
    }

    /// Runs the units one behind the other, until one fails that has changed something; whether none
    /// has. A savepoint would copy every page that a unit changes, and few units come back from their
    /// changes. Units may run twice (`Db::write`), so what ran before such a one runs again.
    fn run_unguarded(&mut self, group: &mut [Box<dyn Job>]) -> Result<bool, DbError> {
        for job in group {
            let before = self.changes();
            if !self.run_one(job.as_mut())? && self.changes() != before {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many rows the connection has changed so far.
    fn changes(&mut self) -> Option<u64> {
        self.unit().map(|unit| unit.connection.total_changes())
    }

    /// Runs one unit inside a savepoint.
    fn run_guarded(&mut self, job: &mut dyn Job) -> Result<(), DbError> {
        self.control("SAVEPOINT unit")?;
        if !self.run_one(job)? {
            self.control("ROLLBACK TO unit")?;
        }
        self.control("RELEASE unit")
    }

    /// Runs one unit; whether its changes are to be kept.
    fn run_one(&mut self, job: &mut dyn Job) -> Result<bool, DbError> {
        let worth_keeping = job.run(&mut self.conn);
        // A full disk, or a statement told to, can make the engine roll back by itself.
        if self.is_undone() {
            return Err(Fault::UndoneByEngine.into());
        }
        Ok(worth_keeping)
    }

    fn begin(&mut self) -> Result<(), DbError> {
        // Takes the lock now; a transaction that began to read first could not wait for it.
        self.control("BEGIN IMMEDIATE")
    }

    /// Leaves no transaction open behind a group that failed.
    fn abandon(&mut self) {
        if !self.is_undone()
            && let Err(error) = self.control("ROLLBACK")
        {
            tracing::error!(error = %error, "a group of writes could not be rolled back");
        }
    }

    fn is_undone(&mut self) -> bool {
        self.unit().is_none_or(|unit| unit.connection.is_autocommit())
    }

    fn control(&mut self, text: &'static str) -> Result<(), DbError> {
        let Some(unit) = self.unit() else { return Err(Fault::Closed.into()) };
        let conn: &Connection = &unit.connection;
        conn.prepare_cached(text)
            .and_then(|mut statement| statement.execute([]))
            .map(drop)
            .map_err(|error| failure::tell(conn, error))
    }

    /// Ours is always a unit; saying so by the type would cost every statement of one an `Arc`.
    fn unit(&mut self) -> Option<&mut Unit> {
        match &mut self.conn.inner {
            Inner::SqliteUnit(unit) => Some(unit),
            _ => None,
        }
    }
}
