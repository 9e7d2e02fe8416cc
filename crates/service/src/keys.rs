//! API keys: made, read, changed, deleted (`fusionauth.md` §4.7).

use std::borrow::Cow;
use std::sync::Arc;

use docket_domain::directory::api_key::check_key;
use docket_domain::directory::{ApiKey, ApiKeyDetails};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{ApiKeyId, TenantId};
use docket_domain::mail::Secret;
use docket_domain::violation::{Field, Rule, Violation, Violations};
use docket_store::api_key::{self, KeptApiKey};
use docket_store::{Conn, tenant};

use crate::bootstrap::new_secret;
use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::snapshot;
use crate::vault::{Vault, hash};

/// What the vault is told that it seals.
const PURPOSE: &str = "api_key";

/// The unique indexes, for two callers who choose one value at the same instant.
const UNIQUE: &[(&str, Field)] = &[
    ("api_key_hash", Field::Body(Cow::Borrowed("key"))),
    ("api_key_name", Field::Body(Cow::Borrowed("name"))),
    ("api_key_pkey", Field::Id),
];

/// What is asked for in a new key.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What it is like.
    pub details: ApiKeyDetails,
    /// The only tenant it may see.
    pub tenant_id: Option<TenantId>,
    /// Whether it may manage keys; a right that is given outside the API alone.
    pub key_manager: bool,
    /// Whether its secret can be read again.
    pub retrievable: bool,
    /// The secret, where the caller chose it.
    pub secret: Option<Secret>,
    /// A key to copy everything from but id, secret and name.
    pub source: Option<ApiKeyId>,
}

/// A key with its secret, where that may be shown.
#[derive(Debug, Clone)]
pub struct ShownKey {
    /// The key.
    pub key: ApiKey,
    /// Its secret.
    pub secret: Option<Secret>,
}

impl ShownKey {
    fn open(kept: KeptApiKey, vault: &Vault) -> Self {
        let secret = kept.sealed_key.and_then(|sealed| vault.open_text(PURPOSE, &sealed).ok());
        Self { key: kept.key, secret: secret.map(Secret::new) }
    }
}

