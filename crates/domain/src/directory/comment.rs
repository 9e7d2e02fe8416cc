//! A note that one user leaves about another (`fusionauth.md` §4.2).

use crate::id::{CommentId, UserId};
use crate::time::Instant;

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
