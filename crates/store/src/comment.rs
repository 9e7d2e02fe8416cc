//! The table of comments about users.

use docket_domain::directory::Comment;
use docket_domain::directory::comment::Wanted;
use docket_domain::id::{TenantId, UserId};
use docket_domain::page::{Order, Page, Paging};

use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::{Select, pattern};
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// A new comment.
    INSERT_COMMENT = "INSERT INTO user_comment
            (id, tenant_id, user_id, commenter_id, comment, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// The comments about a user, oldest first.
    COMMENTS_ABOUT = "SELECT id, user_id, commenter_id, comment, created_at FROM user_comment
        WHERE user_id = $1 ORDER BY created_at, id";
    /// The comments about users who go.
    pub(crate) DELETE_COMMENTS_ABOUT = "DELETE FROM user_comment WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM user_comment WHERE user_id IN (SELECT value FROM rarray($1))";
}

impl FromRow for Comment {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            user_id: row.next()?,
            commenter_id: row.next()?,
            text: row.next()?,
            created_at: row.next()?,
        })
    }
}

/// Keeps a new comment about a user of this tenant.
pub async fn insert(conn: &mut Conn, tenant: TenantId, comment: &Comment) -> Result<(), DbError> {
    let Comment { id, user_id, commenter_id, text, created_at } = comment;
    conn.run(&INSERT_COMMENT, params![*id, tenant, *user_id, *commenter_id, text, *created_at])
        .await?;
    Ok(())
}

/// The comments about a user, oldest first.
pub async fn list_about(conn: &mut Conn, user: UserId) -> Result<Vec<Comment>, DbError> {
    conn.all(&COMMENTS_ABOUT, params![user]).await
}

/// A page of comments.
pub async fn page(
    conn: &mut Conn,
    wanted: &Wanted,
    paging: &Paging,
) -> Result<Page<Comment>, DbError> {
    let head = "SELECT id, user_id, commenter_id, comment, created_at FROM user_comment";
    let select = Select::new(head)
        .counted_by("SELECT count(*) FROM user_comment")
        .and_some("tenant_id = {}", wanted.tenant)
        .and_some("user_id = {}", wanted.user)
        .and_some("commenter_id = {}", wanted.commenter)
        .and_some(r"lower(comment) LIKE {} ESCAPE '\'", wanted.text.as_deref().map(pattern));
    let select = if paging.order.is_empty() {
        select.order("created_at, id")
    } else {
        paging.order.iter().fold(select, |select, step| select.order(sort_by(*step))).order("id")
    };
    let (items, total) = conn.page(&select.limit(paging.size).offset(paging.start)).await?;
    Ok(Page { items, total })
}

fn sort_by(Order { field, descending }: Order) -> &'static str {
    match (field, descending) {
        ("comment", false) => "comment",
        ("comment", true) => "comment DESC",
        ("commenterId", false) => "commenter_id",
        ("commenterId", true) => "commenter_id DESC",
        ("userId", false) => "user_id",
        ("userId", true) => "user_id DESC",
        ("id", false) => "id",
        ("id", true) => "id DESC",
        (_, false) => "created_at",
        (_, true) => "created_at DESC",
    }
}
