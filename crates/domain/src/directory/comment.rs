//! A note that one user leaves about another (`fusionauth.md` §4.2).

use crate::id::{CommentId, TenantId, UserId};
use crate::time::Instant;

/// The fields by which comments can be sorted, as the surface names them.
pub const SORT_FIELDS: &[&str] =
    &["comment", "commenterId", "createInstant", "id", "insertInstant", "userId"];

/// A comment; it cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// About whom.
    pub user_id: UserId,
    /// By whom.
    pub commenter_id: UserId,
    /// What it says.
    pub text: String,
    /// When it was made.
    pub created_at: Instant,
}

/// Which comments a search is after; what is absent does not matter.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of users of this tenant.
    pub tenant: Option<TenantId>,
    /// About this user.
    pub user: Option<UserId>,
    /// By this user.
    pub commenter: Option<UserId>,
    /// With this in their text; `*` stands for anything.
    pub text: Option<String>,
}
