//! A user asks for what an invitation offers (`waldur.md` §9.6).

use std::sync::Arc;

use docket_domain::access::Viewer;
use docket_domain::directory::scope::Scope;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{InvitationId, PermissionRequestId};
use docket_domain::permission::request::{Review, SeenRequest, Wishes};
use docket_domain::permission::{Invitation, Named, Request, RequestState, Submitting};
use docket_domain::time::Instant;
use docket_store::{Conn, affiliation, invitation, permission_request, user};

use super::enact::{Held, Ids, MadeProject, enact};
use super::refused::RequestRefusal;
use super::review::settle;
use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::settings::Access;
use crate::viewers;

/// What became of asking.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The request.
    pub id: PermissionRequestId,
    /// Where the role is asked for.
    pub scope: Scope,
    /// What that is called.
    pub scope_name: String,
    /// Whether it was given at once.
    pub approved: bool,
    /// The project that the role is on, when one was needed.
    pub project: Option<MadeProject>,
}

/// Hands in a request. `wishes` are none when the body could not be read.
pub async fn submit(
    ctx: &Context,
    caller: &Caller,
    id: InvitationId,
    wishes: Option<Wishes>,
    render: impl Render<Submitted>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let request_id = ctx.id(now, PermissionRequestId::from_uuid);
    let ids = Ids::new(ctx, now);
    let unit = Arc::new((ctx.clone(), caller.clone(), wishes));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let unit = Arc::clone(&unit);
            Box::pin(async move {
                let (ctx, caller, wishes) = &*unit;
                let access = &ctx.settings.access;
                let viewer = viewers::of(conn, caller, now).await?;
                let offer = invitation::find(conn, id).await?;
                let offer = offer.ok_or(Error::not_found(Noun::Invitation))?;
                // A customer that goes takes along what is asked for in it, so it stays until then.
                let details = &offer.details;
                let alone = details.approves_at_once && details.creates_project;
                let held = Held::take(conn, offer.customer_id, alone).await?;
                // The invitation stays as it is meanwhile, and two requests of one user wait for each
                // other, whichever invitations they answer: only one of them may be the first.
                let offer = invitation::find_shared(conn, id).await?;
                let offer = offer.ok_or(Error::not_found(Noun::Invitation))?;
                let wishes = wishes.clone().ok_or(RequestRefusal::Unreadable)?;
                let asking = user::find_locked(conn, viewer.id).await?;
                let asking = asking.ok_or(RequestRefusal::RequesterGone)?;
                check(conn, access, &viewer, &offer).await?;
                let email = asking.details.email.clone().unwrap_or_default();
                let draft = draft(request_id, now, &offer, Named::from(&asking), email, wishes);
                let pending = draft.submit(now).map_err(RequestRefusal::from)?;
                permission_request::insert(conn, &pending).await?;
                accept(conn, ctx, now, ids, &offer, held, pending).await
            })
        },
        render,
    )
    .await
}

/// Whether the viewer may ask.
async fn check(
    conn: &mut Conn,
    access: &Access,
    viewer: &Viewer,
    offer: &Invitation,
) -> Result<(), Error> {
    let details = &offer.details;
    let applicant = affiliation::person(conn, viewer.id).await?;
    let applicant = applicant.ok_or(RequestRefusal::RequesterGone)?.applicant();
    let terms = invitation::terms(conn, offer).await?;
    let many_allowed = details.allows_many_requests;
    let requested =
        !many_allowed && permission_request::has_requested(conn, details.scope, viewer.id).await?;
    let holds_any = viewer.held.iter().any(|held| held.scope == details.scope);
    let submitting = Submitting {
        applicant: &applicant,
        active: offer.active && !terms.removed,
        held: viewer.holds(details.role_id, details.scope),
        other_held: access.disable_multiple_roles && holds_any,
        many_allowed,
        requested,
        invitation: &details.restriction,
        customer: &terms.customer,
        project: terms.project.as_ref(),
    };
    Ok(submitting.check().map_err(RequestRefusal::from)?)
}

fn draft(
    id: PermissionRequestId,
    now: Instant,
    offer: &Invitation,
    requester: Named,
    requester_email: String,
    wishes: Wishes,
) -> Request {
    let details = &offer.details;
    let wishes = if details.allows_project_details { wishes } else { Wishes::default() };
    Request {
        id,
        invitation_id: offer.id,
        scope: details.scope,
        customer_id: offer.customer_id,
        role_id: details.role_id,
        state: RequestState::Draft,
        requester,
        requester_email,
        project_name: wishes.project_name,
        project_description: wishes.project_description,
        review: None,
        created_at: now,
        updated_at: now,
    }
}

/// Tells of the new request, and approves it at once where nobody needs to be asked. The requester
/// is the reviewer then, whatever they may do otherwise.
async fn accept(
    conn: &mut Conn,
    ctx: &Context,
    now: Instant,
    ids: Ids,
    offer: &Invitation,
    held: Held,
    pending: Request,
) -> Result<Done<Submitted>, Error> {
    let gone = Error::not_found(Noun::PermissionRequest);
    let seen = permission_request::see(conn, pending.id).await?.ok_or(gone)?;
    let happening = Happening::Created(Noun::PermissionRequest);
    let mut changes = vec![super::change(happening, None, &seen)];
    let mut submitted = Submitted {
        id: pending.id,
        scope: pending.scope,
        scope_name: seen.scope_name.clone(),
        approved: false,
        project: None,
    };
    if offer.details.approves_at_once {
        let reviewer = pending.requester.clone();
        let held = Some(held);
        let enacted = enact(conn, ctx, now, ids, offer, held, &pending, &reviewer).await?;
        let review = Review { reviewer, at: now, comment: None };
        let approved = pending.clone().approve(review).map_err(RequestRefusal::from)?;
        submitted.approved = true;
        submitted.project = enacted.project;
        let approved = SeenRequest { request: approved, ..seen };
        changes.extend(settle(conn, &pending, approved, enacted).await?);
    }
    Ok(Done::many(submitted, changes))
}
