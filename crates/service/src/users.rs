//! Users: made, found, changed, closed, opened again, deleted (`fusionauth.md` §4.1).

use std::borrow::Cow;
use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::directory::user::{LoginIdKind, Submission};
use docket_domain::directory::{Account, User};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{ApplicationId, EventId, TenantId, UserId};
use docket_domain::violation::{Field, Rule, Violation, Violations};
use docket_store::{Conn, application, registration, user};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::{lockout, snapshot, tenants};

mod bulk;
mod draft;
mod search;

pub use bulk::{Bulk, Removed, remove};
pub(crate) use draft::Draft;
pub use search::{Search, search};

/// The unique indexes, for two callers who choose one address at the same instant.
pub(crate) const UNIQUE: &[(&str, Field)] = &[
    ("users_email", Field::Body(Cow::Borrowed("email"))),
    ("users_username", Field::Body(Cow::Borrowed("username"))),
    ("users_pkey", Field::Body(Cow::Borrowed("id"))),
];

/// A user to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// The id, when the caller chose one.
    pub id: Option<UserId>,
    /// What is said of the user.
    pub submission: Submission,
    /// Whether the user will choose a password later, so that none has to be given.
    pub chooses_password: bool,
    /// An application of the tenant in which the user is to be.
    pub application_id: Option<ApplicationId>,
}

/// Makes a user.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    new: New,
    render: impl Render<Account>,
) -> Result<Answer, Error> {
    make(ctx, caller, new, false, render).await
}

/// Makes a user who runs this server; a right that is given outside the API alone.
pub async fn create_staff(
    ctx: &Context,
    caller: &Caller,
    new: New,
    render: impl Render<Account>,
) -> Result<Answer, Error> {
    make(ctx, caller, new, true, render).await
}

