//! Providers that are systems of their own: registered, changed, asked for a trial (`native.md` §5).
//! Secrets are sealed at rest and shown once.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use docket_domain::access::may_manage_providers;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::ProviderId;
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_domain::todo::{Provider, ProviderDetails};
use docket_domain::violation::{Field, Rule, Violation};
use docket_store::{DbError, provider, setting};

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::todos::pull::{self, Formats, Rehearsal};
use crate::vault::Vault;
use crate::webhook_signing::{OVERLAP_MILLIS, Rotated, new_secret};
use crate::{providers, snapshot};

/// The unique index, for two callers who choose one type at the same instant.
const UNIQUE: &[(&str, Field)] =
    &[("provider_action_type", Field::Body(std::borrow::Cow::Borrowed("actionType")))];
/// What secrets are sealed for.
const SECRET: &str = "provider.secret";
/// Where the secret for types without a provider is kept, and the one before it.
const SHARED: &str = "todos.secret";
const SHARED_PREVIOUS: &str = "todos.previous_secret";

/// A provider with its first secret.
#[derive(Debug, Clone)]
pub struct NewProvider {
    /// The provider.
    pub provider: Provider,
    /// The secret, shown this once.
    pub secret: Secret,
}

fn allowed(caller: &Caller) -> Result<(), Error> {
    if may_manage_providers(&caller.principal) { Ok(()) } else { Err(Refusal::Forbidden.into()) }
}

/// Registers a provider. It is asked at once.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    details: ProviderDetails,
    render: impl Render<NewProvider>,
) -> Result<Answer, Error> {
    allowed(caller)?;
    details.check()?;
    let taken = || Violation::body("actionType", Rule::Duplicate);
    if providers::is_built_in(&details.action_type) {
        return Err(taken().into());
    }
    let now = ctx.now();
    let secret = new_secret();
    let sealed = ctx.vault.seal(SECRET, secret.reveal().as_bytes());
    let provider = Provider {
        id: ctx.id(now, ProviderId::from_uuid),
        number: 0,
        next_run_at: details.enabled.then_some(now),
        details,
        last_run_at: None,
        last_status: String::new(),
        created_at: now,
        updated_at: now,
    };
    let new = Arc::new((NewProvider { provider, secret }, sealed));
    let answer = ctx
        .commit(
            caller,
            now,
            move |conn| {
                let new = Arc::clone(&new);
                Box::pin(async move {
                    let (made, sealed) = &*new;
                    let action_type = &made.provider.details.action_type;
                    if provider::of_type_locked(conn, action_type).await?.is_some() {
                        return Err(taken().into());
                    }
                    provider::insert(conn, &made.provider, Some(sealed)).await?;
                    let happening = Happening::Created(Noun::Provider);
                    let change = change(happening, None, Some(&made.provider));
                    Ok(Done::one(made.clone(), change))
                })
            },
            render,
        )
        .await
        .map_err(|error| error.duplicate_of(UNIQUE))?;
    ctx.nudge.providers();
    Ok(answer)
}

/// Every provider, those that are part of Docket among them, in the order in which they were made.
pub async fn list(ctx: &Context, caller: &Caller) -> Result<Vec<Provider>, Error> {
    allowed(caller)?;
    Ok(provider::list(&mut ctx.db.reader()).await?)
}

/// A provider.
pub async fn find(ctx: &Context, caller: &Caller, id: ProviderId) -> Result<Provider, Error> {
    allowed(caller)?;
    let found = provider::find(&mut ctx.db.reader(), id).await?;
    found.ok_or(Error::not_found(Noun::Provider))
}

/// Changes a provider. What kind of to-dos it knows of stays, and those that are part of Docket do.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: ProviderId,
    details: ProviderDetails,
    render: impl Render<Provider>,
) -> Result<Answer, Error> {
    allowed(caller)?;
    details.check()?;
    let (now, details) = (ctx.now(), Arc::new(details));
    let answer = ctx
        .commit(
            caller,
            now,
            move |conn| {
                let details = ProviderDetails::clone(&details);
                Box::pin(async move {
                    let before = changeable(provider::find_locked(conn, id).await?)?;
                    if details.action_type != before.details.action_type {
                        return Err(Violation::body("actionType", Rule::Unsupported).into());
                    }
                    if details == before.details {
                        return Ok(Done::unchanged(before));
                    }
                    // Whoever has moved, or is switched on again, is asked at once.
                    let is_new = details.enabled
                        && (!before.details.enabled || details.url != before.details.url);
                    let next_run_at = if is_new { Some(now) } else { details.next_after(now) };
                    let after =
                        Provider { details, next_run_at, updated_at: now, ..before.clone() };
                    provider::update(conn, &after).await?;
                    let happening = Happening::Updated(Noun::Provider);
                    let change = change(happening, Some(&before), Some(&after));
                    Ok(Done::one(after, change))
                })
            },
            render,
        )
        .await?;
    ctx.nudge.providers();
    Ok(answer)
}

/// Forgets a provider, and with it what it said.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: ProviderId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    allowed(caller)?;
    let found = provider::find(&mut ctx.db.reader(), id).await?;
    let action_type = found.map(|provider| provider.details.action_type).unwrap_or_default();
    let answer = ctx
        .commit(
            caller,
            ctx.now(),
            move |conn| {
                Box::pin(async move {
                    let before = changeable(provider::find_locked(conn, id).await?)?;
                    provider::delete(conn, id).await?;
                    let happening = Happening::Deleted(Noun::Provider);
                    Ok(Done::one((), change(happening, Some(&before), None)))
                })
            },
            render,
        )
        .await?;
    // Not in the unit of work, for it may have said a lot; nobody says it anew meanwhile.
    pull::remove_others(ctx, &action_type, &BTreeSet::new(), ctx.now()).await?;
    Ok(answer)
}

