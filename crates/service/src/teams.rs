//! Teams: who holds which role on a customer or a project, and how that is changed by hand
//! (`waldur.md` §10.4).

use std::sync::Arc;

use docket_domain::access::{TeamChange, TeamError, Viewer};
use docket_domain::directory::grant::{Grant, GrantError, NamedGrant, TeamMember, TeamSearch};
use docket_domain::directory::{Role, Scope, User};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{GrantId, RoleId, UserId};
use docket_domain::page::{Page, Paging};
use docket_domain::permission::Named;
use docket_domain::time::{Expiry, Instant};
use docket_store::{Conn, grant, role, team, user};

use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::grants::{self, Giving, Terms, noun};
use crate::viewers;

/// Why a team is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamRefusal {
    /// What is named is not there, or has passed.
    Members(BadMembers),
    /// There is no such customer, or the caller does not see it.
    CustomerUnseen,
    /// The customer is blocked or archived.
    CustomerUnavailable,
    /// Nobody manages the own role on a project.
    OwnRole,
    /// The project was removed.
    ProjectRemoved,
    /// The account is closed.
    UserClosed,
    /// The role cannot be given.
    Grant(GrantError),
    /// The user does not hold the role there.
    NotHeld,
}

/// What is wrong with what a request names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BadMembers {
    /// There is no such role.
    pub role: bool,
    /// There is no such user.
    pub user: bool,
    /// The end is over already.
    pub end: bool,
}

impl From<TeamRefusal> for Error {
    fn from(refusal: TeamRefusal) -> Self {
        Self::Refused(Refusal::Team(refusal))
    }
}

/// How a request names a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleRef {
    /// By its id.
    Id(RoleId),
    /// By its name.
    Name(String),
}

/// A role of a user on a scope that is to be given, moved or taken back.
#[derive(Debug, Clone)]
pub struct Membership {
    /// Where.
    pub scope: Scope,
    /// Whose.
    pub user: UserId,
    /// Which.
    pub role: RoleRef,
    /// Until when.
    pub expiry: Expiry,
}

/// Who holds a role on a scope that the caller sees. Roles may be named by their ids, too.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    scope: Scope,
    mut search: TeamSearch,
    roles: Vec<RoleRef>,
    paging: &Paging,
) -> Result<Page<TeamMember>, Error> {
    let (now, conn) = (ctx.now(), &mut ctx.db.reader());
    let viewer = viewers::of(conn, caller, now).await?;
    seen(&viewer, Terms::find(conn, scope).await?, scope)?;
    let asks_for_roles = !roles.is_empty();
    for named in roles {
        match named {
            RoleRef::Name(name) => search.roles.push(name),
            RoleRef::Id(id) => {
                search.roles.extend(role::find(conn, id).await?.map(|role| role.details.name));
            }
        }
    }
    if asks_for_roles && search.roles.is_empty() {
        return Ok(Page { items: Vec::new(), total: 0 });
    }
    Ok(team::list(conn, scope, &search, paging, now).await?)
}

fn seen(viewer: &Viewer, terms: Option<Terms>, scope: Scope) -> Result<Terms, Error> {
    let seen = terms.filter(|terms| viewer.seen_scopes().sees(terms.place()));
    seen.ok_or(Error::not_found(noun(scope)))
}

/// Gives a role.
pub async fn give(
    ctx: &Context,
    caller: &Caller,
    membership: Membership,
    render: impl Render<Expiry>,
) -> Result<Answer, Error> {
    change(ctx, caller, membership, TeamChange::Give, render).await
}

/// Moves the end of a role.
pub async fn move_end(
    ctx: &Context,
    caller: &Caller,
    membership: Membership,
    render: impl Render<Expiry>,
) -> Result<Answer, Error> {
    change(ctx, caller, membership, TeamChange::Move, render).await
}

/// Takes a role back; that it is not held is no mistake.
pub async fn take_back(
    ctx: &Context,
    caller: &Caller,
    membership: Membership,
    render: impl Render<Expiry>,
) -> Result<Answer, Error> {
    change(ctx, caller, membership, TeamChange::TakeBack, render).await
}

