//! Customers: listed, made, changed, deleted (`waldur.md` §10.3).

use std::sync::Arc;

use docket_domain::access::Viewer;
use docket_domain::directory::customer::{CountedCustomer, CustomerSearch};
use docket_domain::directory::role::CUSTOMER_UPDATE;
use docket_domain::directory::{Customer, CustomerDetails, Scope};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::CustomerId;
use docket_domain::page::{Page, Paging};
use docket_domain::permission::Restriction;
use docket_domain::permission::restriction::compile;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use docket_store::{Conn, customer, grant, project};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::{grants, snapshot, viewers};

/// The customers that the caller sees.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    search: &CustomerSearch,
    paging: &Paging,
) -> Result<Page<CountedCustomer>, Error> {
    let (now, conn) = (ctx.now(), &mut ctx.db.reader());
    let viewer = viewers::of(conn, caller, now).await?;
    let Page { items, total } = customer::list(conn, &viewer.seen_scopes(), search, paging).await?;
    Ok(Page { items: counted(conn, items, now).await?, total })
}

/// A customer that the caller sees.
pub async fn find(
    ctx: &Context,
    caller: &Caller,
    id: CustomerId,
) -> Result<CountedCustomer, Error> {
    let (now, conn) = (ctx.now(), &mut ctx.db.reader());
    let viewer = viewers::of(conn, caller, now).await?;
    let found = seen(&viewer, customer::find(conn, id).await?)?;
    counted_one(conn, found, now).await
}

/// The customer, when there is one and the viewer sees it.
pub(crate) fn seen(viewer: &Viewer, found: Option<Customer>) -> Result<Customer, Error> {
    let sight = viewer.seen_scopes();
    let seen = found.filter(|customer| sight.sees_customer(customer.id));
    seen.ok_or(Error::not_found(Noun::Customer))
}

async fn counted(
    conn: &mut Conn,
    customers: Vec<Customer>,
    now: Instant,
) -> Result<Vec<CountedCustomer>, Error> {
    let ids: Vec<CustomerId> = customers.iter().map(|customer| customer.id).collect();
    let projects = customer::count_projects(conn, &ids).await?;
    let users = customer::count_holders(conn, &ids, now).await?;
    let counted = customers.into_iter().map(|customer| CountedCustomer {
        projects: projects.get(&customer.id).copied().unwrap_or_default(),
        users: users.get(&customer.id).copied().unwrap_or_default(),
        customer,
    });
    Ok(counted.collect())
}

async fn counted_one(
    conn: &mut Conn,
    customer: Customer,
    now: Instant,
) -> Result<CountedCustomer, Error> {
    let found = counted(conn, vec![customer], now).await?.pop();
    found.ok_or(Error::not_found(Noun::Customer))
}

/// Makes a customer.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    details: CustomerDetails,
    render: impl Render<CountedCustomer>,
) -> Result<Answer, Error> {
    check_restriction(&details.restriction)?;
    let now = ctx.now();
    let id = ctx.id(now, CustomerId::from_uuid);
    let new = Arc::new(Customer { id, details, created_at: now, updated_at: now });
    let kept_caller = caller.clone();
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (new, caller) = (Arc::clone(&new), kept_caller.clone());
            Box::pin(async move {
                viewers::staff(conn, &caller, now).await?;
                customer::insert(conn, &new).await?;
                let change = change(Happening::Created(Noun::Customer), None, Some(&new));
                let customer = Customer::clone(&new);
                Ok(Done::one(CountedCustomer { customer, projects: 0, users: 0 }, change))
            })
        },
        render,
    )
    .await
}

/// Changes a customer. Whom it lets in, and whether it is blocked or archived, staff alone decides.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: CustomerId,
    revise: impl Fn(&CustomerDetails) -> CustomerDetails + Send + Sync + 'static,
    render: impl Render<CountedCustomer>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let (revise, kept_caller) = (Arc::new(revise), caller.clone());
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (revise, caller) = (Arc::clone(&revise), kept_caller.clone());
            Box::pin(async move {
                let viewer = viewers::of(conn, &caller, now).await?;
                let before = seen(&viewer, customer::find_locked(conn, id).await?)?;
                if !viewer.has_permission(CUSTOMER_UPDATE, Scope::Customer(id)) {
                    return Err(Refusal::Forbidden.into());
                }
                let details = revise(&before.details);
                if !viewer.staff && !is_open_to_owners(&before.details, &details) {
                    return Err(Refusal::Forbidden.into());
                }
                check_restriction(&details.restriction)?;
                let after = Customer { details, updated_at: now, ..before.clone() };
                customer::update(conn, &after).await?;
                let change =
                    change(Happening::Updated(Noun::Customer), Some(&before), Some(&after));
                Ok(Done::one(counted_one(conn, after, now).await?, change))
            })
        },
        render,
    )
    .await
}

fn is_open_to_owners(before: &CustomerDetails, after: &CustomerDetails) -> bool {
    before.restriction == after.restriction
        && before.blocked == after.blocked
        && before.archived == after.archived
}

/// Whether every pattern is one.
pub(crate) fn check_restriction(restriction: &Restriction) -> Result<(), Error> {
    if restriction.email_patterns.iter().any(|pattern| compile(pattern).is_err()) {
        return Err(Violation::body("userEmailPatterns", Rule::Invalid).into());
    }
    Ok(())
}

/// Deletes a customer that has no projects any more, with all that was offered and held there.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: CustomerId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let (now, kept_caller) = (ctx.now(), caller.clone());
    ctx.commit(
        caller,
        now,
        move |conn| {
            let caller = kept_caller.clone();
            Box::pin(async move {
                let viewer = viewers::of(conn, &caller, now).await?;
                let before = seen(&viewer, customer::find_locked(conn, id).await?)?;
                if !viewer.staff || !viewer.active {
                    return Err(Refusal::Forbidden.into());
                }
                if project::is_any_in(conn, id).await? {
                    return Err(Refusal::InUse(Noun::Customer).into());
                }
                let held = grant::all_in_locked(conn, id).await?;
                let mut changes = grants::take_back(conn, now, &held).await?;
                customer::delete(conn, id).await?;
                changes.push(change(Happening::Deleted(Noun::Customer), Some(&before), None));
                Ok(Done::many((), changes))
            })
        },
        render,
    )
    .await
}

fn change(happening: Happening, before: Option<&Customer>, after: Option<&Customer>) -> Change {
    Change {
        happening,
        subject: after.or(before).map(|customer| customer.id.uuid()).unwrap_or_default(),
        tenant: None,
        before: before.map(snapshot::customer),
        after: after.map(snapshot::customer),
        event: None,
        event_id: None,
    }
}
