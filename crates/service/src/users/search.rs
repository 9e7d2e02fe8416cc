//! The search over users (`fusionauth.md` §4.1, search).

use std::collections::HashMap;

use docket_domain::access::TenantScope;
use docket_domain::directory::user::Criterion;
use docket_domain::directory::{Account, Registration, User};
use docket_domain::id::UserId;
use docket_domain::page::{Page, Paging};
use docket_store::{Conn, registration, user_term};

use crate::context::Context;
use crate::error::Error;

/// What a search is after.
#[derive(Debug, Clone)]
pub struct Search {
    /// Which users.
    pub criterion: Criterion,
    /// Which of them.
    pub paging: Paging,
    /// Whether they are counted to the last.
    pub counts_all: bool,
    /// Whether their registrations are wanted.
    pub with_registrations: bool,
}

/// A page of the users whom the caller may see.
pub async fn search(
    ctx: &Context,
    scope: TenantScope,
    search: Search,
) -> Result<Page<Account>, Error> {
    // An order without an index, and a count to the end, may take long.
    if search.paging.order.is_empty() && !search.counts_all {
        return page(&mut ctx.db.reader(), scope, &search).await;
    }
    ctx.db.report(move |conn| Box::pin(async move { page(conn, scope, &search).await })).await
}

async fn page(
    conn: &mut Conn,
    scope: TenantScope,
    search: &Search,
) -> Result<Page<Account>, Error> {
    let Search { criterion, paging, counts_all, with_registrations } = search;
    let Page { items, total } =
        user_term::page(conn, scope.one(), criterion, paging, *counts_all).await?;
    let registrations = if *with_registrations {
        let ids: Vec<UserId> = items.iter().map(|user| user.id).collect();
        registration::list_of(conn, &ids).await?
    } else {
        Vec::new()
    };
    Ok(Page { items: paired(items, registrations), total })
}

/// Each user with the registrations out of those of all.
fn paired(users: Vec<User>, registrations: Vec<Registration>) -> Vec<Account> {
    let mut by_user: HashMap<UserId, Vec<Registration>> = HashMap::new();
    for registration in registrations {
        by_user.entry(registration.user_id).or_default().push(registration);
    }
    let pair = |user: User| {
        let registrations = by_user.remove(&user.id).unwrap_or_default();
        Account { user, registrations }
    };
    users.into_iter().map(pair).collect()
}
