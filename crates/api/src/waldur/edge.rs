//! What every answer of this surface has, whoever gave it: a body with `detail` for each refusal,
//! and leave for pages of other origins to read it (`waldur.md` §1.4, §1.7).
//!
//! Any origin may: callers are known by a header that no page of another origin has, never by a
//! cookie.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CONTENT_LENGTH, CONTENT_TYPE,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use docket_wire::waldur::problem::{Detail, words};

/// The answer to a browser that asks what it may send.
pub(crate) fn preflight() -> Response {
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    let allowed = "Authorization, Content-Type, Idempotency-Key";
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
    let methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// Marks a refusal that the contract wants without a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wordless;

/// Completes an answer.
pub(crate) fn finish(method: &Method, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = "X-Result-Count, Link";
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
    let status = response.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    let is_wordless = response.extensions().get::<Wordless>().is_some();
    if is_refusal && !is_wordless && !response.headers().contains_key(CONTENT_TYPE) {
        let detail = Detail { detail: detail(method, status) };
        let headers = response.headers_mut();
        headers.remove(CONTENT_LENGTH);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // The answer to HEAD has no body, whatever it says.
        if method != Method::HEAD {
            let json = serde_json::to_vec(&detail).unwrap_or_default();
            *response.body_mut() = Body::from(json);
        }
    }
}

fn detail(method: &Method, status: StatusCode) -> Cow<'static, str> {
    match status {
        StatusCode::NOT_FOUND => words::NOT_FOUND.into(),
        StatusCode::METHOD_NOT_ALLOWED => format!("Method \"{method}\" not allowed.").into(),
        StatusCode::PAYLOAD_TOO_LARGE => "The request is too large.".into(),
        StatusCode::SERVICE_UNAVAILABLE => UNAVAILABLE.into(),
        StatusCode::INTERNAL_SERVER_ERROR => "A server error occurred.".into(),
        other => other.canonical_reason().unwrap_or("Refused.").into(),
    }
}

/// The server cannot do its part for now.
pub(crate) const UNAVAILABLE: &str = "The server cannot do this at the moment.";
