//! Connections that ask: one question after the other for a fixed time, or at a steady pace.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at};

use crate::chance::Chance;
use crate::histogram::Histogram;

/// A request ready to be sent.
pub(crate) type Ask = Request<Full<Bytes>>;

/// What is asked next; nothing when nothing is left to be asked.
pub(crate) type Asking = Arc<dyn Fn(&mut Chance) -> Option<Ask> + Send + Sync>;

/// What was measured while a load ran.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    pub(crate) latencies: Histogram,
    /// How many requests there were.
    pub(crate) count: u64,
    pub(crate) seconds: f64,
}

/// What was measured, and every answer with the instant at which it had arrived.
#[derive(Debug)]
pub(crate) struct Paced {
    pub(crate) measured: Measured,
    pub(crate) answers: Vec<(Instant, Bytes)>,
}

/// Connections that share a steady pace.
const PACED: u32 = 32;

/// One kept-alive connection.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// Asks; the body of a good answer.
    pub(crate) async fn ask(&mut self, ask: Ask) -> anyhow::Result<Bytes> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(ask).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}

/// Asks over many connections until the time is up, or nothing is left to be asked; any answer but a
/// good one ends the run.
pub(crate) async fn drive(
    address: SocketAddr,
    connections: u64,
    duration: Duration,
    round: u64,
    ask: Asking,
) -> anyhow::Result<Measured> {
    let mut clients = JoinSet::new();
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(address).await.context("the server takes no connection")?);
    }
    let started = Instant::now();
    for (number, mut connection) in (0..).zip(open) {
        let ask = Arc::clone(&ask);
        clients.spawn(async move {
            let mut chance = Chance::of(100 + round, number);
            let mut latencies = Histogram::default();
            while started.elapsed() < duration
                && let Some(request) = ask(&mut chance)
            {
                let sent = Instant::now();
                connection.ask(request).await?;
                latencies.record(sent.elapsed());
            }
            anyhow::Ok(latencies)
        });
    }
    gather(clients, started).await
}

/// Adds up what many clients saw.
pub(crate) async fn gather(
    mut clients: JoinSet<anyhow::Result<Histogram>>,
    started: Instant,
) -> anyhow::Result<Measured> {
    let mut latencies = Histogram::default();
    while let Some(done) = clients.join_next().await {
        latencies.add(&done??);
    }
    let count = latencies.total();
    Ok(Measured { latencies, count, seconds: started.elapsed().as_secs_f64() })
}

/// Asks so many times a second until something has happened, however long the answers take. A
/// question that had to wait for the answer before it has waited since it was due.
pub(crate) async fn pace<T>(
    address: SocketAddr,
    per_second: u32,
    round: u64,
    ask: Arc<dyn Fn(&mut Chance) -> Ask + Send + Sync>,
    until: impl Future<Output = T>,
) -> anyhow::Result<(Paced, T)> {
    let over = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    let started = Instant::now();
    for number in 0..PACED {
        let mut connection = Connection::open(address).await?;
        let (ask, over) = (Arc::clone(&ask), Arc::clone(&over));
        let first = started + Duration::from_secs(1) * number / per_second;
        let mut ticks = interval_at(first, Duration::from_secs(1) * PACED / per_second);
        clients.spawn(async move {
            let mut chance = Chance::of(3_000 + round, number.into());
            let (mut latencies, mut answers) = (Histogram::default(), Vec::new());
            let mut free_since = first;
            while !over.load(Ordering::Relaxed) {
                let due = ticks.tick().await;
                let since = if due < free_since { due } else { Instant::now() };
                let body = connection.ask(ask(&mut chance)).await?;
                free_since = Instant::now();
                latencies.record(free_since - since);
                answers.push((free_since, body));
            }
            anyhow::Ok((latencies, answers))
        });
    }
    let happened = until.await;
    over.store(true, Ordering::Relaxed);
    let (mut latencies, mut answers) = (Histogram::default(), Vec::new());
    while let Some(done) = clients.join_next().await {
        let (some, more) = done??;
        latencies.add(&some);
        answers.extend(more);
    }
    let (count, seconds) = (latencies.total(), started.elapsed().as_secs_f64());
    Ok((Paced { measured: Measured { latencies, count, seconds }, answers }, happened))
}
