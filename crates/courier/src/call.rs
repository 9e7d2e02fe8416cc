//! One HTTP call to another system's endpoint.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use docket_domain::delivery;
use docket_domain::mail::Secret;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{HeaderMap, Method, Request, Uri};
use percent_encoding::{CONTROLS, utf8_percent_encode};

use crate::connection::{Connection, Exchange};
use crate::dial::{Dialler, Place};
use crate::failure::Failure;
use crate::guard::Guard;
use crate::pool::Pool;
use crate::resolve::{Resolve, SystemResolver};

const USER_AGENT_TEXT: &str = concat!("Docket/", env!("CARGO_PKG_VERSION"));

/// How much of an answer is read that nobody needs but for people to look at, in bytes.
pub const USUAL_ANSWER: usize = 64 * 1024;

/// How much of an answer is kept for people to look at, in bytes.
const LONGEST_EXCERPT: usize = 1024;

/// What an endpoint cannot set: these belong to the connection, or say how the body is framed.
const RESERVED: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-fusionauth-signature-jwt",
];

/// The same for every header that begins like this.
const RESERVED_PREFIX: &str = "webhook-";

/// A message to an endpoint: a POST of JSON.
#[derive(Debug, Clone)]
pub struct Call {
    /// An absolute http or https address.
    pub url: String,
    /// What the endpoint wants to be sent along. Headers that are not its own to set are left out.
    pub headers: Vec<(String, Secret)>,
    /// What Docket says of the message: its id, its signatures. Wins over everything.
    pub signed: Vec<(String, String)>,
    /// Name and password for HTTP Basic.
    pub basic: Option<(String, Secret)>,
    /// The JSON.
    pub body: Bytes,
    /// How long a connection may take, from the look-up of the name to the agreement on TLS.
    pub connect_timeout: Duration,
    /// How long the whole answer may take.
    pub read_timeout: Duration,
    /// The one certificate (PEM) to trust instead of the authorities that browsers trust.
    pub trusted_certificate: Option<String>,
    /// How many bytes of the answer are read.
    pub longest_answer: usize,
}

/// What became of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status, when there was an answer; it may be there although the call failed.
    pub status: Option<u16>,
    /// Why the call failed, for people.
    pub error: Option<Failure>,
    /// The body, as much of it as was to be read.
    pub body: Bytes,
    /// Whether that is not all of it.
    pub is_cut: bool,
}

/// Makes calls. Connections are kept for a few seconds for the next call to the same place, so one
/// client serves everybody.
#[derive(Debug)]
pub struct Client {
    dialler: Dialler,
    pool: Pool,
}

impl Answer {
    /// Whether the message has arrived.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.error.is_none() && self.status.is_some_and(delivery::is_success)
    }

    /// Whether the endpoint says that it is gone for good.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.status.is_some_and(delivery::is_gone)
    }

    /// The beginning of the body as text, its first KiB. What is not text is shown as such; so is the
    /// null character, which not every database can keep.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let start = self.body.get(..LONGEST_EXCERPT);
        let text = String::from_utf8_lossy(start.unwrap_or(&self.body)).replace('\0', "\u{fffd}");
        match start {
            // The cut may have gone through a character.
            Some(_) => text.trim_end_matches('\u{fffd}').to_owned(),
            None => text,
        }
    }

    fn failed(failure: Failure) -> Self {
        Self { status: None, error: Some(failure), ..Self::default() }
    }
}

impl From<Exchange> for Answer {
    fn from(exchange: Exchange) -> Self {
        let of_status = |status: u16| match status {
            _ if delivery::is_success(status) => None,
            300..=399 => Some(Failure::Redirect),
            _ => Some(Failure::Status(status)),
        };
        let error = exchange.failure.or_else(|| exchange.status.and_then(of_status));
        let is_cut = exchange.is_cut;
        Self { status: exchange.status, error, body: exchange.body.into(), is_cut }
    }
}

