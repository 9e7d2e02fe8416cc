//! Why nothing becomes of a request.

use docket_domain::access::ReviewError;
use docket_domain::directory::grant::GrantError;
use docket_domain::permission::{RequestError, SubmitError};

/// Why something cannot be done with a request, or about an invitation by asking for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefusal {
    /// It cannot be asked for.
    #[error("{0}")]
    Submit(SubmitError),
    /// It is not in the state that this needs.
    #[error("{0}")]
    State(RequestError),
    /// The caller may not decide on it.
    #[error("{0}")]
    Review(ReviewError),
    /// The caller is neither the requester nor staff.
    #[error("the request is somebody else's")]
    NotRequester,
    /// The requester is gone.
    #[error("the requester is gone")]
    RequesterGone,
    /// The role cannot be given.
    #[error("{0}")]
    Grant(GrantError),
    /// What the body says cannot be read; the surface knows why. Decided here, because other reasons
    /// come first.
    #[error("the request cannot be read")]
    Unreadable,
}

impl From<SubmitError> for RequestRefusal {
    fn from(error: SubmitError) -> Self {
        Self::Submit(error)
    }
}

impl From<RequestError> for RequestRefusal {
    fn from(error: RequestError) -> Self {
        Self::State(error)
    }
}

impl From<ReviewError> for RequestRefusal {
    fn from(error: ReviewError) -> Self {
        Self::Review(error)
    }
}
