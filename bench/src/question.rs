//! The questions that are asked of the server.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request};
use uuid::Uuid;

use crate::KEY;
use crate::chance::Chance;
use crate::community::{Community, KINDS, REASONS};
use crate::load::Ask;

/// How many users are asked about.
const ASKED_ABOUT: u64 = 100_000;
/// Days over which pages of actions begin.
const PAGE_DAYS: u64 = 300;
/// Pages that a table of 10,000 actions has, of the kind that is asked for.
const FEW_PAGES: u64 = 40;
/// Checks in one batch.
pub(crate) const BATCH: usize = 100;

/// Of whom is asked. Reads are about users of the older half, writes about the younger one, so that
/// what is written does not change what is read.
#[derive(Debug, Clone)]
pub(crate) struct Askers {
    community: Community,
    anybody: Arc<[(Uuid, bool)]>,
    listed: Arc<[Uuid]>,
    staff: Uuid,
}

impl Askers {
    /// Chooses users.
    pub(crate) fn choose(community: Community) -> Self {
        let older = Community { users: community.users / 2, ..community };
        let asked_about = ASKED_ABOUT.min(older.users);
        let mut chance = Chance::of(3, 0);
        let anybody = (0..asked_about).map(|_| {
            let number = chance.below(older.users);
            (community.person(number).id, community.is_blocked(number))
        });
        let anybody = anybody.collect();
        let listed = (0..asked_about)
            .map(|_| community.person(older.number_of_listed(&mut chance)).id)
            .collect();
        Self { community, anybody, listed, staff: community.person(0).id }
    }

    fn anybody(&self, chance: &mut Chance) -> (Uuid, bool) {
        chance.one_of(&self.anybody)
    }

    /// Somebody to take an action on.
    pub(crate) fn younger(&self, chance: &mut Chance) -> u64 {
        let half = self.community.users / 2;
        half + chance.below(half)
    }

    /// May this user act?
    pub(crate) fn gate(&self, chance: &mut Chance) -> Ask {
        let (id, _) = self.anybody(chance);
        get(&format!("/api/v1/gate?userId={id}"))
    }

    /// The same answer from the bare route.
    pub(crate) fn bare_gate(&self, chance: &mut Chance) -> Ask {
        let (id, blocked) = self.anybody(chance);
        get(&format!("/bench/gate?userId={id}&blocks={}", u8::from(blocked)))
    }

    /// May these users act?
    pub(crate) fn batch(&self, chance: &mut Chance) -> Ask {
        let checks: Vec<String> =
            (0..BATCH).map(|_| format!(r#"{{"userId":"{}"}}"#, self.anybody(chance).0)).collect();
        post("/api/v1/gate", format!(r#"{{"checks":[{}]}}"#, checks.join(",")))
    }

    /// The five actions of a user.
    pub(crate) fn list(&self, chance: &mut Chance) -> Ask {
        get(&format!("/api/user/action?userId={}", chance.one_of(&self.listed)))
    }

    /// Five actions from the bare route.
    pub(crate) fn bare_list(&self, chance: &mut Chance) -> Ask {
        get(&format!("/bench/actions?userId={}", chance.one_of(&self.listed)))
    }

    /// Takes an action on a user.
    pub(crate) fn take(&self, chance: &mut Chance) -> Ask {
        let actionee = self.community.person(self.younger(chance)).id;
        self.take_on(actionee)
    }

    /// Takes an action on this user.
    pub(crate) fn take_on(&self, actionee: Uuid) -> Ask {
        self.action(actionee, false)
    }

    /// Takes an action of which webhooks are told.
    pub(crate) fn tell(&self, chance: &mut Chance) -> Ask {
        self.tell_of(self.community.person(self.younger(chance)).id)
    }

    /// Takes an action on this user of which webhooks are told.
    pub(crate) fn tell_of(&self, actionee: Uuid) -> Ask {
        self.action(actionee, true)
    }

    fn action(&self, actionee: Uuid, broadcast: bool) -> Ask {
        let ([ban, ..], [(reason, ..), ..]) = (KINDS, REASONS);
        let until = self.community.now + 30 * 86_400_000;
        let body = format!(
            r#"{{"broadcast":{broadcast},"action":{{"actioneeUserId":"{actionee}","actionerUserId":"{}","userActionId":"{}","reasonId":"{reason}","expiry":{until}}}}}"#,
            self.staff, ban.id,
        );
        post("/api/user/action", body)
    }

    /// A page of fifty actions of one kind, somewhere in the last years.
    pub(crate) fn page(&self, chance: &mut Chance) -> Ask {
        self.page_behind(chance.below(PAGE_DAYS))
    }

    /// The same, out of no more pages than a small table has.
    pub(crate) fn page_of_few(&self, chance: &mut Chance) -> Ask {
        self.page_behind(chance.below(FEW_PAGES) * PAGE_DAYS / FEW_PAGES)
    }

    fn page_behind(&self, days: u64) -> Ask {
        let [_, _, mute, ..] = KINDS;
        let days = i64::try_from(days).unwrap_or(0);
        let instant =
            docket_domain::time::Instant::from_millis(self.community.now - days * 86_400_000);
        let before = docket_domain::id::at(instant, [0; 10]);
        // A cursor of the newest-first order; its end does not matter there.
        let cursor = cursor(before);
        get(&format!("/api/v1/actions?definitionId={}&limit=50&after={cursor}", mute.id))
    }
}

/// The cursor behind an id, as the server writes it: a letter, an end, the id, in base64url.
fn cursor(id: Uuid) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = vec![b'n'];
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(id.as_bytes());
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let filled = three.iter().chain([&0; 2]).take(3);
        let bits = filled.fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for place in 0..=three.len() {
            let shift = 18 - 6 * u32::try_from(place).unwrap_or(0);
            let digit = usize::try_from(bits >> shift & 63).unwrap_or(0);
            text.extend(DIGITS.get(digit).map(|digit| char::from(*digit)));
        }
    }
    text
}

/// Whether the server is there.
pub(crate) fn status() -> Ask {
    get("/api/status")
}

/// Has every tenant's actions told to this address.
pub(crate) fn webhook(address: SocketAddr) -> Ask {
    let body = format!(
        r#"{{"webhook":{{"url":"http://{address}/","connectTimeout":5000,"readTimeout":15000,"global":true,"eventsEnabled":{{"user.action":true}}}}}}"#
    );
    post("/api/webhook", body)
}

/// The webhooks that there are.
pub(crate) fn webhooks() -> Ask {
    get("/api/webhook")
}

/// Removes a webhook.
pub(crate) fn no_webhook(id: Uuid) -> Ask {
    request(Method::DELETE, &format!("/api/webhook/{id}"), Bytes::new())
}

fn get(path: &str) -> Ask {
    request(Method::GET, path, Bytes::new())
}

pub(crate) fn post(path: &str, body: String) -> Ask {
    request(Method::POST, path, body.into())
}

/// A request by whoever has the key.
fn request(method: Method, path: &str, body: Bytes) -> Ask {
    asked_by(HeaderValue::from_static(KEY), method, path, body)
}

/// A request by somebody.
pub(crate) fn asked_by(who: HeaderValue, method: Method, path: &str, body: Bytes) -> Ask {
    let has_body = !body.is_empty();
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap_or_default();
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_static("localhost"));
    headers.insert(AUTHORIZATION, who);
    if has_body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_base64url() {
        assert_eq!(cursor(Uuid::nil()), "bgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        assert!(cursor(Uuid::max()).ends_with("_____w"));
    }
}
