//! A caller who bears that the server is gone in the middle of a word.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Answer, KEY};

const PATIENCE: Duration = Duration::from_mins(1);

/// Calls one server, in one tenant.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) address: SocketAddr,
    pub(crate) tenant: String,
}

impl Caller {
    /// The whole answer; nothing when there was none, or not all of it.
    pub(crate) fn try_ask(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: docket\r\nAuthorization: {KEY}\r\n\
             X-FusionAuth-TenantId: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.tenant,
            body.len()
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let head = head.to_lowercase();
        let length = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse::<usize>();
        (length.ok()? == body.len()).then(|| Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            body: body.to_owned(),
        })
    }

    /// The answer of a server that is there, which must be a good one.
    pub(crate) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let answer = self.try_ask(method, path, body);
        let answer = answer.unwrap_or_else(|| panic!("no answer to {method} {path}"));
        assert!((200..300).contains(&answer.status), "{method} {path}: {answer:?}");
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    /// The id of what was made.
    pub(crate) fn made(&self, path: &str, envelope: &str, body: &Value) -> String {
        let made = self.ask("POST", path, Some(&serde_json::json!({ envelope: body })));
        made[envelope]["id"].as_str().unwrap().to_owned()
    }
}

/// Looks again and again until there is nothing left to wait for; what is left is said otherwise.
pub(crate) async fn until_nothing<F: Future<Output = Option<String>>>(
    patience: Duration,
    mut look: impl FnMut() -> F,
) {
    let began = Instant::now();
    while let Some(left) = look().await {
        assert!(began.elapsed() < patience, "after {patience:?}: {left}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
