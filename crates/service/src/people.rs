//! Users as organisations see them (`waldur.md` §10.2).

use std::sync::Arc;

use docket_domain::access::{Principal, Viewer};
use docket_domain::directory::affiliation::{PeopleSearch, PersonDetails};
use docket_domain::directory::grant::NamedGrant;
use docket_domain::directory::scope::{Place, Scope};
use docket_domain::directory::user::Submission;
use docket_domain::directory::{Person, User};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{TenantId, UserId};
use docket_domain::mail::Secret;
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use docket_domain::violation::Violations;
use docket_store::{Conn, affiliation, grant, project, team, user};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::users::{self, Draft};
use crate::{snapshot, tenants, user_tokens, viewers};

mod password;

pub use password::{NewPassword, PasswordRefusal, change_password};

/// The caller, as the caller may see it.
#[derive(Debug, Clone)]
pub struct Me {
    /// Who.
    pub person: Person,
    /// The own token.
    pub token: Option<Secret>,
    /// The roles that are held.
    pub grants: Vec<NamedGrant>,
    /// When this was looked up.
    pub at: Instant,
}

/// The caller.
pub async fn me(ctx: &Context, caller: &Caller) -> Result<Me, Error> {
    let Principal::User(user) = &caller.principal else { return Err(Refusal::Forbidden.into()) };
    let at = ctx.now();
    let conn = &mut ctx.db.reader();
    let person = affiliation::person(conn, user.id).await?.ok_or(Refusal::Forbidden)?;
    let grants = grant::list_of(conn, user.id, at).await?;
    let token = user_tokens::own(ctx, user.id).await?;
    Ok(Me { person, token, grants, at })
}

/// The users that the caller sees. Who is within a scope that the caller does not see is not told.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    search: &PeopleSearch,
    paging: &Paging,
) -> Result<Page<Person>, Error> {
    let (now, conn) = (ctx.now(), &mut ctx.db.reader());
    let viewer = viewers::of(conn, caller, now).await?;
    if let Some(scope) = search.within {
        let place = match scope {
            Scope::Customer(id) => Some(Place::customer(id)),
            Scope::Project(id) => project::find(conn, id).await?.map(|project| project.place()),
        };
        if !place.is_some_and(|place| viewer.seen_scopes().sees(place)) {
            return Ok(Page { items: Vec::new(), total: 0 });
        }
    }
    Ok(team::people(conn, &viewer.seen_people(), search, paging, now).await?)
}

/// A user that the caller sees.
pub async fn find(ctx: &Context, caller: &Caller, id: UserId) -> Result<Person, Error> {
    let (now, conn) = (ctx.now(), &mut ctx.db.reader());
    let viewer = viewers::of(conn, caller, now).await?;
    let found = affiliation::person(conn, id).await?;
    seen(conn, &viewer, found, now).await
}

/// The user, when there is one and the viewer sees them.
async fn seen(
    conn: &mut Conn,
    viewer: &Viewer,
    found: Option<Person>,
    now: Instant,
) -> Result<Person, Error> {
    let person = found.ok_or(Error::not_found(Noun::User))?;
    let User { id, active, details, .. } = &person.user;
    let grants = grant::list_of(conn, *id, now).await?;
    let holds: Vec<_> =
        grants.iter().map(|named| (named.grant.scope, named.grant.customer_id)).collect();
    let active = *active && !details.expiry.is_past(now);
    let sees = viewer.seen_people().sees(*id, active, &holds);
    if sees { Ok(person) } else { Err(Error::not_found(Noun::User)) }
}

/// Makes a user without a password, in the tenant of whoever makes it.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    said: PersonDetails,
    render: impl Render<Person>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let Principal::User(maker) = &caller.principal else { return Err(Refusal::Forbidden.into()) };
    let tenant = maker.tenant_id;
    let submission = Submission { details: said.details.clone(), password: None };
    let draft = Draft::make(ctx, now, None, submission, true).await?;
    let draft = if said.staff { draft.of_staff() } else { draft };
    let unit = Arc::new((draft, said, caller.clone()));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let unit = Arc::clone(&unit);
            Box::pin(async move {
                let (draft, said, caller) = &*unit;
                viewers::staff(conn, caller, now).await?;
                let person = make(conn, draft, said, tenant, now).await?;
                let change = change(Happening::Created(Noun::User), None, &person);
                Ok(Done::one(person, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(users::UNIQUE))
}

async fn make(
    conn: &mut Conn,
    draft: &Draft,
    said: &PersonDetails,
    tenant: TenantId,
    now: Instant,
) -> Result<Person, Error> {
    tenants::share(conn, tenant).await?;
    let user = draft.keep(conn, tenant).await?;
    if !said.active {
        user::set_active(conn, &[user.id], false, now).await?;
    }
    let user = User { active: said.active, ..user };
    affiliation::keep(conn, user.id, &said.affiliation).await?;
    Ok(Person { user, affiliation: said.affiliation.clone() })
}

/// Changes a user. Users change what is theirs to say; staff changes all. `revise` is told whether it
/// is staff who asks.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: UserId,
    revise: impl Fn(&PersonDetails, bool) -> PersonDetails + Send + Sync + 'static,
    render: impl Render<Person>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let unit = Arc::new((revise, caller.clone()));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let unit = Arc::clone(&unit);
            Box::pin(async move {
                let (revise, caller) = &*unit;
                let viewer = viewers::of(conn, caller, now).await?;
                let Some(user) = user::find_locked(conn, id).await? else {
                    return Err(Error::not_found(Noun::User));
                };
                let affiliation = affiliation::find(conn, id).await?;
                let found = Some(Person { user, affiliation });
                let before = seen(conn, &viewer, found, now).await?;
                if !viewer.active || !(viewer.staff || viewer.id == id) {
                    return Err(Refusal::Forbidden.into());
                }
                let said = revise(&PersonDetails::from(&before), viewer.staff);
                if said == PersonDetails::from(&before) {
                    return Ok(Done::unchanged(before));
                }
                let after = rewrite(conn, &before, said, now).await?;
                let change = change(Happening::Updated(Noun::User), Some(&before), &after);
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(users::UNIQUE))
}

/// Keeps what is now said of a user.
async fn rewrite(
    conn: &mut Conn,
    before: &Person,
    said: PersonDetails,
    now: Instant,
) -> Result<Person, Error> {
    let PersonDetails { details, affiliation, staff, active } = said;
    details.check()?;
    let user = User { details, staff, active, updated_at: now, ..before.user.clone() };
    users::check_unique(conn, &user, Violations::new()).await?;
    user::update(conn, &before.user, &user).await?;
    if staff != before.user.staff {
        user::set_staff(conn, user.id, staff).await?;
    }
    if active != before.user.active {
        user::set_active(conn, &[user.id], active, now).await?;
    }
    if affiliation != before.affiliation {
        affiliation::keep(conn, user.id, &affiliation).await?;
    }
    Ok(Person { user, affiliation })
}

/// One change of a user, with what they are to organisations.
fn change(happening: Happening, before: Option<&Person>, after: &Person) -> Change {
    let happening = match before {
        Some(before) if before.user.active && !after.user.active => {
            Happening::Deactivated(Noun::User)
        }
        Some(before) if !before.user.active && after.user.active => {
            Happening::Reactivated(Noun::User)
        }
        _ => happening,
    };
    Change {
        happening,
        subject: after.user.id.uuid(),
        tenant: Some(after.user.tenant_id),
        before: before.map(snapshot::person),
        after: Some(snapshot::person(after)),
        event: None,
        event_id: None,
    }
}
