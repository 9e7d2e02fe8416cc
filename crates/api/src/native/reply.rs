//! How `/api/v1` answers: JSON, and an `ETag` on single objects (`native.md` §1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use docket_service::Answer;
use docket_service::vault::hash;
use serde::Serialize;

use crate::state::App;

/// An answer of this surface.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: Vec<u8>,
    tag: Option<HeaderValue>,
    unchanged: bool,
    replayed: bool,
}

impl Reply {
    /// 200 with JSON.
    pub(crate) fn json(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, serde_json::to_vec(body).unwrap_or_default())
    }

    fn new(status: StatusCode, body: Vec<u8>) -> Self {
        Self { status, body, tag: None, unchanged: false, replayed: false }
    }

    /// 200 with JSON and an `ETag`, or 304 when the caller has this already.
    pub(crate) fn tagged(body: &impl Serialize, known: &Known) -> Self {
        Self::json(body).with_tag(known, 0)
    }

    /// The same for an answer whose last `changing` bytes change at every look: the tag is made of
    /// those before.
    pub(crate) fn tagged_but(body: &impl Serialize, known: &Known, changing: usize) -> Self {
        Self::json(body).with_tag(known, changing)
    }

    fn with_tag(mut self, known: &Known, changing: usize) -> Self {
        let lasting = self.body.len().saturating_sub(changing);
        let tag = tag(self.body.get(..lasting).unwrap_or_default());
        self.unchanged = known.has(&tag);
        self.tag = HeaderValue::from_str(&tag).ok();
        self
    }
}

/// The outcome of a write, as it was rendered.
impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
        Self { replayed: answer.replayed, ..Self::new(status, answer.body) }
    }
}

/// The tags that the caller knows, as `If-None-Match` names them.
#[derive(Debug)]
pub(crate) struct Known(Option<HeaderValue>);

impl FromRequestParts<App> for Known {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(IF_NONE_MATCH).cloned()))
    }
}

impl Known {
    fn has(&self, tag: &str) -> bool {
        let known = self.0.as_ref().and_then(|value| value.to_str().ok());
        known.is_some_and(|known| {
            known
                .split(',')
                .map(str::trim)
                .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
        })
    }
}

/// Sixteen hexadecimal digits of a hash: enough to tell states of one object apart.
fn tag(identity: &[u8]) -> String {
    let hash = hash(identity);
    let (first, _) = hash.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    format!("\"{:016x}\"", u64::from_be_bytes(*first))
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = if self.unchanged {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let json = HeaderValue::from_static("application/json");
            (self.status, [(CONTENT_TYPE, json)], self.body).into_response()
        };
        if let Some(tag) = self.tag {
            response.headers_mut().insert(ETAG, tag);
        }
        if self.replayed {
            crate::idempotency::mark_replayed(response.headers_mut());
        }
        response
    }
}
