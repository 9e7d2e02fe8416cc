//! Tenants: made, read, changed, deleted (`fusionauth.md` §4.6).

use std::borrow::Cow;
use std::sync::Arc;

use docket_domain::access::TenantScope;
use docket_domain::directory::{Tenant, TenantDetails};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::TenantId;
use docket_domain::page::{Page, Paging};
use docket_domain::violation::{Field, Rule, Violation, Violations};
use docket_store::Conn;
use docket_store::tenant::{self, KeptTenant};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::vault::Vault;
use crate::{lockout, snapshot, webhooks};

pub use docket_store::tenant::ORDERS;

/// What the vault is told that it seals.
const PURPOSE: &str = "tenant.mail_password";

/// The unique indexes, for two callers who choose one name at the same instant.
const UNIQUE: &[(&str, Field)] =
    &[("tenant_name", Field::Body(Cow::Borrowed("name"))), ("tenant_pkey", Field::Id)];

/// Whether there is such a tenant.
pub async fn exists(ctx: &Context, id: TenantId) -> Result<bool, Error> {
    Ok(tenant::exists(&mut ctx.db.reader(), id).await?)
}

/// The tenant in which a name that is unique within a tenant is looked up, when nothing else says
/// which: the scope's, else the only one there is (`fusionauth.md` §0.6).
pub(crate) async fn meant(conn: &mut Conn, scope: TenantScope) -> Result<TenantId, Error> {
    if let Some(tenant) = scope.one() {
        return Ok(tenant);
    }
    let sole = tenant::sole(conn).await?;
    sole.ok_or_else(|| Violation::whole(Rule::TenantRequired).into())
}

/// The tenant that something new belongs to when nothing else says which, held against deletion.
pub(crate) async fn for_new_object(conn: &mut Conn, scope: TenantScope) -> Result<TenantId, Error> {
    let tenant = meant(conn, scope).await?;
    share(conn, tenant).await?;
    Ok(tenant)
}

/// Holds a tenant against deletion. One that goes at this instant can no longer be told from the
/// request.
pub(crate) async fn share(conn: &mut Conn, id: TenantId) -> Result<(), Error> {
    let there = !tenant::share(conn, &[id]).await?.is_empty();
    if there { Ok(()) } else { Err(Violation::whole(Rule::TenantRequired).into()) }
}

/// The password of a tenant's mail server; none when another master key sealed it.
pub(crate) fn mail_password(vault: &Vault, sealed: &[u8]) -> Option<String> {
    vault.open_text(PURPOSE, sealed).ok()
}

