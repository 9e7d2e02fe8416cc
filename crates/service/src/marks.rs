//! What this node has read and remembers, and what may have changed since.
//!
//! Invariant: what is remembered of a user is used only while nothing that could change it was
//! committed since it was read. Users share marks; whatever is committed about one moves the mark.
//! What is remembered holds the mark as it was before it was read, so a read that is overtaken by a
//! commit is never used. What this node commits moves marks before the answer, what others commit
//! when the log tells of it; while the log is not followed, nothing that is remembered is used.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use docket_domain::event::Noun;
use docket_domain::id::UserId;
use docket_domain::json::Json;
use serde::Deserialize;
use uuid::Uuid;

/// Marks; a power of two. With as many, fifty thousand actions make a fifth of what is remembered
/// useless, be there ever so many users; they take 2 MB.
const MARKS: usize = 1 << 18;

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
            noun if noun == Noun::UserToken.name() => subject,
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

/// The marks of all users.
#[derive(Debug)]
pub(crate) struct Marks {
    own: Box<[AtomicU64]>,
    everybody: AtomicU64,
    moves: AtomicU64,
    hashing: RandomState,
}

impl Default for Marks {
    fn default() -> Self {
        Self {
            own: (0..MARKS).map(|_| AtomicU64::new(0)).collect(),
            everybody: AtomicU64::new(0),
            moves: AtomicU64::new(0),
            hashing: RandomState::new(),
        }
    }
}

impl Marks {
    /// How the user's mark stands; to be asked before what is remembered with it is read.
    pub(crate) fn of(&self, user: UserId) -> Mark {
        Mark {
            own: self.place(user).map_or(0, |mark| mark.load(Ordering::Acquire)),
            everybody: self.everybody.load(Ordering::Acquire),
        }
    }

    /// How often any mark was moved. Whoever learns only from what they read which user it is about
    /// asks this before, and again when they have the mark: as long as it is the same, the mark is
    /// what it was before.
    pub(crate) fn moves(&self) -> u64 {
        self.moves.load(Ordering::Acquire)
    }

    /// Something was committed: what was read before about those whom it touches is not used again.
    pub(crate) fn forget(&self, touches: &[Touch]) {
        for touch in touches {
            let own = match touch {
                Touch::Nobody | Touch::Directory => continue,
                Touch::User(user) => self.place(*user),
                Touch::Everybody => None,
            };
            // In this order: whoever sees the mark moved sees that one was.
            self.moves.fetch_add(1, Ordering::AcqRel);
            own.unwrap_or(&self.everybody).fetch_add(1, Ordering::AcqRel);
        }
    }

    fn place(&self, user: UserId) -> Option<&AtomicU64> {
        let hash = usize::try_from(self.hashing.hash_one(user) & 0xffff_ffff).unwrap_or(0);
        self.own.get(hash % self.own.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn what_is_committed_about_a_user_moves_their_mark() {
        let about = r#"{"action":{"actioneeId":"00000000-0000-0000-0000-000000000001","x":1}}"#;
        let empty = Json::from_trusted("{}");
        let id = |number| Some(Uuid::from_u128(number));
        for (event_type, subject, payload, stays) in [
            ("user.action", id(9), Json::from_trusted(about), false),
            ("user.action", id(9), empty.clone(), false),
            ("user.updated", id(1), empty.clone(), false),
            ("user.updated", id(2), empty.clone(), true),
            ("user_token.deleted", id(1), empty.clone(), false),
            ("user_token.deleted", id(2), empty.clone(), true),
            ("definition.updated", id(9), empty.clone(), false),
            ("tenant.deleted", id(9), empty.clone(), false),
            ("comment.created", id(9), empty, true),
        ] {
            let marks = Marks::default();
            let (mark, moves) = (marks.of(user(1)), marks.moves());
            let touch = Touch::of(event_type, subject, Some(&payload));
            marks.forget(&[touch]);
            assert_eq!(marks.of(user(1)) == mark, stays, "{event_type} {subject:?}");
            assert_eq!(marks.moves() == moves, touch == Touch::Nobody, "{event_type} {subject:?}");
        }
    }
}
