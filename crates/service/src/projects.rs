//! Projects: listed, made, changed, removed (`waldur.md` §10.3).

use std::sync::Arc;

use docket_domain::access::Viewer;
use docket_domain::directory::Scope;
use docket_domain::directory::project::{NamedProject, Project, ProjectDetails, ProjectSearch};
use docket_domain::directory::role::{PROJECT_CREATE, PROJECT_DELETE, PROJECT_UPDATE};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{CustomerId, ProjectId};
use docket_domain::page::{Page, Paging};
use docket_domain::violation::{Rule, Violation};
use docket_store::{customer, grant, project};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::customers::check_restriction;
use crate::error::{Error, Refusal};
use crate::teams::TeamRefusal;
use crate::{grants, snapshot, viewers};

/// The projects that the caller sees.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    search: &ProjectSearch,
    paging: &Paging,
) -> Result<Page<NamedProject>, Error> {
    let (now, conn) = (ctx.now(), &mut ctx.db.reader());
    let viewer = viewers::of(conn, caller, now).await?;
    Ok(project::list(conn, &viewer.seen_scopes(), search, paging).await?)
}

/// A project that the caller sees.
pub async fn find(ctx: &Context, caller: &Caller, id: ProjectId) -> Result<NamedProject, Error> {
    let (now, conn) = (ctx.now(), &mut ctx.db.reader());
    let viewer = viewers::of(conn, caller, now).await?;
    let found = project::find_with_customer(conn, id).await?;
    let found = found.filter(|found| sees(&viewer, &found.project));
    found.ok_or(Error::not_found(Noun::Project))
}

/// Whether the viewer sees the project; nobody sees a removed one.
fn sees(viewer: &Viewer, project: &Project) -> bool {
    !project.is_removed() && viewer.seen_scopes().sees(project.place())
}

/// Makes a project of a customer that the caller sees.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    customer: CustomerId,
    details: ProjectDetails,
    render: impl Render<NamedProject>,
) -> Result<Answer, Error> {
    check(&details)?;
    let now = ctx.now();
    let new = Arc::new(Project {
        id: ctx.id(now, ProjectId::from_uuid),
        customer_id: customer,
        details,
        removed_at: None,
        created_at: now,
        updated_at: now,
    });
    let kept_caller = caller.clone();
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (new, caller) = (Arc::clone(&new), kept_caller.clone());
            Box::pin(async move {
                let viewer = viewers::of(conn, &caller, now).await?;
                let customer = customer::share(conn, new.customer_id).await?;
                let sight = viewer.seen_scopes();
                let customer = customer.filter(|customer| sight.sees_customer(customer.id));
                let customer = customer.ok_or_else(|| Error::from(TeamRefusal::CustomerUnseen))?;
                if !viewer.has_permission(PROJECT_CREATE, Scope::Customer(customer.id)) {
                    return Err(Refusal::Forbidden.into());
                }
                if !customer.details.is_available() {
                    return Err(TeamRefusal::CustomerUnavailable.into());
                }
                if !viewer.staff && !new.details.restriction.is_open() {
                    return Err(Refusal::Forbidden.into());
                }
                project::insert(conn, &new).await?;
                let change = change(Happening::Created(Noun::Project), None, Some(&new));
                let project = Project::clone(&new);
                let customer_name = customer.details.name;
                Ok(Done::one(NamedProject { project, customer_name }, change))
            })
        },
        render,
    )
    .await
}

/// Changes a project. Whom it lets in staff alone decides.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: ProjectId,
    revise: impl Fn(&ProjectDetails) -> ProjectDetails + Send + Sync + 'static,
    render: impl Render<NamedProject>,
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
                let before = project::find_locked(conn, id).await?;
                let before = before.filter(|project| sees(&viewer, project));
                let before = before.ok_or(Error::not_found(Noun::Project))?;
                if !may(&viewer, PROJECT_UPDATE, &before) {
                    return Err(Refusal::Forbidden.into());
                }
                let details = revise(&before.details);
                if !viewer.staff && details.restriction != before.details.restriction {
                    return Err(Refusal::Forbidden.into());
                }
                check(&details)?;
                let after = Project { details, updated_at: now, ..before.clone() };
                project::update(conn, &after).await?;
                let named = project::find_with_customer(conn, id).await?;
                let named = named.ok_or(Error::not_found(Noun::Project))?;
                let change = change(Happening::Updated(Noun::Project), Some(&before), Some(&after));
                Ok(Done::one(named, change))
            })
        },
        render,
    )
    .await
}

/// Removes a project: nobody sees it any more, and what was held on it is taken back.
pub async fn remove(
    ctx: &Context,
    caller: &Caller,
    id: ProjectId,
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
                let before = project::find_locked(conn, id).await?;
                let before = before.filter(|project| sees(&viewer, project));
                let before = before.ok_or(Error::not_found(Noun::Project))?;
                if !may(&viewer, PROJECT_DELETE, &before) {
                    return Err(Refusal::Forbidden.into());
                }
                let after = Project { removed_at: Some(now), updated_at: now, ..before.clone() };
                project::update(conn, &after).await?;
                let held = grant::all_on_locked(conn, Scope::Project(id)).await?;
                let mut changes = grants::take_back(conn, now, &held).await?;
                let gone = Happening::Deleted(Noun::Project);
                changes.push(change(gone, Some(&before), Some(&after)));
                Ok(Done::many((), changes))
            })
        },
        render,
    )
    .await
}

/// Whether the viewer has the permission on the customer, or on the project itself.
fn may(viewer: &Viewer, permission: &str, project: &Project) -> bool {
    viewer.has_permission(permission, Scope::Customer(project.customer_id))
        || viewer.has_permission(permission, Scope::Project(project.id))
}

fn check(details: &ProjectDetails) -> Result<(), Error> {
    check_restriction(&details.restriction)?;
    match (&details.start_date, &details.end_date) {
        // Dates are written so that they sort as they follow each other.
        (Some(start), Some(end)) if end < start => {
            Err(Violation::body("endDate", Rule::Invalid).into())
        }
        _ => Ok(()),
    }
}

/// One change of a project.
pub(crate) fn change(
    happening: Happening,
    before: Option<&Project>,
    after: Option<&Project>,
) -> Change {
    Change {
        happening,
        subject: after.or(before).map(|project| project.id.uuid()).unwrap_or_default(),
        tenant: None,
        before: before.map(snapshot::project),
        after: after.map(snapshot::project),
        event: None,
        event_id: None,
    }
}
