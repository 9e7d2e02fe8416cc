//! What a viewer may, in random worlds, against a second formulation: the contract's predicates
//! (`waldur.md` §2.2, §8.2, §9.2), written down naively over all there is.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::directory::role::{
    CUSTOMER_CREATE_PERMISSION, INVITATION_LIST, PROJECT_CREATE_PERMISSION,
};

const PERMISSIONS: [&str; 3] =
    [CUSTOMER_CREATE_PERMISSION, PROJECT_CREATE_PERMISSION, INVITATION_LIST];
const CUSTOMERS: u128 = 3;
const PROJECTS: u128 = 6;

/// Somebody, and everything there is, as it stands in no particular order.
#[derive(Debug, Clone)]
struct World {
    active: bool,
    staff: bool,
    support: bool,
    /// The customer of each project, and whether it was removed.
    projects: Vec<(u128, bool)>,
    /// What they hold: where, which role, and which permissions the role has.
    grants: Vec<(Spot, u128, Vec<usize>)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Spot {
    Customer(u128),
    Project(usize),
}

impl World {
    fn customer_of(&self, spot: Spot) -> u128 {
        match spot {
            Spot::Customer(number) => number,
            Spot::Project(index) => self.projects[index].0,
        }
    }

    fn is_removed(&self, spot: Spot) -> bool {
        matches!(spot, Spot::Project(index) if self.projects[index].1)
    }

    fn spots(&self) -> Vec<Spot> {
        let customers = (0..CUSTOMERS).map(Spot::Customer);
        customers.chain((0..self.projects.len()).map(Spot::Project)).collect()
    }

    fn has_permission(&self, permission: &str, spot: Spot) -> bool {
        if !self.active {
            return false;
        }
        if self.staff {
            return true;
        }
        for (held, _, permissions) in &self.grants {
            if *held == spot && permissions.iter().any(|index| PERMISSIONS[*index] == permission) {
                return true;
            }
        }
        false
    }

    fn can_manage_invitation(&self, spot: Spot) -> bool {
        if self.is_removed(spot) {
            return false;
        }
        if self.active && self.staff {
            return true;
        }
        let customer = Spot::Customer(self.customer_of(spot));
        match spot {
            Spot::Customer(_) => self.has_permission(CUSTOMER_CREATE_PERMISSION, customer),
            Spot::Project(_) => {
                self.has_permission(PROJECT_CREATE_PERMISSION, spot)
                    || self.has_permission(PROJECT_CREATE_PERMISSION, customer)
                    || self.has_permission(CUSTOMER_CREATE_PERMISSION, customer)
            }
        }
    }

    fn can_manage_request(&self, spot: Spot, creates_project: bool) -> bool {
        if !creates_project {
            return self.can_manage_invitation(spot);
        }
        let customer = Spot::Customer(self.customer_of(spot));
        self.has_permission(PROJECT_CREATE_PERMISSION, customer)
    }

    fn holds_any(&self, wanted: impl Fn(Spot) -> bool) -> bool {
        self.grants.iter().any(|(spot, ..)| wanted(*spot))
    }

    fn sees_scope(&self, spot: Spot) -> bool {
        let customer = self.customer_of(spot);
        let by_role = match spot {
            Spot::Customer(_) => self.holds_any(|held| self.customer_of(held) == customer),
            Spot::Project(_) => {
                self.holds_any(|held| held == spot || held == Spot::Customer(customer))
            }
        };
        self.staff || self.support || by_role
    }

    fn sees_request(&self, is_own: bool, customer: u128) -> bool {
        let by_role = self.holds_any(|held| held == Spot::Customer(customer));
        self.staff || self.support || is_own || by_role
    }

    fn lists_invitation(&self, customer: u128, open: bool) -> bool {
        let lists = self.grants.iter().any(|(spot, _, permissions)| {
            *spot == Spot::Customer(customer) && permissions.contains(&2)
        });
        self.staff || self.support || open || lists
    }

