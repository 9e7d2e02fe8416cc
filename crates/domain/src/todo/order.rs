//! Orders of the marketplace, and when one waits for too long (`waldur.md` §6.2).

use super::due::DAY_MILLIS;
use super::urgency::Urgency;
use crate::id::{CustomerId, OrderId, ProjectId, ResourceId};
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};
use uuid::Uuid;

/// After how many days an order should have been looked at.
const DAYS_TO_LOOK: i64 = 7;
const HOUR_MILLIS: i64 = 3_600_000;

/// An order, as the marketplace tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The customer of its project.
    pub customer_id: CustomerId,
    /// What the marketplace says of it.
    pub details: OrderDetails,
    /// When Docket first heard of it.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What the marketplace says of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDetails {
    /// Where it stands.
    pub state: OrderState,
    /// What is ordered to happen.
    pub kind: OrderKind,
    /// For which project.
    pub project_id: ProjectId,
    /// What is ordered.
    pub offering: Offering,
    /// The resource, once there is one.
    pub resource_id: Option<ResourceId>,
    /// What the resource is, or will be, called.
    pub resource_name: String,
    /// What it will cost, as the marketplace writes it.
    pub estimated_cost: Option<String>,
    /// When it was ordered.
    pub ordered_at: Instant,
}

/// What can be ordered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offering {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: Option<Uuid>,
    /// What kind of offering it is.
    pub kind: String,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderState {
    /// Somebody of the project must approve it.
    PendingConsumer,
    /// The provider of the offering must.
    PendingProvider,
    /// It waits for the project.
    PendingProject,
    /// It waits for the day on which it starts.
    PendingStartDate,
    /// Somebody of the project approved it.
    Approved,
    /// It is being carried out.
    Executing,
    /// It was.
    Done,
    /// It could not be.
    Erred,
    /// Somebody called it off.
    Canceled,
    /// Somebody refused it.
    Rejected,
}

/// What is ordered to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderKind {
    /// A new resource.
    Create,
    /// A change of one.
    Update,
    /// The end of one.
    Terminate,
}

impl OrderState {
    /// Every state with its name.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::PendingConsumer, "pending-consumer"),
        (Self::PendingProvider, "pending-provider"),
        (Self::PendingProject, "pending-project"),
        (Self::PendingStartDate, "pending-start-date"),
        (Self::Approved, "approved"),
        (Self::Executing, "executing"),
        (Self::Done, "done"),
        (Self::Erred, "erred"),
        (Self::Canceled, "canceled"),
        (Self::Rejected, "rejected"),
    ];

    /// Those in which an order keeps its resource from being seen as about to end.
    pub const UNDER_WAY: [Self; 5] = [
        Self::PendingStartDate,
        Self::PendingProject,
        Self::PendingConsumer,
        Self::PendingProvider,
        Self::Executing,
    ];

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// The state of this name; spaces do for hyphens, and case does not matter.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase().replace([' ', '_'], "-");
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

impl OrderKind {
    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Terminate => "Terminate",
        }
    }

    /// The number in the contract.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Create => 1,
            Self::Update => 2,
            Self::Terminate => 3,
        }
    }

    /// The kind of this name; case does not matter.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name.trim().to_lowercase().as_str() {
            "create" => Some(Self::Create),
            "update" => Some(Self::Update),
            "terminate" => Some(Self::Terminate),
            _ => None,
        }
    }
}

impl OrderDetails {
    /// Whether it can be kept.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.require_text("offering.name", &self.offering.name, 255);
        if self.resource_name.chars().count() > 255 {
            violations.push(Violation::body("resource.name", Rule::TooLong(255)));
        }
        violations.into_result()
    }
}

/// An order that waits for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// For how many whole days.
    pub days: i64,
    /// Until when it should have been looked at.
    pub due_at: Instant,
    /// How urgent that is.
    pub urgency: Urgency,
}

/// Whether an order has waited for longer than so many hours for somebody of its project.
#[must_use]
pub fn waiting(details: &OrderDetails, hours: i64, now: Instant) -> Option<Waiting> {
    let waited = now.millis_since(details.ordered_at);
    let is_due = waited > hours.saturating_mul(HOUR_MILLIS);
    if details.state != OrderState::PendingConsumer || !is_due {
        return None;
    }
    let days = waited.div_euclid(DAY_MILLIS);
    Some(Waiting {
        days,
        due_at: details.ordered_at.plus_millis(DAYS_TO_LOOK * DAY_MILLIS),
        urgency: Urgency::of_days_left(Some((DAYS_TO_LOOK - days).max(0))),
    })
}

/// The first instant at which an order ordered then has waited for too long.
#[must_use]
pub const fn waits_from(ordered_at: Instant, hours: i64) -> Instant {
    ordered_at.plus_millis(hours.saturating_mul(HOUR_MILLIS).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_767_603_600_000);

    fn order(hours_ago: i64) -> OrderDetails {
        OrderDetails {
            state: OrderState::PendingConsumer,
            kind: OrderKind::Create,
            project_id: ProjectId::from_uuid(Uuid::nil()),
            offering: Offering { name: "VM".to_owned(), id: None, kind: String::new() },
            resource_id: None,
            resource_name: String::new(),
            estimated_cost: None,
            ordered_at: NOW.plus_millis(-hours_ago * HOUR_MILLIS),
        }
    }

    #[test]
    fn cases_35_to_37_an_order_waits_for_too_long_after_so_many_hours() {
        assert!(waiting(&order(25), 24, NOW).is_some());
        assert_eq!(waiting(&order(12), 24, NOW), None);
        assert!(waiting(&order(15), 12, NOW).is_some());
        assert_eq!(waiting(&order(30), 48, NOW), None);
        assert_eq!(waiting(&order(24), 24, NOW), None, "at the very hour it has not yet");
        let from = waits_from(order(24).ordered_at, 24);
        assert!(waiting(&order(24), 24, from).is_some());
        assert_eq!(from, NOW.plus_millis(1));
    }

    #[test]
    fn it_is_always_urgent_and_due_after_a_week() {
        for days in [1, 5, 7, 30] {
            let waiting = waiting(&order(days * 24 + 1), 24, NOW).unwrap();
            assert_eq!((waiting.days, waiting.urgency), (days, Urgency::High));
            let due = NOW.plus_millis((7 - days) * DAY_MILLIS - HOUR_MILLIS);
            assert_eq!(waiting.due_at, due);
        }
    }

    #[test]
    fn only_what_waits_for_the_project_counts() {
        for (state, name) in OrderState::ALL {
            let details = OrderDetails { state, ..order(48) };
            let waits = waiting(&details, 24, NOW).is_some();
            assert_eq!(waits, state == OrderState::PendingConsumer, "{name}");
            assert_eq!(OrderState::from_name(name), Some(state));
            assert_eq!(state.name(), name);
        }
        assert_eq!(OrderState::from_name("Pending consumer"), Some(OrderState::PendingConsumer));
    }
}
