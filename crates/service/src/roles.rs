//! Roles: listed, made, changed, switched on and off (`waldur.md` §10.3). They are few, and staff
//! alone changes them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use docket_domain::directory::role::{self as rules, Role, RoleDetails, RoleSearch};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::RoleId;
use docket_domain::page::{Page, Paging};
use docket_domain::violation::{Field, Rule, Violation};
use docket_store::{Conn, role};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::{snapshot, viewers};

/// The unique index, for two callers who choose one name at the same instant.
const UNIQUE: &[(&str, Field)] = &[("role_name", Field::Body(Cow::Borrowed("name")))];

/// Roles, and how many users hold each, for those who may know.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The roles.
    pub page: Page<Role>,
    /// How many hold them; nobody else than staff and support is told.
    pub holders: Option<BTreeMap<RoleId, i64>>,
}

/// Makes the roles that come with the server, where they are not there.
pub async fn seed(ctx: &Context) -> Result<(), Error> {
    let now = ctx.now();
    let mut missing = Vec::new();
    for details in rules::system_roles() {
        if role::find_named(&mut ctx.db.reader(), &details.name).await?.is_none() {
            let id = ctx.id(now, RoleId::from_uuid);
            let (created_at, updated_at) = (now, now);
            missing.push(Role { id, details, active: true, system: true, created_at, updated_at });
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let missing = Arc::new(missing);
    ctx.db
        .write(move |conn| {
            let missing = Arc::clone(&missing);
            Box::pin(async move {
                for new in &*missing {
                    role::seed(conn, new).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Roles, for whoever is logged in.
pub async fn list(
    ctx: &Context,
    caller: &Caller,
    search: &RoleSearch,
    paging: &Paging,
) -> Result<Listed, Error> {
    let (now, conn) = (ctx.now(), &mut ctx.db.reader());
    let viewer = viewers::of(conn, caller, now).await?;
    let page = role::list(conn, search, paging).await?;
    let holders = if viewer.sees_all() {
        let ids: Vec<RoleId> = page.items.iter().map(|role| role.id).collect();
        Some(role::count_holders(conn, &ids, now).await?)
    } else {
        None
    };
    Ok(Listed { page, holders })
}

/// A role, and how many users hold it, for those who may know.
pub async fn find(
    ctx: &Context,
    caller: &Caller,
    id: RoleId,
) -> Result<(Role, Option<i64>), Error> {
    let (now, conn) = (ctx.now(), &mut ctx.db.reader());
    let viewer = viewers::of(conn, caller, now).await?;
    let found = role::find(conn, id).await?.ok_or(Error::not_found(Noun::Role))?;
    let holders = if viewer.sees_all() {
        Some(role::count_holders(conn, &[id], now).await?.get(&id).copied().unwrap_or_default())
    } else {
        None
    };
    Ok((found, holders))
}

/// Makes a role.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    details: RoleDetails,
    render: impl Render<Role>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let new = Arc::new(Role {
        id: ctx.id(now, RoleId::from_uuid),
        details,
        active: true,
        system: false,
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
                viewers::staff(conn, &caller, now).await?;
                check_name(conn, &new).await?;
                role::insert(conn, &new).await?;
                let change = change(Happening::Created(Noun::Role), None, &new);
                Ok(Done::one(Role::clone(&new), change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// Changes a role. The name of one that came with the server stays, and so does what a role is held
/// on while it is.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: RoleId,
    revise: impl Fn(&RoleDetails) -> RoleDetails + Send + Sync + 'static,
    render: impl Render<Role>,
) -> Result<Answer, Error> {
    let revise = move |before: &Role| Role { details: revise(&before.details), ..before.clone() };
    rewrite(ctx, caller, id, revise, render).await.map_err(|error| error.duplicate_of(UNIQUE))
}

/// Switches a role on or off. Who holds one that is off keeps it; nobody else is given it.
pub async fn set_active(
    ctx: &Context,
    caller: &Caller,
    id: RoleId,
    active: bool,
    render: impl Render<Role>,
) -> Result<Answer, Error> {
    let revise = move |before: &Role| Role { active, ..before.clone() };
    rewrite(ctx, caller, id, revise, render).await
}

async fn rewrite(
    ctx: &Context,
    caller: &Caller,
    id: RoleId,
    revise: impl Fn(&Role) -> Role + Send + Sync + 'static,
    render: impl Render<Role>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let (revise, kept_caller) = (Arc::new(revise), caller.clone());
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (revise, caller) = (Arc::clone(&revise), kept_caller.clone());
            Box::pin(async move {
                viewers::staff(conn, &caller, now).await?;
                let before = role::find_locked(conn, id).await?;
                let before = before.ok_or(Error::not_found(Noun::Role))?;
                let after = Role { updated_at: now, ..revise(&before) };
                if after.details == before.details && after.active == before.active {
                    return Ok(Done::unchanged(before));
                }
                check_change(conn, &before, &after).await?;
                role::update(conn, &after).await?;
                let happening = match (before.active, after.active) {
                    (true, false) => Happening::Deactivated(Noun::Role),
                    (false, true) => Happening::Reactivated(Noun::Role),
                    _ => Happening::Updated(Noun::Role),
                };
                let change = change(happening, Some(&before), &after);
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
}

async fn check_change(conn: &mut Conn, before: &Role, after: &Role) -> Result<(), Error> {
    if before.details.name != after.details.name {
        if before.system {
            return Err(Violation::body("name", Rule::Invalid).into());
        }
        check_name(conn, after).await?;
    }
    let moves = before.details.kind != after.details.kind;
    if moves && (before.system || role::is_held(conn, after.id).await?) {
        return Err(Violation::body("contentType", Rule::InUse).into());
    }
    Ok(())
}

async fn check_name(conn: &mut Conn, new: &Role) -> Result<(), Error> {
    let namesake = role::find_named(conn, &new.details.name).await?;
    if namesake.is_some_and(|namesake| namesake.id != new.id) {
        return Err(Violation::body("name", Rule::Duplicate).into());
    }
    Ok(())
}

fn change(happening: Happening, before: Option<&Role>, after: &Role) -> Change {
    Change {
        happening,
        subject: after.id.uuid(),
        tenant: None,
        before: before.map(snapshot::role),
        after: Some(snapshot::role(after)),
        event: None,
        event_id: None,
    }
}