    /// The same somebody as the rules know them.
    fn viewer(&self) -> Viewer {
        let held = self.grants.iter().map(|(spot, role, permissions)| Held {
            scope: scope(*spot),
            customer: customer(self.customer_of(*spot)),
            role: RoleId::from_uuid(Uuid::from_u128(*role)),
            permissions: Arc::new(
                permissions.iter().map(|index| PERMISSIONS[*index].to_owned()).collect(),
            ),
        });
        Viewer {
            id: UserId::from_uuid(Uuid::from_u128(1)),
            active: self.active,
            staff: self.staff,
            support: self.support,
            held: held.collect(),
        }
    }

    fn place(&self, spot: Spot) -> Place {
        Place {
            scope: scope(spot),
            customer: customer(self.customer_of(spot)),
            removed: self.is_removed(spot),
        }
    }
}

fn customer(number: u128) -> CustomerId {
    CustomerId::from_uuid(Uuid::from_u128(0x100 + number))
}

fn scope(spot: Spot) -> Scope {
    match spot {
        Spot::Customer(number) => Scope::Customer(customer(number)),
        Spot::Project(index) => {
            let number = u128::try_from(index).unwrap();
            Scope::Project(ProjectId::from_uuid(Uuid::from_u128(0x200 + number)))
        }
    }
}

prop_compose! {
    fn worlds()(
        active in prop::bool::weighted(0.8),
        staff in prop::bool::weighted(0.2),
        support in prop::bool::weighted(0.2),
        projects in prop::collection::vec((0..CUSTOMERS, any::<bool>()), 1..6),
        grants in prop::collection::vec(
            (any::<bool>(), 0..PROJECTS, 0..4_u128,
             prop::collection::vec(0..PERMISSIONS.len(), 0..3)),
            0..5,
        ),
    ) -> World {
        let grants = grants.into_iter().map(|(on_project, number, role, permissions)| {
            let index = usize::try_from(number).unwrap() % projects.len();
            let spot =
                if on_project { Spot::Project(index) } else { Spot::Customer(number % CUSTOMERS) };
            (spot, role, permissions)
        }).collect();
        World { active, staff, support, projects, grants }
    }
}

proptest! {
    #[test]
    fn a_viewer_may_what_the_contract_says(world in worlds()) {
        let viewer = world.viewer();
        for spot in world.spots() {
            let place = world.place(spot);
            for permission in PERMISSIONS {
                prop_assert_eq!(
                    viewer.has_permission(permission, place.scope),
                    world.has_permission(permission, spot)
                );
            }
            prop_assert_eq!(
                viewer.may_manage_invitations(place),
                world.can_manage_invitation(spot),
                "{:?}", spot
            );
            for creates_project in [false, true] {
                let may = world.can_manage_request(spot, creates_project);
                prop_assert_eq!(viewer.may_manage_requests(place, creates_project), may);
                prop_assert!(!may || viewer.may_manage_any_requests());
                let [own, other] = [1, 2].map(|n| UserId::from_uuid(Uuid::from_u128(n)));
                let review = |requester, own_allowed| {
                    viewer.may_review(place, creates_project, requester, own_allowed)
                };
                let authority = if may { Ok(()) } else { Err(ReviewError::NotReviewer) };
                prop_assert_eq!(review(other, false), authority);
                prop_assert_eq!(review(own, true), authority);
                let of_own = authority.and(Err(ReviewError::OwnRequest));
                prop_assert_eq!(review(own, false), of_own);
            }
        }
    }

    #[test]
    fn a_viewer_sees_what_the_contract_says(world in worlds()) {
        let viewer = world.viewer();
        let [own, other] = [1, 2].map(|n| UserId::from_uuid(Uuid::from_u128(n)));
        let (scopes, requests) = (viewer.seen_scopes(), viewer.seen_requests());
        let invitations = viewer.seen_invitations();
        for spot in world.spots() {
            prop_assert_eq!(scopes.sees(world.place(spot)), world.sees_scope(spot), "{:?}", spot);
            let number = world.customer_of(spot);
            let of = customer(number);
            prop_assert_eq!(requests.sees(own, of), world.sees_request(true, number));
            prop_assert_eq!(requests.sees(other, of), world.sees_request(false, number));
            for open in [false, true] {
                prop_assert_eq!(
                    invitations.sees(of, open),
                    world.lists_invitation(number, open)
                );
            }
        }
    }
}
