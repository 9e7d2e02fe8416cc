//! The made-up community that is measured: users, the actions taken on them, what they have to do
//! and what they ask for.
//!
//! Invariant: everything follows from a few numbers, so that the measuring side knows every id of
//! what the seeding side wrote, without asking the database.

pub(crate) mod organisations;
pub(crate) mod todos;

use docket_domain::id;
use docket_domain::time::Instant;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chance::Chance;

const DAY: i64 = 86_400_000;
/// Users joined over three years, actions were taken over the last two.
const JOINED_DAYS: i64 = 3 * 365;
const TAKEN_DAYS: i64 = 2 * 365;
/// The first users are staff and take the actions.
const STAFF: u64 = 20;
/// As many actions as the measured list has.
pub(crate) const LISTED: u64 = 5;

/// The tenant of everybody.
pub(crate) const TENANT: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

const FIRST_NAMES: [&str; 16] = [
    "Ada", "Bela", "Chen", "Dara", "Emre", "Fumi", "Grete", "Hugo", "Ines", "Jomo", "Kim", "Luca",
    "Mina", "Noor", "Olga", "Pavel",
];
const LAST_NAMES: [&str; 16] = [
    "Abe", "Brandt", "Costa", "Diaz", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen",
    "Kaya", "Lee", "Moreau", "Novak", "Okafor", "Petrov",
];
const COMMENTS: [&str; 6] = [
    "Third warning this month",
    "Links to a shop in every post",
    "Asked by phone to be unlocked",
    "Insulted another member",
    "Reported by seven people",
    "Paid late again",
];

/// A kind of action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) id: Uuid,
    pub(crate) name: &'static str,
    pub(crate) german: &'static str,
    pub(crate) temporal: bool,
    pub(crate) prevents_login: bool,
}

/// The kinds; "Ban" is the one that the benchmark takes.
pub(crate) const KINDS: [Kind; 5] = [
    kind(1, "Ban", "Sperre", true, true),
    kind(2, "Suspension", "Aussetzung", true, true),
    kind(3, "Mute", "Stummschaltung", true, false),
    kind(4, "Warning", "Verwarnung", false, false),
    kind(5, "Note", "Notiz", false, false),
];

const fn kind(
    number: u128,
    name: &'static str,
    german: &'static str,
    temporal: bool,
    prevents_login: bool,
) -> Kind {
    let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0001_0000 + number);
    Kind { id, name, german, temporal, prevents_login }
}

/// A reason: its code, its text, its text in German.
pub(crate) const REASONS: [(Uuid, &str, &str, &str); 4] = [
    reason(1, "SPAM", "Spam", "Werbung"),
    reason(2, "ABUSE", "Abusive behaviour", "Beleidigung"),
    reason(3, "PAYMENT", "Payment is due", "Zahlung offen"),
    reason(4, "REQUEST", "At the user's request", "Auf eigenen Wunsch"),
];

const fn reason(
    number: u128,
    code: &'static str,
    text: &'static str,
    german: &'static str,
) -> (Uuid, &'static str, &'static str, &'static str) {
    let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0002_0000 + number);
    (id, code, text, german)
}

/// The numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Community {
    /// How many users there are.
    pub(crate) users: u64,
    /// How many actions there are; at least as many as users.
    pub(crate) actions: u64,
    /// How many to-dos there are.
    pub(crate) todos: u64,
    /// How many permission requests there are.
    pub(crate) requests: u64,
    /// The instant at which the database was seeded, in milliseconds.
    pub(crate) now: i64,
}

/// A user.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) staff: bool,
    pub(crate) german: bool,
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    pub(crate) email: String,
    pub(crate) username: String,
    pub(crate) joined_at: i64,
}

/// An action.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) id: Uuid,
    pub(crate) actioner: Uuid,
    pub(crate) kind: Kind,
    /// The place of the reason in [`REASONS`], if one was given.
    pub(crate) reason: Option<usize>,
    pub(crate) comment: Option<&'static str>,
    pub(crate) at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) cancelled_at: Option<i64>,
}

impl Taken {
    /// When its end is due, if that is after `now`.
    pub(crate) fn pending_end(&self, now: i64) -> Option<i64> {
        let end = self.expires_at.filter(|_| self.cancelled_at.is_none());
        end.filter(|end| (now + 1..i64::MAX).contains(end))
    }
}

impl Community {
    /// The user with this number.
    pub(crate) fn person(&self, number: u64) -> Person {
        let mut chance = Chance::of(1, number);
        let span = i128::from(JOINED_DAYS * DAY);
        let passed = span * i128::from(number) / i128::from(self.users.max(1));
        let joined_at = self.now - JOINED_DAYS * DAY + i64::try_from(passed).unwrap_or(0);
        let first_name = chance.one_of(&FIRST_NAMES);
        let last_name = chance.one_of(&LAST_NAMES);
        let username = format!("{}{number}", first_name.to_lowercase());
        Person {
            id: id::at(Instant::from_millis(joined_at), chance.ten()),
            staff: number < STAFF,
            german: chance.below(4) == 0,
            first_name,
            last_name,
            email: format!("{username}.{}@example.com", last_name.to_lowercase()),
            username,
            joined_at,
        }
    }

