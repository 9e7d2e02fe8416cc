//! Invitations: seen, made, changed, called off, removed (`waldur.md` §9). Asking for what one offers
//! is in `requests/submit.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_domain::access::viewer::SeenInvitations;
use docket_domain::access::{Sight, Viewer};
use docket_domain::directory::scope::{Place, Scope};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{InvitationId, ProjectId};
use docket_domain::page::{Page, Paging};
use docket_domain::permission::Invitation;
use docket_domain::permission::invitation::{NamedScope, SeenInvitation, Wanted};
use docket_store::{Conn, invitation, permission_request, project};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::{requests, snapshot, viewers};

mod draft;
mod refused;

pub use draft::{change as update, create};
pub use refused::InvitationRefusal;

/// An invitation as the caller sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The invitation, with names.
    pub seen: SeenInvitation,
    /// Whether they are told who made it.
    pub with_creator: bool,
}

impl Shown {
    /// Who made a public one is told to those who see everything or may manage it.
    fn to(viewer: Option<&Viewer>, seen: SeenInvitation) -> Self {
        let may =
            |viewer: &Viewer| viewer.sees_all() || viewer.may_manage_invitations(seen.place());
        let with_creator = !seen.invitation.details.public || viewer.is_some_and(may);
        Self { seen, with_creator }
    }
}

/// A page of the invitations that the caller sees in a list; strangers see the public ones.
pub async fn page(
    ctx: &Context,
    caller: &Caller,
    mut wanted: Wanted,
    scope: Option<NamedScope>,
    paging: &Paging,
) -> Result<Page<Shown>, Error> {
    let conn = &mut ctx.db.reader();
    let viewer = viewers::maybe(conn, caller, ctx.now()).await?;
    if let Some(named) = scope {
        let refused = InvitationRefusal::UnknownScope(named.text.clone());
        let viewer = viewer.as_ref().ok_or(refused)?;
        wanted.scope = Some(listed_scope(conn, viewer, named).await?);
    }
    let sight = viewer.as_ref().map_or_else(strangers_sight, Viewer::seen_invitations);
    let page = invitation::page(conn, &wanted, &sight, paging).await?;
    let items = page.items.into_iter().map(|seen| Shown::to(viewer.as_ref(), seen));
    Ok(Page { items: items.collect(), total: page.total })
}

/// Strangers are shown what is open to everybody.
fn strangers_sight() -> Sight<SeenInvitations> {
    Sight::Of(SeenInvitations { customers: BTreeSet::new() })
}

/// One invitation. Whoever has its id and an account may see it: that is how it is passed on.
pub async fn find(ctx: &Context, caller: &Caller, id: InvitationId) -> Result<Shown, Error> {
    let conn = &mut ctx.db.reader();
    let viewer = viewers::maybe(conn, caller, ctx.now()).await?;
    let seen = invitation::see(conn, id).await?.ok_or(NOT_FOUND)?;
    let open = seen.invitation.details.public && seen.invitation.active;
    if viewer.is_none() && !strangers_sight().sees(seen.invitation.customer_id, open) {
        return Err(NOT_FOUND);
    }
    Ok(Shown::to(viewer.as_ref(), seen))
}

/// The projects of the customer that an invitation is for, by name; none when it is for a project.
pub async fn projects(ctx: &Context, id: InvitationId) -> Result<Option<Vec<ProjectId>>, Error> {
    let conn = &mut ctx.db.reader();
    let found = invitation::find(conn, id).await?.ok_or(NOT_FOUND)?;
    match found.details.scope {
        Scope::Project(_) => Ok(None),
        Scope::Customer(id) => {
            let projects = project::list_of(conn, id).await?;
            Ok(Some(projects.iter().map(|project| project.id).collect()))
        }
    }
}

/// Calls an invitation off. What was asked for stays asked for.
pub async fn cancel(
    ctx: &Context,
    caller: &Caller,
    id: InvitationId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let caller = Arc::new(caller.clone());
    let who = Arc::clone(&caller);
    ctx.commit(
        &caller,
        now,
        move |conn| {
            let who = Arc::clone(&who);
            Box::pin(async move {
                let viewer = viewers::of(conn, &who, now).await?;
                let before = managed(conn, &viewer, id).await?;
                if !before.active {
                    return Err(InvitationRefusal::NotActive.into());
                }
                let after = Invitation { active: false, updated_at: now, ..before.clone() };
                invitation::update(conn, &after).await?;
                let seen = invitation::see(conn, id).await?.ok_or(NOT_FOUND)?;
                let happening = Happening::Cancelled(Noun::Invitation);
                Ok(Done::one((), told(happening, Some(&before), &seen)))
            })
        },
        render,
    )
    .await
}

/// Removes an invitation that was called off, and the requests for it.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: InvitationId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let caller = Arc::new(caller.clone());
    let who = Arc::clone(&caller);
    ctx.commit(
        &caller,
        now,
        move |conn| {
            let who = Arc::clone(&who);
            Box::pin(async move {
                let viewer = viewers::of(conn, &who, now).await?;
                let before = managed(conn, &viewer, id).await?;
                if before.active {
                    return Err(InvitationRefusal::StillActive.into());
                }
                let requests = permission_request::delete_for(conn, id).await?;
                invitation::delete(conn, id).await?;
                let mut changes: Vec<Change> = requests.iter().map(requests::deletion).collect();
                changes.push(Change {
                    happening: Happening::Deleted(Noun::Invitation),
                    subject: id.uuid(),
                    tenant: None,
                    before: Some(snapshot::invitation(&before)),
                    after: None,
                    event: None,
                    event_id: None,
                });
                Ok(Done::many((), changes))
            })
        },
        render,
    )
    .await
}

const NOT_FOUND: Error = Error::not_found(Noun::Invitation);

/// The invitation, if the viewer may manage it, held against other writers until the unit of work
/// ends.
async fn managed(conn: &mut Conn, viewer: &Viewer, id: InvitationId) -> Result<Invitation, Error> {
    let found = invitation::find_locked(conn, id).await?.ok_or(NOT_FOUND)?;
    let place = invitation::terms(conn, &found).await?.place(&found);
    if viewer.may_manage_invitations(place) { Ok(found) } else { Err(Refusal::NotManaged.into()) }
}

/// The scope that a list is limited to, if the viewer sees it.
pub(crate) async fn listed_scope(
    conn: &mut Conn,
    viewer: &Viewer,
    named: NamedScope,
) -> Result<Scope, Error> {
    let place = seen_place(conn, viewer, named.scope).await?;
    Ok(place.ok_or(InvitationRefusal::UnknownScope(named.text))?.scope)
}

/// Where a scope stands, if there is one and the viewer sees it.
async fn seen_place(
    conn: &mut Conn,
    viewer: &Viewer,
    scope: Option<Scope>,
) -> Result<Option<Place>, Error> {
    let place = match scope {
        None => None,
        Some(scope) => invitation::place(conn, scope).await?,
    };
    let sight = viewer.seen_scopes();
    Ok(place.filter(|place| !place.removed && sight.sees(*place)))
}

/// What is told of a change of an invitation.
fn told(happening: Happening, before: Option<&Invitation>, seen: &SeenInvitation) -> Change {
    Change {
        happening,
        subject: seen.invitation.id.uuid(),
        tenant: None,
        before: before.map(snapshot::invitation),
        after: Some(snapshot::invitation(&seen.invitation)),
        event: Some(snapshot::seen_invitation(seen)),
        event_id: None,
    }
}
