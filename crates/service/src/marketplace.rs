//! Orders and resources: what the marketplace tells of them, and what users decide (`native.md` §5).

use std::sync::Arc;

use docket_domain::access::may_feed_marketplace;
use docket_domain::directory::scope::Scope;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{CustomerId, OrderId, ProjectId, ResourceId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use docket_domain::todo::{Order, OrderDetails, OrderState, Resource, ResourceDetails};
use docket_domain::violation::{Rule, Violation};
use docket_store::{Conn, order, resource};
use uuid::Uuid;

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::snapshot;

/// Something that was told of, and whether it was new.
#[derive(Debug, Clone)]
pub struct Told<T> {
    /// What it is now.
    pub value: T,
    /// Whether nothing was known of it before.
    pub is_new: bool,
}

/// Keeps an order as the marketplace tells of it.
pub async fn put_order(
    ctx: &Context,
    caller: &Caller,
    id: OrderId,
    details: OrderDetails,
    render: impl Render<Told<Order>>,
) -> Result<Answer, Error> {
    allowed(caller)?;
    details.check()?;
    let (now, details) = (ctx.now(), Arc::new(details));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let details = OrderDetails::clone(&details);
            Box::pin(async move {
                let customer_id = customer_of(conn, details.project_id).await?;
                let before = order::find_locked(conn, id).await?;
                let created_at = before.as_ref().map_or(now, |before| before.created_at);
                let after = Order { id, customer_id, details, created_at, updated_at: now };
                let is_new = before.is_none();
                if let Some(before) = &before {
                    let same = Order { updated_at: before.updated_at, ..after.clone() };
                    if same == *before {
                        return Ok(Done::unchanged(Told { value: same, is_new }));
                    }
                    order::update(conn, &after).await?;
                } else {
                    order::insert(conn, &after).await?;
                }
                let happening =
                    if is_new { Happening::Created } else { Happening::Updated }(Noun::Order);
                let change = order_change(happening, before.as_ref(), Some(&after));
                Ok(Done::one(Told { value: after, is_new }, change))
            })
        },
        render,
    )
    .await
}

/// An order.
pub async fn find_order(ctx: &Context, caller: &Caller, id: OrderId) -> Result<Order, Error> {
    allowed(caller)?;
    order::find(&mut ctx.db.reader(), id).await?.ok_or(Error::not_found(Noun::Order))
}

/// Forgets an order.
pub async fn delete_order(
    ctx: &Context,
    caller: &Caller,
    id: OrderId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    allowed(caller)?;
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let found = order::find_locked(conn, id).await?;
                let before = found.ok_or(Error::not_found(Noun::Order))?;
                order::delete(conn, id).await?;
                let happening = Happening::Deleted(Noun::Order);
                Ok(Done::one((), order_change(happening, Some(&before), None)))
            })
        },
        render,
    )
    .await
}

/// Keeps a resource as the marketplace tells of it.
pub async fn put_resource(
    ctx: &Context,
    caller: &Caller,
    id: ResourceId,
    details: ResourceDetails,
    render: impl Render<Told<Resource>>,
) -> Result<Answer, Error> {
    allowed(caller)?;
    details.check()?;
    let (now, details) = (ctx.now(), Arc::new(details));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let details = ResourceDetails::clone(&details);
            Box::pin(async move {
                let customer_id = customer_of(conn, details.project_id).await?;
                let before = resource::find_locked(conn, id).await?;
                let after = Resource {
                    id,
                    customer_id,
                    details,
                    termination_requested_at: before
                        .as_ref()
                        .and_then(|before| before.termination_requested_at),
                    created_at: before.as_ref().map_or(now, |before| before.created_at),
                    updated_at: now,
                };
                let is_new = before.is_none();
                if let Some(before) = &before {
                    let same = Resource { updated_at: before.updated_at, ..after.clone() };
                    if same == *before {
                        return Ok(Done::unchanged(Told { value: same, is_new }));
                    }
                    resource::update(conn, &after).await?;
                } else {
                    resource::insert(conn, &after).await?;
                }
                let happening =
                    if is_new { Happening::Created } else { Happening::Updated }(Noun::Resource);
                let change = resource_change(happening, before.as_ref(), Some(&after));
                Ok(Done::one(Told { value: after, is_new }, change))
            })
        },
        render,
    )
    .await
}

