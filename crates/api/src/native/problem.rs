//! How `/api/v1` says what went wrong: RFC 9457 (`native.md` §1).

use std::sync::Arc;

use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use docket_domain::violation::Violation;
use docket_service::requests::RequestRefusal;
use docket_service::{Error, Refusal};
use docket_wire::native::problem::ProblemDetails;

use crate::layer::Failure;

/// What went wrong, in this surface's words.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    details: Box<ProblemDetails>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    /// A problem of this kind; `kind` is the last step of its type.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, title: &str, detail: &str) -> Self {
        let details = ProblemDetails::new(status.as_u16(), kind, title, detail);
        Self { status, details: Box::new(details), source: None }
    }

    /// 401.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Who are you?",
            "Send a valid API key or user token in the header Authorization.",
        )
    }

    /// 429.
    #[must_use]
    pub fn too_many() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "Too many requests",
            "This credential may not call so often: wait as long as Retry-After says.",
        )
    }

    /// 400 with everything that is wrong.
    #[must_use]
    pub fn invalid(violations: &[Violation]) -> Self {
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "invalid-request",
            "The request is not valid",
            "Mend what is named in errors and send it again.",
        );
        problem.details.add(violations);
        problem
    }
}

impl Problem {
    /// The store did not do its part.
    fn unavailable(source: Arc<dyn std::error::Error + Send + Sync>) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Not at the moment",
            "The server cannot do this at the moment; try again.",
        );
        problem.source = Some(source);
        problem
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(Refusal::Invalid(violations)) => Self::invalid(&violations),
            Error::Refused(Refusal::NotFound(noun)) => Self::new(
                StatusCode::NOT_FOUND,
                "not-found",
                "Not found",
                &format!("There is no such {}, or it is not for you to see.", noun.name()),
            ),
            Error::Refused(Refusal::Forbidden | Refusal::NotManaged) => Self::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "Not allowed",
                "This credential may not do that.",
            ),
            Error::Refused(Refusal::Grant(error)) => Self::new(
                StatusCode::CONFLICT,
                "role-not-given",
                "The role cannot be given",
                &format!("{error}."),
            ),
            Error::Refused(Refusal::InUse(noun)) => Self::new(
                StatusCode::CONFLICT,
                "in-use",
                "Still in use",
                &format!("Others need this {}.", noun.name()),
            ),
            Error::Refused(Refusal::Team(_) | Refusal::Password(_)) => Self::new(
                StatusCode::CONFLICT,
                "not-possible",
                "Not possible",
                "The state of things does not allow it.",
            ),
            Error::Refused(Refusal::Invitation(_)) => Self::new(
                StatusCode::CONFLICT,
                "invitation",
                "Nothing can be done with the invitation",
                "The invitation does not allow this.",
            ),
            Error::Refused(Refusal::Request(refusal)) => request(refusal),
            Error::Refused(Refusal::IdempotencyKeyReused) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The idempotency key was used before",
                "This Idempotency-Key was used for another request: choose a new one.",
            ),
            Error::Refused(Refusal::AlreadyDecided) => Self::new(
                StatusCode::CONFLICT,
                "already-decided",
                "Already decided",
                "Somebody has decided on this already.",
            ),
            Error::Refused(Refusal::Vetoed) => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                "vetoed",
                "The webhooks did not agree",
                "Too few of the webhooks that must agree did, so nothing was changed.",
            ),
            Error::Refused(Refusal::StillRunning) => Self::new(
                StatusCode::CONFLICT,
                "idempotency-key-running",
                "The first request is still running",
                "Wait for the answer to the first request with this Idempotency-Key.",
            ),
            Error::Overtaken => Self::unavailable(Arc::new(Error::Overtaken)),
            Error::Unavailable(source) => Self::unavailable(Arc::new(source)),
        }
    }
}

/// Why nothing becomes of a permission request.
fn request(refusal: RequestRefusal) -> Problem {
    let (status, why) = match refusal {
        RequestRefusal::State(error) => (StatusCode::CONFLICT, error.to_string()),
        RequestRefusal::Submit(error) => (StatusCode::CONFLICT, error.to_string()),
        RequestRefusal::Grant(error) => (StatusCode::CONFLICT, error.to_string()),
        RequestRefusal::Review(error) => (StatusCode::FORBIDDEN, error.to_string()),
        RequestRefusal::NotRequester => {
            (StatusCode::FORBIDDEN, "the request is somebody else's".to_owned())
        }
        RequestRefusal::RequesterGone => {
            (StatusCode::CONFLICT, "the user who has asked is not there any more".to_owned())
        }
        RequestRefusal::Unreadable => {
            (StatusCode::BAD_REQUEST, "the body cannot be read".to_owned())
        }
    };
    let title = "Nothing can be done with the permission request";
    Problem::new(status, "permission-request", title, &format!("{why}."))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/problem+json");
        let mut response =
            (self.status, [(CONTENT_TYPE, json)], self.details.to_json()).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            crate::rate::ask_to_wait(response.headers_mut());
        }
        if let Some(source) = self.source {
            response.extensions_mut().insert(Failure(source));
        }
        response.extensions_mut().insert(Unnumbered(self.details));
        response
    }
}

/// The details of a problem on their way to the layer that knows the request's id.
#[derive(Debug, Clone)]
pub(crate) struct Unnumbered(pub(crate) Box<ProblemDetails>);
