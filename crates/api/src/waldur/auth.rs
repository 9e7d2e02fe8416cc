//! Extractors that are permissions (`waldur.md` §1.2):
//!
//! | extractor | lets in |
//! | --- | --- |
//! | [`Token`] | a user with a good token |
//! | [`Staff`] | the same, who runs this server |
//! | [`Overseer`] | the same, or who sees everything (support) |
//! | [`MaybeToken`] | anybody, but nobody with a bad token |

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use docket_domain::access::{Principal, TenantScope};
use docket_service::Caller;
use docket_service::caller::Idempotency;
use docket_service::user_tokens::{self, Bad, Bearer};

use super::problem::Problem;
use crate::layer::RequestId;
use crate::state::App;

const NOT_PROVIDED: &str = "Authentication credentials were not provided.";
const NO_KEY: &str = "Invalid token. No credentials provided.";
const SPACES: &str = "Invalid token. Token string should not contain spaces.";
const UNKNOWN: &str = "Invalid token.";
const CLOSED: &str = "User inactive or deleted.";
const TOO_OLD: &str = "Token has expired.";

/// A user with a good token.
#[derive(Debug)]
pub(crate) struct Token(pub(crate) Known);

/// A user who runs this server.
#[derive(Debug)]
pub(crate) struct Staff(pub(crate) Known);

/// A user who runs this server, or sees everything.
#[derive(Debug)]
pub(crate) struct Overseer;

/// A user with a good token, or a stranger without any.
#[derive(Debug)]
pub(crate) struct MaybeToken(pub(crate) Caller);

/// A user as the token says. What they hold is for the use case to look up, at its own instant.
#[derive(Debug)]
pub(crate) struct Known {
    /// The user as a caller. This surface knows no tenants; visibility goes by roles.
    pub(crate) caller: Caller,
    /// Whether the user runs this server.
    pub(crate) staff: bool,
    /// Whether the user sees everything and manages nothing.
    pub(crate) support: bool,
}

impl FromRequestParts<App> for Token {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let known = bearer(parts, app).await?.ok_or(Problem::unauthorized(NOT_PROVIDED))?;
        let Bearer { user, support } = known;
        let staff = user.staff;
        let caller = caller(parts, Principal::User(user));
        Ok(Self(Known { caller, staff, support }))
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Token(known) = Token::from_request_parts(parts, app).await?;
        if known.staff { Ok(Self(known)) } else { Err(Problem::forbidden()) }
    }
}

impl FromRequestParts<App> for Overseer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Token(known) = Token::from_request_parts(parts, app).await?;
        if known.staff || known.support { Ok(Self) } else { Err(Problem::forbidden()) }
    }
}

impl FromRequestParts<App> for MaybeToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let known = bearer(parts, app).await?;
        let principal = known.map_or(Principal::Anonymous, |known| Principal::User(known.user));
        Ok(Self(caller(parts, principal)))
    }
}

/// The user behind the header; none when it is not there or of another scheme.
async fn bearer(parts: &Parts, app: &App) -> Result<Option<Bearer>, Problem> {
    let Some(presented) = presented(parts)? else { return Ok(None) };
    let known = match user_tokens::bearer(&app.ctx, presented).await? {
        Ok(known) => known,
        Err(bad) => {
            return Err(Problem::unauthorized(match bad {
                Bad::Unknown => UNKNOWN,
                Bad::Closed => CLOSED,
                Bad::TooOld => TOO_OLD,
            }));
        }
    };
    if !app.rates.admits(&Principal::User(known.user.clone())) {
        return Err(Problem::too_many());
    }
    Ok(Some(known))
}

/// The token of the header.
fn presented(parts: &Parts) -> Result<Option<&str>, Problem> {
    let Some(header) = parts.headers.get(AUTHORIZATION) else { return Ok(None) };
    let Ok(header) = header.to_str() else { return Err(Problem::unauthorized(UNKNOWN)) };
    let mut words = header.split_ascii_whitespace();
    if !words.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("token")) {
        return Ok(None);
    }
    match (words.next(), words.next()) {
        (None, _) => Err(Problem::unauthorized(NO_KEY)),
        (Some(_), Some(_)) => Err(Problem::unauthorized(SPACES)),
        (Some(token), None) => Ok(Some(token)),
    }
}

fn caller(parts: &Parts, principal: Principal) -> Caller {
    let request_id = parts.extensions.get::<RequestId>().map_or_else(|| "".into(), RequestId::text);
    let idempotency = parts.extensions.get::<Idempotency>().cloned();
    Caller { principal, scope: TenantScope::All, request_id, on_behalf_of: None, idempotency }
}