async fn change(
    ctx: &Context,
    caller: &Caller,
    membership: Membership,
    what: TeamChange,
    render: impl Render<Expiry>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let id = ctx.id(now, GrantId::from_uuid);
    let unit = Arc::new((membership, caller.clone(), ctx.clone()));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let unit = Arc::clone(&unit);
            Box::pin(async move {
                let (membership, caller, ctx) = &*unit;
                let viewer = viewers::of(conn, caller, now).await?;
                let (role, user) = check(conn, &viewer, membership, what, now).await?;
                match what {
                    TeamChange::Give => {
                        give_in(conn, ctx, now, id, &viewer, membership, &role).await
                    }
                    TeamChange::Move => move_in(conn, now, membership, &role, &user).await,
                    TeamChange::TakeBack => take_in(conn, now, membership, &role, &user).await,
                }
            })
        },
        render,
    )
    .await
}

/// Finds what is named and asks whether the viewer may change it, in the order of the contract.
async fn check(
    conn: &mut Conn,
    viewer: &Viewer,
    membership: &Membership,
    what: TeamChange,
    now: Instant,
) -> Result<(Role, User), Error> {
    let scope = membership.scope;
    let terms = seen(viewer, Terms::share(conn, scope, None).await?, scope)?;
    let role = match &membership.role {
        RoleRef::Id(id) => role::find(conn, *id).await?,
        RoleRef::Name(name) => role::find_named(conn, name).await?,
    };
    let user = user::find_locked(conn, membership.user).await?;
    let ends = what != TeamChange::TakeBack && membership.expiry.is_past(now);
    let (Some(role), Some(user), false) = (&role, &user, ends) else {
        let bad = BadMembers { role: role.is_none(), user: user.is_none(), end: ends };
        return Err(TeamRefusal::Members(bad).into());
    };
    if !terms.customer.details.is_available() {
        return Err(TeamRefusal::CustomerUnavailable.into());
    }
    let place = terms.place();
    match viewer.may_change_team(place, what, user.id) {
        Ok(()) => {}
        Err(TeamError::Forbidden) => return Err(Refusal::Forbidden.into()),
        Err(TeamError::OwnRole) => return Err(TeamRefusal::OwnRole.into()),
    }
    if place.removed {
        return Err(TeamRefusal::ProjectRemoved.into());
    }
    let closed = !user.active || user.details.expiry.is_past(now);
    if closed && !viewer.staff {
        return Err(TeamRefusal::UserClosed.into());
    }
    Ok((role.clone(), user.clone()))
}

async fn give_in(
    conn: &mut Conn,
    ctx: &Context,
    now: Instant,
    id: GrantId,
    viewer: &Viewer,
    membership: &Membership,
    role: &Role,
) -> Result<Done<Expiry>, Error> {
    let by = user::find(conn, viewer.id).await?;
    let Membership { scope, user, expiry, .. } = *membership;
    let by = by.as_ref().map(Named::from);
    let giving = Giving { id, by, user, role: role.id, scope, expiry, held: None };
    let given = grants::grant(conn, &ctx.settings.access, now, giving).await;
    let given = given.map_err(|error| match error {
        Error::Refused(Refusal::Grant(why)) => TeamRefusal::Grant(why).into(),
        other => other,
    })?;
    Ok(Done::many(expiry, given.changes))
}

async fn move_in(
    conn: &mut Conn,
    now: Instant,
    membership: &Membership,
    role: &Role,
    user: &User,
) -> Result<Done<Expiry>, Error> {
    let held = grant::find_locked(conn, user.id, membership.scope, role.id).await?;
    let before = held.filter(|held| !held.grant.expiry.is_past(now)).ok_or(TeamRefusal::NotHeld)?;
    let expiry = membership.expiry;
    if before.grant.expiry == expiry {
        return Ok(Done::unchanged(expiry));
    }
    grant::move_end(conn, before.grant.id, expiry).await?;
    let after = NamedGrant { grant: Grant { expiry, ..before.grant.clone() }, ..before.clone() };
    let happening = Happening::Updated(Noun::Grant);
    let change = grants::change(happening, user, Some(&before), Some(&after));
    Ok(Done::one(expiry, change))
}

async fn take_in(
    conn: &mut Conn,
    now: Instant,
    membership: &Membership,
    role: &Role,
    user: &User,
) -> Result<Done<Expiry>, Error> {
    let held = grant::find_locked(conn, user.id, membership.scope, role.id).await?;
    let held: Vec<NamedGrant> = held.into_iter().collect();
    Ok(Done::many(Expiry::Never, grants::take_back(conn, now, &held).await?))
}
