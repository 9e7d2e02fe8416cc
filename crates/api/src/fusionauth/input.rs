//! What comes in: the id in the path, the query, the body (`fusionauth.md` §0.2, §0.4).

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use docket_domain::violation::{Rule, Violation};
use docket_service::Error;
use docket_wire::fields::whole_number;
use docket_wire::fusionauth::search::Criteria;
use serde_json::Value;

use super::reply::Problem;
use crate::query::Query;
use crate::state::App;

/// The last id in the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr> FromRequestParts<App> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = path_params(parts, app).await?;
        let (name, text) = params.last().ok_or(Problem::NOT_FOUND)?;
        text.parse().map(Self).map_err(|_| Problem::named(name, Rule::CouldNotConvert))
    }
}

/// The first and the second id in the path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids<A, B>(pub(crate) A, pub(crate) B);

impl<A: FromStr, B: FromStr> FromRequestParts<App> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = path_params(parts, app).await?;
        let mut params = params.iter();
        let (name, text) = params.next().ok_or(Problem::NOT_FOUND)?;
        let first = text.parse().map_err(|_| Problem::named(name, Rule::CouldNotConvert))?;
        let (name, text) = params.next().ok_or(Problem::NOT_FOUND)?;
        let second = text.parse().map_err(|_| Problem::named(name, Rule::CouldNotConvert))?;
        Ok(Self(first, second))
    }
}

async fn path_params(parts: &mut Parts, app: &App) -> Result<Vec<(String, String)>, Problem> {
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| Problem::named("path", Rule::CouldNotConvert))?;
    Ok(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
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

    /// `true` or `false` in any case.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Problem> {
        let value = self.text(name).map(|text| text.to_ascii_lowercase().parse());
        value.transpose().map_err(|_| Problem::named(name, Rule::CouldNotConvert))
    }

    /// An id, or anything else written as text.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let value = self.text(name).map(str::parse);
        value.transpose().map_err(|_| Problem::named(name, Rule::CouldNotConvert))
    }

    /// A whole number.
    pub(crate) fn long(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.text(name).map_or(Ok(None), |text| {
            let number = whole_number(text.trim());
            number.map(Some).ok_or_else(|| Problem::named(name, Rule::CouldNotConvert))
        })
    }

    /// Every value of this name; all must be well formed.
    pub(crate) fn list<T: FromStr>(&self, name: &str) -> Result<Vec<T>, Problem> {
        let parse =
            |text: &str| text.parse().map_err(|_| Problem::named(name, Rule::CouldNotConvert));
        self.0.texts(name).map(parse).collect()
    }

    /// The query as search criteria.
    pub(crate) fn criteria(self) -> Criteria {
        Criteria::from_pairs(self.0.into_pairs())
    }
}

/// A JSON body, whatever its content type says; there must be one.
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Value);

/// A JSON body that may be left out.
#[derive(Debug)]
pub(crate) struct OptionalBody(pub(crate) Option<Value>);

impl FromRequest<App> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let OptionalBody(value) = OptionalBody::from_request(request, app).await?;
        value.map(Self).ok_or_else(|| whole(Rule::Missing))
    }
}

impl FromRequest<App> for OptionalBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| {
            Problem::general(rejection.status(), "tooLarge", "The body cannot be read whole.")
        })?;
        if is_nothing(&bytes) {
            return Ok(Self(None));
        }
        // Some clients write the absent body out.
        if bytes.trim_ascii() == b"null" {
            return Ok(Self(None));
        }
        parse(&bytes).map(|value| Self(Some(value)))
    }
}

/// Whether a body says nothing: there is none, or the `null` that the Rust client sends for none.
pub(crate) fn is_nothing(body: &[u8]) -> bool {
    matches!(body.trim_ascii(), b"" | b"null")
}

/// Parses a body that must be a JSON object.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) | Err(_) => Err(whole(Rule::InvalidJson)),
    }
}

fn whole(rule: Rule) -> Problem {
    Problem::unnamed(Error::from(Violation::whole(rule)))
}

impl Body {
    /// The body of a request that was read as bytes, because not every such request has one.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        if is_nothing(bytes) {
            return Err(whole(Rule::Missing));
        }
        parse(bytes).map(Self)
    }

    /// The object that the request is about; there must be one.
    pub(crate) fn envelope(&self, name: &str) -> Result<&Value, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Err(Problem::named(name, Rule::Missing)),
            Some(value @ Value::Object(_)) => Ok(value),
            Some(_) => Err(whole(Rule::InvalidJson)),
        }
    }

    /// The criteria in `search`; without it everything is searched for.
    pub(crate) fn criteria(&self) -> Result<Criteria, Problem> {
        match self.0.get("search") {
            None | Some(Value::Null | Value::Object(_)) => Ok(Criteria::from_body(&self.0)),
            Some(_) => Err(Problem::named("search", Rule::CouldNotConvert)),
        }
    }

    /// An id that stands beside the object.
    pub(crate) fn beside<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_str()
                .and_then(|text| text.trim().parse().ok())
                .map(Some)
                .ok_or_else(|| Problem::named(name, Rule::CouldNotConvert)),
        }
    }
}