    /// The token of the user with this number, if they were given one: whoever has something to do,
    /// or to decide on.
    pub(crate) fn token(&self, number: u64) -> Option<String> {
        let needs_one = self.todo_count(number) > 0 || self.is_owner(number);
        let mut chance = Chance::of(8, number);
        needs_one.then(|| format!("{:016x}{:016x}{:08x}", chance.next(), chance.next(), number))
    }

    /// How many actions there are on the user with this number: none on four of ten, some on four,
    /// five on two.
    pub(crate) fn count(&self, number: u64) -> u64 {
        let (ten, place) = (number / 10, number % 10);
        match place {
            0..=3 => 0,
            8.. => LISTED,
            _ => {
                // The others share what the fives leave, without a remainder in the end.
                let rest = self.actions.saturating_sub(self.users / 10 * 2 * LISTED);
                let sharing = (self.users / 10 * 4).max(1);
                let turn = ten * 4 + (place - 4);
                if turn >= sharing {
                    return 0;
                }
                (turn + 1) * rest / sharing - turn * rest / sharing
            }
        }
    }

    /// The number of a user with exactly [`LISTED`] actions.
    pub(crate) fn number_of_listed(&self, chance: &mut Chance) -> u64 {
        chance.below((self.users / 10).max(1)) * 10 + 8 + chance.below(2)
    }

    /// The actions on the user with this number, oldest first.
    pub(crate) fn taken(&self, number: u64) -> Vec<Taken> {
        let mut taken: Vec<Taken> =
            (0..self.count(number)).map(|nth| self.one_taken(number, nth)).collect();
        taken.sort_by_key(|action| action.id);
        taken
    }

    fn one_taken(&self, number: u64, nth: u64) -> Taken {
        let mut chance = Chance::of(2, number * 1_000 + nth);
        let ago = chance.below(u64::try_from(TAKEN_DAYS * DAY).unwrap_or(1));
        let taken_at = self.now - i64::try_from(ago).unwrap_or(0);
        let place = usize::try_from(chance.below(10)).unwrap_or(0);
        let [ban, suspension, mute, warning, note] = KINDS;
        let kind = [ban, ban, suspension, mute, mute, warning, warning, warning, note, note]
            .get(place)
            .copied()
            .unwrap_or(warning);
        let lasts = i64::try_from(1 + chance.below(14)).unwrap_or(1) * DAY;
        let fate = chance.below(20);
        // What would not be over yet ended on half its way to now: ends lie as close everywhere.
        let ended = |at: i64| if at < self.now { at } else { i64::midpoint(taken_at, self.now) };
        let cancelled_at = (kind.temporal && fate == 0).then(|| ended(taken_at + lasts / 2));
        // One of ten never ends, one of ten ends in a year, the others ended after some days.
        let expires_at = kind.temporal.then_some(match fate {
            0 => cancelled_at.unwrap_or(taken_at),
            1 | 2 => i64::MAX,
            3 | 4 => self.now + 365 * DAY + lasts,
            _ => ended(taken_at + lasts),
        });
        let actioner = self.person(chance.below(STAFF.min(self.users))).id;
        Taken {
            id: id::at(Instant::from_millis(taken_at), chance.ten()),
            actioner,
            kind,
            reason: (chance.below(3) > 0).then(|| usize::try_from(chance.below(4)).unwrap_or(0)),
            comment: (chance.below(4) == 0).then(|| chance.one_of(&COMMENTS)),
            at: taken_at,
            expires_at,
            cancelled_at,
        }
    }

    /// Whether something stops the user with this number from logging in.
    pub(crate) fn is_blocked(&self, number: u64) -> bool {
        self.taken(number).iter().any(|action| {
            action.kind.prevents_login && action.expires_at.is_some_and(|end| end > self.now + DAY)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_actions_as_were_asked_for() {
        let community = Community {
            users: 10_000,
            actions: 20_000,
            todos: 0,
            requests: 0,
            now: 1_767_603_600_000,
        };
        let total: u64 = (0..community.users).map(|number| community.count(number)).sum();
        assert_eq!(total, 20_000);
        let listed = community.number_of_listed(&mut Chance::of(9, 9));
        assert_eq!(community.taken(listed).len(), 5);
        let blocked = (0..community.users).filter(|number| community.is_blocked(*number)).count();
        assert!((500..2_000).contains(&blocked), "{blocked}");
    }
}
