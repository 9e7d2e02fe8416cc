//! Keys that sign what webhooks are sent: made, brought, read, renamed, deleted (`fusionauth.md`
//! §4.9). Private parts are sealed at rest and never shown; a shared secret is shown once.

use std::borrow::Cow;
use std::sync::Arc;

use docket_domain::event::{Happening, Noun};
use docket_domain::id::WebhookKeyId;
use docket_domain::mail::Secret;
use docket_domain::page::{Page, Paging};
use docket_domain::violation::{Field, Rule, Violation, Violations};
use docket_domain::webhook_key::{
    Algorithm, Family, PrivatePart, WebhookKey, WebhookKeySearch, check_names, length,
};
use docket_store::{Conn, DbError, webhook_key};
use tokio::sync::Semaphore;

use crate::caller::Caller;
use crate::commit::{Answer, Change, Done, Render};
use crate::context::Context;
use crate::error::Error;
use crate::key_material::{self, KeyMaterial};
use crate::snapshot;
use crate::webhook_signing::KEY;

/// The unique indexes, for two callers who choose one value at the same instant.
const UNIQUE: &[(&str, Field)] = &[
    ("webhook_key_pkey", Field::Id),
    ("webhook_key_name", Field::Body(Cow::Borrowed("name"))),
    ("webhook_key_kid", Field::Body(Cow::Borrowed("kid"))),
];

/// Looking for primes takes a core for seconds: never two at once, so that others get theirs.
static ONE: Semaphore = Semaphore::const_new(1);

/// What is asked for in a key that Docket makes.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What people shall call it.
    pub name: String,
    /// How it shall sign.
    pub algorithm: Algorithm,
    /// Its size in bits.
    pub length: Option<i64>,
    /// Who makes it.
    pub issuer: Option<String>,
}

/// A key that was made elsewhere.
#[derive(Debug, Clone)]
pub struct Brought {
    /// What people call it.
    pub name: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// By which name those who check a signature know it; its id when absent.
    pub kid: Option<String>,
    /// The secret of an algorithm with a shared one.
    pub secret: Option<Secret>,
    /// The private part, PEM.
    pub private_key: Option<Secret>,
    /// The public part, PEM.
    pub public_key: Option<String>,
    /// A certificate, kept as it is.
    pub certificate: Option<String>,
    /// Who made it.
    pub issuer: Option<String>,
}

/// A key with its shared secret, where that is shown.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The key.
    pub key: WebhookKey,
    /// The secret, shown this once.
    pub secret: Option<Secret>,
}

/// Makes a key.
pub async fn generate(
    ctx: &Context,
    caller: &Caller,
    id: Option<WebhookKeyId>,
    wanted: Wanted,
    render: impl Render<NewKey>,
) -> Result<Answer, Error> {
    let Wanted { name, algorithm, length: asked, issuer } = wanted;
    let mut violations = check_names(&name, None).err().unwrap_or_default();
    let length = length(algorithm, asked).unwrap_or_else(|violation| {
        violations.push(violation);
        None
    });
    refuse(violations)?;
    let made = off_the_runtime(move || key_material::generate(algorithm, length)).await?;
    let material = made.map_err(|error| Error::Unavailable(DbError::Unavailable(error.into())))?;
    let described = Described { name, algorithm, kid: None, certificate: None, issuer };
    keep(ctx, caller, id, described, material, render).await
}

/// Takes over a key that was made elsewhere.
pub async fn import(
    ctx: &Context,
    caller: &Caller,
    id: Option<WebhookKeyId>,
    brought: Brought,
    render: impl Render<NewKey>,
) -> Result<Answer, Error> {
    let Brought { name, algorithm, kid, secret, private_key, public_key, certificate, issuer } =
        brought;
    let mut violations = check_names(&name, kid.as_deref()).err().unwrap_or_default();
    let material = if algorithm.family() == Family::Hmac {
        let secret = secret.ok_or_else(|| Violation::body("secret", Rule::Blank));
        secret.map(|secret| key_material::secret(secret.reveal()))
    } else {
        // Checking the primes of a private key takes a while, too.
        off_the_runtime(move || {
            let private_key = private_key.as_ref().map(Secret::reveal);
            key_material::read(algorithm, private_key, public_key.as_deref())
        })
        .await?
    };
    match material {
        Ok(material) if violations.is_empty() => {
            let described = Described { name, algorithm, kid, certificate, issuer };
            keep(ctx, caller, id, described, material, render).await
        }
        Ok(_) => Err(violations.into()),
        Err(violation) => {
            violations.push(violation);
            Err(violations.into())
        }
    }
}

/// A key, without its private part.
pub async fn find(ctx: &Context, id: WebhookKeyId) -> Result<WebhookKey, Error> {
    let found = webhook_key::find(&mut ctx.db.reader(), id).await?;
    found.ok_or(Error::not_found(Noun::WebhookKey))
}

/// Every key, by name.
pub async fn list(ctx: &Context) -> Result<Vec<WebhookKey>, Error> {
    Ok(webhook_key::list(&mut ctx.db.reader()).await?)
}

/// A page of the keys that match.
pub async fn search(
    ctx: &Context,
    search: &WebhookKeySearch,
    paging: &Paging,
) -> Result<Page<WebhookKey>, Error> {
    Ok(webhook_key::search(&mut ctx.db.reader(), search, paging).await?)
}

