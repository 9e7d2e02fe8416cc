//! Requests for what invitations offer: seen, called off, removed (`waldur.md` §8). How one comes to
//! be is in `requests/submit.rs`, how it is decided on in `requests/review.rs`.

use docket_domain::access::Viewer;
use docket_domain::directory::scope::Scope;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{CustomerId, PermissionRequestId};
use docket_domain::page::{Page, Paging};
use docket_domain::permission::Request;
use docket_domain::permission::invitation::NamedScope;
use docket_domain::permission::request::{SeenRequest, Wanted};
use docket_store::{Batch, Conn, permission_request};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::invitations;
use crate::{snapshot, viewers};

mod enact;
mod refused;
mod review;
mod submit;

pub(crate) use enact::Ids;
pub use enact::MadeProject;
pub use refused::RequestRefusal;
pub(crate) use review::Deciding;
pub use review::{Comment, Verdict, decide};
pub use submit::{Submitted, submit};

/// A page of the requests that the caller sees.
pub async fn page(
    ctx: &Context,
    caller: &Caller,
    mut wanted: Wanted,
    scope: Option<NamedScope>,
    paging: &Paging,
) -> Result<Page<SeenRequest>, Error> {
    let conn = &mut ctx.db.reader();
    let viewer = viewers::of(conn, caller, ctx.now()).await?;
    if let Some(named) = scope {
        wanted.scope = Some(invitations::listed_scope(conn, &viewer, named).await?);
    }
    Ok(permission_request::page(conn, &wanted, &viewer.seen_requests(), paging).await?)
}

/// One request, if the caller sees it.
pub async fn find(
    ctx: &Context,
    caller: &Caller,
    id: PermissionRequestId,
) -> Result<SeenRequest, Error> {
    let conn = &mut ctx.db.reader();
    let viewer = viewers::of(conn, caller, ctx.now()).await?;
    let seen = permission_request::see(conn, id).await?;
    seen.filter(|seen| sees(&viewer, &seen.request)).ok_or(NOT_FOUND)
}

/// How many pending requests wait for the caller: those for customers on which they hold a role, or
/// for scopes in which they may give some, that they may decide on. Staff count as what they hold.
pub async fn count_to_review(ctx: &Context, caller: &Caller) -> Result<usize, Error> {
    let conn = &mut ctx.db.reader();
    let viewer = viewers::of(conn, caller, ctx.now()).await?;
    let customers: Vec<CustomerId> = viewer.held.iter().map(|held| held.customer).collect();
    let mut pending = permission_request::see_pending(conn, &customers).await?;
    pending.retain(|seen| {
        is_near(&viewer, seen) && viewer.may_manage_requests(seen.place(), seen.creates_project)
    });
    Ok(pending.len())
}

/// Whether they hold a role on the request's customer, or one by which they give roles in its scope.
fn is_near(viewer: &Viewer, seen: &SeenRequest) -> bool {
    let Request { scope, customer_id, .. } = seen.request;
    let permission = docket_domain::directory::role::create_permission(scope.kind());
    viewer.held.iter().any(|held| {
        held.scope == Scope::Customer(customer_id)
            || (held.scope == scope && held.permissions.contains(permission))
    })
}

/// Calls a request off: the requester does, or staff.
pub async fn cancel(
    ctx: &Context,
    caller: &Caller,
    id: PermissionRequestId,
    render: impl Render<SeenRequest>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let who = caller.clone();
    ctx.commit(
        caller,
        now,
        move |conn| {
            let who = who.clone();
            Box::pin(async move {
                let viewer = viewers::of(conn, &who, now).await?;
                let before = locked(conn, &viewer, id).await?;
                if before.requester.id != viewer.id && !viewer.staff {
                    return Err(RequestRefusal::NotRequester.into());
                }
                let after = before.clone().cancel(now).map_err(RequestRefusal::from)?;
                let seen = permission_request::see(conn, id).await?.ok_or(NOT_FOUND)?;
                let mut writes = Batch::default();
                permission_request::update(&after, &mut writes);
                let seen = SeenRequest { request: after, ..seen };
                let happening = Happening::Cancelled(Noun::PermissionRequest);
                let change = change(happening, Some(&before), &seen);
                Ok(Done { writes, ..Done::one(seen, change) })
            })
        },
        render,
    )
    .await
}

/// Removes a request; only staff do.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: PermissionRequestId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let who = caller.clone();
    ctx.commit(
        caller,
        now,
        move |conn| {
            let who = who.clone();
            Box::pin(async move {
                let viewer = viewers::of(conn, &who, now).await?;
                let before = locked(conn, &viewer, id).await?;
                if !viewer.staff {
                    return Err(Refusal::Forbidden.into());
                }
                permission_request::delete(conn, id).await?;
                Ok(Done::one((), deletion(&before)))
            })
        },
        render,
    )
    .await
}

const NOT_FOUND: Error = Error::not_found(Noun::PermissionRequest);

fn sees(viewer: &Viewer, request: &Request) -> bool {
    viewer.seen_requests().sees(request.requester.id, request.customer_id)
}

/// The request, if the viewer sees it, held against other writers until the unit of work ends.
async fn locked(
    conn: &mut Conn,
    viewer: &Viewer,
    id: PermissionRequestId,
) -> Result<Request, Error> {
    let request = permission_request::find_locked(conn, id).await?;
    request.filter(|request| sees(viewer, request)).ok_or(NOT_FOUND)
}

/// What is told of a change of a request.
fn change(happening: Happening, before: Option<&Request>, seen: &SeenRequest) -> Change {
    Change {
        happening,
        subject: seen.request.id.uuid(),
        tenant: None,
        before: before.map(snapshot::request),
        after: Some(snapshot::request(&seen.request)),
        event: Some(snapshot::seen_request(seen, &snapshot::Outcome::default())),
        event_id: None,
    }
}

/// What is told of a request that is gone.
pub(crate) fn deletion(before: &Request) -> Change {
    Change {
        happening: Happening::Deleted(Noun::PermissionRequest),
        subject: before.id.uuid(),
        tenant: None,
        before: Some(snapshot::request(before)),
        after: None,
        event: None,
        event_id: None,
    }
}
