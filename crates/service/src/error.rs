//! Why a use case did not do what it was asked.

use docket_domain::directory::grant::GrantError;
use docket_domain::event::Noun;
use docket_domain::violation::{Field, Rule, Violation};
use docket_store::DbError;

use crate::invitations::InvitationRefusal;
use crate::people::PasswordRefusal;
use crate::requests::RequestRefusal;
use crate::teams::TeamRefusal;

/// What went wrong. Either way nothing has happened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be granted as it stands; asking again changes nothing.
    #[error("refused")]
    Refused(Refusal),
    /// Another change came first: what was planned is no longer what would follow. It is planned
    /// anew some times, so nobody is told this but where changes never end.
    #[error("another change came first")]
    Overtaken,
    /// The store could not do its part; asking again may help.
    #[error("the store is unavailable")]
    Unavailable(#[source] DbError),
}

/// Why a request cannot be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// What was asked for breaks rules.
    Invalid(Vec<Violation>),
    /// The object named in the path is not there, or not for the caller to see.
    NotFound(Noun),
    /// The caller may not do this at all.
    Forbidden,
    /// The caller sees the object and may not manage it, which not every surface tells.
    NotManaged,
    /// Somebody has decided on it already.
    AlreadyDecided,
    /// The role cannot be given.
    Grant(GrantError),
    /// The password cannot be changed so.
    Password(PasswordRefusal),
    /// The team cannot be changed so.
    Team(TeamRefusal),
    /// It cannot go while others need it.
    InUse(Noun),
    /// Nothing can be done with the invitation.
    Invitation(InvitationRefusal),
    /// Nothing can be done with the request.
    Request(RequestRefusal),
    /// The `Idempotency-Key` was used for another request before.
    IdempotencyKeyReused,
    /// Too few of the webhooks that were asked agreed (`fusionauth.md` §4.9).
    Vetoed,
    /// The first request with this `Idempotency-Key` has not been answered yet.
    StillRunning,
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        Self::Unavailable(error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<InvitationRefusal> for Error {
    fn from(refusal: InvitationRefusal) -> Self {
        Self::Refused(Refusal::Invitation(refusal))
    }
}

impl From<RequestRefusal> for Error {
    fn from(refusal: RequestRefusal) -> Self {
        Self::Refused(Refusal::Request(refusal))
    }
}

impl From<Vec<Violation>> for Error {
    fn from(violations: Vec<Violation>) -> Self {
        Self::Refused(Refusal::Invalid(violations))
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Refused(Refusal::Invalid(vec![violation]))
    }
}

impl Error {
    /// The object named in the path is not there.
    #[must_use]
    pub const fn not_found(noun: Noun) -> Self {
        Self::Refused(Refusal::NotFound(noun))
    }

    /// The same about an object that is itself the member `envelope` of the request.
    #[must_use]
    pub fn under(self, envelope: &str) -> Self {
        match self {
            Self::Refused(Refusal::Invalid(violations)) => {
                violations.into_iter().map(|v| v.under(envelope)).collect::<Vec<_>>().into()
            }
            other => other,
        }
    }

    /// Turns the breach of a unique index into the duplicate of a member, by the index's name. A
    /// check before the write gives the same answer; this is for two callers at the same instant.
    #[must_use]
    pub fn duplicate_of(self, indexes: &[(&str, Field)]) -> Self {
        if let Self::Unavailable(DbError::Conflict(index)) = &self
            && let Some((_, field)) = indexes.iter().find(|(name, _)| name == index)
        {
            return Violation { field: field.clone(), rule: Rule::Duplicate }.into();
        }
        self
    }
}