/// Calls a key something else; nothing else of a key can change.
pub async fn rename(
    ctx: &Context,
    caller: &Caller,
    id: WebhookKeyId,
    name: String,
    render: impl Render<WebhookKey>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let name: Arc<str> = name.into();
    ctx.commit(
        caller,
        now,
        move |conn| {
            let name = Arc::clone(&name);
            Box::pin(async move {
                let before = webhook_key::find_locked(conn, id).await?;
                let before = before.ok_or(Error::not_found(Noun::WebhookKey))?;
                let after =
                    WebhookKey { name: (*name).to_owned(), updated_at: now, ..before.clone() };
                let violations = check_names(&after.name, None).err().unwrap_or_default();
                check_unique(conn, &after, violations).await?;
                webhook_key::rename(conn, &after).await?;
                let happening = Happening::Updated(Noun::WebhookKey);
                let change = change(happening, Some(&before), Some(&after));
                Ok(Done::one(after, change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// Deletes a key for good, unless a webhook still names it.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: WebhookKeyId,
    render: impl Render<()>,
) -> Result<Answer, Error> {
    ctx.commit(
        caller,
        ctx.now(),
        move |conn| {
            Box::pin(async move {
                let before = webhook_key::find_locked(conn, id).await?;
                let before = before.ok_or(Error::not_found(Noun::WebhookKey))?;
                if webhook_key::in_use(conn, id).await? {
                    return Err(Violation::id(Rule::InUse).into());
                }
                webhook_key::delete(conn, id).await?;
                Ok(Done::one((), change(Happening::Deleted(Noun::WebhookKey), Some(&before), None)))
            })
        },
        render,
    )
    .await
}

/// What is said about a key beside what it consists of.
struct Described {
    name: String,
    algorithm: Algorithm,
    kid: Option<String>,
    certificate: Option<String>,
    issuer: Option<String>,
}

async fn keep(
    ctx: &Context,
    caller: &Caller,
    id: Option<WebhookKeyId>,
    described: Described,
    material: KeyMaterial,
    render: impl Render<NewKey>,
) -> Result<Answer, Error> {
    let now = ctx.now();
    let id = id.unwrap_or_else(|| ctx.id(now, WebhookKeyId::from_uuid));
    let key = WebhookKey {
        id,
        name: described.name,
        algorithm: described.algorithm,
        kid: described.kid.unwrap_or_else(|| id.to_string()),
        length: material.length,
        issuer: described.issuer,
        public_key: material.public_pem,
        certificate: described.certificate,
        signs: material.private.is_some(),
        created_at: now,
        updated_at: now,
    };
    let secret = material.private.as_ref().and_then(|private| shown_once(&key, private));
    let sealed = material.private.map(|private| ctx.vault.seal(KEY, private.reveal()));
    let new = Arc::new((NewKey { key, secret }, sealed));
    ctx.commit(
        caller,
        now,
        move |conn| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let (made, sealed) = &*new;
                let key = &made.key;
                let mut violations = Vec::new();
                if webhook_key::find(conn, key.id).await?.is_some() {
                    violations.push(Violation::id(Rule::Duplicate));
                }
                check_unique(conn, key, violations).await?;
                webhook_key::insert(conn, key, sealed.as_deref()).await?;
                let change = change(Happening::Created(Noun::WebhookKey), None, Some(key));
                Ok(Done::one(made.clone(), change))
            })
        },
        render,
    )
    .await
    .map_err(|error| error.duplicate_of(UNIQUE))
}

/// The secret that both sides must know; private keys are never shown.
fn shown_once(key: &WebhookKey, private: &PrivatePart) -> Option<Secret> {
    let is_shared = key.algorithm.family() == Family::Hmac;
    let text = is_shared.then(|| std::str::from_utf8(private.reveal()).ok()).flatten();
    text.map(Secret::new)
}

async fn check_unique(
    conn: &mut Conn,
    key: &WebhookKey,
    violations: Vec<Violation>,
) -> Result<(), Error> {
    let mut all = Violations::new();
    all.extend(violations);
    let (name, kid) = webhook_key::taken(conn, key.id, &key.name, &key.kid).await?;
    if name {
        all.push(Violation::body("name", Rule::Duplicate));
    }
    if kid {
        all.push(Violation::body("kid", Rule::Duplicate));
    }
    all.into_result().map_err(Error::from)
}

fn refuse(violations: Vec<Violation>) -> Result<(), Error> {
    if violations.is_empty() { Ok(()) } else { Err(violations.into()) }
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let unavailable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::Unavailable(DbError::Unavailable(error))
    };
    let turn = ONE.acquire().await.map_err(|error| unavailable(error.into()))?;
    // The work goes on when the caller has gone away, and so does its turn.
    let work = move || {
        let done = work();
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| unavailable(error.into()))
}

fn change(happening: Happening, before: Option<&WebhookKey>, after: Option<&WebhookKey>) -> Change {
    Change {
        happening,
        subject: after.or(before).map(|key| key.id.uuid()).unwrap_or_default(),
        tenant: None,
        before: before.map(snapshot::webhook_key),
        after: after.map(snapshot::webhook_key),
        event: None,
        event_id: None,
    }
}
