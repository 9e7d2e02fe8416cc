//! An endpoint that webhooks can call: it remembers what came, and answers as a test wishes.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a test waits for what must come; only a test that fails waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server on a port of its own, which takes no more connections when it is dropped. It answers
/// 200 until it is told otherwise.
#[derive(Debug)]
pub struct HookSink {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// How the sink answers.
#[derive(Debug, Clone)]
pub enum Respond {
    /// With this status and nothing else.
    Status(u16),
    /// With this status and JSON.
    Json(u16, Value),
    /// With this status and text.
    Text(u16, String),
    /// With a 302 to there.
    Redirect(String),
    /// Never.
    Hang,
    /// With a 200 and a body that comes byte by byte, with such a pause before each, for ever.
    Drip(Duration),
    /// With a 200 and a body without an end, as fast as it is read.
    Endless,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path, with the query if there was one.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Bytes,
    /// When it had come.
    pub at: Instant,
}

#[derive(Debug)]
struct Shared {
    received: Mutex<Vec<Received>>,
    count: watch::Sender<usize>,
    answers: Mutex<HashMap<String, Vec<Respond>>>,
    choices: Mutex<HashMap<String, Choice>>,
}

/// How a path is answered, depending on what came.
#[derive(Clone)]
struct Choice(Arc<dyn Fn(&Received) -> Respond + Send + Sync>);

impl std::fmt::Debug for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Choice")
    }
}

impl Received {
    /// The body as JSON; null when it is something else.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The header of this name, when there is one and it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl HookSink {
    /// A new sink.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            received: Mutex::default(),
            count: watch::Sender::new(0),
            answers: Mutex::default(),
            choices: Mutex::default(),
        });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("the sink serves");
        });
        Self { address, shared, server }
    }

    /// The address of a path: `/hook` is `http://127.0.0.1:40001/hook`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the path is answered like this.
    pub fn respond(&self, path: &str, answer: Respond) {
        self.respond_in_turn(path, [answer]);
    }

    /// From now on the path is answered with one of these after the other; the last one stays.
    pub fn respond_in_turn(&self, path: &str, answers: impl IntoIterator<Item = Respond>) {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        locked(&self.shared.answers).insert(path.to_owned(), answers);
    }

    /// From now on what comes at the path is looked at to answer it.
    pub fn respond_by(
        &self,
        path: &str,
        choice: impl Fn(&Received) -> Respond + Send + Sync + 'static,
    ) {
        locked(&self.shared.choices).insert(path.to_owned(), Choice(Arc::new(choice)));
    }

    /// Everything that came until now, in the order in which it came.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        locked(&self.shared.received).clone()
    }

    /// What came until now at this path.
    #[must_use]
    pub fn received_at(&self, path: &str) -> Vec<Received> {
        self.received().into_iter().filter(|received| received.path == path).collect()
    }

    /// Waits until `n` requests have come in all, and gives everything that came.
    pub async fn wait_for(&self, n: usize) -> Vec<Received> {
        let mut count = self.shared.count.subscribe();
        let waited = tokio::time::timeout(PATIENCE, count.wait_for(|count| *count >= n)).await;
        let received = self.received();
        assert!(waited.is_ok(), "{} of {n} requests came: {received:?}", received.len());
        received
    }

    /// Waits until `n` requests have come at this path, and gives those.
    pub async fn wait_for_at(&self, path: &str, n: usize) -> Vec<Received> {
        let mut count = self.shared.count.subscribe();
        let enough = count.wait_for(|_| self.received_at(path).len() >= n);
        let waited = tokio::time::timeout(PATIENCE, enough).await.is_ok();
        let received = self.received_at(path);
        assert!(waited, "{} of {n} requests came at {path}: {received:?}", received.len());
        received
    }
}

impl Drop for HookSink {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    /// What comes next for the path; without its query, if nothing is said about the two.
    fn next_answer(&self, path_and_query: &str) -> Respond {
        let mut answers = locked(&self.answers);
        let path = path_and_query.split('?').next().unwrap_or_default();
        let known = [path_and_query, path].into_iter().find(|path| answers.contains_key(*path));
        let Some(left) = known.and_then(|path| answers.get_mut(path)) else {
            return Respond::Status(200);
        };
        let last = if left.len() > 1 { left.pop() } else { left.last().cloned() };
        last.unwrap_or(Respond::Status(200))
    }
}

async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let came = Received {
        method: parts.method.to_string(),
        path,
        headers: parts.headers,
        body: body.to_bytes(),
        at: Instant::now(),
    };
    let choice = locked(&shared.choices).get(&came.path).cloned();
    let answer = match choice {
        Some(choice) => (choice.0)(&came),
        None => shared.next_answer(&came.path),
    };
    let count = {
        let mut received = locked(&shared.received);
        received.push(came);
        received.len()
    };
    shared.count.send_if_modified(|known| {
        let grew = count > *known;
        *known = count.max(*known);
        grew
    });
    answer.render().await
}

impl Respond {
    async fn render(self) -> Response {
        match self {
            Self::Status(status) => code(status).into_response(),
            Self::Json(status, value) => (code(status), axum::Json(value)).into_response(),
            Self::Text(status, text) => (code(status), text).into_response(),
            Self::Redirect(url) => (StatusCode::FOUND, [(header::LOCATION, url)]).into_response(),
            Self::Hang => std::future::pending().await,
            Self::Drip(pause) => Body::from_stream(stream::unfold(pause, |pause| async move {
                tokio::time::sleep(pause).await;
                Some((Ok::<_, Infallible>(Bytes::from_static(b".")), pause))
            }))
            .into_response(),
            Self::Endless => {
                let chunk = || Ok::<_, Infallible>(Bytes::from_static(&[b'.'; 4096]));
                Body::from_stream(stream::repeat_with(chunk)).into_response()
            }
        }
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("the test's status is one")
}

/// A test that has failed elsewhere must not hide behind the lock that it held.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
