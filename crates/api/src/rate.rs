//! How often one credential may call, so that no caller takes the server from the others.
//!
//! Only whom authentication knows is counted: a stranger could invent credentials without end, and
//! addresses are those of a proxy. Strangers are bounded by connections and time, and where they
//! may try passwords by the hashing, of which there is one a core at a time.

use std::num::NonZeroU32;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderValue};
use docket_domain::access::Principal;
use governor::clock::DefaultClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

/// The credentials that called of late, unless nobody is limited.
#[derive(Default)]
pub(crate) struct Rates(Option<RateLimiter<Uuid, HashMapStateStore<Uuid>, DefaultClock>>);

impl Rates {
    /// So many requests a second, as many of them at once; 0 is without limit.
    pub(crate) fn new(per_second: u32) -> Self {
        let quota = NonZeroU32::new(per_second).map(Quota::per_second);
        Self(quota.map(RateLimiter::hashmap))
    }

    /// Counts a request; whether it may be served.
    pub(crate) fn admits(&self, principal: &Principal) -> bool {
        let Some(limiter) = &self.0 else { return true };
        let credential = match principal {
            Principal::Key(key) => key.id.uuid(),
            Principal::User(user) => user.id.uuid(),
            Principal::Anonymous | Principal::System => return true,
        };
        limiter.check_key(&credential).is_ok()
    }
}

/// Says when to come again: a second later at the latest there is room for one more.
pub(crate) fn ask_to_wait(headers: &mut HeaderMap) {
    headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
}
