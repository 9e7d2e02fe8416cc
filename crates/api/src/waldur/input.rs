//! What comes in: the id in the path, the query, the body (`waldur.md` §1.1).

use std::convert::Infallible;
use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use docket_wire::waldur::origin::Origin;
use docket_wire::waldur::query::Filters;
use docket_wire::waldur::scalar;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::problem::Problem;
use crate::peer;
use crate::state::App;

/// The id in the path; what is none is not found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr> FromRequestParts<App> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let id = params.ok().and_then(|params| {
            let (_, text) = params.iter().last()?;
            scalar::uuid(text)?.as_hyphenated().to_string().parse().ok()
        });
        id.map(Self).ok_or(Problem::hidden())
    }
}

/// The whole number in the path; what is none is not found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(pub(crate) i64);

impl FromRequestParts<App> for Number {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let number = params.ok().and_then(|params| {
            let (_, text) = params.iter().last()?;
            text.parse().ok()
        });
        number.map(Self).ok_or(Problem::hidden())
    }
}

/// What a request asks for beside its path and its body: where it came in, and its query.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// By which address the caller knows this server.
    pub(crate) origin: Origin,
    /// The path, with its slash behind.
    pub(crate) path: String,
    /// The query, as it came but for its escapes.
    pub(crate) pairs: Vec<(String, String)>,
}

impl FromRequestParts<App> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self {
            origin: peer::origin(parts, app),
            path: format!("{}/", parts.uri.path()),
            pairs: pairs(parts.uri.query().unwrap_or_default()),
        })
    }
}

impl Asked {
    /// The filters of a list.
    pub(crate) fn filters(&self) -> Filters<'_> {
        Filters::new(&self.pairs)
    }

    /// The members to which answers are restricted; none of them means all.
    pub(crate) fn fields(&self) -> Vec<&str> {
        self.filters().texts("field").collect()
    }
}

/// A body. One that is not there is an object without members.
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Value);

impl FromRequest<App> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| {
            Problem::Detail(rejection.status(), "The body cannot be read whole.".into())
        })?;
        if bytes.is_empty() {
            return Ok(Self(Value::Object(Map::new())));
        }
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => parse(&bytes),
            "application/x-www-form-urlencoded" => Ok(form(&bytes)),
            _ => Err(Problem::Detail(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("Unsupported media type \"{kind}\" in request.").into(),
            )),
        }
        .map(Self)
    }
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        Problem::Detail(StatusCode::BAD_REQUEST, format!("JSON parse error - {error}").into())
    })
}

/// A form as an object; a name that is repeated is a list.
fn form(bytes: &[u8]) -> Value {
    let mut members: Map<String, Value> = Map::new();
    for (name, value) in pairs(&String::from_utf8_lossy(bytes)) {
        match members.get_mut(&name) {
            None => drop(members.insert(name, Value::String(value))),
            Some(Value::Array(values)) => values.push(Value::String(value)),
            Some(first) => *first = Value::Array(vec![first.take(), Value::String(value)]),
        }
    }
    Value::Object(members)
}

/// Names with values, as forms and queries write them.
fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        // What is stored holds no NUL, so that this finds nothing instead of failing.
        percent_decode_str(&text).decode_utf8_lossy().replace('\0', "\u{fffd}")
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{form, pairs};

    #[test]
    fn a_query_is_read_as_it_came() {
        let read = pairs("a=x+y&b&a=%2B&&c=");
        let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(read, [("a", "x y"), ("b", ""), ("a", "+"), ("c", "")]);
    }

    #[test]
    fn a_form_is_an_object() {
        let read = form(b"name=a%20b&tag=1&tag=2&tag=3");
        assert_eq!(read, serde_json::json!({"name": "a b", "tag": ["1", "2", "3"]}));
    }
}
