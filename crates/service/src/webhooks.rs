//! Webhooks: made, read, changed, deleted (`fusionauth.md` §4.9). Headers and passwords are sealed
//! at rest and opened for callers who may see the webhook, as the original does. The secret that
//! signs what it is sent is shown when it is made, and never again.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_domain::access::webhook_tenant;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{TenantId, WebhookId};
use docket_domain::mail::Secret;
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use docket_domain::violation::{Field, Rule, Violation};
use docket_domain::webhook::{Webhook, WebhookDetails, WebhookSearch};
use docket_store::webhook::KeptWebhook;
use docket_store::{Conn, DbError, delivery, tenant, webhook};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::snapshot;
use crate::vault::Vault;
use crate::webhook_signing::{check_key, new_secret, seal_secret};

/// The unique indexes, for two callers who choose one id at the same instant.
const UNIQUE: &[(&str, Field)] = &[("webhook_pkey", Field::Id)];
/// What headers and passwords are sealed for.
const HEADERS: &str = "webhook.headers";
const PASSWORD: &str = "webhook.password";

/// A webhook with its first secret.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// The secret, shown this once.
    pub secret: Secret,
}

/// Makes a webhook. One that a key of one tenant makes hears of that tenant.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    id: Option<WebhookId>,
    details: WebhookDetails,
    render: impl Render<NewWebhook>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let within = webhook_tenant(&caller.principal);
    let id = id.unwrap_or_else(|| ctx.id(now, WebhookId::from_uuid));
    let details = confined(details, within);
    let webhook = Webhook { id, details, created_at: now, updated_at: now, disabled_at: None };
    let new = Arc::new(NewWebhook { webhook, secret: new_secret() });
    let vault = Arc::clone(&ctx.vault);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (new, vault) = (Arc::clone(&new), Arc::clone(&vault));
            Box::pin(async move {
                let NewWebhook { webhook: made, secret } = &*new;
                let mut violations = broken_rules(conn, &made.details, within).await?;
                if webhook::find(conn, made.id).await?.is_some() {
                    violations.push(Violation::id(Rule::Duplicate));
                }
                refuse(violations)?;
                let sealed_secret = seal_secret(&vault, secret);
                webhook::insert(conn, &seal(&vault, made), &sealed_secret).await?;
                let change = change(Happening::Created(Noun::Webhook), None, Some(made));
                Ok(Done::one((*new).clone(), change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// A webhook.
pub async fn find(ctx: &Context, caller: &Caller, id: WebhookId) -> Result<Webhook, Error> {
    let found = webhook::find(&mut ctx.db.reader(), id).await?;
    visible(&ctx.vault, found, webhook_tenant(&caller.principal))
}

/// Every webhook, by address.
pub async fn list(ctx: &Context, caller: &Caller) -> Result<Vec<Webhook>, Error> {
    let within = webhook_tenant(&caller.principal);
    let kept = webhook::list(&mut ctx.db.reader(), within).await?;
    kept.into_iter().map(|kept| open(&ctx.vault, kept)).collect()
}

/// A page of the webhooks that match.
pub async fn search(
    ctx: &Context,
    caller: &Caller,
    search: &WebhookSearch,
    paging: &Paging,
) -> Result<Page<Webhook>, Error> {
    let within = webhook_tenant(&caller.principal);
    let page = webhook::search(&mut ctx.db.reader(), search, within, paging).await?;
    let items = page.items.into_iter().map(|kept| open(&ctx.vault, kept));
    Ok(Page { items: items.collect::<Result<_, _>>()?, total: page.total })
}

/// Changes a webhook: `revise` makes the new details of the present ones, inside the unit of work.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: WebhookId,
    revise: impl Fn(&Webhook) -> Result<WebhookDetails, Error> + Send + Sync + 'static,
    render: impl Render<Webhook>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let within = webhook_tenant(&caller.principal);
    let vault = Arc::clone(&ctx.vault);
    let revise = Arc::new(revise);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (vault, revise) = (Arc::clone(&vault), Arc::clone(&revise));
            Box::pin(async move {
                let before = visible(&vault, webhook::find_locked(conn, id).await?, within)?;
                let details = confined(revise(&before)?, within);
                refuse(broken_rules(conn, &details, within).await?)?;
                let after =
                    Webhook { details, updated_at: now, disabled_at: None, ..before.clone() };
                webhook::update(conn, &seal(&vault, &after)).await?;
                let change = change(Happening::Updated(Noun::Webhook), Some(&before), Some(&after));
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
}

/// Deletes a webhook for good.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: WebhookId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let within = webhook_tenant(&caller.principal);
    let vault = Arc::clone(&ctx.vault);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let vault = Arc::clone(&vault);
            Box::pin(async move {
                let before = visible(&vault, webhook::find_locked(conn, id).await?, within)?;
                let given_up = delivery::give_up(conn, id, now).await?;
                delivery::recount(conn, &given_up, now).await?;
                webhook::delete(conn, id).await?;
                Ok(Done::one((), change(Happening::Deleted(Noun::Webhook), Some(&before), None)))
            })
        },
        render,
    )
    .await
}

/// Takes a tenant that goes out of the webhooks that name it; one that named no other is told
/// nothing from then on.
pub(crate) async fn forget_tenant(
    conn: &mut Conn,
    vault: &Vault,
    tenant: TenantId,
    now: Instant,
) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for kept in webhook::find_naming_locked(conn, tenant).await? {
        let before = open(vault, kept)?;
        let mut after = Webhook { updated_at: now, ..before.clone() };
        after.details.tenant_ids.retain(|named| *named != tenant);
        webhook::update(conn, &seal(vault, &after)).await?;
        changes.push(change(Happening::Updated(Noun::Webhook), Some(&before), Some(&after)));
    }
    Ok(changes)
}

/// A webhook that names no tenant, made by a key of one, is about that one: otherwise its own maker
/// could not see it.
fn confined(mut details: WebhookDetails, within: Option<TenantId>) -> WebhookDetails {
    if let Some(tenant) = within
        && !details.global
        && details.tenant_ids.is_empty()
    {
        details.tenant_ids.push(tenant);
    }
    details
}

/// Everything wrong with a webhook.
async fn broken_rules(
    conn: &mut Conn,
    details: &WebhookDetails,
    within: Option<TenantId>,
) -> Result<Vec<Violation>, Error> {
    let mut violations = details.check().err().unwrap_or_default();
    if within.is_some() && details.global {
        violations.push(Violation::body("global", Rule::Invalid));
    }
    let there = tenant::share(conn, &details.tenant_ids).await?;
    let may_be_named =
        |tenant: &TenantId| within.is_none_or(|only| only == *tenant) && there.contains(tenant);
    let violation = Violation::body("tenantIds", Rule::Invalid);
    if !details.tenant_ids.iter().all(may_be_named) && !violations.contains(&violation) {
        violations.push(violation);
    }
    violations.extend(check_key(conn, details.signature.key_id).await?);
    Ok(violations)
}

fn refuse(violations: Vec<Violation>) -> Result<(), Error> {
    if violations.is_empty() { Ok(()) } else { Err(violations.into()) }
}

/// The webhook, if there is one and it hears of nothing that the caller may not hear of.
pub(crate) fn visible(
    vault: &Vault,
    kept: Option<KeptWebhook>,
    within: Option<TenantId>,
) -> Result<Webhook, Error> {
    let hears_only_of = |tenant: TenantId| {
        move |kept: &KeptWebhook| {
            let details = &kept.webhook.details;
            !details.global && details.tenant_ids == [tenant]
        }
    };
    let seen = kept.filter(|kept| within.is_none_or(|tenant| hears_only_of(tenant)(kept)));
    open(vault, seen.ok_or(Error::not_found(Noun::Webhook))?)
}

/// Seals what may be secret, to stand beside the rest.
fn seal(vault: &Vault, webhook: &Webhook) -> KeptWebhook {
    let details = &webhook.details;
    let headers: BTreeMap<&str, &str> =
        details.headers.iter().map(|(name, value)| (name.as_str(), value.reveal())).collect();
    let headers = serde_json::to_vec(&headers).unwrap_or_default();
    KeptWebhook {
        sealed_headers: (!details.headers.is_empty()).then(|| vault.seal(HEADERS, &headers)),
        sealed_password: details
            .password
            .as_ref()
            .map(|password| vault.seal(PASSWORD, password.reveal().as_bytes())),
        webhook: webhook.clone(),
    }
}

/// Opens what was sealed and puts it back in its place.
pub(crate) fn open(vault: &Vault, kept: KeptWebhook) -> Result<Webhook, Error> {
    let KeptWebhook { mut webhook, sealed_headers, sealed_password } = kept;
    let broken = |what: &str| DbError::contradiction(format!("webhook.{what}"), webhook.id);
    let headers = sealed_headers.map(|sealed| {
        let text = vault.open_text(HEADERS, &sealed).ok();
        let headers = text.and_then(|text| serde_json::from_str(&text).ok());
        headers.ok_or_else(|| broken("sealed_headers"))
    });
    let headers: BTreeMap<String, String> = headers.transpose()?.unwrap_or_default();
    let password = sealed_password
        .map(|sealed| vault.open_text(PASSWORD, &sealed).map_err(|_| broken("sealed_password")));
    webhook.details.password = password.transpose()?.map(Secret::new);
    webhook.details.headers =
        headers.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
    Ok(webhook)
}

pub(crate) fn change(
    happening: Happening,
    before: Option<&Webhook>,
    after: Option<&Webhook>,
) -> Change {
    let tenant = after.or(before).and_then(Webhook::sole_tenant);
    Change {
        happening,
        subject: after.or(before).map(|webhook| webhook.id.uuid()).unwrap_or_default(),
        tenant,
        before: before.map(snapshot::webhook),
        after: after.map(snapshot::webhook),
        event: None,
        event_id: None,
    }
}
