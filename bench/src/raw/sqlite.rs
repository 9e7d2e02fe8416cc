//! Clients that hand their rows to one writer, which commits whatever waits as one group.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use rusqlite::types::Value;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, ErrorCode, params_from_iter};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::{About, Differing, Ids, Left, Part};
use crate::chance::Chance;
use crate::engine;
use crate::histogram::Histogram;
use crate::load::{Measured, gather};

/// As many units as the server commits at once.
const GROUP: usize = 256;
const BETWEEN_CHECKPOINTS: Duration = Duration::from_millis(100);

/// The rows that one request left behind.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    path: String,
    rows: Vec<RowTemplate>,
    differing: Differing,
}

#[derive(Debug, Clone)]
struct RowTemplate {
    statement: String,
    parts: Vec<Part<Value>>,
}

/// A row as it was read.
struct Read {
    left: Left,
    columns: Vec<String>,
    values: Vec<Value>,
}

/// The ids to be written, and who waits for that.
type Job = (Vec<Uuid>, oneshot::Sender<()>);

impl Template {
    pub(super) fn of(path: &str, rows: &[(Left, Uuid)], given: &[Uuid]) -> anyhow::Result<Self> {
        let conn = engine::open(path)?;
        let mut differing = Differing::new(given);
        let mut read = Vec::new();
        for (left, id) in rows {
            let found = Read::all(&conn, *left, *id)?;
            ensure!(!found.is_empty(), "no row of {} was left behind", left.table);
            for row in &found {
                differing.note(*left, &row.ids());
            }
            read.extend(found);
        }
        let rows = read.into_iter().map(|row| row.template(&differing)).collect();
        Ok(Self { path: path.to_owned(), rows, differing })
    }

    /// Writes one row for each of these ids.
    pub(super) fn write_all(&self, ids: Vec<Uuid>) -> anyhow::Result<()> {
        let conn = engine::open(&self.path)?;
        conn.execute_batch("BEGIN IMMEDIATE")?;
        for id in ids {
            self.write_one(&conn, &[id])?;
        }
        conn.execute_batch("COMMIT")?;
        Ok(())
    }

    pub(super) async fn drive(
        &self,
        clients: u64,
        duration: Duration,
        topic: u64,
        about: About,
    ) -> anyhow::Result<Measured> {
        let (queue, waiting) = mpsc::channel::<Job>(4_096);
        let writer = {
            let (template, conn) = (self.clone(), engine::open(&self.path)?);
            thread::spawn(move || template.write(&conn, waiting))
        };
        let done = Arc::new(AtomicBool::new(false));
        let checkpoints = {
            let (done, conn) = (Arc::clone(&done), engine::open(&self.path)?);
            thread::spawn(move || checkpoint(&conn, &done))
        };
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for number in 0..clients {
            let (queue, about) = (queue.clone(), Arc::clone(&about));
            let differing = self.differing.clone();
            tasks.spawn(async move {
                let mut chance = Chance::of(topic, number);
                let mut latencies = Histogram::default();
                while started.elapsed() < duration
                    && let Some(about) = about(&mut chance)
                {
                    let ids = differing.next(about, &mut chance);
                    let (answer, answered) = oneshot::channel();
                    let sent = Instant::now();
                    queue.send((ids, answer)).await.context("the writer is gone")?;
                    answered.await.context("the writer gave up")?;
                    latencies.record(sent.elapsed());
                }
                anyhow::Ok(latencies)
            });
        }
        drop(queue);
        let measured = gather(tasks, started).await;
        done.store(true, Ordering::Relaxed);
        let joined = tokio::task::spawn_blocking(|| (writer.join(), checkpoints.join())).await?;
        let (Ok(written), Ok(copied)) = joined else { anyhow::bail!("a thread panicked") };
        written.context("the writer failed")?;
        copied.context("a checkpoint failed")?;
        measured
    }

    fn write(&self, conn: &Connection, mut waiting: mpsc::Receiver<Job>) -> anyhow::Result<()> {
        let mut jobs = Vec::with_capacity(GROUP);
        let mut answers = Vec::with_capacity(GROUP);
        while waiting.blocking_recv_many(&mut jobs, GROUP) > 0 {
            conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            for (ids, answer) in jobs.drain(..) {
                self.write_one(conn, &ids)?;
                answers.push(answer);
            }
            conn.prepare_cached("COMMIT")?.execute([])?;
            for answer in answers.drain(..) {
                // Nobody waits when the run is over.
                let _ = oneshot::Sender::send(answer, ());
            }
        }
        Ok(())
    }

    fn write_one(&self, conn: &Connection, ids: &[Uuid]) -> anyhow::Result<()> {
        self.rows.iter().try_for_each(|row| row.write(conn, ids))
    }
}

impl Read {
    fn all(conn: &Connection, left: Left, id: Uuid) -> anyhow::Result<Vec<Self>> {
        let mut statement = conn.prepare(&left.select())?;
        let columns = left.written(statement.column_names());
        let read = statement.query_map([id.as_bytes()], |row| {
            let values = columns.iter().map(|name| row.get(name.as_str()));
            Ok(Self { left, columns: columns.clone(), values: values.collect::<Result<_, _>>()? })
        })?;
        Ok(read.collect::<Result<_, _>>()?)
    }

    fn ids(&self) -> Ids {
        self.columns.iter().cloned().zip(self.values.iter().map(id)).collect()
    }

    fn template(self, differing: &Differing) -> RowTemplate {
        let parts = self
            .values
            .into_iter()
            .map(|value| differing.place(id(&value)).map_or_else(|| Part::Same(value), Part::Id));
        RowTemplate { statement: self.left.statement(&self.columns), parts: parts.collect() }
    }
}

fn id(value: &Value) -> Option<Uuid> {
    match value {
        Value::Blob(bytes) => Uuid::from_slice(bytes).ok(),
        _ => None,
    }
}

impl RowTemplate {
    fn write(&self, conn: &Connection, ids: &[Uuid]) -> anyhow::Result<()> {
        let mut statement = conn.prepare_cached(&self.statement)?;
        let values = self.parts.iter().map(|part| match part {
            Part::Same(value) => value.clone(),
            Part::Id(place) => {
                ids.get(*place).map_or(Value::Null, |id| Value::Blob(id.as_bytes().to_vec()))
            }
        });
        statement.execute(params_from_iter(values))?;
        Ok(())
    }
}

/// Copies the log into the file from time to time, as the server does: beside the writer.
fn checkpoint(conn: &Connection, done: &AtomicBool) -> anyhow::Result<()> {
    while !done.load(Ordering::Relaxed) {
        thread::sleep(BETWEEN_CHECKPOINTS);
        match conn.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE) {
            // The server, which notes how far it has read the log, is doing the same just now.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {}
            done => drop(done?),
        }
    }
    Ok(())
}
