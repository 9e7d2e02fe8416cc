//! Connections that each send a whole transaction before they read the first answer.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::BytesMut;
use futures_util::future::{BoxFuture, try_join_all};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::{About, Differing, Ids, Left, Part};
use crate::chance::Chance;
use crate::engine;
use crate::histogram::Histogram;
use crate::load::{Measured, gather};

/// As many connections as the server has for units of work.
const CONNECTIONS: usize = 24;

/// The rows that one request left behind.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    url: String,
    rows: Vec<RowTemplate>,
    differing: Differing,
}

#[derive(Debug, Clone)]
struct RowTemplate {
    statement: String,
    parts: Vec<Part<Bits>>,
}

/// A row as it was read.
struct Read {
    left: Left,
    columns: Vec<String>,
    values: Vec<Bits>,
}

/// A value as the wire has it, whatever its type.
#[derive(Debug, Clone)]
struct Bits(Option<Vec<u8>>);

impl Bits {
    fn of(id: Uuid) -> Self {
        Self(Some(id.as_bytes().to_vec()))
    }

    /// A text of sixteen letters looks like an id, but no id that is sought looks like a text.
    fn id(&self) -> Option<Uuid> {
        Uuid::from_slice(self.0.as_deref()?).ok()
    }
}

impl<'r> FromSql<'r> for Bits {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(raw.to_vec())))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Bits {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(bits) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bits);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A connection with its statements, one a row.
struct Prepared {
    client: Client,
    statements: Vec<Statement>,
}

impl Template {
    pub(super) async fn of(
        url: &str,
        rows: &[(Left, Uuid)],
        given: &[Uuid],
    ) -> anyhow::Result<Self> {
        let client = engine::connect(url).await?;
        let mut differing = Differing::new(given);
        let mut read = Vec::new();
        for (left, id) in rows {
            let found = Read::all(&client, *left, *id).await?;
            ensure!(!found.is_empty(), "no row of {} was left behind", left.table);
            for row in &found {
                differing.note(*left, &row.ids());
            }
            read.extend(found);
        }
        let rows = read.into_iter().map(|row| row.template(&differing)).collect();
        Ok(Self { url: url.to_owned(), rows, differing })
    }

    /// Writes one row for each of these ids.
    pub(super) async fn write_all(&self, ids: Vec<Uuid>) -> anyhow::Result<()> {
        let Prepared { client, statements } = &self.prepare().await?;
        client.batch_execute("BEGIN").await?;
        for some in ids.chunks(256) {
            let sent = some.iter().flat_map(|id| self.sent(client, statements, &[*id]));
            try_join_all(sent).await?;
        }
        client.batch_execute("COMMIT").await?;
        Ok(())
    }

    pub(super) async fn drive(
        &self,
        clients: u64,
        duration: Duration,
        topic: u64,
        about: About,
    ) -> anyhow::Result<Measured> {
        let mut prepared = Vec::new();
        for _ in 0..CONNECTIONS {
            prepared.push(self.prepare().await?);
        }
        let free = Arc::new(Semaphore::new(prepared.len()));
        let pool = Arc::new(Mutex::new(prepared));
        let template = Arc::new(self.clone());
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for number in 0..clients {
            let (free, pool, template) =
                (Arc::clone(&free), Arc::clone(&pool), Arc::clone(&template));
            let about = Arc::clone(&about);
            tasks.spawn(async move {
                let mut chance = Chance::of(topic, number);
                let mut latencies = Histogram::default();
                while started.elapsed() < duration
                    && let Some(about) = about(&mut chance)
                {
                    let ids = template.differing.next(about, &mut chance);
                    let sent = Instant::now();
                    let place = free.acquire().await?;
                    let taken = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let prepared = taken.context("no connection is free")?;
                    template.write(&prepared, &ids).await?;
                    pool.lock().unwrap_or_else(PoisonError::into_inner).push(prepared);
                    drop(place);
                    latencies.record(sent.elapsed());
                }
                anyhow::Ok(latencies)
            });
        }
        gather(tasks, started).await
    }

    async fn prepare(&self) -> anyhow::Result<Prepared> {
        let client = engine::connect(&self.url).await?;
        let mut statements = Vec::new();
        for row in &self.rows {
            statements.push(client.prepare(&row.statement).await?);
        }
        Ok(Prepared { client, statements })
    }

    async fn write(&self, on: &Prepared, ids: &[Uuid]) -> anyhow::Result<()> {
        let client = &on.client;
        let mut sent: Vec<Sent<'_>> = vec![Box::pin(client.batch_execute("BEGIN"))];
        sent.extend(self.sent(client, &on.statements, ids));
        sent.push(Box::pin(client.batch_execute("COMMIT")));
        // What is polled first is sent first.
        try_join_all(sent).await?;
        Ok(())
    }

    fn sent<'c>(
        &self,
        client: &'c Client,
        statements: &'c [Statement],
        ids: &[Uuid],
    ) -> Vec<Sent<'c>> {
        let rows = self.rows.iter().zip(statements);
        rows.map(|(row, statement)| send(client, statement, row.values(ids))).collect()
    }
}

/// Something sent, and its answer.
type Sent<'c> = BoxFuture<'c, Result<(), tokio_postgres::Error>>;

fn send<'c>(client: &'c Client, statement: &'c Statement, values: Vec<Bits>) -> Sent<'c> {
    Box::pin(async move { client.execute_raw(statement, values).await.map(drop) })
}

impl Read {
    async fn all(client: &Client, left: Left, id: Uuid) -> anyhow::Result<Vec<Self>> {
        let rows = client.query(&left.select(), &[&Bits::of(id)]).await?;
        let read = rows.iter().map(|row| {
            let columns = left.written(row.columns().iter().map(tokio_postgres::Column::name));
            let values = columns.iter().map(|name| row.try_get(name.as_str()));
            let values = values.collect::<Result<_, _>>()?;
            Ok(Self { left, columns, values })
        });
        read.collect()
    }

    fn ids(&self) -> Ids {
        self.columns.iter().cloned().zip(self.values.iter().map(Bits::id)).collect()
    }

    fn template(self, differing: &Differing) -> RowTemplate {
        let parts = self
            .values
            .into_iter()
            .map(|value| differing.place(value.id()).map_or_else(|| Part::Same(value), Part::Id));
        RowTemplate { statement: self.left.statement(&self.columns), parts: parts.collect() }
    }
}

impl RowTemplate {
    fn values(&self, ids: &[Uuid]) -> Vec<Bits> {
        let values = self.parts.iter().map(|part| match part {
            Part::Same(value) => value.clone(),
            Part::Id(place) => ids.get(*place).map_or(Bits(None), |id| Bits::of(*id)),
        });
        values.collect()
    }
}
