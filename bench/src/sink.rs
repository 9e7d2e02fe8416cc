//! The webhook that is told: notes when something arrives, and answers at once.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::load::Ask;

/// How long nothing may arrive while something is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// What stands before the action's id in what is told.
const ACTION_ID: &str = r#""actionId":""#;

/// An endpoint on the loopback interface.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

/// What has arrived.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) count: u64,
    /// The first and the last since it was last forgotten.
    pub(crate) span: Option<(Instant, Instant)>,
    /// When each action was heard of, if somebody wants to know.
    pub(crate) heard: Option<Vec<(Uuid, Instant)>>,
    sample: Option<Sample>,
}

/// A request as it was received, to be sent again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sample {
    headers: Vec<(String, String)>,
    body: String,
}

impl Sample {
    fn of(headers: &hyper::HeaderMap, body: &[u8]) -> Self {
        let headers = headers.iter().filter(|(name, _)| **name != CONTENT_LENGTH);
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        Self {
            headers: headers.map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }

    /// The same request once more.
    pub(crate) fn again(&self) -> anyhow::Result<Ask> {
        let mut ask = Request::new(Full::new(Bytes::from(self.body.clone())));
        *ask.method_mut() = Method::POST;
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse()?;
            ask.headers_mut().insert(name, HeaderValue::from_str(value)?);
        }
        Ok(ask)
    }
}

impl Sink {
    /// Listens until the process ends.
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let seen = Arc::<Mutex<Seen>>::default();
        let noted = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&noted)));
            }
        });
        Ok(Self { address, seen })
    }

    /// Starts counting anew; with `wants_actions` it is noted when each action was heard of.
    pub(crate) fn forget(&self, wants_actions: bool) {
        let mut seen = locked(&self.seen);
        (seen.count, seen.span) = (0, None);
        seen.heard = wants_actions.then(Vec::new);
    }

    /// Waits until so many have arrived, and takes what was noted.
    pub(crate) async fn take(&self, count: u64) -> anyhow::Result<Seen> {
        let (mut before, mut since) = (0, Instant::now());
        loop {
            let now = locked(&self.seen).count;
            if now >= count {
                let mut seen = locked(&self.seen);
                let sample = seen.sample.clone();
                return Ok(std::mem::replace(&mut *seen, Seen { sample, ..Seen::default() }));
            }
            if now > before {
                (before, since) = (now, Instant::now());
            }
            if since.elapsed() > PATIENCE {
                bail!("{now} of {count} deliveries have arrived, and no more do");
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// A request that has arrived.
    pub(crate) fn sample(&self) -> anyhow::Result<Sample> {
        locked(&self.seen).sample.clone().context("nothing has arrived")
    }
}

async fn serve(stream: TcpStream, seen: Arc<Mutex<Seen>>) {
    let answer = service_fn(|request| answer(request, &seen));
    // Whoever closes a connection in the middle of something is not measured.
    drop(stream.set_nodelay(true));
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await);
}

async fn answer(
    request: Request<Incoming>,
    seen: &Mutex<Seen>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let now = Instant::now();
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    note(&mut locked(seen), now, &head.headers, &body);
    Ok(Response::new(Full::default()))
}

fn note(seen: &mut Seen, now: Instant, headers: &hyper::HeaderMap, body: &[u8]) {
    seen.count += 1;
    let first = seen.span.map_or(now, |(first, _)| first.min(now));
    seen.span = Some((first, seen.span.map_or(now, |(_, last)| last.max(now))));
    if seen.sample.is_none() {
        seen.sample = Some(Sample::of(headers, body));
    }
    if let Some(heard) = &mut seen.heard {
        heard.extend(action_id(body).map(|id| (id, now)));
    }
}

fn action_id(body: &[u8]) -> Option<Uuid> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, behind) = text.split_once(ACTION_ID)?;
    behind.get(..36)?.parse().ok()
}

fn locked(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_is_found_in_what_is_told() {
        let body = format!(r#"{{"event":{{"action":"x","actionId":"{}"}}}}"#, Uuid::max());
        assert_eq!(action_id(body.as_bytes()), Some(Uuid::max()));
        assert_eq!(action_id(b"{}"), None);
    }
}
