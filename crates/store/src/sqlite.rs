//! `SQLite`: reads inline on a connection of each thread, writes by one writer in groups.
//!
//! Invariant: only the writer's connection ever changes the file; all others are told to refuse.

mod checkpoint;
mod failure;
mod open;
pub(crate) mod query;
mod reader;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::Connection;
use thread_local::ThreadLocal;

use reader::{Commits, Reader};
pub(crate) use writer::Unit;
use writer::Writer;

use crate::conn::{Conn, Inner};
use crate::db::{BoxFuture, Options};
use crate::error::{DbError, Fault};

/// The engine: one file, one writer, a reader for each thread that asks.
pub(crate) struct Sqlite {
    path: PathBuf,
    options: Options,
    readers: ThreadLocal<Reader>,
    commits: Arc<Commits>,
    writer: Writer,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens the file, which is made when it is not there, and starts the writer.
    pub(crate) async fn open(path: PathBuf, options: &Options) -> Result<Self, DbError> {
        let options = options.clone();
        blocking(move || {
            let commits = Arc::new(Commits::new());
            let writer = Writer::start(&path, &options, Arc::clone(&commits))?;
            Ok(Self { path, options, readers: ThreadLocal::new(), commits, writer })
        })
        .await
    }

    /// Reads on this thread's own connection.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let reader = self.readers.get_or_try(|| Reader::open(&self.path, &self.options))?;
        read(reader.connection(&self.commits))
    }

    /// Has the writer run the unit; the answer comes when it is on disk, or when nothing is.
    pub(crate) async fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        self.writer.run(unit).await
    }

    /// Runs a long read on a thread made for waiting.
    pub(crate) async fn report<T, E, F>(self: &Arc<Self>, report: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let engine = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let mut conn = Conn { inner: Inner::SqliteReader(engine) };
            writer::at_once(report(&mut conn))
        });
        match task.await {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(DbError::from(Fault::Suspended).into()),
            Err(_) => Err(DbError::from(Fault::Panicked).into()),
        }
    }

    /// Whether the file can be read and the writer is there.
    pub(crate) fn health(&self) -> Result<(), DbError> {
        if !self.writer.is_running() {
            return Err(Fault::Closed.into());
        }
        self.read(|conn| {
            conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
                .map_err(|error| failure::tell(conn, error))
        })
    }

    /// Waits until the log is not being copied into the file.
    pub(crate) async fn calm(&self) {
        self.writer.calm().await;
    }

    /// Finishes what is queued, copies the log into the file, and takes no more writes.
    pub(crate) async fn close(&self) {
        self.writer.close().await;
    }

    /// A connection of one's own that may change the schema.
    pub(crate) fn migrator(&self) -> Result<Connection, DbError> {
        open::migrator(&self.path, &self.options)
    }
}

/// Runs what waits for the disk on a thread made for waiting.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DbError> + Send + 'static,
) -> Result<T, DbError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(Fault::Panicked.into()),
    }
}
