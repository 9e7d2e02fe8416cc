//! Applications: made, read, changed, closed, opened again, deleted (`fusionauth.md` §4.5).

use std::borrow::Cow;
use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::directory::{Application, ApplicationDetails};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::ApplicationId;
use docket_domain::violation::{Field, Rule, Violation, Violations};
use docket_store::{Conn, application};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::{snapshot, tenants};

/// The unique indexes, for two callers who choose one name at the same instant.
const UNIQUE: &[(&str, Field)] =
    &[("application_name", Field::Body(Cow::Borrowed("name"))), ("application_pkey", Field::Id)];

/// An application to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// The id, when the caller chose one.
    pub id: Option<ApplicationId>,
    /// Whether anybody can log in to it from the start.
    pub active: bool,
    /// What is said of it.
    pub details: ApplicationDetails,
}

/// Makes an application in the caller's tenant.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    new: New,
    render: impl Render<Application>,
) -> Result<Answer, Error> {
    new.details.check()?;
    let (now, scope) = (ctx.now(), caller.scope);
    let id = new.id.unwrap_or_else(|| ctx.id(now, ApplicationId::from_uuid));
    let new = Arc::new(new);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let made = Application {
                    id,
                    tenant_id: tenants::for_new_object(conn, scope).await?,
                    active: new.active,
                    details: new.details.clone(),
                    created_at: now,
                    updated_at: now,
                };
                let mut violations = Violations::new();
                if application::find(conn, id).await?.is_some() {
                    violations.push(Violation::id(Rule::Duplicate));
                }
                check_unique(conn, &made, violations).await?;
                application::insert(conn, &made).await?;
                let change = change(Happening::Created(Noun::Application), None, Some(&made));
                Ok(Done::one(made, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// An application, if the caller may see it.
pub async fn find(
    ctx: &Context,
    scope: TenantScope,
    id: ApplicationId,
) -> Result<Application, Error> {
    seen(scope, application::find(&mut ctx.db.reader(), id).await?)
}

/// The open or the closed applications that the caller may see, by name.
pub async fn list(
    ctx: &Context,
    scope: TenantScope,
    active: bool,
) -> Result<Vec<Application>, Error> {
    Ok(application::list(&mut ctx.db.reader(), scope.one(), active).await?)
}

/// Changes an application: `revise` makes the new details of the present ones.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: ApplicationId,
    revise: impl Fn(&Application) -> Result<ApplicationDetails, Error> + Send + Sync + 'static,
    render: impl Render<Application>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    let revise = Arc::new(revise);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let revise = Arc::clone(&revise);
            Box::pin(async move {
                let before = seen(scope, application::find_locked(conn, id).await?)?;
                let details = revise(&before)?;
                details.check()?;
                let after = Application { details, updated_at: now, ..before.clone() };
                check_unique(conn, &after, Violations::new()).await?;
                application::update(conn, &after).await?;
                let happening = Happening::Updated(Noun::Application);
                Ok(Done::one(after.clone(), change(happening, Some(&before), Some(&after))))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// Closes an application: nobody logs in to it until it is opened again.
pub async fn deactivate(
    ctx: &Context,
    caller: &Caller,
    id: ApplicationId,
    render: impl Render<Application>,
) -> Result<Answer, Error> {
    set_active(ctx, caller, id, false, render).await
}

/// Opens an application again.
pub async fn reactivate(
    ctx: &Context,
    caller: &Caller,
    id: ApplicationId,
    render: impl Render<Application>,
) -> Result<Answer, Error> {
    set_active(ctx, caller, id, true, render).await
}

async fn set_active(
    ctx: &Context,
    caller: &Caller,
    id: ApplicationId,
    active: bool,
    render: impl Render<Application>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    ctx.commit(
        caller,
        now,
        move |conn| {
            Box::pin(async move {
                let before = seen(scope, application::find_locked(conn, id).await?)?;
                if before.active == active {
                    return Ok(Done::unchanged(before));
                }
                let after = Application { active, updated_at: now, ..before.clone() };
                application::update(conn, &after).await?;
                let happening = if active {
                    Happening::Reactivated(Noun::Application)
                } else {
                    Happening::Deactivated(Noun::Application)
                };
                Ok(Done::one(after.clone(), change(happening, Some(&before), Some(&after))))
            })
        },
        render,
    )
    .await
}

/// Deletes an application for good, with the registrations for it. Actions limited to it keep its
/// id.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: ApplicationId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let scope = caller.scope;
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let before = seen(scope, application::find_locked(conn, id).await?)?;
                application::delete(conn, id).await?;
                let happening = Happening::Deleted(Noun::Application);
                Ok(Done::one((), change(happening, Some(&before), None)))
            })
        },
        render,
    )
    .await
}

fn seen(scope: TenantScope, found: Option<Application>) -> Result<Application, Error> {
    found
        .filter(|application| scope.sees(application.tenant_id))
        .ok_or(Error::not_found(Noun::Application))
}

async fn check_unique(
    conn: &mut Conn,
    application: &Application,
    mut violations: Violations,
) -> Result<(), Error> {
    if application::is_name_taken(conn, application).await? {
        violations.push(Violation::body("name", Rule::Duplicate));
    }
    Ok(violations.into_result()?)
}

fn change(
    happening: Happening,
    before: Option<&Application>,
    after: Option<&Application>,
) -> Change {
    let application = after.or(before);
    Change {
        happening,
        subject: application.map(|application| application.id.uuid()).unwrap_or_default(),
        tenant: application.map(|application| application.tenant_id),
        before: before.map(snapshot::application),
        after: after.map(snapshot::application),
        event: None,
        event_id: None,
    }
}