/// A resource.
pub async fn find_resource(
    ctx: &Context,
    caller: &Caller,
    id: ResourceId,
) -> Result<Resource, Error> {
    allowed(caller)?;
    resource::find(&mut ctx.db.reader(), id).await?.ok_or(Error::not_found(Noun::Resource))
}

/// Forgets a resource.
pub async fn delete_resource(
    ctx: &Context,
    caller: &Caller,
    id: ResourceId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    allowed(caller)?;
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let found = resource::find_locked(conn, id).await?;
                let before = found.ok_or(Error::not_found(Noun::Resource))?;
                resource::delete(conn, id).await?;
                let happening = Happening::Deleted(Noun::Resource);
                Ok(Done::one((), resource_change(happening, Some(&before), None)))
            })
        },
        render,
    )
    .await
}

/// Decides on an order that waits, within a unit of work: whoever comes second finds it decided.
pub(crate) async fn decide(
    conn: &mut Conn,
    id: OrderId,
    (happening, state): (Happening, OrderState),
    may: impl Fn(Scope) -> bool,
    now: Instant,
) -> Result<Change, Error> {
    let found = order::find_locked(conn, id).await?;
    let before = found.ok_or(Error::not_found(Noun::Order))?;
    if !may(Scope::Project(before.details.project_id)) {
        return Err(Refusal::Forbidden.into());
    }
    if before.details.state != OrderState::PendingConsumer {
        return Err(Refusal::AlreadyDecided.into());
    }
    let details = OrderDetails { state, ..before.details.clone() };
    let after = Order { details, updated_at: now, ..before.clone() };
    order::update(conn, &after).await?;
    Ok(order_change(happening, Some(&before), Some(&after)))
}

/// Notes that somebody wants a resource gone, within a unit of work. Once is enough.
pub(crate) async fn request_end(
    conn: &mut Conn,
    id: ResourceId,
    may: impl Fn(Scope) -> bool,
    now: Instant,
) -> Result<Vec<Change>, Error> {
    let found = resource::find_locked(conn, id).await?;
    let before = found.ok_or(Error::not_found(Noun::Resource))?;
    if !may(Scope::Project(before.details.project_id)) {
        return Err(Refusal::Forbidden.into());
    }
    if before.termination_requested_at.is_some() {
        return Ok(Vec::new());
    }
    let after = Resource { termination_requested_at: Some(now), updated_at: now, ..before.clone() };
    resource::update(conn, &after).await?;
    Ok(vec![resource_change(Happening::TerminationRequested, Some(&before), Some(&after))])
}

fn allowed(caller: &Caller) -> Result<(), Error> {
    if may_feed_marketplace(&caller.principal) { Ok(()) } else { Err(Refusal::Forbidden.into()) }
}

/// The customer of the project that an order or a resource names.
async fn customer_of(conn: &mut Conn, id: ProjectId) -> Result<CustomerId, Error> {
    let invalid = || Error::from(Violation::body("projectId", Rule::Invalid));
    order::customer_of(conn, id).await?.ok_or_else(invalid)
}

fn order_change(happening: Happening, before: Option<&Order>, after: Option<&Order>) -> Change {
    let was = before.map(snapshot::order);
    let is = after.map(snapshot::order);
    change(happening, after.or(before).map(|order| order.id.uuid()), was, is)
}

fn resource_change(
    happening: Happening,
    before: Option<&Resource>,
    after: Option<&Resource>,
) -> Change {
    let was = before.map(snapshot::resource);
    let is = after.map(snapshot::resource);
    change(happening, after.or(before).map(|resource| resource.id.uuid()), was, is)
}

/// The event says how it is and, beside that, how it was.
fn change(
    happening: Happening,
    subject: Option<Uuid>,
    before: Option<Json>,
    after: Option<Json>,
) -> Change {
    let event = after.as_ref().zip(before.as_ref()).map(|(is, was)| snapshot::beside(is, was));
    Change {
        happening,
        subject: subject.unwrap_or_default(),
        tenant: None,
        before,
        after,
        event,
        event_id: None,
    }
}
