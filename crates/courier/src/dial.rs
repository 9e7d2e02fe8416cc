//! Making a connection: from a place to an address that the guard permits.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::guard::Guard;
use crate::resolve::Resolve;
use crate::trust::Trust;

/// How many of a name's addresses are tried.
const MOST_ADDRESSES: usize = 4;

/// Where a connection leads, and by what the other side is known there. Connections to the same
/// place can stand in for each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) is_https: bool,
    /// A name, or an address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) certificate: Option<String>,
}

/// A connection's bytes, in the clear or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Makes connections. There is no other way to one, so nothing gets past the guard.
#[derive(Debug)]
pub(crate) struct Dialler {
    guard: Guard,
    resolver: Arc<dyn Resolve>,
    trust: Trust,
}

impl Dialler {
    pub(crate) fn new(guard: Guard, resolver: Arc<dyn Resolve>) -> Self {
        Self { guard, resolver, trust: Trust::new() }
    }

    /// A new connection; looking up the name and agreeing on TLS count into the time.
    pub(crate) async fn dial(
        &self,
        place: &Place,
        within: Duration,
    ) -> Result<Connection, Failure> {
        let deadline = Instant::now() + within;
        let dialled = timeout_at(deadline, async {
            let addresses = self.addresses(&place.host).await?;
            let stream = first_to_answer(&addresses, place.port, deadline).await?;
            let stream: Box<dyn Stream> =
                if place.is_https { self.secured(place, stream).await? } else { Box::new(stream) };
            Connection::open(stream).await
        });
        dialled.await.unwrap_or(Err(Failure::ConnectTimeout))
    }

    /// The host's addresses as far as they may be called. An address in the URL itself goes the same
    /// way as one that was looked up.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Failure> {
        let found = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => self.resolver.resolve(host).await.map_err(|_| Failure::UnknownHost)?,
        };
        if found.is_empty() {
            return Err(Failure::UnknownHost);
        }
        let permitted = found.into_iter().filter(|address| self.guard.permits(*address));
        let permitted: Vec<_> = permitted.take(MOST_ADDRESSES).collect();
        if permitted.is_empty() { Err(Failure::NotAllowed) } else { Ok(permitted) }
    }

    async fn secured(&self, place: &Place, stream: TcpStream) -> Result<Box<dyn Stream>, Failure> {
        let config = self.trust.config(place.certificate.as_ref())?;
        let name = ServerName::try_from(place.host.clone()).map_err(|_| Failure::Url)?;
        let secured = TlsConnector::from(config).connect(name, stream).await;
        Ok(Box::new(secured.map_err(|error| tls_failure(&error))?))
    }
}

/// Tries one address after the other. Each gets its share of the time that is left, so that one that
/// swallows everything does not cost the others theirs.
async fn first_to_answer(
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
) -> Result<TcpStream, Failure> {
    let mut failure = Failure::Unreachable;
    for (address, left) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let time = deadline.saturating_duration_since(Instant::now());
        let share = time / u32::try_from(left).unwrap_or(u32::MAX);
        match timeout(share, TcpStream::connect(SocketAddr::new(*address, port))).await {
            Ok(Ok(stream)) => {
                // Without it, an answer may wait for an acknowledgement; a system that cannot do it
                // is slower and no less right.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                failure = Failure::ConnectionRefused;
            }
            Ok(Err(_)) => failure = Failure::Unreachable,
            // After the last one the caller's own limit strikes as well, and says so.
            Err(_) => {}
        }
    }
    Err(failure)
}

fn tls_failure(error: &io::Error) -> Failure {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => Failure::NotTrusted,
        _ => Failure::Tls,
    }
}
