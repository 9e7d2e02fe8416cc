//! What every request passes on its way in and out: its id, its span, its limits, the one error log.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower::util::MapRequest;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::native::problem::Unnumbered;
use crate::state::App;
use crate::surface::Surface;
use crate::waldur::edge;

/// The header in which a request's id comes and goes.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Bodies of no more bytes are waited for before anything is said.
const SMALL_BODY: usize = 16 * 1024;
const METHOD_OVERRIDE: &str = "x-http-method-override";

/// The id of a request, given by the caller or made here.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    /// The id as text.
    pub(crate) fn text(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// What went wrong inside, carried by a response to the one place that logs it.
#[derive(Debug, Clone)]
pub(crate) struct Failure(pub(crate) Arc<dyn std::error::Error + Send + Sync>);

/// All that is served. A service and no router: one around another would look each request up twice.
pub type Served = MapRequest<Router, fn(Request) -> Request>;

/// Puts the layers around the routes: one stack, for every layer put on by itself costs each request
/// a copy of what is below it.
pub(crate) fn wrap(routes: Router<App>, app: App) -> Router {
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(app.clone(), observe))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(axum::extract::DefaultBodyLimit::max(app.settings.largest_body));
    routes.layer(layers).with_state(app)
}

/// Rewrites each request before it is routed.
pub(crate) fn serve(routes: Router) -> Served {
    MapRequest::new(routes, normalize)
}

/// A trailing slash means nothing, and `POST` with an override is the method that it names
/// (`fusionauth.md` §0.1).
fn normalize(mut request: Request) -> Request {
    let path = request.uri().path();
    if path.len() > 1 && path.ends_with('/') {
        let trimmed = path.trim_end_matches('/');
        let rewritten = match request.uri().query() {
            Some(query) => format!("{trimmed}?{query}"),
            None => trimmed.to_owned(),
        };
        if let Ok(uri) = rewritten.parse() {
            *request.uri_mut() = uri;
        }
    }
    let overridden = request.headers().get(METHOD_OVERRIDE).and_then(|value| value.to_str().ok());
    if request.method() == Method::POST
        && overridden.is_some_and(|m| m.eq_ignore_ascii_case("patch"))
    {
        *request.method_mut() = Method::PATCH;
    }
    request
}

/// Gives the request its id, bounds its time, counts it, and logs what failed. That is the only
/// line of a request at the levels above `debug`, and it names the request; the span is there for
/// those who look closer, because making one costs as much as many an answer.
async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request_id(&request);
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let method = request.method().clone();
    let span = tracing::debug_span!("request", id = %id, %method, route);
    let started = tokio::time::Instant::now();
    let surface = Surface::of(request.uri().path());
    let mut response = if surface == Surface::Waldur && method == Method::OPTIONS {
        edge::preflight()
    } else {
        let limit = Duration::from_millis(app.settings.request_timeout_millis);
        let run = async {
            match arrived(request).await {
                Ok(request) => crate::idempotency::pass(&app, surface, request, next).await,
                Err(gone) => gone,
            }
        };
        let answered = tokio::time::timeout(limit, run).instrument(span).await;
        answered.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
    };
    if surface == Surface::Waldur {
        edge::finish(&method, &mut response);
    }
    let status = response.status();
    let seconds = started.elapsed().as_secs_f64();
    if let Some(Failure(error)) = response.extensions().get::<Failure>() {
        let (status, error) = (status.as_u16(), Chain(error.as_ref()));
        tracing::error!(%id, %method, route, status, %error, "failed");
    } else {
        tracing::debug!(%id, %method, route, status = status.as_u16(), seconds, "answered");
    }
    app.meters.count(&method, route, status, seconds);
    number(&mut response, &id);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    response
}

/// The request once its body is here, if it is a small one. Many clients send it after the head; a
/// refusal that came in between would end the connection under their hands.
async fn arrived(request: Request) -> Result<Request, Response> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse::<usize>().ok()).unwrap_or_default();
    if !(1..=SMALL_BODY).contains(&length) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, SMALL_BODY).await {
        Ok(bytes) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Err(_) => Err(StatusCode::BAD_REQUEST.into_response()),
    }
}

/// Writes the request's id into a problem of `/api/v1`, which did not know it.
fn number(response: &mut Response, id: &str) {
    if let Some(Unnumbered(mut details)) = response.extensions_mut().remove::<Unnumbered>() {
        details.set_instance(id);
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = Body::from(details.to_json());
    }
}

/// The caller's id when it is one to 128 visible characters, else a new one.
fn request_id(request: &Request) -> Arc<str> {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    match given
        .filter(|id| (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()))
    {
        Some(id) => id.into(),
        None => docket_service::context::request_id().into(),
    }
}

/// A bug stays inside: the caller gets an empty 500, the log gets the message.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over so")]
fn after_panic(panic: Box<dyn Any + Send>) -> Response<Body> {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Failure(Arc::new(Panicked(message.to_owned()))));
    response
}

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

/// An error with all its sources, on one line.
struct Chain<'e>(&'e (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
