//! Why nothing becomes of an invitation.

use docket_domain::permission::InvitationError;
use docket_domain::permission::invitation::BadMember;

/// Why something cannot be done with an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationRefusal {
    /// These members say what cannot be.
    Members(Vec<BadMember>),
    /// What they say together breaks a rule.
    Rule(InvitationError),
    /// Only an active one can be changed.
    NotEditable,
    /// Only an active one can be called off.
    NotActive,
    /// Only one that was called off can be removed.
    StillActive,
    /// A list is limited to a scope that is not there, or not for the caller to see: this one.
    UnknownScope(String),
}
