//! Clients that hand their rows to one writer, which commits whatever waits as one group.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use rusqlite::types::Value;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, ErrorCode, params_from_iter};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::{GIVEN, Written};
use crate::chance::Chance;
use crate::community::Community;
use crate::engine;
use crate::histogram::Histogram;
use crate::load::{Measured, gather};
use crate::question::Askers;

/// As many units as the server commits at once.
const GROUP: usize = 256;
const BETWEEN_CHECKPOINTS: Duration = Duration::from_millis(100);

/// The rows of one action.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    path: String,
    action: RowTemplate,
    audit: RowTemplate,
    event: RowTemplate,
    told: RowTemplate,
}

#[derive(Debug, Clone)]
struct RowTemplate {
    insert: String,
    columns: Vec<String>,
    values: Vec<Value>,
}

type Job = (Written, oneshot::Sender<()>);

impl Template {
    pub(crate) fn of(path: &str, action: Uuid, told: Uuid) -> anyhow::Result<Self> {
        let conn = engine::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            action: RowTemplate::read(&conn, "action", "id", action)?,
            audit: RowTemplate::read(&conn, "audit_record", "subject_id", action)?,
            event: RowTemplate::read(&conn, "outbox", "subject_id", action)?,
            told: RowTemplate::read(&conn, "outbox", "subject_id", told)?,
        })
    }

    /// Writes events with these ids of which webhooks are to be told.
    pub(crate) fn tell(&self, ids: Vec<Uuid>) -> anyhow::Result<()> {
        let conn = engine::open(&self.path)?;
        conn.execute_batch("BEGIN IMMEDIATE")?;
        for id in ids {
            self.told.write(&conn, &[("id", id)])?;
        }
        conn.execute_batch("COMMIT")?;
        Ok(())
    }

    pub(crate) async fn drive(
        &self,
        clients: u64,
        duration: Duration,
        topic: u64,
        community: Community,
        askers: &Askers,
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
            let (queue, askers) = (queue.clone(), askers.clone());
            tasks.spawn(async move {
                let mut chance = Chance::of(topic, number);
                let mut latencies = Histogram::default();
                while started.elapsed() < duration {
                    let actionee = askers.younger(&mut chance);
                    let written = Written::on(&community, actionee, &mut chance);
                    let (answer, answered) = oneshot::channel();
                    let sent = Instant::now();
                    queue.send((written, answer)).await.context("the writer is gone")?;
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
            for (written, answer) in jobs.drain(..) {
                self.write_one(conn, &written)?;
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

    fn write_one(&self, conn: &Connection, written: &Written) -> anyhow::Result<()> {
        self.action.write(conn, &[("id", written.action), ("actionee_id", written.actionee)])?;
        self.audit.write(conn, &[("id", written.audit), ("subject_id", written.action)])?;
        self.event.write(conn, &[("id", written.event), ("subject_id", written.action)])
    }
}

impl RowTemplate {
    fn read(conn: &Connection, table: &str, key: &str, id: Uuid) -> anyhow::Result<Self> {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table} WHERE {key} = ?1"))?;
        let names = statement.column_names().map(str::to_owned).filter(|name| name != GIVEN);
        let columns: Vec<String> = names.collect();
        let values = statement.query_row([id.as_bytes()], |row| {
            columns.iter().map(|name| row.get(name.as_str())).collect::<Result<Vec<Value>, _>>()
        })?;
        let places = vec!["?"; columns.len()].join(", ");
        let insert = format!("INSERT INTO {table} ({}) VALUES ({places})", columns.join(", "));
        Ok(Self { insert, columns, values })
    }

    fn write(&self, conn: &Connection, changed: &[(&str, Uuid)]) -> anyhow::Result<()> {
        let mut insert = conn.prepare_cached(&self.insert)?;
        let values = self.columns.iter().zip(&self.values).map(|(column, value)| {
            match changed.iter().find(|(name, _)| name == column) {
                Some((_, id)) => Value::Blob(id.as_bytes().to_vec()),
                None => value.clone(),
            }
        });
        insert.execute(params_from_iter(values))?;
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
