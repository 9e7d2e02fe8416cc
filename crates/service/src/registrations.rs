//! Registrations of users for applications (`fusionauth.md` §4.1, registrations).

use std::borrow::Cow;
use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::directory::user::Submission;
use docket_domain::directory::{Account, Application, Registration, RegistrationDetails, User};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{ApplicationId, RegistrationId, TenantId, UserId};
use docket_domain::time::Instant;
use docket_domain::violation::{Field, Rule, Violation};
use docket_store::{Conn, application, registration, tenant, user};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::snapshot;
use crate::users::{self, Draft};

/// The name of the application in this surface's complaints.
const APPLICATION: &str = "user.registration.applicationId";
/// The unique indexes, for two callers who register one user at the same instant.
const UNIQUE: &[(&str, Field)] = &[
    ("registration_pkey", Field::Named(Cow::Borrowed("registration"))),
    ("users_email", Field::Named(Cow::Borrowed("user.email"))),
    ("users_username", Field::Named(Cow::Borrowed("user.username"))),
    ("users_pkey", Field::Named(Cow::Borrowed("user.id"))),
];

/// A registration to be made, perhaps with its user.
#[derive(Debug, Clone)]
pub struct New {
    /// Whose; the id of the new user when there is one.
    pub user_id: Option<UserId>,
    /// A user to be made first.
    pub user: Option<Submission>,
    /// Whether that user will choose a password later.
    pub chooses_password: bool,
    /// For what.
    pub application_id: Option<ApplicationId>,
    /// What is said of it.
    pub details: RegistrationDetails,
}

/// A registration that was made, with all of its user's.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The registration.
    pub registration: Registration,
    /// The user.
    pub account: Account,
}