/// Gives a provider another secret. What it is asked is signed with both for a day.
pub async fn rotate_secret(
    ctx: &Context,
    caller: &Caller,
    id: ProviderId,
    render: impl Render<Rotated>,
) -> Result<Answer, Error> {
    allowed(caller)?;
    let now = ctx.now();
    let new = Arc::new(rotated(&ctx.vault, now));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let (rotated, sealed) = &*new;
                let subject = changeable(provider::find_locked(conn, id).await?)?;
                let until = rotated.previous_valid_until;
                provider::rotate_secret(conn, id, sealed, until).await?;
                // A secret is in no snapshot: what was and what is look the same.
                let happening = Happening::Updated(Noun::Provider);
                let change = change(happening, Some(&subject), Some(&subject));
                Ok(Done::one(rotated.clone(), change))
            })
        },
        render,
    )
    .await
}

/// Gives all types that have no provider another secret.
pub async fn rotate_shared(
    ctx: &Context,
    caller: &Caller,
    render: impl Render<Rotated>,
) -> Result<Answer, Error> {
    allowed(caller)?;
    let now = ctx.now();
    let new = Arc::new(rotated(&ctx.vault, now));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let (rotated, sealed) = &*new;
                if let Some(present) = setting::find(conn, SHARED).await? {
                    let until = rotated.previous_valid_until.millis();
                    setting::put(conn, SHARED_PREVIOUS, &format!("{until}:{present}")).await?;
                }
                setting::put(conn, SHARED, &STANDARD.encode(sealed)).await?;
                let change = Change {
                    happening: Happening::Updated(Noun::Provider),
                    subject: uuid::Uuid::nil(),
                    tenant: None,
                    before: None,
                    after: None,
                    event: Some(snapshot::document(&serde_json::json!({"sharedSecret": true}))),
                    event_id: None,
                };
                Ok(Done::one(rotated.clone(), change))
            })
        },
        render,
    )
    .await
}

/// Asks a provider and says what would change; nothing does.
pub async fn rehearse(
    ctx: &Context,
    caller: &Caller,
    id: ProviderId,
    formats: Formats,
) -> Result<Rehearsal, Error> {
    let provider = find(ctx, caller, id).await?;
    pull::rehearse(ctx, &changeable(Some(provider))?, formats).await
}

/// What a provider's calls are signed with, the present secret first.
pub(crate) async fn secrets(ctx: &Context, id: ProviderId) -> Result<Vec<Secret>, Error> {
    let sealed = provider::secrets(&mut ctx.db.reader(), id).await?.unwrap_or_default();
    let open = |sealed: &[u8]| {
        let text = ctx.vault.open_text(SECRET, sealed);
        text.map(Secret::new).map_err(|_| DbError::contradiction("provider.sealed_secret", id))
    };
    let now = ctx.now();
    let still = sealed.previous_until.is_some_and(|until| now < until);
    let previous = sealed.previous.filter(|_| still);
    let all = [sealed.secret, previous];
    let secrets = all.iter().flatten().map(|sealed| open(sealed).map_err(Error::from));
    secrets.collect()
}

/// What calls about to-dos are signed with whose type has no provider. The first is made when it is
/// needed; it is known to nobody before somebody has it rotated.
pub(crate) async fn shared_secrets(ctx: &Context) -> Result<Vec<Secret>, Error> {
    let conn = &mut ctx.db.reader();
    let kept = setting::find(conn, SHARED).await?;
    let previous = setting::find(conn, SHARED_PREVIOUS).await?;
    let kept = if let Some(kept) = kept {
        kept
    } else {
        let sealed = STANDARD.encode(ctx.vault.seal(SECRET, new_secret().reveal().as_bytes()));
        let keep = ctx.db.write(move |conn| {
            let sealed = sealed.clone();
            Box::pin(async move { Ok::<_, Error>(setting::keep(conn, SHARED, &sealed).await?) })
        });
        keep.await?
    };
    let now = ctx.now();
    let previous = previous.and_then(|text| {
        let (until, sealed) = text.split_once(':')?;
        let until = Instant::from_millis(until.parse().ok()?);
        (now < until).then(|| sealed.to_owned())
    });
    let open = |text: String| {
        let wrong = || Error::from(DbError::contradiction("setting", SHARED));
        let sealed = STANDARD.decode(text).map_err(|_| wrong())?;
        let secret = ctx.vault.open_text(SECRET, &sealed).map_err(|_| wrong())?;
        Ok(Secret::new(secret))
    };
    std::iter::once(kept).chain(previous).map(open).collect()
}

/// A new secret, and the same sealed.
fn rotated(vault: &Vault, now: Instant) -> (Rotated, Vec<u8>) {
    let secret = new_secret();
    let sealed = vault.seal(SECRET, secret.reveal().as_bytes());
    (Rotated { secret, previous_valid_until: now.plus_millis(OVERLAP_MILLIS) }, sealed)
}

/// The provider, unless it is part of Docket.
fn changeable(found: Option<Provider>) -> Result<Provider, Error> {
    let found = found.ok_or(Error::not_found(Noun::Provider))?;
    if found.details.is_built_in() { Err(Refusal::Forbidden.into()) } else { Ok(found) }
}

fn change(happening: Happening, before: Option<&Provider>, after: Option<&Provider>) -> Change {
    Change {
        happening,
        subject: after.or(before).map(|provider| provider.id.uuid()).unwrap_or_default(),
        tenant: None,
        before: before.map(snapshot::provider),
        after: after.map(snapshot::provider),
        event: None,
        event_id: None,
    }
}
