//! A thread's own connection for reading.
//!
//! Invariant: nothing is read through a mapping of the file that a commit of this process has made
//! stale. `SQLite` lets go of a whole mapping with the first read after every commit of another
//! connection, and the kernel has to bring back each page that is read then, while the other threads
//! wait. So the file is mapped only while nothing is committed, when it spares a system call for each
//! page.

use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::open;
use crate::db::Options;
use crate::error::DbError;

/// How long nothing must have been committed for the file to be worth having in memory.
const AT_REST: Duration = Duration::from_secs(1);

/// The commits of this process, as readers have to know of them.
#[derive(Debug)]
pub(crate) struct Commits {
    began: Instant,
    made: AtomicU64,
    /// When the last one was made, in milliseconds.
    last: AtomicU64,
}

impl Commits {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), made: AtomicU64::new(0), last: AtomicU64::new(0) }
    }

    /// One more was made.
    pub(crate) fn add(&self) {
        self.last.store(self.millis(), Ordering::Relaxed);
        self.made.fetch_add(1, Ordering::Relaxed);
    }

    fn are_over(&self) -> bool {
        let rest = self.millis().saturating_sub(self.last.load(Ordering::Relaxed));
        u128::from(rest) >= AT_REST.as_millis()
    }

    fn millis(&self) -> u64 {
        self.began.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
    }
}

/// A connection that may only read.
#[derive(Debug)]
pub(crate) struct Reader {
    conn: Connection,
    mapped_bytes: i64,
    /// How many commits there were when the file was brought into memory; nothing when it is not.
    mapped_at: Cell<Option<u64>>,
}

impl Reader {
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, DbError> {
        let conn = open::reader(path, options)?;
        open::map(&conn, 0)?;
        Ok(Self { conn, mapped_bytes: options.mmap_bytes, mapped_at: Cell::new(None) })
    }

    /// The connection, for one statement.
    pub(crate) fn connection(&self, commits: &Commits) -> Result<&Connection, DbError> {
        let made = commits.made.load(Ordering::Relaxed);
        match self.mapped_at.get() {
            Some(then) if then != made => {
                open::map(&self.conn, 0)?;
                self.mapped_at.set(None);
            }
            None if commits.are_over() => {
                open::map(&self.conn, self.mapped_bytes)?;
                self.mapped_at.set(Some(made));
            }
            Some(_) | None => {}
        }
        Ok(&self.conn)
    }
}
