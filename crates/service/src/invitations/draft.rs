//! Invitations made and changed: what callers say is found, checked, and kept (`waldur.md` §9.4, §9.5).

use std::sync::Arc;

use docket_domain::access::Viewer;
use docket_domain::directory::role::{PROJECT_MANAGER, Role};
use docket_domain::directory::scope::{Place, Scope};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::InvitationId;
use docket_domain::permission::invitation::{BadMember, Offering, Said, SeenInvitation};
use docket_domain::permission::template::unknown_placeholders;
use docket_domain::permission::{Invitation, InvitationDetails, Named, restriction};
use docket_domain::time::Instant;
use docket_store::{Conn, customer, invitation, permission_request, role, user};

use super::refused::InvitationRefusal;
use super::{NOT_FOUND, seen_place, told};
use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::viewers;

/// What the members of an invitation name, as far as it was found.
#[derive(Debug, Default)]
struct Found {
    place: Option<Place>,
    role: Option<Role>,
    bad: Vec<BadMember>,
}

/// Makes an invitation. The surface has seen to it that scope and role are named.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    said: Said,
    render: impl Render<SeenInvitation>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let id = ctx.id(now, InvitationId::from_uuid);
    let unit = Arc::new((ctx.clone(), caller.clone(), said));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let unit = Arc::clone(&unit);
            Box::pin(async move {
                let (ctx, caller, said) = &*unit;
                let viewer = viewers::of(conn, caller, now).await?;
                let found = find(conn, &viewer, said).await?;
                let (Some(place), Some(role)) = (found.place, &found.role) else {
                    return Err(InvitationRefusal::Members(found.bad).into());
                };
                hold(conn, said, place).await?;
                let details = said.over(InvitationDetails::new(place.scope, role.id), place.scope);
                check(conn, ctx, now, &viewer, &details, role, place).await?;
                let creator = user::find(conn, viewer.id).await?;
                let made = Invitation {
                    id,
                    customer_id: place.customer,
                    details,
                    creator: creator.as_ref().map(Named::from),
                    active: true,
                    created_at: now,
                    updated_at: now,
                };
                invitation::insert(conn, &made).await?;
                let seen = invitation::see(conn, id).await?.ok_or(NOT_FOUND)?;
                let change = told(Happening::Created(Noun::Invitation), None, &seen);
                Ok(Done::one(seen, change))
            })
        },
        render,
    )
    .await
}

/// Changes an invitation that is active. Requests that nobody has decided on follow it.
pub async fn change(
    ctx: &Context,
    caller: &Caller,
    id: InvitationId,
    said: Said,
    render: impl Render<SeenInvitation>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let unit = Arc::new((ctx.clone(), caller.clone(), said));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let unit = Arc::clone(&unit);
            Box::pin(async move {
                let (ctx, caller, said) = &*unit;
                let viewer = viewers::of(conn, caller, now).await?;
                invitation::find(conn, id).await?.ok_or(NOT_FOUND)?;
                let found = find(conn, &viewer, said).await?;
                if !found.bad.is_empty() {
                    return Err(InvitationRefusal::Members(found.bad).into());
                }
                if let Some(place) = found.place {
                    hold(conn, said, place).await?;
                }
                let before = invitation::find_locked(conn, id).await?.ok_or(NOT_FOUND)?;
                if !before.active {
                    return Err(InvitationRefusal::NotEditable.into());
                }
                let old_place = invitation::terms(conn, &before).await?.place(&before);
                let place = found.place.unwrap_or(old_place);
                let role = match found.role {
                    Some(role) => role,
                    None => role::find(conn, before.details.role_id).await?.ok_or(NOT_FOUND)?,
                };
                let details = said.over(before.details.clone(), place.scope);
                check(conn, ctx, now, &viewer, &details, &role, place).await?;
                if !viewer.may_manage_invitations(old_place) {
                    return Err(Refusal::NotManaged.into());
                }
                let customer_id = place.customer;
                let after = Invitation { customer_id, details, updated_at: now, ..before.clone() };
                invitation::update(conn, &after).await?;
                permission_request::follow(conn, &after).await?;
                let seen = invitation::see(conn, id).await?.ok_or(NOT_FOUND)?;
                let change = told(Happening::Updated(Noun::Invitation), Some(&before), &seen);
                Ok(Done::one(seen, change))
            })
        },
        render,
    )
    .await
}

/// Holds the customer, which takes along what is offered in it when it goes; before the invitation, as
/// everybody does, against deadlocks.
async fn hold(conn: &mut Conn, said: &Said, place: Place) -> Result<(), Error> {
    if customer::share(conn, place.customer).await?.is_some() {
        return Ok(());
    }
    // It went at this moment.
    let bad = said.scope.iter().map(|named| BadMember::Scope(named.text.clone()));
    Err(InvitationRefusal::Members(bad.collect()).into())
}

/// Finds what the members name, and says of each that cannot be used why.
async fn find(conn: &mut Conn, viewer: &Viewer, said: &Said) -> Result<Found, Error> {
    let mut found = Found::default();
    if let Some(id) = said.role_id {
        found.role = role::find(conn, id).await?.filter(|role| role.active);
        if found.role.is_none() {
            found.bad.push(BadMember::Role(id));
        }
    }
    if let Some(named) = &said.scope {
        found.place = seen_place(conn, viewer, named.scope).await?;
        if found.place.is_none() {
            found.bad.push(BadMember::Scope(named.text.clone()));
        }
    }
    if let Some(Some(id)) = said.project_role_id {
        let role = role::find(conn, id).await?;
        if !role.is_some_and(|role| role.active && role.details.is_named_for_projects()) {
            found.bad.push(BadMember::ProjectRole(id));
        }
    }
    if let Some(Some(template)) = &said.project_name_template {
        let unknown = unknown_placeholders(template);
        if !unknown.is_empty() {
            let unknown = unknown.into_iter().map(str::to_owned).collect();
            found.bad.push(BadMember::Template(unknown));
        }
    }
    let mut patterns = said.email_patterns.iter().flatten();
    if patterns.any(|pattern| restriction::compile(pattern).is_err()) {
        found.bad.push(BadMember::Patterns);
    }
    // One bad member is enough for all of it to be refused.
    if !found.bad.is_empty() {
        (found.place, found.role) = (None, None);
    }
    Ok(found)
}

/// Whether this can be offered, and by this viewer.
async fn check(
    conn: &mut Conn,
    ctx: &Context,
    now: Instant,
    viewer: &Viewer,
    details: &InvitationDetails,
    role: &Role,
    place: Place,
) -> Result<(), Error> {
    let one_manager = ctx.settings.access.only_one_project_manager
        && role.details.name == PROJECT_MANAGER
        && matches!(place.scope, Scope::Project(_));
    let manager_exists =
        one_manager && invitation::has_holder(conn, place.scope, role.id, now).await?;
    let offering = Offering { role, by_staff: viewer.staff, manager_exists };
    details.check(offering).map_err(InvitationRefusal::Rule)?;
    if viewer.may_manage_invitations(place) { Ok(()) } else { Err(Refusal::NotManaged.into()) }
}
