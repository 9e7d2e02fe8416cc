//! What comes in: the id in the path, the query, the body (`native.md` §1).

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use docket_wire::native::scalar::parse_instant;
use serde_json::Value;

use super::problem::Problem;
use crate::query::Query;
use crate::state::App;

/// How many rows a page has when nobody says, and at most.
const DEFAULT_LIMIT: i64 = 50;
const LARGEST_LIMIT: i64 = 500;

/// The id in the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr> FromRequestParts<App> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let id = params
            .ok()
            .and_then(|params| params.iter().last().and_then(|(_, value)| value.parse().ok()));
        id.map(Self).ok_or_else(|| refuse("id", Rule::CouldNotConvert))
    }
}

/// The query.
#[derive(Debug)]
pub(crate) struct Params(Query);

impl FromRequestParts<App> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(Self(Query::parse(parts.uri.query().unwrap_or_default())))
    }
}

impl Params {
    /// The first value of this name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.text(name)
    }

    /// Every value of this name.
    pub(crate) fn texts<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        self.0.texts(name)
    }

    /// An id, a truth value, or anything else written as text.
    pub(crate) fn parsed<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Problem> {
        let value = self.text(name).map(str::parse);
        value.transpose().map_err(|_| refuse(name, Rule::CouldNotConvert))
    }

    /// The same, where there must be one.
    pub(crate) fn required<T: FromStr>(&self, name: &'static str) -> Result<T, Problem> {
        self.parsed(name)?.ok_or_else(|| refuse(name, Rule::Missing))
    }

    /// An instant in RFC 3339.
    pub(crate) fn instant(&self, name: &'static str) -> Result<Option<Instant>, Problem> {
        self.text(name).map_or(Ok(None), |text| {
            parse_instant(text).map(Some).ok_or_else(|| refuse(name, Rule::CouldNotConvert))
        })
    }

    /// How many rows a page has.
    pub(crate) fn limit(&self) -> Result<i64, Problem> {
        let limit = self.parsed("limit")?.unwrap_or(DEFAULT_LIMIT);
        if (1..=LARGEST_LIMIT).contains(&limit) {
            Ok(limit)
        } else {
            Err(refuse("limit", Rule::Invalid))
        }
    }
}

/// A JSON body; there must be one.
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Value);

impl FromRequest<App> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| {
            Problem::new(
                rejection.status(),
                "unreadable-body",
                "The body cannot be read",
                "Send a smaller body, whole.",
            )
        })?;
        match serde_json::from_slice(&bytes) {
            Ok(value @ Value::Object(_)) => Ok(Self(value)),
            Ok(_) | Err(_) => Err(Problem::invalid(&[Violation::whole(Rule::InvalidJson)])),
        }
    }
}

fn refuse(name: &'static str, rule: Rule) -> Problem {
    Problem::invalid(&[Violation::named(name, rule)])
}
