//! Accepts connections and speaks HTTP on each, within limits.
//!
//! Invariant: nobody holds a connection for long without sending a request or taking the answer,
//! and a stop that was asked for in good order cuts no answer short that is ready in time.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use docket_api::{Peer, Served};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use tower::util::MapRequest;

use crate::config::Requests;
use crate::patience::Patient;
use crate::shutdown::Stop;

/// How long to wait when the system has no file descriptor left for a connection.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until it is told to stop, then until what was begun is finished or the time for it is up.
pub(crate) async fn serve(listener: TcpListener, router: Served, limits: &Requests, stop: &Stop) {
    // A semaphore counts in 32 bits when it is asked for many.
    let most = u32::try_from(limits.most_connections).unwrap_or(u32::MAX);
    let room = Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS)));
    let waits = Waits {
        header: Duration::from_secs(limits.header_timeout_seconds),
        reader: Duration::from_secs(limits.reader_timeout_seconds),
    };
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = stop.asked() => break,
        };
        let Some((stream, peer, place)) = accepted else { break };
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            metrics::gauge!("docket_connections").increment(1.0);
            // Behind the address of IPv4 in a socket of both kinds is the same caller.
            let peer = Peer(peer.ip().to_canonical());
            converse(stream, peer, router, waits, stop).await;
            metrics::gauge!("docket_connections").decrement(1.0);
            drop(place);
        });
    }
    drop(listener);
    let patience = Duration::from_secs(limits.stop_timeout_seconds);
    if tokio::time::timeout(patience, room.acquire_many(most)).await.is_err() {
        let open = limits.most_connections.saturating_sub(room.available_permits());
        tracing::warn!(open, "requests that did not finish in time are cut off");
    }
}

/// The next connection, once there is room for it; `None` never comes while there is a listener.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Some((stream, peer, place)),
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

/// Whether the connection went away before it was accepted, which is nobody else's business.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// How long a connection waits for the other side.
#[derive(Debug, Clone, Copy)]
struct Waits {
    /// To send a request's header.
    header: Duration,
    /// To take some of an answer.
    reader: Duration,
}

/// Answers the requests of one connection, until either side has enough.
async fn converse(stream: TcpStream, peer: Peer, router: Served, waits: Waits, stop: Stop) {
    // Header and body leave in one piece, so there is nothing to be gained by waiting for more.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the connection is gone already");
        return;
    }
    let service = MapRequest::new(router, move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request.map(Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(waits.header)
        .serve_connection(
            TokioIo::new(Patient::new(stream, waits.reader)),
            TowerToHyperService::new(service),
        );
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.asked() => {
            connection.as_mut().graceful_shutdown();
            poll_fn(|task| connection.as_mut().poll(task)).await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}
