//! The log of what webhooks were told, event by event (`fusionauth.md` §4.9). Whoever is limited to
//! one tenant sees that tenant's events, and of the calls those to webhooks of its own.

use std::collections::HashMap;

use docket_domain::access::webhook_tenant;
use docket_domain::attempt::{Attempt, WebhookEvent, WebhookEventSearch};
use docket_domain::event::Noun;
use docket_domain::id::{AttemptId, EventId};
use docket_domain::page::{Page, Paging};
use docket_store::{Conn, attempt, webhook_event};

use crate::caller::Caller;
use crate::context::Context;
use crate::delivery_log::visible;
use crate::error::Error;

/// An event with the calls that told of it.
#[derive(Debug, Clone)]
pub struct LoggedEvent {
    /// The event.
    pub event: WebhookEvent,
    /// The calls, oldest first.
    pub attempts: Vec<Attempt>,
}

/// An event.
pub async fn find(ctx: &Context, caller: &Caller, id: EventId) -> Result<LoggedEvent, Error> {
    let mut conn = ctx.db.reader();
    let event = find_visible(&mut conn, caller, id).await?;
    let event = event.ok_or(Error::not_found(Noun::WebhookEvent))?;
    let mut attempts = attempts(&mut conn, caller, &[id]).await?;
    Ok(LoggedEvent { event, attempts: attempts.remove(&id).unwrap_or_default() })
}

/// A page of the events that match; where no time is named, those of the last hour.
pub async fn search(
    ctx: &Context,
    caller: &Caller,
    search: WebhookEventSearch,
    paging: &Paging,
) -> Result<Page<LoggedEvent>, Error> {
    let search = search.within_window(ctx.now());
    let within = webhook_tenant(&caller.principal);
    let mut conn = ctx.db.reader();
    let page = webhook_event::search(&mut conn, &search, within, paging).await?;
    let ids: Vec<EventId> = page.items.iter().map(|event| event.id).collect();
    let mut attempts = attempts(&mut conn, caller, &ids).await?;
    let items = page.items.into_iter().map(|event| LoggedEvent {
        attempts: attempts.remove(&event.id).unwrap_or_default(),
        event,
    });
    Ok(Page { items: items.collect(), total: page.total })
}

/// A call.
pub async fn find_attempt(ctx: &Context, caller: &Caller, id: AttemptId) -> Result<Attempt, Error> {
    let mut conn = ctx.db.reader();
    let unknown = || Error::not_found(Noun::Attempt);
    let found = attempt::find(&mut conn, id).await?.ok_or_else(unknown)?;
    let event = find_visible(&mut conn, caller, found.event_id).await?;
    let webhooks = visible(&mut conn, caller).await?;
    let seen = event.is_some() && webhooks.is_none_or(|seen| seen.contains(&found.webhook_id));
    if seen { Ok(found) } else { Err(unknown()) }
}

async fn find_visible(
    conn: &mut Conn,
    caller: &Caller,
    id: EventId,
) -> Result<Option<WebhookEvent>, Error> {
    let within = webhook_tenant(&caller.principal);
    let found = webhook_event::find(conn, id).await?;
    Ok(found.filter(|event| within.is_none() || event.tenant_id == within))
}

/// The calls that told of these events, as far as the caller may see them.
async fn attempts(
    conn: &mut Conn,
    caller: &Caller,
    events: &[EventId],
) -> Result<HashMap<EventId, Vec<Attempt>>, Error> {
    let mut found: HashMap<EventId, Vec<Attempt>> = HashMap::new();
    if events.is_empty() {
        return Ok(found);
    }
    let webhooks = visible(conn, caller).await?;
    for attempt in attempt::of_events(conn, events).await? {
        if webhooks.as_ref().is_none_or(|seen| seen.contains(&attempt.webhook_id)) {
            found.entry(attempt.event_id).or_default().push(attempt);
        }
    }
    Ok(found)
}
