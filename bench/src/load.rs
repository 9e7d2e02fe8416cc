//! Connections that ask one question after the other for a fixed time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::chance::Chance;
use crate::histogram::Histogram;

/// A request ready to be sent.
pub(crate) type Ask = Request<Full<Bytes>>;

/// What was measured while a load ran.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    pub(crate) latencies: Histogram,
    pub(crate) seconds: f64,
}

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
        ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}

/// Asks over many connections until the time is up; any answer but a good one ends the run.
pub(crate) async fn drive(
    address: SocketAddr,
    connections: u64,
    duration: Duration,
    round: u64,
    ask: Arc<dyn Fn(&mut Chance) -> Ask + Send + Sync>,
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
            while started.elapsed() < duration {
                let request = ask(&mut chance);
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
    Ok(Measured { latencies, seconds: started.elapsed().as_secs_f64() })
}
