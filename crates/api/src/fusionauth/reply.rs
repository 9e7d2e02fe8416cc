//! How this surface answers: JSON or nothing at all, and its Errors object (`fusionauth.md` §0.1,
//! §0.4, §0.5).

use std::sync::Arc;

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use docket_domain::violation::{Rule, Violation};
use docket_service::{Answer, Error, Refusal};
use docket_wire::fusionauth::problem::{Errors, Naming};
use serde::Serialize;

use crate::layer::Failure;

/// What a handler gives back.
pub type Outcome = Result<Reply, Problem>;

/// An answer of this surface.
#[derive(Debug)]
pub struct Reply(Answer);

impl Reply {
    /// 200 with JSON.
    pub fn json(body: &impl Serialize) -> Self {
        Self(answer(body))
    }

    /// 200 with nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self(nothing(&()))
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self(answer)
    }
}

/// Renders an outcome as 200 with JSON.
pub fn answer(body: &impl Serialize) -> Answer {
    answer_with(StatusCode::OK, body)
}

/// Renders an outcome as JSON with this status.
pub fn answer_with(status: StatusCode, body: &impl Serialize) -> Answer {
    Answer::new(status.as_u16(), serde_json::to_vec(body).unwrap_or_default())
}

/// Renders an outcome as 200 with nothing.
#[must_use]
pub fn nothing<T>(_: &T) -> Answer {
    Answer::new(200, Vec::new())
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let Self(answer) = self;
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
        let mut response = bytes(status, answer.body);
        if answer.replayed {
            crate::idempotency::mark_replayed(response.headers_mut());
        }
        response
    }
}

fn bytes(status: StatusCode, body: Vec<u8>) -> Response {
    if body.is_empty() {
        // No content type: a client that sees one tries to parse the nothing behind it.
        return (status, [(CONTENT_LENGTH, HeaderValue::from_static("0"))]).into_response();
    }
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    (status, [(CONTENT_TYPE, json)], body).into_response()
}

/// What went wrong, in this surface's words.
#[derive(Debug)]
pub enum Problem {
    /// A status and nothing else.
    Status(StatusCode),
    /// A status with the Errors object.
    Errors(StatusCode, Box<Errors>),
    /// The store did not do its part; the chain is logged, the caller learns nothing.
    Unavailable(Arc<dyn std::error::Error + Send + Sync>),
}

impl Problem {
    /// 401, empty.
    pub const UNAUTHORIZED: Self = Self::Status(StatusCode::UNAUTHORIZED);
    /// 429, empty.
    pub const TOO_MANY: Self = Self::Status(StatusCode::TOO_MANY_REQUESTS);
    /// 404, empty.
    pub const NOT_FOUND: Self = Self::Status(StatusCode::NOT_FOUND);

    /// An error of a use case, with the names that this endpoint has for its object.
    #[must_use]
    pub fn new(error: Error, naming: Naming) -> Self {
        match error {
            Error::Refused(Refusal::Invalid(violations)) => {
                Self::Errors(StatusCode::BAD_REQUEST, Box::new(Errors::new(&violations, naming)))
            }
            Error::Refused(Refusal::NotFound(_)) => Self::NOT_FOUND,
            Error::Refused(
                Refusal::Forbidden
                | Refusal::NotManaged
                | Refusal::Grant(_)
                | Refusal::Team(_)
                | Refusal::Password(_)
                | Refusal::InUse(_)
                | Refusal::Invitation(_)
                | Refusal::Request(_)
                | Refusal::AlreadyDecided,
            ) => Self::UNAUTHORIZED,
            Error::Refused(Refusal::IdempotencyKeyReused) => Self::general(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "This Idempotency-Key was used for another request: choose a new one.",
            ),
            Error::Refused(Refusal::Vetoed) => Self::general(
                StatusCode::GATEWAY_TIMEOUT,
                "WebhookTransactionException",
                "Too few of the webhooks agreed, so nothing was changed. The webhook event log says \
                 what each of them answered.",
            ),
            Error::Refused(Refusal::StillRunning) => Self::general(
                StatusCode::CONFLICT,
                "idempotency-key-running",
                "The first request with this Idempotency-Key is still being answered.",
            ),
            Error::Overtaken => Self::Unavailable(Arc::new(Error::Overtaken)),
            Error::Unavailable(source) => Self::Unavailable(Arc::new(source)),
        }
    }

    /// An error of an endpoint whose members stand at the top of the body.
    #[must_use]
    pub fn unnamed(error: Error) -> Self {
        Self::new(error, Naming { envelope: "", id: "id" })
    }

    /// A single complaint about the request as a whole.
    #[must_use]
    pub fn general(status: StatusCode, code: &str, message: &str) -> Self {
        Self::Errors(status, Box::new(Errors::general(code, message)))
    }

    /// A complaint about a query parameter or a path id, by its full name.
    #[must_use]
    pub fn named(name: &str, rule: Rule) -> Self {
        Self::unnamed(Violation::named(name.to_owned(), rule).into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Status(status) => {
                let mut response = bytes(status, Vec::new());
                if status == StatusCode::TOO_MANY_REQUESTS {
                    crate::rate::ask_to_wait(response.headers_mut());
                }
                response
            }
            Self::Errors(status, errors) => {
                bytes(status, serde_json::to_vec(&*errors).unwrap_or_default())
            }
            Self::Unavailable(error) => {
                let errors =
                    Errors::general("unavailable", "The server cannot do this at the moment.");
                let body = serde_json::to_vec(&errors).unwrap_or_default();
                let mut response = bytes(StatusCode::SERVICE_UNAVAILABLE, body);
                response.extensions_mut().insert(Failure(error));
                response
            }
        }
    }
}
