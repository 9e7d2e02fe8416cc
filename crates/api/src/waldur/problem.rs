//! What went wrong, in this surface's words and shapes (`waldur.md` §1.2, §1.4).

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use docket_domain::access::ReviewError;
use docket_domain::permission::RequestError;
use docket_service::invitations::InvitationRefusal;
use docket_service::requests::RequestRefusal;
use docket_service::{Error, Refusal};
use docket_wire::waldur::page::NoSuchPage;
use docket_wire::waldur::problem::{Detail, Mistakes, not_found, words};
use docket_wire::waldur::refusal;
use serde::Serialize;

use super::edge::{UNAVAILABLE, Wordless};
use crate::layer::Failure;

/// What went wrong.
#[derive(Debug)]
pub enum Problem {
    /// A status, with `{"detail": …}`.
    Detail(StatusCode, Cow<'static, str>),
    /// 400 with what is wrong, field by field.
    Mistakes(Box<Mistakes>),
    /// 400 with the one rule of the business that was broken, as an array.
    Business(Cow<'static, str>),
    /// A status, with `{"error": …}`.
    Error(StatusCode, Cow<'static, str>),
    /// A status and nothing else.
    Bare(StatusCode),
    /// The store did not do its part; the chain is logged, the caller learns nothing.
    Unavailable(Arc<dyn std::error::Error + Send + Sync>),
}

impl Problem {
    /// 401 with these words.
    #[must_use]
    pub const fn unauthorized(detail: &'static str) -> Self {
        Self::Detail(StatusCode::UNAUTHORIZED, Cow::Borrowed(detail))
    }

    /// 403: the caller may not do this.
    #[must_use]
    pub const fn forbidden() -> Self {
        Self::Detail(StatusCode::FORBIDDEN, Cow::Borrowed(words::FORBIDDEN))
    }

    /// 404 that tells nothing: there is no such thing, or it is not the caller's to manage.
    #[must_use]
    pub const fn hidden() -> Self {
        Self::Detail(StatusCode::NOT_FOUND, Cow::Borrowed(words::NOT_FOUND))
    }

    /// 429.
    #[must_use]
    pub const fn too_many() -> Self {
        let detail = "Request was throttled. Expected available in 1 second.";
        Self::Detail(StatusCode::TOO_MANY_REQUESTS, Cow::Borrowed(detail))
    }

    /// 400 about one field.
    #[must_use]
    pub fn field(name: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Mistakes::one(name, message).into()
    }

    /// 400 about the object as a whole.
    #[must_use]
    pub fn whole(message: impl Into<Cow<'static, str>>) -> Self {
        Mistakes::whole(message).into()
    }
}

impl From<Mistakes> for Problem {
    fn from(mistakes: Mistakes) -> Self {
        Self::Mistakes(Box::new(mistakes))
    }
}

impl From<NoSuchPage> for Problem {
    fn from(NoSuchPage: NoSuchPage) -> Self {
        Self::Detail(StatusCode::NOT_FOUND, words::NO_PAGE.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(Refusal::Invalid(violations)) => {
                Mistakes::from(violations.as_slice()).into()
            }
            Error::Refused(Refusal::NotFound(noun)) => {
                Self::Detail(StatusCode::NOT_FOUND, not_found(noun).into())
            }
            Error::Refused(Refusal::NotManaged) => Self::hidden(),
            Error::Refused(Refusal::Forbidden) => Self::forbidden(),
            Error::Refused(Refusal::Grant(error)) => Self::Business(refusal::grant(error).into()),
            Error::Refused(Refusal::Team(refusal)) => refusal.into(),
            Error::Refused(Refusal::Password(refusal)) => refusal.into(),
            Error::Refused(Refusal::InUse(_)) => {
                Self::Detail(StatusCode::CONFLICT, refusal::HAS_PROJECTS.into())
            }
            Error::Refused(Refusal::Invitation(refusal)) => refusal.into(),
            Error::Refused(Refusal::Request(refusal)) => refusal.into(),
            Error::Refused(Refusal::IdempotencyKeyReused) => Self::Detail(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This Idempotency-Key was used for another request: choose a new one.".into(),
            ),
            Error::Refused(Refusal::AlreadyDecided) => {
                Self::Detail(StatusCode::CONFLICT, "Valid states for operation: pending.".into())
            }
            Error::Refused(Refusal::Vetoed) => Self::Detail(
                StatusCode::GATEWAY_TIMEOUT,
                "Too few of the webhooks that must agree did, so nothing was changed.".into(),
            ),
            Error::Refused(Refusal::StillRunning) => Self::Detail(
                StatusCode::CONFLICT,
                "The first request with this Idempotency-Key is still being answered.".into(),
            ),
            Error::Overtaken => Self::Unavailable(Arc::new(Error::Overtaken)),
            Error::Unavailable(source) => Self::Unavailable(Arc::new(source)),
        }
    }
}

impl From<InvitationRefusal> for Problem {
    fn from(refusal: InvitationRefusal) -> Self {
        match refusal {
            InvitationRefusal::Members(bad) => {
                let mut mistakes = Mistakes::default();
                for (field, message) in bad.iter().map(refusal::member) {
                    mistakes.add(field, message);
                }
                mistakes.into()
            }
            InvitationRefusal::Rule(error) => {
                let (field, message) = refusal::invitation(error);
                Self::field(field, message)
            }
            InvitationRefusal::NotEditable => Self::whole("Only active invitations can be edited."),
            InvitationRefusal::NotActive => {
                Self::Business("Only pending invitation can be canceled.".into())
            }
            InvitationRefusal::StillActive => {
                Self::Business("Only canceled invitation can be deleted.".into())
            }
            InvitationRefusal::UnknownScope(text) => Self::Business(refusal::scope(&text).into()),
        }
    }
}

impl From<RequestRefusal> for Problem {
    fn from(refusal: RequestRefusal) -> Self {
        match refusal {
            RequestRefusal::Submit(error) => Self::Business(refusal::submit(error).into()),
            RequestRefusal::Grant(error) => Self::Business(refusal::grant(error).into()),
            RequestRefusal::State(RequestError::NotPending | RequestError::NotDraft) => {
                Self::Detail(StatusCode::CONFLICT, "Valid states for operation: pending.".into())
            }
            RequestRefusal::State(RequestError::NotOpen) => {
                Self::Business("Only pending or draft requests can be canceled.".into())
            }
            RequestRefusal::Review(ReviewError::NotReviewer) => Self::hidden(),
            RequestRefusal::Review(ReviewError::OwnRequest) => {
                Self::Detail(StatusCode::FORBIDDEN, "You cannot review your own request.".into())
            }
            RequestRefusal::NotRequester => Self::Detail(
                StatusCode::FORBIDDEN,
                "You can only cancel your own permission requests.".into(),
            ),
            RequestRefusal::RequesterGone => {
                Self::Business("The user who has asked is not there any more.".into())
            }
            RequestRefusal::Unreadable => Self::whole("The body cannot be read."),
        }
    }
}

fn respond(status: StatusCode, body: &impl Serialize) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, json)], serde_json::to_vec(body).unwrap_or_default()).into_response()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Detail(status, detail) => {
                let mut response = respond(status, &Detail { detail });
                if status == StatusCode::UNAUTHORIZED {
                    let challenge = HeaderValue::from_static("Token");
                    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                }
                if status == StatusCode::TOO_MANY_REQUESTS {
                    crate::rate::ask_to_wait(response.headers_mut());
                }
                response
            }
            Self::Mistakes(mistakes) => respond(StatusCode::BAD_REQUEST, &mistakes),
            Self::Business(message) => respond(StatusCode::BAD_REQUEST, &[message]),
            Self::Bare(status) => {
                let mut response = status.into_response();
                response.extensions_mut().insert(Wordless);
                response
            }
            Self::Error(status, error) => respond(status, &serde_json::json!({ "error": error })),
            Self::Unavailable(error) => {
                let detail = Detail { detail: UNAVAILABLE.into() };
                let mut response = respond(StatusCode::SERVICE_UNAVAILABLE, &detail);
                response.extensions_mut().insert(Failure(error));
                response
            }
        }
    }
}
