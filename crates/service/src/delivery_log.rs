//! What became of telling webhooks: their deliveries, with every attempt (`native.md` §6).

use std::collections::{HashMap, HashSet};

use docket_domain::access::{may_see_deliveries, webhook_tenant};
use docket_domain::attempt::Attempt;
use docket_domain::id::{EventId, WebhookId};
use docket_store::delivery::{self, KeptDelivery};
use docket_store::{Conn, attempt, webhook, webhook_event};
use uuid::Uuid;

use crate::caller::Caller;
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::webhooks;

/// A delivery with what came of each call.
#[derive(Debug, Clone)]
pub struct LoggedDelivery {
    /// How far it is.
    pub delivery: KeptDelivery,
    /// What the event is about; none when the event is gone.
    pub event_type: Option<String>,
    /// The calls that were made, oldest first.
    pub attempts: Vec<Attempt>,
}

/// A page of the deliveries to a webhook, the newest event first, and the event behind which the
/// next page goes on.
pub async fn of_webhook(
    ctx: &Context,
    caller: &Caller,
    id: WebhookId,
    after: Option<EventId>,
    limit: i64,
) -> Result<(Vec<LoggedDelivery>, Option<EventId>), Error> {
    if !may_see_deliveries(&caller.principal) {
        return Err(Refusal::Forbidden.into());
    }
    let webhook = webhooks::find(ctx, caller, id).await?;
    let before = after.unwrap_or(EventId::from_uuid(Uuid::max()));
    let mut conn = ctx.db.reader();
    // One row more than asked for tells whether there is another page.
    let mut deliveries = delivery::page_to(&mut conn, webhook.id, before, limit + 1).await?;
    let wanted = usize::try_from(limit).unwrap_or_default();
    let more = deliveries.len() > wanted;
    deliveries.truncate(wanted);
    let next = deliveries.last().filter(|_| more).map(|last| last.event_id);
    Ok((with_attempts(&mut conn, deliveries).await?, next))
}

/// The deliveries of these events, in their order, as far as the caller may see them.
pub(crate) async fn of_events(
    ctx: &Context,
    caller: &Caller,
    events: &[EventId],
) -> Result<Vec<LoggedDelivery>, Error> {
    if events.is_empty() || !may_see_deliveries(&caller.principal) {
        return Ok(Vec::new());
    }
    let mut conn = ctx.db.reader();
    let mut deliveries = delivery::of_events(&mut conn, events).await?;
    if let Some(visible) = visible(&mut conn, caller).await? {
        deliveries.retain(|delivery| visible.contains(&delivery.webhook_id));
    }
    deliveries.sort_by_key(|delivery| (delivery.event_id, delivery.webhook_id));
    with_attempts(&mut conn, deliveries).await
}

/// The webhooks whose calls the caller may see; none means all of them, also those that are gone.
pub(crate) async fn visible(
    conn: &mut Conn,
    caller: &Caller,
) -> Result<Option<HashSet<WebhookId>>, Error> {
    let within = webhook_tenant(&caller.principal);
    if within.is_none() {
        return Ok(None);
    }
    let seen = webhook::list(conn, within).await?;
    Ok(Some(seen.into_iter().map(|kept| kept.webhook.id).collect()))
}

async fn with_attempts(
    conn: &mut Conn,
    deliveries: Vec<KeptDelivery>,
) -> Result<Vec<LoggedDelivery>, Error> {
    let mut events: Vec<EventId> = deliveries.iter().map(|delivery| delivery.event_id).collect();
    events.dedup();
    let brief = webhook_event::brief(conn, &events).await?.into_iter();
    let types: HashMap<EventId, String> = brief.map(|brief| (brief.id, brief.event_type)).collect();
    let mut attempts: HashMap<(EventId, WebhookId), Vec<Attempt>> = HashMap::new();
    for attempt in attempt::of_events(conn, &events).await? {
        attempts.entry((attempt.event_id, attempt.webhook_id)).or_default().push(attempt);
    }
    let logged = deliveries.into_iter().map(|delivery| LoggedDelivery {
        event_type: types.get(&delivery.event_id).cloned(),
        attempts: attempts.remove(&(delivery.event_id, delivery.webhook_id)).unwrap_or_default(),
        delivery,
    });
    Ok(logged.collect())
}
