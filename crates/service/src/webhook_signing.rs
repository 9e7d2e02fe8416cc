//! What deliveries are signed with: the secret that every webhook has (`native.md` §6), and the key
//! that one may have beside it (`fusionauth.md` §4.9).

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use docket_domain::access::{may_change_webhooks, webhook_tenant};
use docket_domain::event::Happening;
use docket_domain::id::{WebhookId, WebhookKeyId};
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use docket_domain::webhook_key::{Algorithm, PrivatePart};
use docket_store::webhook_key::{KeptKey, KeptSigning};
use docket_store::{Conn, DbError, webhook, webhook_key};

use crate::caller::Caller;
use crate::commit::{Answer, Done, Render};
use crate::context::{Context, chance};
use crate::error::{Error, Refusal};
use crate::vault::Vault;
use crate::webhooks;

/// How long the secret before the present one stays valid: a day to change over.
pub const OVERLAP_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What private parts of keys are sealed for.
pub(crate) const KEY: &str = "webhook_key";
/// What secrets of webhooks are sealed for; the previous one was the present one once.
const SECRET: &str = "webhook.secret";

/// What the deliveries of one webhook are signed with.
#[derive(Debug, Clone)]
pub struct Signing {
    /// The present secret: `whsec_…`.
    secret: Secret,
    /// The one before it, and until when that is valid.
    previous: Option<(Secret, Instant)>,
    /// The key of the webhook, when it has one that is switched on.
    pub jwt: Option<JwtKey>,
}

impl Signing {
    /// The secrets that are valid at `now`, the present one first.
    pub fn secrets(&self, now: Instant) -> impl Iterator<Item = &Secret> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(&self.secret).chain(previous.map(|(secret, _)| secret))
    }
}

/// A key that signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtKey {
    /// By which name those who check a signature know the key.
    pub kid: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// What it signs with.
    pub private: PrivatePart,
}

/// A new secret, and until when the one before it is valid.
#[derive(Debug, Clone)]
pub struct Rotated {
    /// The secret, shown this once.
    pub secret: Secret,
    /// From then on it is the only one.
    pub previous_valid_until: Instant,
}

/// What the deliveries of each webhook are signed with. One whose secrets cannot be opened is left
/// out: it must not keep the others from being told.
pub async fn signings(
    vault: &Vault,
    conn: &mut Conn,
) -> Result<HashMap<WebhookId, Signing>, Error> {
    let kept = webhook_key::list_signing(conn).await?;
    let signings = kept.into_iter().filter_map(|kept| {
        let id = kept.webhook_id;
        let opened = open_signing(vault, kept);
        opened.inspect_err(|error| tracing::error!(%id, ?error, "a webhook cannot sign")).ok()
    });
    Ok(signings.collect())
}

fn open_signing(vault: &Vault, kept: KeptSigning) -> Result<(WebhookId, Signing), DbError> {
    let id = kept.webhook_id;
    let text = |sealed: &[u8]| {
        let text = vault.open_text(SECRET, sealed);
        text.map(Secret::new).map_err(|_| DbError::contradiction("webhook.sealed_secret", id))
    };
    let previous = kept.sealed_previous_secret.as_deref().map(text).transpose()?;
    let signing = Signing {
        secret: text(&kept.sealed_secret)?,
        previous: previous.zip(kept.previous_secret_until),
        jwt: kept.key.map(|key| open(vault, key)).transpose()?,
    };
    Ok((id, signing))
}

fn open(vault: &Vault, key: KeptKey) -> Result<JwtKey, DbError> {
    let KeptKey { kid, algorithm, sealed_private_part } = key;
    let opened = vault.open(KEY, &sealed_private_part);
    let private =
        opened.map_err(|_| DbError::contradiction("webhook_key.sealed_private_part", &kid))?;
    Ok(JwtKey { kid, algorithm, private: PrivatePart::new(private) })
}

/// Gives a webhook another secret. What it is sent is signed with both for a day.
pub async fn rotate_secret(
    ctx: &Context,
    caller: &Caller,
    id: WebhookId,
    render: impl Render<Rotated>,
) -> Result<Answer, Error> {
    if !may_change_webhooks(&caller.principal) {
        return Err(Refusal::Forbidden.into());
    }
    let now = ctx.now();
    let within = webhook_tenant(&caller.principal);
    let previous_valid_until = now.plus_millis(OVERLAP_MILLIS);
    let secret = new_secret();
    let sealed = seal_secret(&ctx.vault, &secret);
    let new = Arc::new((Rotated { secret, previous_valid_until }, sealed));
    let vault = Arc::clone(&ctx.vault);
    ctx.commit(
        caller,
        now,
        move |conn| {
            let (new, vault) = (Arc::clone(&new), Arc::clone(&vault));
            Box::pin(async move {
                let (rotated, sealed) = &*new;
                let found = webhook::find_locked(conn, id).await?;
                let subject = webhooks::visible(&vault, found, within)?;
                let until = rotated.previous_valid_until;
                webhook::rotate_secret(conn, id, sealed, until).await?;
                // A secret is in no snapshot: what was and what is look the same.
                let happening = Happening::SecretRotated;
                let change = webhooks::change(happening, Some(&subject), Some(&subject));
                Ok(Done::one(rotated.clone(), change))
            })
        },
        render,
    )
    .await
}

/// A secret that nobody can guess, in the form of Standard Webhooks.
pub(crate) fn new_secret() -> Secret {
    let random = base64::engine::general_purpose::STANDARD.encode(chance::<32>());
    Secret::new(format!("whsec_{random}"))
}

pub(crate) fn seal_secret(vault: &Vault, secret: &Secret) -> Vec<u8> {
    vault.seal(SECRET, secret.reveal().as_bytes())
}

/// What is wrong with the key that a webhook names: there must be one, and it must be able to sign.
/// It is held against deletion until the unit of work ends.
pub(crate) async fn check_key(
    conn: &mut Conn,
    id: Option<WebhookKeyId>,
) -> Result<Option<Violation>, DbError> {
    let Some(id) = id else { return Ok(None) };
    let found = webhook_key::share(conn, id).await?;
    if found.is_some_and(|key| key.signs) {
        return Ok(None);
    }
    Ok(Some(Violation::body("signatureConfiguration.signingKeyId", Rule::Invalid)))
}
