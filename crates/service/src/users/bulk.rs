//! Many users closed or deleted at once (`fusionauth.md` §4.1, bulk delete).

use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::directory::User;
use docket_domain::directory::user::Criterion;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::UserId;
use docket_domain::time::Instant;
use docket_store::{Conn, user, user_term};

use super::{activity, change};
use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;

/// Users to be closed or deleted.
#[derive(Debug, Clone)]
pub struct Bulk {
    /// Which.
    pub criterion: Criterion,
    /// Whether they are deleted for good, and not only closed.
    pub for_good: bool,
    /// Whether nothing is done and only told who it would be.
    pub rehearsal: bool,
    /// How many at most.
    pub most: i64,
}

/// The users who were, or would be, closed or deleted.
#[derive(Debug, Clone)]
pub struct Removed {
    /// Their ids.
    pub ids: Vec<UserId>,
    /// Whether they are deleted for good.
    pub for_good: bool,
    /// Whether nothing was done.
    pub rehearsal: bool,
}

/// Closes or deletes users; those whom the caller cannot see are passed over.
pub async fn remove(
    ctx: &Context,
    caller: &Caller,
    bulk: Bulk,
    render: impl Render<Removed>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    let Bulk { criterion, for_good, rehearsal, most } = bulk;
    if rehearsal {
        let ids = ctx
            .db
            .report(move |conn| {
                Box::pin(async move {
                    user_term::ids(conn, scope.one(), &criterion, most).await.map_err(Error::from)
                })
            })
            .await?;
        return Ok(render(&Removed { ids, for_good, rehearsal }));
    }
    let criterion = Arc::new(criterion);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let criterion = Arc::clone(&criterion);
            Box::pin(async move {
                let users = held(conn, scope, &criterion, most).await?;
                let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
                let changes = if for_good {
                    user::delete(conn, &ids).await?;
                    users.iter().map(deleted).collect()
                } else {
                    close(conn, users, now).await?
                };
                Ok(Done::many(Removed { ids, for_good, rehearsal }, changes))
            })
        },
        render,
    )
    .await
}

/// The users meant, held against other writers.
async fn held(
    conn: &mut Conn,
    scope: TenantScope,
    criterion: &Criterion,
    most: i64,
) -> Result<Vec<User>, Error> {
    let ids = user_term::ids(conn, scope.one(), criterion, most).await?;
    Ok(user::find_all_locked(conn, &ids).await?)
}

async fn close(conn: &mut Conn, users: Vec<User>, now: Instant) -> Result<Vec<Change>, Error> {
    let open: Vec<User> = users.into_iter().filter(|user| user.active).collect();
    let ids: Vec<UserId> = open.iter().map(|user| user.id).collect();
    user::set_active(conn, &ids, false, now).await?;
    let changes = open
        .iter()
        .map(|before| activity(before, &User { active: false, updated_at: now, ..before.clone() }));
    Ok(changes.collect())
}

fn deleted(user: &User) -> Change {
    change(Happening::Deleted(Noun::User), Some(user), None)
}