impl Client {
    /// Calls what the guard permits, and finds it as the machine does.
    #[must_use]
    pub fn new(guard: Guard) -> Self {
        Self::with_resolver(guard, Arc::new(SystemResolver))
    }

    /// The same, with another way from names to addresses.
    #[must_use]
    pub fn with_resolver(guard: Guard, resolver: Arc<dyn Resolve>) -> Self {
        Self { dialler: Dialler::new(guard, resolver), pool: Pool::default() }
    }

    /// Sends the message once. However it goes, it ends within both timeouts together. It uses no
    /// proxy, follows no redirect and keeps no cookie.
    pub async fn call(&self, call: &Call) -> Answer {
        match self.attempt(call).await {
            Ok(exchange) => exchange.into(),
            Err(failure) => Answer::failed(failure),
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Exchange, Failure> {
        let (place, request) = call.request()?;
        let mut left = call.read_timeout;
        if let Some(mut connection) = self.pool.take(&place) {
            let started = Instant::now();
            let exchange = connection.exchange(request.clone(), left, call.longest_answer).await;
            // The other side may have closed it in the same instant, which is nobody's failure. If
            // the message had arrived after all, its id says that it is the same one.
            let is_stale = exchange.status.is_none() && exchange.failure == Some(Failure::Closed);
            if !is_stale {
                self.keep(place, connection);
                return Ok(exchange);
            }
            left = left.saturating_sub(started.elapsed());
        }
        let mut connection = self.dialler.dial(&place, call.connect_timeout).await?;
        let exchange = connection.exchange(request, left, call.longest_answer).await;
        self.keep(place, connection);
        Ok(exchange)
    }

    fn keep(&self, place: Place, mut connection: Connection) {
        if connection.is_open() {
            self.pool.put(place, connection);
        }
    }
}

impl Call {
    /// Where it goes and what is sent there.
    fn request(&self) -> Result<(Place, Request<Full<Bytes>>), Failure> {
        let url: Uri = self.url.parse().map_err(|_| Failure::Url)?;
        let is_https = match url.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(Failure::Url),
        };
        let authority = url.authority().ok_or(Failure::Url)?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(Failure::Url);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let place = Place {
            is_https,
            host: host.to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(if is_https { 443 } else { 80 }),
            certificate: self.trusted_certificate.clone().filter(|_| is_https),
        };
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = Method::POST;
        *request.headers_mut() = self.all_headers()?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| Failure::Url)?;
        request.headers_mut().insert(HOST, host);
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        let path = Cow::from(utf8_percent_encode(path, CONTROLS));
        *request.uri_mut() = path.parse().map_err(|_| Failure::Url)?;
        Ok((place, request))
    }

    fn all_headers(&self) -> Result<HeaderMap, Failure> {
        let mut all = HeaderMap::with_capacity(self.headers.len() + self.signed.len() + 4);
        all.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        all.insert(USER_AGENT, HeaderValue::from_static(USER_AGENT_TEXT));
        for (name, value) in &self.headers {
            let (name, mut value) = header(name, value.reveal())?;
            if !RESERVED.contains(&name.as_str()) && !name.as_str().starts_with(RESERVED_PREFIX) {
                value.set_sensitive(true);
                all.insert(name, value);
            }
        }
        if let Some((user, password)) = &self.basic {
            let pair = STANDARD.encode(format!("{user}:{}", password.reveal()));
            let (name, mut value) = header(AUTHORIZATION.as_str(), &format!("Basic {pair}"))?;
            value.set_sensitive(true);
            all.insert(name, value);
        }
        for (name, value) in &self.signed {
            let (name, value) = header(name, value)?;
            all.insert(name, value);
        }
        Ok(all)
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Failure> {
    let wrong = || Failure::Header(name.to_owned());
    let value = HeaderValue::from_str(value).map_err(|_| wrong())?;
    Ok((name.parse().map_err(|_| wrong())?, value))
}