async fn make(
    ctx: &Context,
    caller: &Caller,
    new: New,
    staff: bool,
    render: impl Render<Account>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let (scope, application_id) = (caller.scope, new.application_id);
    let draft = Draft::make(ctx, now, new.id, new.submission, new.chooses_password).await?;
    let draft = Arc::new(if staff { draft.of_staff() } else { draft });
    ctx.commit(
        caller,
        now,
        move |conn| {
            let draft = Arc::clone(&draft);
            Box::pin(async move {
                let tenant = match application_id {
                    Some(id) => tenant_of_application(conn, scope, id).await?,
                    None => tenants::for_new_object(conn, scope).await?,
                };
                let user = draft.keep(conn, tenant).await?;
                let change = change(Happening::Created(Noun::User), None, Some(&user));
                Ok(Done::one(Account { user, registrations: Vec::new() }, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

async fn tenant_of_application(
    conn: &mut Conn,
    scope: TenantScope,
    id: ApplicationId,
) -> Result<TenantId, Error> {
    let found = application::find(conn, id).await?;
    let seen = found.filter(|application| scope.sees(application.tenant_id));
    let invalid = || Error::from(Violation::named("applicationId", Rule::Invalid));
    let tenant = seen.map(|application| application.tenant_id).ok_or_else(invalid)?;
    tenants::share(conn, tenant).await?;
    Ok(tenant)
}

/// A user with the registrations.
pub async fn find(ctx: &Context, scope: TenantScope, id: UserId) -> Result<Account, Error> {
    let mut conn = ctx.db.reader();
    let user = seen(scope, user::find(&mut conn, id).await?)?;
    account(&mut conn, user).await
}

/// The user who logs in with this text, taken as one of `kinds`. Where there are several tenants
/// and none is named, nobody can tell who is meant.
pub async fn find_by_login(
    ctx: &Context,
    scope: TenantScope,
    login_id: &str,
    kinds: &[LoginIdKind],
) -> Result<Account, Error> {
    let mut conn = ctx.db.reader();
    let tenant = tenants::meant(&mut conn, scope).await?;
    let found = user::find_by_login(&mut conn, Some(tenant), login_id, kinds).await?;
    let kept = found.into_iter().next().ok_or(Error::not_found(Noun::User))?;
    account(&mut conn, kept.user).await
}

/// Changes a user: `revise` makes what is now said of the user out of what was. It is asked twice:
/// once for a password, whose hash takes too long for a unit of work, and once inside it.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: UserId,
    revise: impl Fn(&Account) -> Result<Submission, Error> + Send + Sync + 'static,
    render: impl Render<Account>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    let asked = revise(&find(ctx, scope, id).await?)?;
    asked.check()?;
    let hash: Option<Arc<str>> = draft::hash(asked.password).await?.map(Into::into);
    let event_id = ctx.id(now, EventId::from_uuid);
    let revise = Arc::new(revise);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (revise, hash) = (Arc::clone(&revise), hash.clone());
            Box::pin(async move {
                let before = seen(scope, user::find_locked(conn, id).await?)?;
                let account = account(conn, before).await?;
                let details = revise(&account)?.details;
                details.check()?;
                let Account { user: before, registrations } = account;
                let mut after = User { details, updated_at: now, ..before.clone() };
                if hash.is_some() {
                    after.password_updated_at = Some(now);
                }
                rewrite(conn, &before, &after).await?;
                let mut changes =
                    vec![change(Happening::Updated(Noun::User), Some(&before), Some(&after))];
                if let Some(hash) = &hash {
                    user::set_password(conn, id, hash, now).await?;
                    changes.extend(lockout::password_was_reset(conn, event_id, now, &after).await?);
                }
                Ok(Done::many(Account { user: after, registrations }, changes))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// Keeps a changed user.
async fn rewrite(conn: &mut Conn, before: &User, after: &User) -> Result<(), Error> {
    check_unique(conn, after, Violations::new()).await?;
    Ok(user::update(conn, before, after).await?)
}

/// Closes an account.
pub async fn deactivate(
    ctx: &Context,
    caller: &Caller,
    id: UserId,
    render: impl Render<Account>,
) -> Result<Answer, Error> {
    set_active(ctx, caller, id, false, render).await
}

/// Opens an account again.
pub async fn reactivate(
    ctx: &Context,
    caller: &Caller,
    id: UserId,
    render: impl Render<Account>,
) -> Result<Answer, Error> {
    set_active(ctx, caller, id, true, render).await
}

async fn set_active(
    ctx: &Context,
    caller: &Caller,
    id: UserId,
    active: bool,
    render: impl Render<Account>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    ctx.commit(
        caller,
        now,
        move |conn| {
            Box::pin(async move {
                let before = seen(scope, user::find_locked(conn, id).await?)?;
                let mut account = account(conn, before.clone()).await?;
                if before.active == active {
                    return Ok(Done::unchanged(account));
                }
                user::set_active(conn, &[id], active, now).await?;
                account.user = User { active, updated_at: now, ..before.clone() };
                let change = activity(&before, &account.user);
                Ok(Done::one(account, change))
            })
        },
        render,
    )
    .await
}

/// Deletes a user and all that is about the user for good.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: UserId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let scope = caller.scope;
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let before = seen(scope, user::find_locked(conn, id).await?)?;
                user::delete(conn, &[id]).await?;
                Ok(Done::one((), change(Happening::Deleted(Noun::User), Some(&before), None)))
            })
        },
        render,
    )
    .await
}

/// The user, when there is one and the caller may know of it.
pub(crate) fn seen(scope: TenantScope, found: Option<User>) -> Result<User, Error> {
    found.filter(|user| scope.sees(user.tenant_id)).ok_or(Error::not_found(Noun::User))
}

/// The user with the registrations.
pub(crate) async fn account(conn: &mut Conn, user: User) -> Result<Account, Error> {
    let registrations = registration::list_of(conn, &[user.id]).await?;
    Ok(Account { user, registrations })
}

/// Checks that nobody else in the tenant has the user's address or name.
pub(crate) async fn check_unique(
    conn: &mut Conn,
    user: &User,
    mut violations: Violations,
) -> Result<(), Error> {
    let (email, username) = user::taken(conn, user).await?;
    if email {
        violations.push(Violation::body("email", Rule::Duplicate));
    }
    if username {
        violations.push(Violation::body("username", Rule::Duplicate));
    }
    Ok(violations.into_result()?)
}

/// An account that was opened or closed.
fn activity(before: &User, after: &User) -> Change {
    let happening = if after.active {
        Happening::Reactivated(Noun::User)
    } else {
        Happening::Deactivated(Noun::User)
    };
    change(happening, Some(before), Some(after))
}

pub(crate) fn change(happening: Happening, before: Option<&User>, after: Option<&User>) -> Change {
    let user = after.or(before);
    Change {
        happening,
        subject: user.map(|user| user.id.uuid()).unwrap_or_default(),
        tenant: user.map(|user| user.tenant_id),
        before: before.map(snapshot::user),
        after: after.map(snapshot::user),
        event: None,
        event_id: None,
    }
}