/// Registers a user, who is made first when the command says who it is.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    new: New,
    render: impl Render<Registered>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    let id = ctx.id(now, RegistrationId::from_uuid);
    let New { user_id, user, chooses_password, application_id, details } = new;
    let draft = match user {
        Some(user) => {
            let draft = Draft::make(ctx, now, user_id, user, chooses_password).await;
            Some(draft.map_err(|error| error.under("user"))?)
        }
        None => None,
    };
    let (draft, details) = (Arc::new(draft), Arc::new(details));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (draft, details) = (Arc::clone(&draft), Arc::clone(&details));
            Box::pin(async move {
                let present = match (draft.as_ref(), user_id) {
                    (Some(_), _) => None,
                    (None, Some(id)) => {
                        Some(users::seen(scope, user::find_shared(conn, id).await?)?)
                    }
                    (None, None) => return Err(Violation::named("userId", Rule::Missing).into()),
                };
                let tenant = present.as_ref().map(|user| user.tenant_id);
                if present.is_none() {
                    hold_tenant_of(conn, application_id).await?;
                }
                let application = applied_for(conn, scope, tenant, application_id).await?;
                let mut changes = Vec::new();
                let user = match (draft.as_ref(), present) {
                    (Some(draft), _) => {
                        let kept = draft.keep(conn, application.tenant_id).await;
                        let user = kept.map_err(|error| error.under("user"))?;
                        let made = Happening::Created(Noun::User);
                        changes.push(users::change(made, None, Some(&user)));
                        user
                    }
                    (None, Some(user)) => user,
                    (None, None) => return Err(Error::not_found(Noun::User)),
                };
                let registration = register(conn, id, &user, &application, &details, now).await?;
                let made = Happening::Created(Noun::Registration);
                changes.push(change(made, user.tenant_id, None, Some(&registration)));
                let account = users::account(conn, user).await?;
                Ok(Done::many(Registered { registration, account }, changes))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// Holds an application's tenant against deletion. Whoever deletes a tenant holds it before what is in
/// it, so whoever is to hold both does the same: each would else wait for the other.
async fn hold_tenant_of(conn: &mut Conn, id: Option<ApplicationId>) -> Result<(), Error> {
    let Some(id) = id else { return Ok(()) };
    if let Some(application) = application::find(conn, id).await? {
        // One that has gone meanwhile took the application along.
        tenant::share(conn, &[application.tenant_id]).await?;
    }
    Ok(())
}

/// The application named, held against deletion, when the caller may know of it and it is in the
/// user's tenant.
async fn applied_for(
    conn: &mut Conn,
    scope: TenantScope,
    tenant: Option<TenantId>,
    id: Option<ApplicationId>,
) -> Result<Application, Error> {
    let refuse = |rule| Error::from(Violation::named(APPLICATION, rule));
    let id = id.ok_or_else(|| refuse(Rule::Missing))?;
    let fits = |application: &Application| {
        let its = application.tenant_id;
        scope.sees(its) && tenant.is_none_or(|tenant| tenant == its)
    };
    application::find_shared(conn, id).await?.filter(fits).ok_or_else(|| refuse(Rule::Invalid))
}

async fn register(
    conn: &mut Conn,
    id: RegistrationId,
    user: &User,
    application: &Application,
    details: &RegistrationDetails,
    now: Instant,
) -> Result<Registration, Error> {
    if registration::find(conn, user.id, application.id).await?.is_some() {
        return Err(Violation::named("registration", Rule::Duplicate).into());
    }
    details.check(application)?;
    let mut details = details.clone();
    details.or_default_roles(application);
    let registration = Registration {
        id,
        user_id: user.id,
        application_id: application.id,
        details,
        created_at: now,
        updated_at: now,
        last_login_at: None,
    };
    registration::insert(conn, &registration).await?;
    Ok(registration)
}

/// A registration.
pub async fn find(
    ctx: &Context,
    scope: TenantScope,
    user: UserId,
    application: ApplicationId,
) -> Result<Registration, Error> {
    let mut conn = ctx.db.reader();
    users::seen(scope, user::find(&mut conn, user).await?)?;
    let found = registration::find(&mut conn, user, application).await?;
    found.ok_or(Error::not_found(Noun::Registration))
}

/// Changes a registration: `revise` makes what is now said of it out of what was.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    (user, application): (UserId, Option<ApplicationId>),
    revise: impl Fn(&Registration) -> Result<RegistrationDetails, Error> + Send + Sync + 'static,
    render: impl Render<Registration>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    let revise = Arc::new(revise);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let revise = Arc::clone(&revise);
            Box::pin(async move {
                let owner = users::seen(scope, user::find_shared(conn, user).await?)?;
                let application =
                    applied_for(conn, scope, Some(owner.tenant_id), application).await?;
                let before = registration::find_locked(conn, user, application.id).await?;
                let before = before.ok_or(Error::not_found(Noun::Registration))?;
                let details = revise(&before)?;
                details.check(&application)?;
                let after = Registration { details, updated_at: now, ..before.clone() };
                registration::update(conn, &after).await?;
                let updated = Happening::Updated(Noun::Registration);
                let change = change(updated, owner.tenant_id, Some(&before), Some(&after));
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
}

/// Removes a registration.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    user: UserId,
    application: ApplicationId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let scope = caller.scope;
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let owner = users::seen(scope, user::find_shared(conn, user).await?)?;
                let before = registration::find_locked(conn, user, application).await?;
                let before = before.ok_or(Error::not_found(Noun::Registration))?;
                registration::delete(conn, user, application).await?;
                let deleted = Happening::Deleted(Noun::Registration);
                Ok(Done::one((), change(deleted, owner.tenant_id, Some(&before), None)))
            })
        },
        render,
    )
    .await
}

fn change(
    happening: Happening,
    tenant: TenantId,
    before: Option<&Registration>,
    after: Option<&Registration>,
) -> Change {
    Change {
        happening,
        subject: after.or(before).map(|it| it.id.uuid()).unwrap_or_default(),
        tenant: Some(tenant),
        before: before.map(snapshot::registration),
        after: after.map(snapshot::registration),
        event: None,
        event_id: None,
    }
}
