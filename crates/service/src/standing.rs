//! Standing: everything in force for one user, on one page (`native.md` §2).

use docket_domain::access;
use docket_domain::action::{Action, Block};
use docket_domain::event::Noun;
use docket_domain::id::UserId;
use docket_domain::time::Instant;
use docket_store::{action, user};

use crate::caller::Caller;
use crate::context::Context;
use crate::error::{Error, Refusal};

/// Everything in force for one user.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The actions in force, newest first.
    pub active_actions: Vec<Action>,
    /// How many actions are over, cancelled or only happened.
    pub past_action_count: i64,
    /// What prevents logins, newest first.
    pub blocks: Vec<Block>,
    /// How many comments there are about the user.
    pub comment_count: i64,
    /// When this was looked up.
    pub checked_at: Instant,
}

/// The standing of a user.
pub async fn find(ctx: &Context, caller: &Caller, id: UserId) -> Result<Standing, Error> {
    if !access::may_see_standing(&caller.principal, id) {
        return Err(Refusal::Forbidden.into());
    }
    let now = ctx.now();
    let mut conn = ctx.db.reader();
    let tenant = user::tenant_of(&mut conn, id).await?;
    if !tenant.is_some_and(|tenant| caller.scope.sees(tenant)) {
        return Err(Error::not_found(Noun::User));
    }
    let active_actions = action::list_in_force(&mut conn, id, now).await?;
    let in_force = i64::try_from(active_actions.len()).unwrap_or(i64::MAX);
    // One may have been deleted between the two looks.
    let past = action::count_of(&mut conn, id).await?.saturating_sub(in_force).max(0);
    Ok(Standing {
        past_action_count: past,
        active_actions,
        blocks: action::blocks_of(&mut conn, id, now).await?,
        comment_count: user::count_comments_about(&mut conn, id).await?,
        checked_at: now,
    })
}
