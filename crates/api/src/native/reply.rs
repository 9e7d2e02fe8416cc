//! How `/api/v1` answers: JSON, and an `ETag` on single objects (`native.md` §1).

use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use docket_service::vault::hash;
use serde::Serialize;

/// An answer of this surface.
#[derive(Debug)]
pub(crate) struct Reply {
    body: Vec<u8>,
    tag: Option<HeaderValue>,
    unchanged: bool,
}

impl Reply {
    /// 200 with JSON.
    pub(crate) fn json(body: &impl Serialize) -> Self {
        Self { body: serde_json::to_vec(body).unwrap_or_default(), tag: None, unchanged: false }
    }

    /// 200 with JSON and an `ETag`, or 304 when the caller has this already. `identity` is what the
    /// tag is made of: the object without what changes at every look.
    pub(crate) fn tagged(body: &impl Serialize, identity: &[u8], headers: &HeaderMap) -> Self {
        let tag = tag(identity);
        let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let unchanged = known.is_some_and(|known| {
            known
                .split(',')
                .map(str::trim)
                .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
        });
        let mut reply = Self::json(body);
        reply.tag = HeaderValue::from_str(&tag).ok();
        reply.unchanged = unchanged;
        reply
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
            ([(CONTENT_TYPE, json)], self.body).into_response()
        };
        if let Some(tag) = self.tag {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}
