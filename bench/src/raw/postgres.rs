//! Connections that each send a whole transaction before they read the first answer.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use bytes::BytesMut;
use futures_util::future::{BoxFuture, try_join_all};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::{GIVEN, Written};
use crate::chance::Chance;
use crate::community::Community;
use crate::engine;
use crate::histogram::Histogram;
use crate::load::{Measured, gather};
use crate::question::Askers;

/// As many connections as the server has for units of work.
const CONNECTIONS: usize = 24;

/// The rows of one action.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    url: String,
    action: RowTemplate,
    audit: RowTemplate,
    event: RowTemplate,
    told: RowTemplate,
}

#[derive(Debug, Clone)]
struct RowTemplate {
    insert: String,
    columns: Vec<String>,
    values: Vec<Bits>,
}

/// A value as the wire has it, whatever its type.
#[derive(Debug, Clone)]
struct Bits(Option<Vec<u8>>);

impl Bits {
    fn id(id: Uuid) -> Self {
        Self(Some(id.as_bytes().to_vec()))
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

/// A connection with its statements.
struct Prepared {
    client: Client,
    action: Statement,
    audit: Statement,
    event: Statement,
}

impl Template {
    pub(crate) async fn of(url: &str, action: Uuid, told: Uuid) -> anyhow::Result<Self> {
        let client = engine::connect(url).await?;
        Ok(Self {
            url: url.to_owned(),
            action: RowTemplate::read(&client, "action", "id", action).await?,
            audit: RowTemplate::read(&client, "audit_record", "subject_id", action).await?,
            event: RowTemplate::read(&client, "outbox", "subject_id", action).await?,
            told: RowTemplate::read(&client, "outbox", "subject_id", told).await?,
        })
    }

    /// Writes events with these ids of which webhooks are to be told.
    pub(crate) async fn tell(&self, ids: Vec<Uuid>) -> anyhow::Result<()> {
        let client = engine::connect(&self.url).await?;
        let statement = client.prepare(&self.told.insert).await?;
        client.batch_execute("BEGIN").await?;
        for some in ids.chunks(256) {
            let rows = some.iter().map(|id| self.told.values(&[("id", *id)]));
            try_join_all(rows.map(|row| insert(&client, &statement, row))).await?;
        }
        client.batch_execute("COMMIT").await?;
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
            let askers = askers.clone();
            tasks.spawn(async move {
                let mut chance = Chance::of(topic, number);
                let mut latencies = Histogram::default();
                while started.elapsed() < duration {
                    let actionee = askers.younger(&mut chance);
                    let written = Written::on(&community, actionee, &mut chance);
                    let sent = Instant::now();
                    let place = free.acquire().await?;
                    let taken = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let prepared = taken.context("no connection is free")?;
                    template.write(&prepared, &written).await?;
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
        Ok(Prepared {
            action: client.prepare(&self.action.insert).await?,
            audit: client.prepare(&self.audit.insert).await?,
            event: client.prepare(&self.event.insert).await?,
            client,
        })
    }

    async fn write(&self, on: &Prepared, written: &Written) -> anyhow::Result<()> {
        let client = &on.client;
        let action =
            self.action.values(&[("id", written.action), ("actionee_id", written.actionee)]);
        let audit = self.audit.values(&[("id", written.audit), ("subject_id", written.action)]);
        let event = self.event.values(&[("id", written.event), ("subject_id", written.action)]);
        let mut sent: Vec<BoxFuture<'_, Result<(), tokio_postgres::Error>>> =
            vec![Box::pin(client.batch_execute("BEGIN")), insert(client, &on.action, action)];
        sent.push(insert(client, &on.audit, audit));
        sent.push(insert(client, &on.event, event));
        sent.push(Box::pin(client.batch_execute("COMMIT")));
        // What is polled first is sent first.
        try_join_all(sent).await?;
        Ok(())
    }
}

fn insert<'c>(
    client: &'c Client,
    statement: &'c Statement,
    values: Vec<Bits>,
) -> BoxFuture<'c, Result<(), tokio_postgres::Error>> {
    Box::pin(async move { client.execute_raw(statement, values).await.map(drop) })
}

impl RowTemplate {
    async fn read(client: &Client, table: &str, key: &str, id: Uuid) -> anyhow::Result<Self> {
        let row = client
            .query_one(&format!("SELECT * FROM {table} WHERE {key} = $1"), &[&Bits::id(id)])
            .await?;
        let names = row.columns().iter().map(|column| column.name().to_owned());
        let columns: Vec<String> = names.filter(|name| name != GIVEN).collect();
        let values =
            columns.iter().map(|name| row.try_get(name.as_str())).collect::<Result<_, _>>()?;
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        let insert =
            format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        Ok(Self { insert, columns, values })
    }

    fn values(&self, changed: &[(&str, Uuid)]) -> Vec<Bits> {
        let values = self.columns.iter().zip(&self.values).map(|(column, value)| {
            let new = changed.iter().find(|(name, _)| name == column);
            new.map_or_else(|| value.clone(), |(_, id)| Bits::id(*id))
        });
        values.collect()
    }
}
