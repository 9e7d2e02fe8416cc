//! One connection: a request, an answer, and perhaps another request.
//!
//! Nobody else drives a connection: it is dropped with the call that uses it, and whoever stops
//! waiting leaves nothing behind that goes on.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use crate::dial::Stream;
use crate::failure::Failure;

/// How much an answer may say before its body.
const LONGEST_HEAD: usize = 32 * 1024;

/// A connection that was made, and so has passed the guard.
pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>,
    is_spent: bool,
}

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    /// The status, when it came that far.
    pub(crate) status: Option<u16>,
    /// The body, or its beginning.
    pub(crate) body: Vec<u8>,
    /// Whether it is only the beginning.
    pub(crate) is_cut: bool,
    /// Why it ended before its time.
    pub(crate) failure: Option<Failure>,
}

impl Connection {
    /// Gets ready to speak HTTP.
    pub(crate) async fn open(stream: Box<dyn Stream>) -> Result<Self, Failure> {
        let (sender, driver) = http1::Builder::new()
            .max_buf_size(LONGEST_HEAD)
            .handshake(TokioIo::new(stream))
            .await?;
        Ok(Self { sender, driver, is_spent: false })
    }

    /// Whether it can be used once more, as far as one can see from here.
    pub(crate) fn is_open(&mut self) -> bool {
        // Looking once is enough to notice that the other side has closed it meanwhile.
        self.is_spent = self.is_spent || (&mut self.driver).now_or_never().is_some();
        !self.is_spent && !self.sender.is_closed()
    }

    /// Sends the request and reads the answer, so many bytes of it, all within this time.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        within: Duration,
        longest: usize,
    ) -> Exchange {
        let mut exchange = Exchange::default();
        let Self { sender, driver, is_spent } = self;
        // Whatever happens before the end leaves the connection in the middle of something.
        *is_spent = true;
        let driven = async {
            let talk = pin!(talk(sender, request, longest, &mut exchange));
            match select(talk, driver).await {
                Either::Left((outcome, _)) => outcome.map(|is_whole| *is_spent = !is_whole),
                // The other side has closed it; what it said before may still be read.
                Either::Right((_, talk)) => talk.await.map(drop),
            }
        };
        let outcome = timeout(within, driven).await.unwrap_or(Err(Failure::ReadTimeout));
        exchange.failure = outcome.err();
        exchange
    }
}

/// Whether the answer was read to its end.
async fn talk(
    sender: &mut http1::SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    longest: usize,
    exchange: &mut Exchange,
) -> Result<bool, Failure> {
    sender.ready().await?;
    let response = sender.send_request(request).await?;
    exchange.status = Some(response.status().as_u16());
    let is_whole = read(response.into_body(), longest, &mut exchange.body).await?;
    exchange.is_cut = !is_whole;
    Ok(is_whole)
}

async fn read(mut body: Incoming, longest: usize, into: &mut Vec<u8>) -> Result<bool, Failure> {
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let room = longest.saturating_sub(into.len());
        into.extend_from_slice(data.get(..room).unwrap_or(&data));
        if data.len() > room {
            return Ok(false);
        }
    }
    Ok(true)
}
