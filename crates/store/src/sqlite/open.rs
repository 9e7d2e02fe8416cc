//! Opens connections to the file and sets them up alike.
//!
//! Invariant: every connection enforces foreign keys, sees the same `lower` and `LIKE` as
//! `PostgreSQL`, knows `rarray`, and waits for another process rather than failing at once.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::failure;
use crate::db::Options;
use crate::error::DbError;
use crate::filter;

/// How long a migration waits for another node's; longer than any of ours should take.
const MIGRATION_PATIENCE: Duration = Duration::from_mins(5);

/// The pause before the write-ahead log is switched on again.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// Statements kept prepared on each connection; more than the code has, so that none is thrown out.
const STATEMENTS: usize = 512;

/// A connection that may only read.
pub(crate) fn reader(path: &Path, options: &Options) -> Result<Connection, DbError> {
    let conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, options)?;
    set(&conn, "query_only", true)?;
    Ok(conn)
}

/// The connection of the writer, which makes the file when there is none.
pub(crate) fn writer(path: &Path, options: &Options) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let conn = open(path, flags, options)?;
    // The answer is the mode that is on afterwards; a file system that cannot share memory would
    // leave the old one, in which readers and the writer stop each other.
    let mode = journal(&conn, options).map_err(|error| failure::tell(&conn, error))?;
    if mode != "wal" {
        return Err(DbError::driver(format!("the write-ahead log is not on, but {mode}")));
    }
    set(&conn, "synchronous", "full")?;
    // Checkpoints have a thread of their own; a commit must not pay for them.
    set(&conn, "wal_autocheckpoint", 0)?;
    set(&conn, "cache_size", -16_384)?;
    Ok(conn)
}

/// Switches the write-ahead log on. Of several who do so to a new file at the same instant, `SQLite`
/// tells all but one at once that they are too late, however patient they are; so they try again.
fn journal(conn: &Connection, options: &Options) -> rusqlite::Result<String> {
    let began = Instant::now();
    loop {
        let mode = conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0));
        let is_busy = mode
            .as_ref()
            .is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy));
        if !is_busy || began.elapsed() >= options.busy_timeout {
            return mode;
        }
        thread::sleep(BETWEEN_TRIES);
    }
}

/// The connection that copies the log into the file.
pub(crate) fn checkpointer(path: &Path, options: &Options) -> Result<Connection, DbError> {
    let conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, options)?;
    set(&conn, "synchronous", "full")?;
    Ok(conn)
}

/// A connection that changes the schema. Foreign keys are off, for rebuilding a table means to drop
/// it; the migrator checks them as a whole before it commits.
pub(crate) fn migrator(path: &Path, options: &Options) -> Result<Connection, DbError> {
    let conn = writer(path, options)?;
    conn.busy_timeout(MIGRATION_PATIENCE).map_err(|error| failure::tell(&conn, error))?;
    set(&conn, "foreign_keys", false)?;
    Ok(conn)
}

fn open(path: &Path, flags: OpenFlags, options: &Options) -> Result<Connection, DbError> {
    // Each connection stays with one thread at a time, so the engine's own lock is not needed.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(DbError::unavailable)?;
    conn.busy_timeout(options.busy_timeout).map_err(|error| failure::tell(&conn, error))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan depends on the statement alone; else a statement over columns with statistics would be
    // prepared anew for every value.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| failure::tell(&conn, error))?;
    map(&conn, options.mmap_bytes)?;
    set(&conn, "temp_store", "memory")?;
    set(&conn, "foreign_keys", true)?;
    set(&conn, "case_sensitive_like", true)?;
    add_functions(&conn).map_err(|error| failure::tell(&conn, error))?;
    Ok(conn)
}

/// Has so much of the file in memory, and reads the rest out of it.
pub(crate) fn map(conn: &Connection, bytes: i64) -> Result<(), DbError> {
    set(conn, "mmap_size", bytes)
}

fn set(conn: &Connection, pragma: &str, value: impl rusqlite::ToSql) -> Result<(), DbError> {
    // Some answer with the new value and some do not; neither is wanted.
    conn.pragma(None, pragma, value, |_| Ok(())).map_err(|error| failure::tell(conn, error))
}

fn add_functions(conn: &Connection) -> rusqlite::Result<()> {
    rusqlite::vtab::array::load_module(conn)?;
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function("lower", 1, flags, |context| {
        let text = context.get_raw(0).as_str_or_null()?;
        Ok(text.map(|text| filter::lower(text).into_owned()))
    })
}
