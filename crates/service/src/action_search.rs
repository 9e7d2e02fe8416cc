//! Finding actions across users, and what one of them caused (`native.md` §3).

use docket_domain::access;
use docket_domain::action::Action;
use docket_domain::id::ActionId;
use docket_domain::time::Instant;
use docket_store::action;
use docket_store::action_search::{self, After};
use docket_store::outbox::{self, KeptEvent};

pub use docket_store::action_search::{Search, Sort};

use crate::actions;
use crate::caller::Caller;
use crate::context::Context;
use crate::delivery_log::{self, LoggedDelivery};
use crate::error::{Error, Refusal};

/// A page of actions as they stand at an instant.
#[derive(Debug, Clone)]
pub struct Found {
    /// The actions.
    pub actions: Vec<Action>,
    /// Where the next page goes on, when there is one.
    pub next: Option<Position>,
    /// When this was looked up.
    pub at: Instant,
}

/// A place in the list: behind the action with this end and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The end, in milliseconds; the largest number for never, and for what has none.
    pub ends_at: i64,
    /// The action.
    pub id: ActionId,
}

/// A page of the actions that fit, in this order, after this place.
pub async fn search(
    ctx: &Context,
    caller: &Caller,
    mut search: Search,
    sort: Sort,
    after: Option<Position>,
    limit: i64,
) -> Result<Found, Error> {
    if !access::may_search_actions(&caller.principal) {
        return Err(Refusal::Forbidden.into());
    }
    let at = ctx.now();
    if let Some(tenant) = caller.scope.one() {
        if search.tenant_id.is_some_and(|wanted| wanted != tenant) {
            return Ok(Found { actions: Vec::new(), next: None, at });
        }
        search.tenant_id = Some(tenant);
    }
    let after = after.map(|place| After { ends_at: place.ends_at, id: place.id });
    // One row more than asked for tells whether there is another page.
    let mut actions =
        action_search::page(&mut ctx.db.reader(), &search, sort, after, limit + 1, at).await?;
    let wanted = usize::try_from(limit).unwrap_or_default();
    let more = actions.len() > wanted;
    actions.truncate(wanted);
    let next = actions.last().filter(|_| more).map(|last| Position {
        ends_at: last
            .expiry()
            .and_then(docket_domain::time::Expiry::instant)
            .map_or(i64::MAX, Instant::millis),
        id: last.id,
    });
    Ok(Found { actions, next, at })
}

/// An action with everything that it caused.
#[derive(Debug, Clone)]
pub struct Traced {
    /// The action.
    pub action: Action,
    /// The events about it, oldest first.
    pub events: Vec<KeptEvent>,
    /// What became of telling webhooks of them; only those are there that the caller may see.
    pub deliveries: Vec<LoggedDelivery>,
    /// When this was looked up.
    pub at: Instant,
}

/// An action with its events and their deliveries. People may look at what was done to themselves.
pub async fn trace(ctx: &Context, caller: &Caller, id: ActionId) -> Result<Traced, Error> {
    let action = actions::find(ctx, caller.scope, id).await?;
    if !access::may_see_standing(&caller.principal, action.actionee_id) {
        return Err(Refusal::Forbidden.into());
    }
    let conn = &mut ctx.db.reader();
    let ids = action::events_of(conn, &action).await?;
    let mut events = outbox::by_ids(conn, &ids).await?;
    events.sort_unstable_by_key(|event| event.position);
    let deliveries = delivery_log::of_events(ctx, caller, &ids).await?;
    Ok(Traced { action, events, deliveries, at: ctx.now() })
}
