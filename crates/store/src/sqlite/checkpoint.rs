//! Copies the write-ahead log into the file, on a thread and a connection of its own.
//!
//! Invariant: a commit never pays for a checkpoint, yet the log stays bounded. Under a steady load
//! the copier would never catch up with the end of the log, which alone lets it start again from
//! the front; so past a second mark the writer waits once for a copy made while it stands still.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{failure, open};
use crate::db::Options;
use crate::error::DbError;

/// Pages added to the log from which on it is worth copying: 8 MiB. Fewer would be copied again and
/// again, since most changes are to the same few pages, and each copy waits for the disk, as commits
/// do beside it.
const WORTHWHILE: u32 = 2_000;

/// Pages in the log from which on it is brought to its end: 64 MiB.
const TOO_LONG: u32 = 16_000;

/// Pages left to copy for which the writer waits when the log is too long. What is left is copied
/// again and again before, beside the writer, until it is as little.
const SHORT: u32 = 400;

/// Pages in the log from which on the writer waits, however many are left.
const FAR_TOO_LONG: u32 = 2 * TOO_LONG;

/// How long pages may lie in a log that is not worth copying yet. As long as some do, whoever reads
/// looks every page up in the log first, and what is found there is copied for them.
const AT_REST: Duration = Duration::from_secs(1);

/// The longest wait of those who would rather work while no copy is made.
const PATIENCE: Duration = Duration::from_millis(50);

enum Ask {
    /// Copy when you can.
    Soon,
    /// Copy, and say when it is done.
    Now(SyncSender<()>),
}

/// What the thread that copies and the writer say of themselves.
#[derive(Debug)]
struct Progress {
    /// Pages in the log.
    in_log: Arc<AtomicU32>,
    /// Copies asked for and not made yet.
    under_way: watch::Sender<u32>,
    /// Up to which page the log is copied.
    copied: AtomicU32,
}

/// Waits for copies to end.
#[derive(Debug, Clone)]
pub(crate) struct Calm(watch::Receiver<u32>);

impl Calm {
    /// Waits until no copy is under way, but not for long: under a steady load one follows the other.
    pub(crate) async fn wait(mut self) {
        // An error means that it took too long, or that the thread is gone, and so is what it did.
        drop(timeout(PATIENCE, self.0.wait_for(|under_way| *under_way == 0)).await);
    }
}

/// The writer's hold on the thread that copies; it ends when this is dropped.
pub(crate) struct Checkpointer {
    asks: SyncSender<Ask>,
    progress: Arc<Progress>,
    /// How long the log was when a copy was last asked for.
    asked_at: u32,
}

impl Checkpointer {
    /// Starts the thread.
    pub(crate) fn start(
        path: &Path,
        options: &Options,
        in_log: Arc<AtomicU32>,
    ) -> Result<Self, DbError> {
        let conn = open::checkpointer(path, options)?;
        let mut held = Held::open(path, options)?;
        // One ask may wait; more would say the same.
        let (asks, asked) = sync_channel(1);
        let (under_way, _) = watch::channel(0);
        let progress = Arc::new(Progress { in_log, under_way, copied: AtomicU32::new(0) });
        let own = Arc::clone(&progress);
        thread::Builder::new()
            .name("docket-checkpoint".into())
            .spawn(move || copy_when_asked(&conn, &mut held, &asked, &own))
            .map_err(DbError::unavailable)?;
        Ok(Self { asks, progress, asked_at: 0 })
    }

    /// For those who would rather work while no copy is made.
    pub(crate) fn calm(&self) -> Calm {
        Calm(self.progress.under_way.subscribe())
    }

    /// Has the log copied if its length asks for it. To be called between two groups.
    pub(crate) fn consider(&mut self) {
        let pages_in_log = self.progress.in_log.load(Ordering::Relaxed);
        // A log that is copied whole begins again at its front.
        self.asked_at = self.asked_at.min(pages_in_log);
        let left = pages_in_log.saturating_sub(self.progress.copied.load(Ordering::Relaxed));
        let is_too_long = pages_in_log >= TOO_LONG;
        if pages_in_log >= FAR_TOO_LONG || (is_too_long && left <= SHORT) {
            self.finish();
        } else if is_too_long || pages_in_log - self.asked_at >= WORTHWHILE {
            self.asked_at = pages_in_log;
            self.progress.begin();
            // Full means asked already.
            if self.asks.try_send(Ask::Soon).is_err() {
                self.progress.end();
            }
        }
    }

    /// Has the log copied now, and waits until the thread has nothing more to do.
    pub(crate) fn finish(&self) {
        let (done, wait) = sync_channel(1);
        self.progress.begin();
        if self.asks.send(Ask::Now(done)).is_ok() {
            // An error means that the thread is gone; the log then waits for the next start.
            let _ = wait.recv();
        }
    }
}

impl Progress {
    /// Whether the log holds nothing that is not in the file as well. One that began again at its front
    /// is seldom as long as it was.
    fn is_all_copied(&self) -> bool {
        self.in_log.load(Ordering::Relaxed) == self.copied.load(Ordering::Relaxed)
    }

    fn begin(&self) {
        self.under_way.send_modify(|under_way| *under_way += 1);
    }

    fn end(&self) {
        self.under_way.send_modify(|under_way| *under_way = under_way.saturating_sub(1));
    }
}

/// A read that goes on while nothing happens. Each read asks the kernel for its lock on the log and
/// gives it back, unless another of the process has the same one.
struct Held {
    conn: Connection,
}

impl Held {
    fn open(path: &Path, options: &Options) -> Result<Self, DbError> {
        Ok(Self { conn: open::reader(path, options)? })
    }

    /// Begins, or goes on. Who reads while all of the log is copied stands in the way of copying alone.
    fn keep(&mut self) {
        if self.conn.is_autocommit() {
            self.tell(self.conn.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema"));
        }
    }

    fn end(&mut self) {
        if !self.conn.is_autocommit() {
            self.tell(self.conn.execute_batch("COMMIT"));
        }
    }

    /// A failure costs nothing but the kernel's time.
    fn tell(&self, done: rusqlite::Result<()>) {
        if let Err(error) = done {
            tracing::debug!(error = %failure::tell(&self.conn, error), "no read is kept open");
        }
    }
}

fn copy_when_asked(conn: &Connection, held: &mut Held, asked: &Receiver<Ask>, progress: &Progress) {
    loop {
        let ask = match asked.recv_timeout(AT_REST) {
            Ok(ask) => Some(ask),
            Err(RecvTimeoutError::Timeout) if progress.is_all_copied() => {
                held.keep();
                continue;
            }
            Err(RecvTimeoutError::Timeout) => {
                progress.begin();
                None
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        held.end();
        if let Some(copied) = copy(conn, CheckpointMode::PASSIVE) {
            progress.copied.store(copied, Ordering::Relaxed);
        }
        progress.end();
        if let Some(Ask::Now(done)) = ask {
            let _ = done.send(());
        }
    }
}

/// Copies the whole log and empties it, before the file is closed.
pub(crate) fn copy_all(conn: &Connection) {
    copy(conn, CheckpointMode::TRUNCATE);
}

/// Copies what can be copied; up to which page of the log all is copied then. A failure costs nothing
/// but a longer log, and is told.
fn copy(conn: &Connection, mode: CheckpointMode) -> Option<u32> {
    match conn.wal_checkpoint_v2(None::<&str>, mode) {
        Ok((_, copied)) => copied.try_into().ok(),
        Err(error) => {
            tracing::warn!(error = %error, "the write-ahead log was not copied");
            None
        }
    }
}
