//! Copies the write-ahead log into the file, on a thread and a connection of its own.
//!
//! Invariant: a commit never pays for a checkpoint, yet the log stays bounded. Under a steady load
//! the copier would never catch up with the end of the log, which alone lets it start again from
//! the front; so past a second mark the writer waits once for a copy made while it stands still.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;

use super::open;
use crate::db::Options;
use crate::error::DbError;

/// Pages added to the log from which on it is worth copying: 8 MiB. Fewer would be copied again and
/// again, since most changes are to the same few pages, and each copy waits for the disk, as commits
/// do beside it.
const WORTHWHILE: u32 = 2_000;

/// Pages in the log from which on the writer waits for the copy: 64 MiB.
const TOO_LONG: u32 = 16_000;

enum Ask {
    /// Copy when you can.
    Soon,
    /// Copy, and say when it is done.
    Now(SyncSender<()>),
}

/// The writer's hold on the thread that copies; it ends when this is dropped.
pub(crate) struct Checkpointer {
    asks: SyncSender<Ask>,
    /// How long the log was when a copy was last asked for.
    asked_at: u32,
}

impl Checkpointer {
    /// Starts the thread.
    pub(crate) fn start(path: &Path, options: &Options) -> Result<Self, DbError> {
        let conn = open::checkpointer(path, options)?;
        // One ask may wait; more would say the same.
        let (asks, asked) = sync_channel(1);
        thread::Builder::new()
            .name("docket-checkpoint".into())
            .spawn(move || copy_when_asked(&conn, &asked))
            .map_err(DbError::unavailable)?;
        Ok(Self { asks, asked_at: 0 })
    }

    /// Has the log copied if its length asks for it. To be called between two groups.
    pub(crate) fn consider(&mut self, pages_in_log: u32) {
        // A log that is copied whole begins again at its front.
        self.asked_at = self.asked_at.min(pages_in_log);
        if pages_in_log >= TOO_LONG {
            self.finish();
        } else if pages_in_log - self.asked_at >= WORTHWHILE {
            self.asked_at = pages_in_log;
            // Full means asked already.
            let _ = self.asks.try_send(Ask::Soon);
        }
    }

    /// Has the log copied now, and waits until the thread has nothing more to do.
    pub(crate) fn finish(&self) {
        let (done, wait) = sync_channel(1);
        if self.asks.send(Ask::Now(done)).is_ok() {
            // An error means that the thread is gone; the log then waits for the next start.
            let _ = wait.recv();
        }
    }
}

fn copy_when_asked(conn: &Connection, asked: &Receiver<Ask>) {
    while let Ok(ask) = asked.recv() {
        copy(conn, CheckpointMode::PASSIVE);
        if let Ask::Now(done) = ask {
            let _ = done.send(());
        }
    }
}

/// Copies the whole log and empties it, before the file is closed.
pub(crate) fn copy_all(conn: &Connection) {
    copy(conn, CheckpointMode::TRUNCATE);
}

/// Copies what can be copied. A failure costs nothing but a longer log, and is told.
fn copy(conn: &Connection, mode: CheckpointMode) {
    if let Err(error) = conn.wal_checkpoint_v2(None::<&str>, mode) {
        tracing::warn!(error = %error, "the write-ahead log was not copied");
    }
}
