//! Executions: what users did about their to-dos (`waldur.md` §5.1). They outlive the to-do.

use crate::id::{TodoId, UserId};
use crate::json::Json;
use crate::time::Instant;

/// One doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Its number.
    pub id: i64,
    /// By whom.
    pub user_id: UserId,
    /// Which to-do it was.
    pub todo_id: TodoId,
    /// Of which action type.
    pub action_type: String,
    /// About which object.
    pub object_id: String,
    /// What was done.
    pub label: String,
    /// Whether it worked.
    pub success: bool,
    /// Why not; else empty.
    pub error_message: String,
    /// What came of it: an object.
    pub metadata: Json,
    /// When.
    pub executed_at: Instant,
}

/// What came of doing something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What became of it, in a word.
    pub action: String,
    /// The same for people.
    pub message: Option<String>,
    /// Where to go on.
    pub redirect_url: Option<String>,
    /// What else there is to know: an object.
    pub metadata: Option<Json>,
}

impl Outcome {
    /// The user is led somewhere.
    #[must_use]
    pub fn navigate() -> Self {
        Self { action: "navigate".to_owned(), ..Self::default() }
    }

    /// It is done.
    #[must_use]
    pub fn completed(message: &str, metadata: Option<Json>) -> Self {
        Self {
            action: "completed".to_owned(),
            message: Some(message.to_owned()),
            redirect_url: None,
            metadata,
        }
    }
}
