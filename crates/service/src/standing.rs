//! Standing: everything in force for one user, on one page (`native.md` §2).

use docket_domain::access::{self, Sight};
use docket_domain::action::{Action, Block};
use docket_domain::directory::grant::NamedGrant;
use docket_domain::event::Noun;
use docket_domain::id::UserId;
use docket_domain::page::Paging;
use docket_domain::permission::request::{RequestState, SeenRequest, Wanted};
use docket_domain::time::Instant;
use docket_domain::todo::{Tally, Todo, TodoFilter};
use docket_store::{action, grant, permission_request, todo, user};

use crate::caller::Caller;
use crate::context::Context;
use crate::error::{Error, Refusal};

/// Of the to-dos, the most urgent ones are shown.
const MOST_URGENT: i64 = 5;
/// Requests that still wait; nobody has many.
const MOST_REQUESTS: i64 = 100;

/// Everything in force for one user.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The actions in force, newest first.
    pub active_actions: Vec<Action>,
    /// How many actions are over, cancelled or only happened.
    pub past_action_count: i64,
    /// What prevents logins, newest first.
    pub blocks: Vec<Block>,
    /// The roles that the user holds, by scope.
    pub grants: Vec<NamedGrant>,
    /// The requests that nobody has decided on, newest first.
    pub open_requests: Vec<SeenRequest>,
    /// How many to-dos there are in sight.
    pub tally: Tally,
    /// The most urgent of them.
    pub most_urgent: Vec<Todo>,
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
    let waiting =
        Wanted { states: vec![RequestState::Pending], requester: Some(id), ..Wanted::default() };
    let first = |size| Paging { start: 0, size, order: Vec::new() };
    let some = first(MOST_REQUESTS);
    let requests = permission_request::page(&mut conn, &waiting, &Sight::All, &some).await?;
    let filter = TodoFilter::default();
    let urgent =
        todo::list::page(&mut conn, id, &filter, &Vec::new(), now, &first(MOST_URGENT)).await?;
    Ok(Standing {
        grants: grant::list_of(&mut conn, id, now).await?,
        open_requests: requests.items,
        tally: todo::list::tally(&mut conn, id, &filter, now).await?,
        most_urgent: urgent.items,
        past_action_count: past,
        active_actions,
        blocks: action::blocks_of(&mut conn, id, now).await?,
        comment_count: user::count_comments_about(&mut conn, id).await?,
        checked_at: now,
    })
}
