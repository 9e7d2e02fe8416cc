//! Who calls: API keys by their hash, users by their token of either kind.

use docket_domain::access::{KeyPrincipal, Principal, UserPrincipal};
use docket_domain::time::{Expiry, Instant};
use docket_store::{api_key, user};
use subtle::ConstantTimeEq;

use crate::context::Context;
use crate::error::Error;
use crate::user_tokens;
use crate::vault::hash;

/// For how long a key is believed without asking the store again: what another node revokes ends
/// here within this time. What this node changes is forgotten at once.
const TRUSTED_MILLIS: i64 = 1_000;
/// More keys than this in memory and the cache starts afresh.
const MOST_KEYS: usize = 10_000;

/// API keys seen of late, by their hash.
#[derive(Debug, Default)]
pub struct KeyCache(papaya::HashMap<[u8; 32], Seen>);

#[derive(Debug, Clone)]
struct Seen {
    principal: KeyPrincipal,
    expiry: Expiry,
    at: Instant,
}

impl KeyCache {
    /// Forgets everything, after a key was changed here.
    pub fn clear(&self) {
        self.0.pin().clear();
    }
}

/// The principal behind an API key, if it is one and still valid.
pub async fn by_key(ctx: &Context, presented: &str) -> Result<Option<Principal>, Error> {
    let now = ctx.now();
    let hash = hash(presented.as_bytes());
    let seen = ctx.keys.0.pin().get(&hash).filter(|seen| seen.is_fresh(now)).cloned();
    let seen = match seen {
        Some(seen) => seen,
        None => match look_up(ctx, hash, now).await? {
            Some(seen) => seen,
            None => return Ok(None),
        },
    };
    Ok((!seen.expiry.is_past(now)).then_some(Principal::Key(seen.principal)))
}

impl Seen {
    fn is_fresh(&self, now: Instant) -> bool {
        (0..TRUSTED_MILLIS).contains(&now.millis_since(self.at))
    }
}

async fn look_up(ctx: &Context, hash: [u8; 32], now: Instant) -> Result<Option<Seen>, Error> {
    let Some((key, kept)) = api_key::find_by_hash(&mut ctx.db.reader(), &hash).await? else {
        return Ok(None);
    };
    // The index found it by comparing bytes as fast as it could; what decides takes its time.
    if !bool::from(kept.as_slice().ct_eq(&hash)) {
        return Ok(None);
    }
    let principal = KeyPrincipal {
        id: key.id,
        tenant_id: key.tenant_id,
        key_manager: key.key_manager,
        permissions: key.details.permissions,
    };
    let seen = Seen { principal, expiry: key.details.expiry, at: now };
    let cache = ctx.keys.0.pin();
    if cache.len() >= MOST_KEYS {
        cache.clear();
    }
    cache.insert(hash, seen.clone());
    Ok(Some(seen))
}

/// The principal behind a user's token, if it is genuine and the account still open.
pub async fn by_token(ctx: &Context, token: &str) -> Result<Option<Principal>, Error> {
    if let Some(principal) = user_tokens::principal(ctx, token).await? {
        return Ok(Some(principal));
    }
    let now = ctx.now();
    let Some(id) = ctx.tokens.verify(token, now) else { return Ok(None) };
    let found = user::find(&mut ctx.db.reader(), id).await?;
    let open = found.filter(|user| user.active && !user.details.expiry.is_past(now));
    Ok(open.map(|user| {
        Principal::User(UserPrincipal { id, tenant_id: user.tenant_id, staff: user.staff })
    }))
}
