//! What the tests share: a client that may call loopback, and servers that say what they are told to.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use docket_courier::call::{Call, Client};
use docket_courier::guard::Guard;
use docket_courier::resolve::{Resolve, Resolving};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Long enough for everything that answers at all.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// For what does not answer.
pub(crate) const SHORT: Duration = Duration::from_millis(100);

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

pub(crate) fn guard(allowed: &[&str]) -> Guard {
    Guard::new(&allowed.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>())
}

pub(crate) fn client() -> Client {
    Client::new(guard(&["127.0.0.1"]))
}

pub(crate) fn call(url: impl Into<String>) -> Call {
    Call {
        url: url.into(),
        headers: Vec::new(),
        signed: Vec::new(),
        basic: None,
        body: Bytes::from_static(b"{\"event\":{}}"),
        connect_timeout: LONG,
        read_timeout: LONG,
        trusted_certificate: None,
        longest_answer: docket_courier::call::USUAL_ANSWER,
    }
}

pub(crate) fn hurried(url: impl Into<String>) -> Call {
    Call { connect_timeout: SHORT, read_timeout: SHORT, ..call(url) }
}

/// A resolver that gives one answer after the other; the last one stays. No answer takes for ever.
#[derive(Debug)]
pub(crate) struct Answers(Mutex<Vec<Option<Vec<IpAddr>>>>);

impl Answers {
    pub(crate) fn new(answers: &[Option<&[&str]>]) -> Arc<Self> {
        let parse = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().rev().map(|list| list.map(parse)).collect())))
    }
}

impl Resolve for Answers {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        let mut answers = self.0.lock().unwrap();
        let next = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        match next.unwrap() {
            Some(addresses) => Box::pin(std::future::ready(Ok(addresses))),
            None => Box::pin(std::future::pending()),
        }
    }
}

/// A server without manners: what it does with a connection is the test's business.
pub(crate) struct Rude {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Rude {
    pub(crate) async fn start<F, S>(serve: F) -> Self
    where
        F: Fn(tokio::net::TcpStream, usize) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&accepted);
        let server = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, number));
            }
        });
        Self { address, accepted, server }
    }

    /// Says this to every request, whatever was asked, on a connection that stays open.
    pub(crate) async fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = Arc::new(answer.into());
        Self::start(move |mut stream, _| {
            let answer = Arc::clone(&answer);
            async move {
                while read_request(&mut stream).await {
                    if stream.write_all(&answer).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// How many connections were made to it.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Rude {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Reads one of the requests that [`call`] makes; whether there was another one.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    let mut read = Vec::new();
    let mut buffer = [0; 1024];
    while !read.ends_with(b"{\"event\":{}}") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return false,
            Ok(n) => read.extend_from_slice(&buffer[..n]),
        }
    }
    true
}

/// Answers one request with 200.
pub(crate) async fn answer_ok(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
    read_request(stream).await && stream.write_all(OK.as_bytes()).await.is_ok()
}
