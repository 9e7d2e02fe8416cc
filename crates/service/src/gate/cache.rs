//! What stops whom, as read of late. A gate is asked far more often than it changes.
//!
//! Invariant: an entry is used only while nothing that could change it was committed since it was
//! read. Users share marks; whatever is committed about one moves the mark. An entry holds the mark
//! as it was before it was read, so a read that is overtaken by a commit is never used. What this
//! node commits moves marks before the answer, what others commit when the log tells of it; while
//! the log is not followed, nobody asks here.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use docket_domain::id::UserId;
use docket_domain::json::Json;
use docket_store::gate::Gate;
use serde::Deserialize;
use uuid::Uuid;

/// More users than this in memory and the cache starts afresh: some 50 MB.
const MOST_USERS: usize = 250_000;
/// Marks; a power of two.
const MARKS: usize = 1 << 14;

/// What stops whom, as read of late.
#[derive(Debug)]
pub struct GateCache {
    users: papaya::HashMap<UserId, Entry>,
    marks: Box<[AtomicU64]>,
    /// The mark of everybody.
    everybody: AtomicU64,
    hashing: RandomState,
}

#[derive(Debug, Clone)]
struct Entry {
    mark: Mark,
    gate: Arc<Gate>,
}

/// Who may act differently after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touch {
    /// Nobody.
    Nobody,
    /// One user.
    User(UserId),
    /// Who knows.
    Everybody,
    /// Nobody, but who may be told what.
    Directory,
    /// Nobody, but whose tokens are good.
    Accounts,
}

impl Touch {
    /// What an event says of it.
    pub(crate) fn of(event_type: &str, subject: Option<Uuid>, payload: Option<&Json>) -> Self {
        let (noun, _) = event_type.split_once('.').unwrap_or((event_type, ""));
        let user = match noun {
            "user" if event_type == "user.action" => {
                let about = payload.map(|payload| serde_json::from_str(payload.as_str()));
                about.and_then(Result::ok).map(|about: AboutAction| about.action.actionee_id)
            }
            "user" => subject,
            "application" | "definition" | "tenant" => None,
            _ => return Self::Nobody,
        };
        user.map_or(Self::Everybody, |user| Self::User(UserId::from_uuid(user)))
    }
}

/// How a user's mark and everybody's stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    own: u64,
    everybody: u64,
}

/// The part of an action's event that says whom it is about.
#[derive(Deserialize)]
struct AboutAction {
    action: AboutUser,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AboutUser {
    actionee_id: Uuid,
}

impl Default for GateCache {
    fn default() -> Self {
        Self {
            users: papaya::HashMap::new(),
            marks: (0..MARKS).map(|_| AtomicU64::new(0)).collect(),
            everybody: AtomicU64::new(0),
            hashing: RandomState::new(),
        }
    }
}

impl GateCache {
    /// What stops a user, if that was read and nothing has changed it since.
    pub(crate) fn get(&self, user: UserId) -> Option<Arc<Gate>> {
        let users = self.users.pin();
        let entry = users.get(&user)?;
        (entry.mark == self.mark(user)).then(|| Arc::clone(&entry.gate))
    }

    /// How the user's mark stands; to be asked before what stops them is read.
    pub(crate) fn mark(&self, user: UserId) -> Mark {
        Mark {
            own: self.place(user).map_or(0, |mark| mark.load(Ordering::Acquire)),
            everybody: self.everybody.load(Ordering::Acquire),
        }
    }

    /// Keeps what was read after the mark was.
    pub(crate) fn put(&self, mark: Mark, gate: Gate) -> Arc<Gate> {
        let gate = Arc::new(gate);
        let users = self.users.pin();
        if users.len() >= MOST_USERS {
            users.clear();
        }
        users.insert(gate.user_id, Entry { mark, gate: Arc::clone(&gate) });
        gate
    }

    /// Something was committed: what was read before about those whom it touches is not used again.
    pub(crate) fn forget(&self, touches: &[Touch]) {
        for touch in touches {
            let own = match touch {
                Touch::Nobody | Touch::Directory | Touch::Accounts => continue,
                Touch::User(user) => self.place(*user),
                Touch::Everybody => None,
            };
            own.unwrap_or(&self.everybody).fetch_add(1, Ordering::AcqRel);
        }
    }

    fn place(&self, user: UserId) -> Option<&AtomicU64> {
        let hash = usize::try_from(self.hashing.hash_one(user) & 0xffff_ffff).unwrap_or(0);
        self.marks.get(hash % self.marks.len())
    }
}

#[cfg(test)]
mod tests {
    use docket_domain::id::TenantId;
    use docket_domain::time::Expiry;

    use super::*;

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn gate(number: u128) -> Gate {
        Gate {
            user_id: user(number),
            tenant_id: TenantId::from_uuid(Uuid::nil()),
            active: true,
            expiry: Expiry::Never,
            blocks: Vec::new(),
        }
    }

    fn filled() -> GateCache {
        let cache = GateCache::default();
        cache.put(cache.mark(user(1)), gate(1));
        cache
    }

    #[test]
    fn what_is_committed_about_a_user_is_seen_at_once() {
        let about = r#"{"action":{"actioneeId":"00000000-0000-0000-0000-000000000001","x":1}}"#;
        let empty = Json::from_trusted("{}");
        let id = |number| Some(Uuid::from_u128(number));
        for (event_type, subject, payload, kept) in [
            ("user.action", id(9), Json::from_trusted(about), false),
            ("user.action", id(9), empty.clone(), false),
            ("user.updated", id(1), empty.clone(), false),
            ("user.updated", id(2), empty.clone(), true),
            ("definition.updated", id(9), empty.clone(), false),
            ("tenant.deleted", id(9), empty.clone(), false),
            ("comment.created", id(9), empty, true),
        ] {
            let cache = filled();
            cache.forget(&[Touch::of(event_type, subject, Some(&payload))]);
            assert_eq!(cache.get(user(1)).is_some(), kept, "{event_type} {subject:?}");
        }
    }

    #[test]
    fn a_read_that_a_commit_overtook_is_not_used() {
        let cache = filled();
        let mark = cache.mark(user(1));
        cache.forget(&[Touch::User(user(1))]);
        cache.put(mark, gate(1));
        assert!(cache.get(user(1)).is_none());
    }
}