/// Makes a key.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    id: Option<ApiKeyId>,
    command: NewKey,
    render: impl Render<ShownKey>,
) -> Result<Answer, Error> {
    if let Some(chosen) = &command.secret {
        check_key(chosen.reveal())?;
    }
    let now = ctx.now();
    let secret = command.secret.clone().unwrap_or_else(|| Secret::new(new_secret()));
    let key = ApiKey {
        id: id.unwrap_or_else(|| ctx.id(now, ApiKeyId::from_uuid)),
        tenant_id: command.tenant_id,
        key_manager: command.key_manager,
        retrievable: command.retrievable,
        details: command.details,
        created_at: now,
        updated_at: now,
    };
    let new = Arc::new((key, secret, command.source));
    let vault = Arc::clone(&ctx.vault);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (new, vault) = (Arc::clone(&new), Arc::clone(&vault));
            Box::pin(async move {
                let (asked, secret, source) = &*new;
                let key = match source {
                    Some(source) => copied(conn, asked, *source).await?,
                    None => asked.clone(),
                };
                key.details.check(key.retrievable)?;
                let hash = hash(secret.reveal().as_bytes());
                check_new(conn, &key, &hash).await?;
                let sealed =
                    key.retrievable.then(|| vault.seal(PURPOSE, secret.reveal().as_bytes()));
                api_key::insert(conn, &key, &hash, sealed.as_deref()).await?;
                let change = change(Happening::Created(Noun::ApiKey), None, Some(&key));
                Ok(Done::one(ShownKey { key, secret: Some(secret.clone()) }, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// A key, with its secret if that may be read again.
pub async fn find(ctx: &Context, id: ApiKeyId) -> Result<ShownKey, Error> {
    let kept = api_key::find(&mut ctx.db.reader(), id).await?;
    let kept = kept.ok_or(Error::not_found(Noun::ApiKey))?;
    Ok(ShownKey::open(kept, &ctx.vault))
}

/// Every key, oldest first, without their secrets.
pub async fn list(ctx: &Context) -> Result<Vec<ApiKey>, Error> {
    Ok(api_key::list(&mut ctx.db.reader()).await?)
}

/// Changes a key: `revise` makes the new details of the present ones. From then on it is valid for
/// what the new ones say.
pub async fn update(
    ctx: &Context,
    caller: &Caller,
    id: ApiKeyId,
    revise: impl Fn(&ShownKey) -> Result<ApiKeyDetails, Error> + Send + Sync + 'static,
    render: impl Render<ShownKey>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let revise = Arc::new(revise);
    let vault = Arc::clone(&ctx.vault);
    let updated = ctx
        .commit(
            caller,
            now,
            move |conn| {
                let (revise, vault) = (Arc::clone(&revise), Arc::clone(&vault));
                Box::pin(async move {
                    let kept = api_key::find_locked(conn, id).await?;
                    let kept = kept.ok_or(Error::not_found(Noun::ApiKey))?;
                    let before = ShownKey::open(kept, &vault);
                    let details = revise(&before)?;
                    details.check(before.key.retrievable)?;
                    let key = ApiKey { details, updated_at: now, ..before.key.clone() };
                    check_unique(conn, &key, None, Violations::new()).await?;
                    api_key::update(conn, &key).await?;
                    let happening = Happening::Updated(Noun::ApiKey);
                    let change = change(happening, Some(&before.key), Some(&key));
                    Ok(Done::one(ShownKey { key, secret: before.secret }, change))
                })
            },
            render,
        )
        .await
        .map_err(|error| error.duplicate_of(UNIQUE))?;
    ctx.keys.clear();
    Ok(updated)
}

/// Deletes a key; from then on it lets nobody in.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: ApiKeyId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    let deleted = ctx
        .commit(
            caller,
            ctx.now(),
            move |conn| {
                Box::pin(async move {
                    let kept = api_key::find_locked(conn, id).await?;
                    let before = kept.ok_or(Error::not_found(Noun::ApiKey))?.key;
                    api_key::delete(conn, id).await?;
                    Ok(Done::one((), change(Happening::Deleted(Noun::ApiKey), Some(&before), None)))
                })
            },
            render,
        )
        .await?;
    ctx.keys.clear();
    Ok(deleted)
}

/// What was asked for, with everything but id and name from another key.
async fn copied(conn: &mut Conn, asked: &ApiKey, source: ApiKeyId) -> Result<ApiKey, Error> {
    let unknown = || Error::from(Violation::named("sourceKeyId", Rule::Invalid));
    let source = api_key::find(conn, source).await?.ok_or_else(unknown)?.key;
    Ok(ApiKey {
        tenant_id: source.tenant_id,
        retrievable: source.retrievable,
        details: ApiKeyDetails { name: asked.details.name.clone(), ..source.details },
        ..asked.clone()
    })
}

async fn check_new(conn: &mut Conn, key: &ApiKey, hash: &[u8]) -> Result<(), Error> {
    let mut violations = Violations::new();
    if api_key::find(conn, key.id).await?.is_some() {
        violations.push(Violation::id(Rule::Duplicate));
    }
    if let Some(tenant_id) = key.tenant_id
        && tenant::share(conn, &[tenant_id]).await?.is_empty()
    {
        violations.push(Violation::body("tenantId", Rule::Invalid));
    }
    check_unique(conn, key, Some(hash), violations).await
}

async fn check_unique(
    conn: &mut Conn,
    key: &ApiKey,
    hash: Option<&[u8]>,
    mut violations: Violations,
) -> Result<(), Error> {
    let (hash, name) = api_key::taken(conn, key.id, hash, key.details.name.as_deref()).await?;
    if hash {
        violations.push(Violation::body("key", Rule::Duplicate));
    }
    if name {
        violations.push(Violation::body("name", Rule::Duplicate));
    }
    violations.into_result().map_err(Error::from)
}

fn change(happening: Happening, before: Option<&ApiKey>, after: Option<&ApiKey>) -> Change {
    let either = after.or(before);
    Change {
        happening,
        subject: either.map(|key| key.id.uuid()).unwrap_or_default(),
        tenant: either.and_then(|key| key.tenant_id),
        before: before.map(snapshot::api_key),
        after: after.map(snapshot::api_key),
        event: None,
        event_id: None,
    }
}
