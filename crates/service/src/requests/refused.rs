//! Why nothing becomes of a request.

use docket_domain::access::ReviewError;
use docket_domain::directory::grant::GrantError;
use docket_domain::permission::{RequestError, SubmitError};

/// Why something cannot be done with a request, or about an invitation by asking for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestRefusal {
    /// It cannot be asked for.
    Submit(SubmitError),
    /// It is not in the state that this needs.
    State(RequestError),
    /// The caller may not decide on it.
    Review(ReviewError),
    /// The caller is neither the requester nor staff.
    NotRequester,
    /// The requester is gone.
    RequesterGone,
    /// The role cannot be given.
    Grant(GrantError),
    /// What the body says cannot be read; the surface knows why. Decided here, because other reasons
    /// come first.
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
