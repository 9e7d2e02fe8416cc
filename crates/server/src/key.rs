//! `docket key`: API keys from the command line, where alone the right to manage keys is given.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail, ensure};
use docket_domain::access::{Method, Permissions};
use docket_domain::directory::{ApiKey, ApiKeyDetails};
use docket_domain::json::Json;
use docket_domain::mail::Secret;
use docket_domain::time::{Expiry, Instant, Span, SpanUnit};
use docket_service::bootstrap::new_secret;
use docket_service::keys::{self, NewKey};
use docket_service::{Answer, Caller, Context};
use docket_wire::native::scalar;

use crate::cli::{Key, KeyCreate, KeyRevoke, Place};
use crate::output::say;
use crate::{refusal, wire_up};

/// Does what the command says.
pub(crate) async fn run(command: Key) -> anyhow::Result<()> {
    match command {
        Key::Create(options) => create(options).await,
        Key::List(place) => list(&place).await,
        Key::Revoke(options) => revoke(&options).await,
    }
}

async fn create(options: KeyCreate) -> anyhow::Result<()> {
    let permissions = permissions(&options.allow)?;
    let (db, ctx) = wire_up::existing(&options.place).await?;
    let expiry = match &options.expires {
        Some(when) => expiry(when, ctx.now())?,
        None => Expiry::Never,
    };
    let secret = new_secret();
    let command = NewKey {
        details: ApiKeyDetails {
            name: Some(options.name.trim().to_owned()),
            permissions,
            expiry,
            attributes: Json::empty_object(),
        },
        tenant_id: options.tenant,
        key_manager: options.key_manager,
        retrievable: false,
        secret: Some(Secret::new(secret.clone())),
        source: None,
    };
    let caller = Caller::system("docket key create");
    let made = keys::create(&ctx, &caller, None, command, |_| Answer::new(200, Vec::new())).await;
    db.close().await;
    made.map_err(refusal::told)?;
    // Alone on its line, so that `$(docket key create …)` is the key.
    say(secret);
    Ok(())
}

async fn list(place: &Place) -> anyhow::Result<()> {
    let (db, ctx) = wire_up::existing(place).await?;
    let keys = keys::list(&ctx).await;
    let now = ctx.now();
    db.close().await;
    for key in keys? {
        say(line(&key, now));
    }
    Ok(())
}

/// A key, on one line.
fn line(key: &ApiKey, now: Instant) -> String {
    let mut facts = vec![key.id.to_string()];
    facts.push(key.details.name.clone().unwrap_or_else(|| "(no name)".to_owned()));
    facts.push(match key.tenant_id {
        Some(tenant) => format!("tenant {tenant}"),
        None => "all tenants".to_owned(),
    });
    let endpoints = key.details.permissions.endpoints();
    facts.push(match endpoints.len() {
        0 => "all endpoints".to_owned(),
        1 => "1 endpoint".to_owned(),
        many => format!("{many} endpoints"),
    });
    if key.key_manager {
        facts.push("manages keys".to_owned());
    }
    if let Some(end) = scalar::expiry(key.details.expiry) {
        let over = key.details.expiry.is_past(now);
        facts.push(format!("{} {end}", if over { "expired" } else { "expires" }));
    }
    facts.join("\t")
}

async fn revoke(options: &KeyRevoke) -> anyhow::Result<()> {
    let (db, ctx) = wire_up::existing(&options.place).await?;
    let revoked = revoke_named(&ctx, &options.key).await;
    db.close().await;
    say(format_args!("The key {} is revoked.", revoked?));
    Ok(())
}

/// Revokes the key of this id or name.
async fn revoke_named(ctx: &Context, named: &str) -> anyhow::Result<String> {
    let is_meant = |key: &&ApiKey| {
        let name = key.details.name.as_deref().unwrap_or_default();
        key.id.to_string().eq_ignore_ascii_case(named)
            || name.to_lowercase() == named.trim().to_lowercase()
    };
    let keys = keys::list(ctx).await?;
    let key = keys.iter().find(is_meant).with_context(|| {
        format!("there is no key with the id or the name \"{named}\"; `docket key list` lists them")
    })?;
    let caller = Caller::system("docket key revoke");
    keys::delete(ctx, &caller, key.id, |()| Answer::new(200, Vec::new()))
        .await
        .map_err(refusal::told)?;
    Ok(key.details.name.clone().unwrap_or_else(|| key.id.to_string()))
}

/// `GET,POST /api/user`, once for each endpoint.
fn permissions(allowed: &[String]) -> anyhow::Result<Permissions> {
    let mut endpoints: BTreeMap<String, BTreeSet<Method>> = BTreeMap::new();
    for text in allowed {
        let parts = text.split_once(' ').map(|(methods, path)| (methods, path.trim()));
        let (methods, path) =
            parts.filter(|(_, path)| path.starts_with('/')).with_context(|| {
                format!("\"{text}\" is not methods and a path, as in \"GET,POST /api/user\"")
            })?;
        for name in methods.split(',') {
            let method = Method::from_name(&name.to_uppercase())
                .with_context(|| format!("{name} is not a method"))?;
            endpoints.entry(path.to_owned()).or_default().insert(method);
        }
    }
    Ok(Permissions::new(endpoints))
}

/// An instant in RFC 3339, or a length of time from `now`: `12h`, `90d`, `4w`, `1y`.
fn expiry(text: &str, now: Instant) -> anyhow::Result<Expiry> {
    let expiry = match scalar::parse_instant(text) {
        Some(instant) => Expiry::At(instant),
        None => span(text)
            .with_context(|| {
                format!("\"{text}\" is neither an instant (2030-01-01T00:00:00Z) nor a time (90d)")
            })?
            .after(now),
    };
    ensure!(!expiry.is_past(now), "{text} is in the past");
    if expiry == Expiry::Never {
        bail!("{text} is too far away");
    }
    Ok(expiry)
}

fn span(text: &str) -> Option<Span> {
    let units = [
        ('h', SpanUnit::Hours),
        ('d', SpanUnit::Days),
        ('w', SpanUnit::Weeks),
        ('y', SpanUnit::Years),
    ];
    units.into_iter().find_map(|(letter, unit)| {
        let length = text.trim().strip_suffix(letter)?.parse().ok()?;
        Some(Span { length, unit })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_769_850_000_000);

    #[test]
    fn an_end_is_an_instant_or_a_time_from_now() {
        let end = |text| expiry(text, NOW).ok().and_then(Expiry::instant).map(Instant::millis);
        assert_eq!(end("90d"), Some(NOW.millis() + 90 * 86_400_000));
        assert_eq!(end(" 12h "), Some(NOW.millis() + 12 * 3_600_000));
        assert_eq!(end("2026-01-31T10:00:00Z"), Some(NOW.millis() + 3_600_000));
        for nonsense in ["2025-01-31T10:00:00Z", "-1d", "90", "soon", "99999y", "0d"] {
            assert!(expiry(nonsense, NOW).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn permissions_are_methods_and_a_path() {
        let allowed = ["get,POST /api/user".to_owned(), "DELETE /api/user".to_owned()];
        let permissions = permissions(&allowed).unwrap();
        assert!(permissions.allow(Method::Get, "/api/user"));
        assert!(permissions.allow(Method::Delete, "/api/user"));
        assert!(!permissions.allow(Method::Put, "/api/user"));
        for nonsense in ["/api/user", "GET", "FETCH /api/user", "GET api/user"] {
            assert!(super::permissions(&[nonsense.to_owned()]).is_err(), "{nonsense}");
        }
    }
}
