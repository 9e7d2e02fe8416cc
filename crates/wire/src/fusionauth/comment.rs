//! Comments about users (`fusionauth.md` §4.2).

use docket_domain::directory::Comment;
use docket_domain::directory::comment::{SORT_FIELDS, Wanted};
use docket_domain::id::UserId;
use docket_domain::page::{Page, Paging};
use docket_domain::violation::Violation;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::search::Criteria;
use crate::fields::Fields;

/// A comment, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserComment {
    comment: String,
    commenter_id: Uuid,
    /// The former name of `insertInstant`.
    create_instant: i64,
    id: Uuid,
    insert_instant: i64,
    user_id: Uuid,
}

/// `{"userComment": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserCommentResponse {
    user_comment: UserComment,
}

/// `{"userComments": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserCommentsResponse {
    user_comments: Vec<UserComment>,
}

/// `{"total": …, "userComments": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserCommentSearchResponse {
    total: i64,
    user_comments: Vec<UserComment>,
}

impl From<&Comment> for UserComment {
    fn from(comment: &Comment) -> Self {
        Self {
            comment: comment.text.clone(),
            commenter_id: comment.commenter_id.uuid(),
            create_instant: comment.created_at.millis(),
            id: comment.id.uuid(),
            insert_instant: comment.created_at.millis(),
            user_id: comment.user_id.uuid(),
        }
    }
}

impl From<&Comment> for UserCommentResponse {
    fn from(comment: &Comment) -> Self {
        Self { user_comment: comment.into() }
    }
}

impl From<&[Comment]> for UserCommentsResponse {
    fn from(comments: &[Comment]) -> Self {
        Self { user_comments: comments.iter().map(Into::into).collect() }
    }
}

impl From<&Page<Comment>> for UserCommentSearchResponse {
    fn from(page: &Page<Comment>) -> Self {
        Self { total: page.total, user_comments: page.items.iter().map(Into::into).collect() }
    }
}

/// The `userComment` of a request.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// `userId`.
    pub user_id: Option<UserId>,
    /// `commenterId`.
    pub commenter_id: Option<UserId>,
    /// `comment`.
    pub text: String,
}

/// Reads the `userComment` of a request.
pub fn submitted(value: &Value) -> Result<Submitted, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let submitted = Submitted {
        user_id: fields.parsed("userId"),
        commenter_id: fields.parsed("commenterId"),
        text: fields.trimmed("comment"),
    };
    fields.finish().map(|()| submitted)
}

/// Reads what a search is after.
pub fn search(criteria: &Criteria) -> Result<(Wanted, Paging), Vec<Violation>> {
    let wanted = Wanted {
        tenant: criteria.parsed("tenantId")?,
        user: criteria.parsed("userId")?,
        commenter: criteria.parsed("commenterId")?,
        text: criteria.text("comment").map(str::to_owned),
    };
    Ok((wanted, criteria.paging(SORT_FIELDS)?))
}
