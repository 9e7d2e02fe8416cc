//! `/api/v1/events/stream` (`native.md` §6): the log of events as Server-Sent Events.
//!
//! A stream that has nothing to say costs a place among those who wait, and no query. One whose
//! reader is slow asks for nothing more until the reader has taken what there is; the connection's
//! patience ends it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use docket_service::events::{Follower, KeptEvent};
use docket_wire::native::problem::ProblemDetails;
use futures_util::stream::unfold;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cursor::write_position;
use super::event::{cursor, item, types};
use super::input::Params;
use super::problem::Problem;
use crate::auth::Lasting;
use crate::state::App;

/// How often a line says that the stream is still there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// Events that are read in one go, and are in memory for one stream at most.
const BATCH: i64 = 100;
/// The cursor from which a client that was cut off goes on.
const LAST_EVENT_ID: &str = "last-event-id";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stream))
}

/// Every event as it is committed, as Server-Sent Events: behind a cursor without a gap, otherwise
/// from now on.
#[utoipa::path(get, path = "/api/v1/events/stream", tag = "Events",
    security(("key" = []), ("bearer" = [])),
    params(("type" = Option<Vec<String>>, Query, description = "only events of these types"),
        ("after" = Option<String>, Query, description = "the cursor to begin behind"),
        ("Last-Event-ID" = Option<String>, Header, description = "the same; it wins")),
    responses(
        (status = 200, content_type = "text/event-stream", body = String,
            description = "`id` is a cursor, `event` the type, `data` an item of /api/v1/events. A \
                comment comes every 15 s."),
        (status = 400, body = ProblemDetails), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails)))]
async fn stream(
    State(app): State<App>,
    lasting: Lasting,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = headers.get(LAST_EVENT_ID).filter(|last| !last.is_empty());
    let last = last.map(|last| last.to_str().unwrap_or("not a cursor"));
    let after = last.or_else(|| params.text("after")).map(cursor).transpose()?;
    let follower = Follower::new(&app.ctx, &lasting.caller, types(&params), after)?;
    let telling = Telling { app, lasting, follower, read: VecDeque::new() };
    let told = unfold(telling, |mut telling| async {
        let event = telling.next().await?;
        Some((Ok::<_, Infallible>(told(&event)), telling))
    });
    let alive = KeepAlive::new().interval(SIGN_OF_LIFE);
    let mut response = Sse::new(told).keep_alive(alive).into_response();
    // Or a proxy might keep what little there is to itself.
    let unbuffered = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(unbuffered, HeaderValue::from_static("no"));
    Ok(response)
}

/// One stream.
struct Telling {
    app: App,
    lasting: Lasting,
    follower: Follower,
    read: VecDeque<Arc<KeptEvent>>,
}

impl Telling {
    /// The next event, once there is one; nothing when the stream is at its end. Its reader goes on
    /// from the last event that came, so an end that was not meant loses nothing.
    async fn next(&mut self) -> Option<Arc<KeptEvent>> {
        while self.read.is_empty() {
            // A key that was revoked meanwhile is told no more.
            if !self.follower.wait().await || !self.lasting.is_still_known(&self.app).await {
                return None;
            }
            let read = self.follower.next(&self.app.ctx, BATCH).await;
            let read = read.inspect_err(|error| tracing::warn!(?error, "a stream was cut off"));
            self.read = read.ok()?.into();
        }
        self.read.pop_front()
    }
}

fn told(event: &KeptEvent) -> Event {
    let data = serde_json::to_string(&item(event)).unwrap_or_default();
    Event::default().id(write_position(event.position)).event(&event.event_type).data(data)
}
