//! What every request passes on its way in and out: its id, its span, its limits, the one error log.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::native::problem::Unnumbered;
use crate::state::App;

/// The header in which a request's id comes and goes.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
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

/// Puts the layers around the routes. The first two rewrite a request before it is routed.
pub(crate) fn wrap(routes: Router<App>, app: App) -> Router {
    let routed = routes
        .layer(middleware::from_fn_with_state(app.clone(), crate::idempotency::layer))
        .layer(axum::extract::DefaultBodyLimit::max(app.settings.largest_body))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn_with_state(app.clone(), observe))
        .with_state(app);
    Router::new().fallback_service(routed).layer(middleware::map_request(normalize))
}

/// A trailing slash means nothing, and `POST` with an override is the method that it names
/// (`fusionauth.md` §0.1).
async fn normalize(mut request: Request) -> Request {
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

/// Gives the request its id and span, bounds its time, counts it, and logs what failed.
async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request_id(&request);
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    let route: Arc<str> =
        request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).into();
    let method = request.method().clone();
    let span = tracing::info_span!("request", id = %id, %method, route = %route);
    let started = tokio::time::Instant::now();
    let limit = Duration::from_millis(app.settings.request_timeout_millis);
    let answered = tokio::time::timeout(limit, next.run(request)).instrument(span.clone()).await;
    let mut response = answered.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response());
    let status = response.status();
    let seconds = started.elapsed().as_secs_f64();
    span.in_scope(|| {
        if let Some(Failure(error)) = response.extensions().get::<Failure>() {
            tracing::error!(status = status.as_u16(), error = %Chain(error.as_ref()), "failed");
        } else {
            tracing::debug!(status = status.as_u16(), seconds, "answered");
        }
    });
    let labels = [
        ("method", method_name(&method).to_owned()),
        ("route", route.to_string()),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("docket_http_requests_total", &labels).increment(1);
    metrics::histogram!("docket_http_request_seconds", "route" => route.to_string())
        .record(seconds);
    number(&mut response, &id);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    response
}

/// Writes the request's id into a problem of `/api/v1`, which did not know it.
fn number(response: &mut Response, id: &str) {
    if let Some(Unnumbered(mut details)) = response.extensions_mut().remove::<Unnumbered>() {
        details.set_instance(id);
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = Body::from(details.to_json());
    }
}

/// Only known methods become labels: a caller can invent as many others as they like.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
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
fn after_panic(panic: Box<dyn Any + Send>) -> Response<Body> {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(message, "a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

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
