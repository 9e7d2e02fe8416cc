//! The organisations of the community: customers with an owner each, and what users ask of them.

use docket_domain::id;
use docket_domain::time::Instant;
use uuid::Uuid;

use super::{Community, DAY, STAFF};
use crate::chance::Chance;

/// Requests for each customer.
pub(crate) const REQUESTS: u64 = 100;
/// Who else holds a role on each customer.
pub(crate) const MEMBERS: u64 = 9;
/// Projects of each customer.
pub(crate) const PROJECTS: u64 = 2;

/// The role of those who decide on requests.
pub(crate) const OWNER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0003_0001);
/// The role that is asked for.
pub(crate) const MEMBER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0003_0002);

/// A customer, and its one invitation.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) id: Uuid,
    pub(crate) invitation: Uuid,
    pub(crate) name: String,
    /// The number of the owner; the members' numbers follow it.
    pub(crate) owner: u64,
    pub(crate) since: i64,
}

/// Somebody asks for a role; nobody has decided on it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) id: Uuid,
    /// The number of the customer.
    pub(crate) customer: u64,
    /// The number of the user.
    pub(crate) requester: u64,
    pub(crate) at: i64,
}

impl Community {
    /// How many customers there are.
    pub(crate) fn customers(&self) -> u64 {
        self.requests / REQUESTS
    }

    /// The customer with this number. Owners and members are of the older half, requesters of the
    /// younger one.
    pub(crate) fn customer(&self, number: u64) -> Customer {
        let mut chance = Chance::of(6, number);
        let since = self.now - 400 * DAY;
        let at = Instant::from_millis(since + i64::try_from(number).unwrap_or(0));
        Customer {
            id: id::at(at, chance.ten()),
            invitation: id::at(at, chance.ten()),
            name: format!("Institute {number}"),
            owner: STAFF + 1 + number * self.between_owners(),
            since,
        }
    }

    fn between_owners(&self) -> u64 {
        ((self.users / 2).saturating_sub(STAFF + 1) / self.customers().max(1)).max(1)
    }

    /// Whether the user with this number owns a customer.
    pub(crate) fn is_owner(&self, number: u64) -> bool {
        let between = self.between_owners();
        number
            .checked_sub(STAFF + 1)
            .is_some_and(|place| place % between == 0 && place / between < self.customers())
    }

    /// The request with this number.
    pub(crate) fn request(&self, number: u64) -> Asked {
        let mut chance = Chance::of(7, number);
        let at = self.now - i64::try_from(chance.below(30 * 86_400)).unwrap_or(0) * 1_000;
        Asked {
            id: id::at(Instant::from_millis(at), chance.ten()),
            customer: number / REQUESTS,
            requester: self.users / 2 + number * self.between_requesters(),
            at,
        }
    }

    fn between_requesters(&self) -> u64 {
        (self.users / 2 / self.requests.max(1)).max(1)
    }

    /// What the user with this number asks for.
    pub(crate) fn request_of(&self, number: u64) -> Option<Asked> {
        let place = number.checked_sub(self.users / 2)?;
        let between = self.between_requesters();
        let asks = place % between == 0 && place / between < self.requests;
        asks.then(|| self.request(place / between))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_customer_has_an_owner_and_every_request_a_requester() {
        for (users, requests) in [(1_000, 500), (5_000, 500), (100_000, 5_000)] {
            let community =
                Community { users, actions: users, todos: 0, requests, now: 1_767_603_600_000 };
            let owners = (0..users).filter(|number| community.is_owner(*number)).count();
            assert_eq!(u64::try_from(owners).unwrap(), community.customers());
            let asked: Vec<Asked> =
                (0..users).filter_map(|number| community.request_of(number)).collect();
            assert_eq!(u64::try_from(asked.len()).unwrap(), requests);
            let last = community.customer(community.customers() - 1);
            assert!(last.owner + MEMBERS < users / 2);
        }
    }
}
