//! What the users of the community have to do: some hundred of them a hundred things each, one of
//! them very much.

use docket_domain::id;
use docket_domain::time::Instant;
use docket_domain::todo::Urgency;
use uuid::Uuid;

use super::{Community, DAY, STAFF};
use crate::chance::Chance;

/// How many to-dos a usual inbox holds.
pub(crate) const USUAL: u64 = 100;
/// How many the large one holds, if there are twice as many in all.
pub(crate) const LARGE: u64 = 10_000;

/// A kind of to-do. No provider knows of these: they were pushed, so nobody takes them away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matter {
    pub(crate) action_type: &'static str,
    pub(crate) verb: &'static str,
    pub(crate) object_type: &'static str,
    pub(crate) route: &'static str,
}

/// The kinds, in the order in which the table has them.
pub(crate) const MATTERS: [Matter; 5] = [
    matter("answer_ticket", "Answer", "Ticket", "tickets.details"),
    matter("pay_invoice", "Pay", "Invoice", "invoices.details"),
    matter("renew_licence", "Renew", "Licence", "licences.details"),
    matter("review_proposal", "Review", "Proposal", "proposals.details"),
    matter("sign_contract", "Sign", "Contract", "contracts.details"),
];

const fn matter(
    action_type: &'static str,
    verb: &'static str,
    object_type: &'static str,
    route: &'static str,
) -> Matter {
    Matter { action_type, verb, object_type, route }
}

/// Something that a user has to do.
#[derive(Debug, Clone)]
pub(crate) struct ToBeDone {
    pub(crate) id: Uuid,
    pub(crate) matter: Matter,
    /// The object, as whoever pushed it calls it.
    pub(crate) object: String,
    pub(crate) object_id: Uuid,
    pub(crate) urgency: i64,
    pub(crate) due_at: Option<i64>,
    pub(crate) asked_at: i64,
}

impl Community {
    /// How many inboxes of the usual size there are.
    pub(crate) fn inboxes(&self) -> u64 {
        (self.todos - self.in_large_inbox()) / USUAL
    }

    fn in_large_inbox(&self) -> u64 {
        if self.todos >= 2 * LARGE { LARGE } else { 0 }
    }

    /// The number of the user who has this inbox; behind the usual ones comes the large one.
    pub(crate) fn holder(&self, inbox: u64) -> u64 {
        STAFF + inbox * self.between_holders()
    }

    fn between_holders(&self) -> u64 {
        (self.users.saturating_sub(STAFF) / (self.inboxes() + 1)).max(1)
    }

    /// How many things the user with this number has to do.
    pub(crate) fn todo_count(&self, number: u64) -> u64 {
        let Some(place) = number.checked_sub(STAFF) else { return 0 };
        let between = self.between_holders();
        match (place % between, place / between) {
            (0, inbox) if inbox < self.inboxes() => USUAL,
            (0, inbox) if inbox == self.inboxes() => self.in_large_inbox(),
            _ => 0,
        }
    }

    /// What the user with this number has to do, in the order of the table.
    pub(crate) fn todos_of(&self, number: u64) -> Vec<ToBeDone> {
        let mut todos: Vec<ToBeDone> =
            (0..self.todo_count(number)).map(|nth| self.todo(number, nth)).collect();
        todos.sort_by(|a, b| {
            (a.matter.action_type, &a.object).cmp(&(b.matter.action_type, &b.object))
        });
        todos
    }

    /// One of the things that the user with this number has to do.
    pub(crate) fn todo(&self, number: u64, nth: u64) -> ToBeDone {
        let mut chance = Chance::of(5, number * LARGE + nth);
        let asked_at = self.now - i64::try_from(chance.below(30 * 86_400)).unwrap_or(0) * 1_000;
        let object_id = id::at(Instant::from_millis(asked_at), chance.ten());
        let [first, ..] = MATTERS;
        let place = usize::try_from(chance.below(5)).unwrap_or(0);
        let matter = MATTERS.get(place).copied().unwrap_or(first);
        // A third is never due, some should have been done already.
        let due_at = (chance.below(3) > 0)
            .then(|| self.now - 5 * DAY + i64::try_from(chance.below(60)).unwrap_or(0) * DAY);
        let urgency =
            Urgency::of_due(due_at.map(Instant::from_millis), Instant::from_millis(self.now));
        ToBeDone {
            id: id::at(Instant::from_millis(asked_at), chance.ten()),
            matter,
            object: format!("{}-{number}-{nth:05}", matter.object_type.to_lowercase()),
            object_id,
            urgency: urgency.rank(),
            due_at,
            asked_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_todos_as_were_asked_for() {
        for (users, todos) in [(5_000, 1_000), (20_000, 20_000), (100_000, 100_000)] {
            let community =
                Community { users, actions: users, todos, requests: 0, now: 1_767_603_600_000 };
            let total: u64 = (0..users).map(|number| community.todo_count(number)).sum();
            assert_eq!(total, todos);
            let first = community.holder(0);
            assert_eq!(community.todos_of(first).len(), 100);
        }
    }
}