/// Makes a tenant. With a `source` everything but id and name is copied from that one.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    id: Option<TenantId>,
    details: TenantDetails,
    source: Option<TenantId>,
    render: impl Render<Tenant>,
) -> Result<Answer, Error> {
    details.check()?;
    let now = ctx.now();
    let id = id.unwrap_or_else(|| ctx.id(now, TenantId::from_uuid));
    let asked = Arc::new(Tenant { id, details, created_at: now, updated_at: now });
    let vault = Arc::clone(&ctx.vault);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (asked, vault) = (Arc::clone(&asked), Arc::clone(&vault));
            Box::pin(async move {
                let (new, sealed) = match source {
                    Some(source) => copied(conn, &asked, source).await?,
                    None => with_sealed_password((*asked).clone(), None, &vault),
                };
                let mut violations = Violations::new();
                if tenant::exists(conn, new.id).await? {
                    violations.push(Violation::id(Rule::Duplicate));
                }
                check(conn, &new, None, violations).await?;
                tenant::insert(conn, &new, sealed.as_deref()).await?;
                let change = change(Happening::Created(Noun::Tenant), None, Some(&new));
                Ok(Done::one(new, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// A tenant, if the caller may see it.
pub async fn find(ctx: &Context, caller: &Caller, id: TenantId) -> Result<Tenant, Error> {
    let kept = tenant::find(&mut ctx.db.reader(), id).await?;
    Ok(seen(kept, caller.scope)?.tenant)
}

/// Every tenant that the caller may see, by name.
pub async fn list(ctx: &Context, caller: &Caller) -> Result<Vec<Tenant>, Error> {
    let conn = &mut ctx.db.reader();
    let kept = match caller.scope {
        TenantScope::One(id) => tenant::find(conn, id).await?.into_iter().collect(),
        TenantScope::All => tenant::list(conn).await?,
    };
    Ok(kept.into_iter().map(|kept| kept.tenant).collect())
}

/// The tenants whose name matches.
pub async fn search(
    ctx: &Context,
    name: Option<&str>,
    paging: &Paging,
) -> Result<Page<Tenant>, Error> {
    let (kept, total) = tenant::search(&mut ctx.db.reader(), name, paging).await?;
    Ok(Page { items: kept.into_iter().map(|kept| kept.tenant).collect(), total })
}

/// Changes a tenant: `revise` makes the new details of the present ones. The password of the mail
/// server is never shown, so saying nothing of it keeps it; it goes with the name that it is for.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: TenantId,
    revise: impl Fn(&Tenant) -> Result<TenantDetails, Error> + Send + Sync + 'static,
    render: impl Render<Tenant>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let scope = caller.scope;
    let revise = Arc::new(revise);
    let vault = Arc::clone(&ctx.vault);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (revise, vault) = (Arc::clone(&revise), Arc::clone(&vault));
            Box::pin(async move {
                let kept = seen(tenant::find_locked(conn, id).await?, scope)?;
                let before = kept.tenant;
                let details = revise(&before)?;
                details.check()?;
                let after = Tenant { details, updated_at: now, ..before.clone() };
                let (after, sealed) =
                    with_sealed_password(after, kept.sealed_mail_password, &vault);
                check(conn, &after, Some(&before), Violations::new()).await?;
                tenant::update(conn, &after, sealed.as_deref()).await?;
                let change = change(Happening::Updated(Noun::Tenant), Some(&before), Some(&after));
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// Deletes a tenant for good, with its users, applications, registrations, actions and keys; no
/// webhook names it any more. The last one stays: nothing could be made without it.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: TenantId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let (now, scope) = (ctx.now(), caller.scope);
    let vault = Arc::clone(&ctx.vault);
    let deleted = ctx
        .commit(
            caller,
            now,
            move |conn| {
                let vault = Arc::clone(&vault);
                Box::pin(async move {
                    let before = seen(tenant::find_locked(conn, id).await?, scope)?.tenant;
                    if tenant::is_last(conn, id).await? {
                        return Err(Violation::id(Rule::InUse).into());
                    }
                    let mut changes = webhooks::forget_tenant(conn, &vault, id, now).await?;
                    tenant::delete(conn, id).await?;
                    changes.push(change(Happening::Deleted(Noun::Tenant), Some(&before), None));
                    Ok(Done::many((), changes))
                })
            },
            render,
        )
        .await?;
    ctx.keys.clear();
    Ok(deleted)
}

fn seen(kept: Option<KeptTenant>, scope: TenantScope) -> Result<KeptTenant, Error> {
    kept.filter(|kept| scope.sees(kept.tenant.id)).ok_or(Error::not_found(Noun::Tenant))
}

/// What was asked for, with everything but id and name from another tenant.
async fn copied(
    conn: &mut Conn,
    asked: &Tenant,
    source: TenantId,
) -> Result<(Tenant, Option<Vec<u8>>), Error> {
    let unknown = || Error::from(Violation::named("sourceTenantId", Rule::Invalid));
    let source = tenant::find(conn, source).await?.ok_or_else(unknown)?;
    let details = TenantDetails { name: asked.details.name.clone(), ..source.tenant.details };
    Ok((Tenant { details, ..asked.clone() }, source.sealed_mail_password))
}

/// The tenant without the password of its mail server, and the password sealed: the new one, or
/// the one `kept` where none is given.
fn with_sealed_password(
    mut tenant: Tenant,
    kept: Option<Vec<u8>>,
    vault: &Vault,
) -> (Tenant, Option<Vec<u8>>) {
    let mail = &mut tenant.details.mail;
    let sealed = match mail.password.take() {
        _ if mail.username.is_none() => None,
        None => kept,
        Some(password) if password.reveal().is_empty() => None,
        Some(password) => Some(vault.seal(PURPOSE, password.reveal().as_bytes())),
    };
    (tenant, sealed)
}

async fn check(
    conn: &mut Conn,
    tenant: &Tenant,
    before: Option<&Tenant>,
    mut violations: Violations,
) -> Result<(), Error> {
    if tenant::is_name_taken(conn, tenant.id, &tenant.details.name).await? {
        violations.push(Violation::body("name", Rule::Duplicate));
    }
    // A definition that was good when it was named may have changed; that spoils no other change.
    let named = tenant.details.lockout.definition_id;
    if let Some(definition_id) = named
        && before.is_none_or(|before| before.details.lockout.definition_id != named)
        && lockout::definition(conn, definition_id).await?.is_none()
    {
        let field = "failedAuthenticationConfiguration.userActionId";
        violations.push(Violation::body(field, Rule::Invalid));
    }
    violations.into_result().map_err(Error::from)
}

fn change(happening: Happening, before: Option<&Tenant>, after: Option<&Tenant>) -> Change {
    let id = after.or(before).map(|tenant| tenant.id);
    Change {
        happening,
        subject: id.map(TenantId::uuid).unwrap_or_default(),
        tenant: id,
        before: before.map(snapshot::tenant),
        after: after.map(snapshot::tenant),
        event: None,
        event_id: None,
    }
}
