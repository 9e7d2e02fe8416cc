//! Webhooks: what telling one costs, and how long it takes from the commit.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::caller;
use crate::engine;
use crate::histogram::Histogram;
use crate::load::{self, Connection, Measured};
use crate::question::{self, Askers};
use crate::raw::Raw;
use crate::report::Figure;
use crate::server::Server;
use crate::sink::{Seen, Sink};

/// Deliveries for each second of a round: as many as a slow machine makes.
const BACKLOG_PER_SECOND: u128 = 2_500;
/// Writes in a second while it is measured how soon a webhook hears.
const PACE: u32 = 500;
/// Deliveries that are not settled.
const UNSETTLED: &str = "SELECT count(*) FROM delivery WHERE due_at IS NOT NULL";

/// A webhook, and the endpoint that it stands for.
#[derive(Debug)]
pub(crate) struct Telling {
    database: String,
    server: SocketAddr,
    webhook: Uuid,
    /// The action that it was told of first.
    pub(crate) told: Uuid,
    sink: Sink,
    sample: PathBuf,
}

impl Telling {
    /// Makes the webhook, and has it told of one action.
    pub(crate) async fn open(
        database: &str,
        server: &Server,
        askers: &Askers,
        actionee: Uuid,
    ) -> anyhow::Result<Self> {
        let sink = Sink::open().await?;
        let mut connection = Connection::open(server.address).await?;
        // A run that failed has left its webhook behind.
        let there = json(&connection.ask(question::webhooks()).await?)?;
        for left in there.get("webhooks").and_then(|list| list.as_array()).into_iter().flatten() {
            connection.ask(question::no_webhook(id(left, "/id")?)).await?;
        }
        let made = connection.ask(question::webhook(sink.address)).await?;
        let webhook = id(&json(&made)?, "/webhook/id")?;
        let told = id(&json(&connection.ask(askers.tell_of(actionee)).await?)?, "/action/id")?;
        sink.take(1).await?;
        let sample = std::env::temp_dir().join("docket-bench-sample.json");
        std::fs::write(&sample, serde_json::to_vec(&sink.sample()?)?)?;
        let (database, server) = (database.to_owned(), server.address);
        Ok(Self { database, server, webhook, told, sink, sample })
    }

    /// Removes the webhook.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.server).await?;
        connection.ask(question::no_webhook(self.webhook)).await?;
        Ok(())
    }

    /// The same requests from a bare client.
    pub(crate) async fn bare(&self, time: Duration) -> anyhow::Result<Figure> {
        caller::measure(self.sink.address, &self.sample, time).await
    }

    /// Lets events appear in the log all at once, and waits until the webhook was told all of them
    /// and that was noted.
    pub(crate) async fn backlog(
        &self,
        raw: &Raw,
        time: Duration,
        round: u64,
    ) -> anyhow::Result<Measured> {
        let count = u64::try_from(time.as_millis() * BACKLOG_PER_SECOND / 1_000)?.max(1);
        self.sink.forget(false);
        raw.write(count, round).await?;
        let seen = self.arrived(count).await?;
        self.settled().await?;
        let (first, last) = seen.span.context("nothing has arrived")?;
        let seconds = (last - first).as_secs_f64();
        Ok(Measured { latencies: Histogram::default(), count, seconds })
    }

    async fn arrived(&self, count: u64) -> anyhow::Result<Seen> {
        match self.sink.take(count).await {
            Ok(seen) => Ok(seen),
            Err(error) => Err(error.context(self.facts().await?)),
        }
    }

    /// Where things are, for whoever looks for what is missing.
    async fn facts(&self) -> anyhow::Result<String> {
        let number = async |query| engine::number(&self.database, query).await;
        Ok(format!(
            "the log ends at {}, was looked at up to {}; {} deliveries, {} unsettled; {} attempts \
             failed",
            number("SELECT max(position) FROM outbox").await?,
            number("SELECT position FROM relay WHERE name = 'dispatch'").await?,
            number("SELECT count(*) FROM delivery").await?,
            number(UNSETTLED).await?,
            number("SELECT count(*) FROM attempt WHERE error IS NOT NULL").await?,
        ))
    }

    async fn settled(&self) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut unsettled = engine::Watch::open(&self.database, UNSETTLED).await?;
        while unsettled.number().await? > 0 {
            ensure!(started.elapsed() < Duration::from_secs(20), "deliveries stay unsettled");
            sleep(Duration::from_millis(25)).await;
        }
        Ok(())
    }

    /// Takes actions at a steady pace. What counts is the time from each answer, which is after the
    /// commit, to the arrival of the request about it.
    pub(crate) async fn soon(
        &self,
        askers: &Askers,
        time: Duration,
        round: u64,
    ) -> anyhow::Result<Measured> {
        self.sink.forget(true);
        let asked = askers.clone();
        let ask = std::sync::Arc::new(move |chance: &mut _| asked.tell(chance));
        let (paced, ()) = load::pace(self.server, PACE, round, ask, sleep(time)).await?;
        let count = u64::try_from(paced.answers.len())?;
        let seen = self.arrived(count).await?;
        self.settled().await?;
        let heard: HashMap<Uuid, Instant> = seen.heard.unwrap_or_default().into_iter().collect();
        let mut latencies = Histogram::default();
        for (answered, body) in &paced.answers {
            let heard = heard
                .get(&id(&json(body)?, "/action/id")?)
                .context("nobody was told of an action")?;
            // It may have arrived before the answer did.
            latencies.record(heard.saturating_duration_since(*answered));
        }
        Ok(Measured { latencies, count, seconds: paced.measured.seconds })
    }
}

fn json(body: &[u8]) -> anyhow::Result<serde_json::Value> {
    Ok(serde_json::from_slice(body)?)
}

/// The id at a place of an answer.
pub(crate) fn id(answer: &serde_json::Value, place: &str) -> anyhow::Result<Uuid> {
    let id = answer.pointer(place).and_then(serde_json::Value::as_str);
    Ok(id.with_context(|| format!("an answer has no {place}"))?.parse()?)
}
