//! A thread's own connections for reading: one that has the file in memory, and one that has not.
//!
//! Invariant: nothing is read through a mapping of the file that a commit of this process has made
//! stale. `SQLite` lets go of a whole mapping with the first read after every commit of another
//! connection, and the kernel has to bring back each page that is read then, while the other threads
//! wait. So the connection with the mapping is asked only while nothing is committed, when it spares a
//! system call for each page. It is left alone from the first commit on, for to give a large mapping
//! back takes longer than many reads; that is done with its first read when nothing is committed again.

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
    /// When the last one was made, in milliseconds.
    last: AtomicU64,
}

impl Commits {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), last: AtomicU64::new(0) }
    }

    /// One more was made.
    pub(crate) fn add(&self) {
        self.last.store(self.millis(), Ordering::Relaxed);
    }

    fn are_over(&self) -> bool {
        let rest = self.millis().saturating_sub(self.last.load(Ordering::Relaxed));
        u128::from(rest) >= AT_REST.as_millis()
    }

    fn millis(&self) -> u64 {
        self.began.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
    }
}

/// Two connections that may only read.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Has the file in memory.
    mapped: Connection,
    /// Reads page by page.
    paged: Connection,
}

impl Reader {
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, DbError> {
        let (mapped, paged) = (open::reader(path, options)?, open::reader(path, options)?);
        open::map(&paged, 0)?;
        Ok(Self { mapped, paged })
    }

    /// The connection for one statement.
    pub(crate) fn connection(&self, commits: &Commits) -> &Connection {
        if commits.are_over() { &self.mapped } else { &self.paged }
    }
}
