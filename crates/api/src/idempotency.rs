//! Writes that may be sent twice: one request, one effect, one answer (`native.md` §1).
//!
//! This layer tells equal requests by their fingerprint and refuses one whose twin is still being
//! answered; the answers themselves are kept by the unit of work that has the effect.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use docket_service::caller::Idempotency;
use docket_service::vault::hash;
use docket_service::{Error, Refusal};

use crate::fusionauth::reply::Problem as FusionAuthProblem;
use crate::native::problem::Problem as NativeProblem;
use crate::state::App;
use crate::surface::Surface;
use crate::waldur::problem::Problem as WaldurProblem;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY: usize = 255;

/// Marks an answer as given before.
pub(crate) fn mark_replayed(headers: &mut HeaderMap) {
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
}

/// Lets a request pass that is not known, or that has no key.
pub(crate) async fn pass(app: &App, surface: Surface, request: Request, next: Next) -> Response {
    let writes =
        matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    if !writes || !request.headers().contains_key(&IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    let key = request.headers().get(&IDEMPOTENCY_KEY).and_then(|key| key.to_str().ok());
    let Some(key) = key.filter(|key| {
        (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|b| matches!(b, b' '..=b'~'))
    }) else {
        return malformed(surface);
    };
    let key = hash(key.as_bytes());
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, app.settings.largest_body).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let credential = hash(crate::auth::credential(&parts).unwrap_or_default().as_bytes());
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let fingerprint =
        hash(&[parts.method.as_str().as_bytes(), b" ", target.as_bytes(), b"\n", &body].concat());
    let mut request = Request::from_parts(parts, Body::from(body));
    let Some(_running) = Running::start(app, credential, key) else {
        return refused(surface, Refusal::StillRunning);
    };
    request.extensions_mut().insert(Idempotency { credential, key, fingerprint });
    next.run(request).await
}

fn malformed(surface: Surface) -> Response {
    let violation = docket_domain::violation::Violation::named(
        "Idempotency-Key",
        docket_domain::violation::Rule::Invalid,
    );
    refused(surface, Refusal::Invalid(vec![violation]))
}

fn refused(surface: Surface, refusal: Refusal) -> Response {
    let error = Error::from(refusal);
    match surface {
        Surface::FusionAuth => FusionAuthProblem::unnamed(error).into_response(),
        Surface::Native => NativeProblem::from(error).into_response(),
        Surface::Waldur => WaldurProblem::from(error).into_response(),
    }
}

/// A request that is being answered; it ends with this value, whatever happens.
struct Running<'a> {
    app: &'a App,
    id: [u8; 64],
}

impl<'a> Running<'a> {
    fn start(app: &'a App, credential: [u8; 32], key: [u8; 32]) -> Option<Self> {
        let mut id = [0; 64];
        let (left, right) = id.split_at_mut(32);
        left.copy_from_slice(&credential);
        right.copy_from_slice(&key);
        let mut running = app.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Not `then_some`: what it makes and drops would end the first request, and wait for this
        // very lock to do so.
        running.insert(id).then(|| Self { app, id })
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut running =
            self.app.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        running.remove(&self.id);
    }
}
