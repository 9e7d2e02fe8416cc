//! Comments that users leave about each other (`fusionauth.md` §4.2).

use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::directory::Comment;
use docket_domain::directory::comment::Wanted;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{CommentId, TenantId, UserId};
use docket_domain::page::{Page, Paging};
use docket_domain::text::LONGEST_COMMENT;
use docket_domain::violation::{Rule, Violation, Violations};
use docket_store::{Conn, comment, user};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::{snapshot, users};

/// A comment to be made; the users are checked when they are given.
#[derive(Debug, Clone)]
pub struct New {
    /// About whom.
    pub user_id: Option<UserId>,
    /// By whom.
    pub commenter_id: Option<UserId>,
    /// What it says.
    pub text: String,
}

/// Makes a comment.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    new: New,
    render: impl Render<Comment>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    let id = ctx.id(now, CommentId::from_uuid);
    let new = Arc::new(new);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let mut violations = Violations::new();
                if new.text.is_empty() {
                    violations.push(Violation::body("comment", Rule::Blank));
                } else if new.text.chars().count() > LONGEST_COMMENT {
                    violations.push(Violation::body("comment", Rule::TooLong(LONGEST_COMMENT)));
                }
                let about = who(conn, scope, "userId", new.user_id, &mut violations).await?;
                let by = who(conn, scope, "commenterId", new.commenter_id, &mut violations).await?;
                violations.into_result()?;
                let (Some((user_id, tenant)), Some((commenter_id, _))) = (about, by) else {
                    return Err(Error::not_found(Noun::User));
                };
                let text = new.text.clone();
                let comment = Comment { id, user_id, commenter_id, text, created_at: now };
                comment::insert(conn, tenant, &comment).await?;
                let change = change(tenant, &comment);
                Ok(Done::one(comment, change))
            })
        },
        render,
    )
    .await
}

/// The user named, held against deletion, with the tenant.
async fn who(
    conn: &mut Conn,
    scope: TenantScope,
    field: &'static str,
    id: Option<UserId>,
    violations: &mut Violations,
) -> Result<Option<(UserId, TenantId)>, Error> {
    let Some(id) = id else {
        violations.push(Violation::body(field, Rule::Missing));
        return Ok(None);
    };
    let found = user::find_shared(conn, id).await?.filter(|user| scope.sees(user.tenant_id));
    if found.is_none() {
        violations.push(Violation::body(field, Rule::Invalid));
    }
    Ok(found.map(|user| (id, user.tenant_id)))
}

/// The comments about a user, oldest first.
pub async fn list_about(
    ctx: &Context,
    scope: TenantScope,
    user: UserId,
) -> Result<Vec<Comment>, Error> {
    let mut conn = ctx.db.reader();
    users::seen(scope, user::find(&mut conn, user).await?)?;
    Ok(comment::list_about(&mut conn, user).await?)
}

/// A page of comments about users whom the caller may see.
pub async fn search(
    ctx: &Context,
    scope: TenantScope,
    mut wanted: Wanted,
    paging: Paging,
) -> Result<Page<Comment>, Error> {
    if let Some(only) = scope.one() {
        if wanted.tenant.is_some_and(|tenant| tenant != only) {
            return Ok(Page { items: Vec::new(), total: 0 });
        }
        wanted.tenant = Some(only);
    }
    // Text is looked for in every comment.
    let page = ctx.db.report(move |conn| {
        Box::pin(async move { comment::page(conn, &wanted, &paging).await.map_err(Error::from) })
    });
    page.await
}

fn change(tenant: TenantId, comment: &Comment) -> Change {
    Change {
        happening: Happening::Created(Noun::Comment),
        subject: comment.id.uuid(),
        tenant: Some(tenant),
        before: None,
        after: Some(snapshot::comment(comment)),
        event: None,
        event_id: None,
    }
}
