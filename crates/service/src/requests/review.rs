//! Somebody decides on a request (`waldur.md` §8.5).
//!
//! The order of the checks is the contract's: whether it is seen, its state, whether it is theirs to
//! decide on, what they say, and last whether the role can be given.

use std::sync::Arc;

use docket_domain::access::Viewer;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::PermissionRequestId;
use docket_domain::permission::request::{Review, SeenRequest};
use docket_domain::permission::{Invitation, Named, Request, RequestState};
use docket_domain::time::Instant;
use docket_store::{Batch, Conn, invitation, permission_request, user};

use super::enact::{Enacted, Held, Ids, enact};
use super::refused::RequestRefusal;
use super::{NOT_FOUND, sees};
use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::{snapshot, viewers};

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The role is given.
    Approve,
    /// It is not.
    Reject,
}

/// What a reviewer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comment {
    /// Nothing.
    None,
    /// This.
    Said(String),
    /// Something that could not be read; the surface knows why.
    Unreadable,
}

/// Decides on a request.
pub async fn decide(
    ctx: &Context,
    caller: &Caller,
    id: PermissionRequestId,
    verdict: Verdict,
    comment: Comment,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let ids = Ids::new(ctx, now);
    let unit = Arc::new((ctx.clone(), caller.clone(), comment));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let unit = Arc::clone(&unit);
            Box::pin(async move {
                let (ctx, caller, comment) = &*unit;
                let deciding = Deciding { ctx, caller, ids, now };
                let changes = deciding.decide(conn, id, verdict, comment).await?;
                Ok(Done::many((), changes))
            })
        },
        render,
    )
    .await
}

/// Somebody about to decide, within a unit of work.
pub(crate) struct Deciding<'a> {
    pub(crate) ctx: &'a Context,
    pub(crate) caller: &'a Caller,
    pub(crate) ids: Ids,
    pub(crate) now: Instant,
}

impl Deciding<'_> {
    /// Decides; what follows is told as these changes.
    pub(crate) async fn decide(
        &self,
        conn: &mut Conn,
        id: PermissionRequestId,
        verdict: Verdict,
        comment: &Comment,
    ) -> Result<Vec<Change>, Error> {
        let Self { ctx, caller, ids, now } = *self;
        let viewer = viewers::of(conn, caller, now).await?;
        let Locked { offer, held, seen } = locked(conn, &viewer, id, verdict).await?;
        let pending = seen.request.clone();
        pending.check_pending().map_err(RequestRefusal::from)?;
        check_authority(conn, ctx, &viewer, &offer, &pending).await?;
        let comment = match comment {
            Comment::None => None,
            Comment::Said(comment) => Some(comment.clone()),
            Comment::Unreadable => return Err(RequestRefusal::Unreadable.into()),
        };
        let reviewer = user::find(conn, viewer.id).await?.ok_or(NOT_FOUND)?;
        let reviewer = Named::from(&reviewer);
        let review = Review { reviewer: reviewer.clone(), at: now, comment };
        match verdict {
            Verdict::Approve => {
                let enacted = enact(conn, ctx, now, ids, &offer, held, &pending, &reviewer).await?;
                let approved = pending.clone().approve(review);
                let approved = approved.map_err(RequestRefusal::from)?;
                settle(conn, &pending, SeenRequest { request: approved, ..seen }, enacted).await
            }
            Verdict::Reject => {
                let rejected = pending.clone().reject(review);
                let rejected = rejected.map_err(RequestRefusal::from)?;
                let seen = SeenRequest { request: rejected, ..seen };
                settle(conn, &pending, seen, Enacted::default()).await
            }
        }
    }
}

/// What is held until the unit of work ends.
struct Locked {
    /// The invitation that the request answers.
    offer: Invitation,
    /// The customer, when a role may be given in it.
    held: Option<Held>,
    /// The request, with what is around it.
    seen: SeenRequest,
}

/// The request, if the viewer sees it, held with what it is about. The customer comes first, then the
/// invitation, then the request, here and wherever several of them are held, against deadlocks.
async fn locked(
    conn: &mut Conn,
    viewer: &Viewer,
    id: PermissionRequestId,
    verdict: Verdict,
) -> Result<Locked, Error> {
    let seen = permission_request::see(conn, id).await?;
    let seen = seen.filter(|seen| sees(viewer, &seen.request)).ok_or(NOT_FOUND)?;
    let held = match verdict {
        Verdict::Approve => {
            Some(Held::take(conn, seen.request.customer_id, seen.creates_project).await?)
        }
        Verdict::Reject => None,
    };
    let offer = invitation::find_shared(conn, seen.request.invitation_id).await?;
    let request = permission_request::find_locked(conn, id).await?;
    let request = request.filter(|request| sees(viewer, request)).ok_or(NOT_FOUND)?;
    let offer = offer.ok_or(NOT_FOUND)?;
    if request == seen.request {
        return Ok(Locked { offer, held, seen });
    }
    // It followed its invitation meanwhile, to another scope perhaps.
    let seen = permission_request::see(conn, id).await?.ok_or(NOT_FOUND)?;
    Ok(Locked { offer, held, seen })
}

async fn check_authority(
    conn: &mut Conn,
    ctx: &Context,
    viewer: &Viewer,
    offer: &Invitation,
    request: &Request,
) -> Result<(), Error> {
    let place = invitation::terms(conn, offer).await?.place(offer);
    let creates_project = offer.details.creates_project;
    let own_allowed = ctx.settings.access.allow_self_review;
    let may = viewer.may_review(place, creates_project, request.requester.id, own_allowed);
    Ok(may.map_err(RequestRefusal::from)?)
}

/// Keeps what was decided, and tells of it behind what followed from it.
pub(super) async fn settle(
    conn: &mut Conn,
    before: &Request,
    after: SeenRequest,
    enacted: Enacted,
) -> Result<Vec<Change>, Error> {
    let mut writes = Batch::default();
    permission_request::update(&after.request, &mut writes);
    conn.at_end(writes).await?;
    let happening = if after.request.state == RequestState::Approved {
        Happening::Approved(Noun::PermissionRequest)
    } else {
        Happening::Rejected(Noun::PermissionRequest)
    };
    let Enacted { mut changes, outcome, .. } = enacted;
    changes.push(Change {
        event: Some(snapshot::seen_request(&after, &outcome)),
        ..super::change(happening, Some(before), &after)
    });
    Ok(changes)
}
