//! Which users somebody sees (`waldur.md` §10.2).

use super::viewer::{SeenScopes, Sight, Viewer};
use crate::directory::scope::Scope;
use crate::id::{CustomerId, UserId};

/// The users that somebody sees: themselves, and who holds a role on a scope that they see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPeople {
    /// Themselves.
    pub own: UserId,
    /// The scopes that they see.
    pub scopes: SeenScopes,
}

impl Viewer {
    /// The users that they see.
    #[must_use]
    pub fn seen_people(&self) -> Sight<SeenPeople> {
        match self.seen_scopes() {
            Sight::All => Sight::All,
            Sight::Of(scopes) => Sight::Of(SeenPeople { own: self.id, scopes }),
        }
    }
}

impl Sight<SeenPeople> {
    /// Whether they see this user, who holds roles on these scopes of these customers. Of closed
    /// accounts only who sees everything knows.
    #[must_use]
    pub fn sees(&self, user: UserId, active: bool, holds: &[(Scope, CustomerId)]) -> bool {
        let Self::Of(seen) = self else { return true };
        let shares = |(scope, customer): &(Scope, CustomerId)| match scope {
            Scope::Customer(id) => seen.scopes.customers.contains(id),
            Scope::Project(id) => {
                seen.scopes.projects.contains(id) || seen.scopes.whole_customers.contains(customer)
            }
        };
        seen.own == user || (active && holds.iter().any(shares))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::access::Held;
    use crate::id::{ProjectId, RoleId};

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn who_shares_a_visible_scope_is_seen() {
        let customer = CustomerId::from_uuid(Uuid::from_u128(10));
        let [one, two] = [11, 12].map(|n| Scope::Project(ProjectId::from_uuid(Uuid::from_u128(n))));
        let viewer = |scope| Viewer {
            id: user(1),
            active: true,
            staff: false,
            support: false,
            held: vec![Held {
                scope,
                customer,
                role: RoleId::from_uuid(Uuid::nil()),
                permissions: Arc::default(),
            }],
        };
        let owner = viewer(Scope::Customer(customer)).seen_people();
        let member = viewer(one).seen_people();
        for (holds, by_owner, by_member) in
            [(Scope::Customer(customer), true, true), (one, true, true), (two, true, false)]
        {
            let holds = [(holds, customer)];
            assert_eq!(owner.sees(user(2), true, &holds), by_owner, "{holds:?}");
            assert_eq!(member.sees(user(2), true, &holds), by_member, "{holds:?}");
            assert!(!owner.sees(user(2), false, &holds), "a closed account");
        }
        assert!(member.sees(user(1), false, &[]) && !member.sees(user(2), true, &[]));
        let staff = Viewer { staff: true, ..viewer(one) }.seen_people();
        assert!(staff.sees(user(2), false, &[]));
    }
}
