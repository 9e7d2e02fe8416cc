//! Resources of the marketplace, and when one is about to end (`waldur.md` §6.2).

use jiff::civil::Date;

use super::due::{day_of, days_between, start_of};
use super::order::Offering;
use super::urgency::Urgency;
use crate::id::{CustomerId, ProjectId, ResourceId};
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};

/// How many days before the end one is reminded when nobody says.
pub const USUAL_REMINDERS: [i64; 4] = [30, 14, 7, 1];
/// The earliest reminder, in days.
pub const EARLIEST_REMINDER: i64 = 3_650;
/// The most reminders.
pub const MOST_REMINDERS: usize = 50;

/// Something that was ordered, as the marketplace tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// The customer of its project.
    pub customer_id: CustomerId,
    /// What the marketplace says of it.
    pub details: ResourceDetails,
    /// When somebody asked for its end.
    pub termination_requested_at: Option<Instant>,
    /// When Docket first heard of it.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What the marketplace says of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceDetails {
    /// Its name.
    pub name: String,
    /// How it is.
    pub state: ResourceState,
    /// In which project.
    pub project_id: ProjectId,
    /// What it is.
    pub offering: Offering,
    /// Whether some part of it is paid for in advance.
    pub prepaid: bool,
    /// How many days before the end one is reminded, when the offering says so itself.
    pub reminders: Option<Vec<i64>>,
    /// The day on which it ends.
    pub end_date: Option<Date>,
}

/// How a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceState {
    /// It is being made.
    Creating,
    /// It is there.
    Ok,
    /// It does not work.
    Erred,
    /// It is being changed.
    Updating,
    /// It is being ended.
    Terminating,
    /// It is gone.
    Terminated,
}

impl ResourceState {
    /// Every state with its name.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Creating, "creating"),
        (Self::Ok, "ok"),
        (Self::Erred, "erred"),
        (Self::Updating, "updating"),
        (Self::Terminating, "terminating"),
        (Self::Terminated, "terminated"),
    ];

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// The state of this name; case does not matter.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

impl ResourceDetails {
    /// Whether it can be kept.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.require_text("name", &self.name, 255);
        if self.offering.name.chars().count() > 255 {
            violations.push(Violation::body("offering.name", Rule::TooLong(255)));
        }
        let reminders = self.reminders.as_deref().unwrap_or_default();
        if reminders.len() > MOST_REMINDERS {
            let rule = Rule::TooMany(MOST_REMINDERS);
            violations.push(Violation::body("offering.expirationReminders", rule));
        }
        if !reminders.iter().all(|days| (0..=EARLIEST_REMINDER).contains(days)) {
            let rule = Rule::Invalid;
            violations.push(Violation::body("offering.expirationReminders", rule));
        }
        violations.into_result()
    }
}

/// A resource that is about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// In how many days.
    pub days: i64,
    /// When.
    pub due_at: Instant,
    /// How urgent that is.
    pub urgency: Urgency,
}

/// Whether a resource is about to end, when no order for it is under way. `usual` are the reminders
/// of the server, for offerings that say nothing.
#[must_use]
pub fn ending(details: &ResourceDetails, usual: &[i64], now: Instant) -> Option<Ending> {
    let end = details.end_date?;
    let reminders = details.reminders.as_deref().filter(|own| !own.is_empty()).unwrap_or(usual);
    let days = days_between(day_of(now), end);
    let earliest = reminders.iter().copied().max()?;
    let is_due = details.state == ResourceState::Ok && details.prepaid;
    (is_due && (1..=earliest).contains(&days)).then(|| Ending {
        days,
        due_at: start_of(end),
        urgency: urgency(reminders, days),
    })
}

/// How urgent the end in so many days is: by how many of the reminders have come already.
#[must_use]
pub fn urgency(reminders: &[i64], days: i64) -> Urgency {
    let total = reminders.len();
    let come = reminders.iter().filter(|reminder| **reminder >= days).count();
    let Some(position) = come.checked_sub(1) else { return Urgency::Low };
    if total <= 2 {
        return if position + 1 == total { Urgency::High } else { Urgency::Low };
    }
    // Thirds without fractions.
    match position * 3 {
        thirds if thirds >= 2 * total => Urgency::High,
        thirds if thirds >= total => Urgency::Medium,
        _ => Urgency::Low,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::todo::due::DAY_MILLIS;

    /// 5 January 2026, 09:00 UTC.
    const NOW: Instant = Instant::from_millis(1_767_603_600_000);
    const MANY: [i64; 6] = [90, 60, 30, 14, 7, 1];

    fn resource(days: i64, prepaid: bool) -> ResourceDetails {
        ResourceDetails {
            name: "vm-1".to_owned(),
            state: ResourceState::Ok,
            project_id: ProjectId::from_uuid(Uuid::nil()),
            offering: Offering::default(),
            prepaid,
            reminders: None,
            end_date: Some(day_of(NOW.plus_millis(days * DAY_MILLIS))),
        }
    }

    #[test]
    fn urgency_grows_with_the_reminders_that_have_come() {
        let of = |reminders: &[i64], days: &[i64]| -> Vec<&str> {
            days.iter().map(|days| urgency(reminders, *days).name()).collect()
        };
        let many = of(&MANY, &[85, 55, 25, 10, 5, 0]);
        assert_eq!(many, ["low", "low", "medium", "medium", "high", "high"]);
        assert_eq!(of(&USUAL_REMINDERS, &[29, 10, 5, 1]), ["low", "low", "medium", "high"]);
        assert_eq!(of(&[14, 7], &[20, 10, 5]), ["low", "low", "high"]);
        assert_eq!(of(&[7], &[8, 7]), ["low", "high"]);
        assert_eq!(of(&[], &[1]), ["low"]);
    }

    #[test]
    fn case_38_what_is_paid_in_advance_is_about_to_end() {
        let soon = ending(&resource(15, true), &USUAL_REMINDERS, NOW).unwrap();
        assert_eq!((soon.days, soon.due_at), (15, NOW.plus_millis(15 * DAY_MILLIS - 32_400_000)));
        assert_eq!(ending(&resource(15, false), &USUAL_REMINDERS, NOW), None);
    }

    #[test]
    fn case_40_the_reminders_of_the_offering_win() {
        let of = |days| {
            let details =
                ResourceDetails { reminders: Some(MANY.to_vec()), ..resource(days, true) };
            ending(&details, &USUAL_REMINDERS, NOW).map(|ending| ending.urgency)
        };
        assert_eq!([of(25), of(5)], [Some(Urgency::Medium), Some(Urgency::High)]);
        assert_eq!([of(90), of(91)], [Some(Urgency::Low), None]);
    }

    #[test]
    fn what_ends_today_or_never_is_not_about_to_end() {
        let of = |details: &ResourceDetails| ending(details, &USUAL_REMINDERS, NOW);
        assert_eq!([of(&resource(0, true)), of(&resource(31, true))], [None, None]);
        assert!(of(&resource(1, true)).is_some() && of(&resource(30, true)).is_some());
        assert_eq!(of(&ResourceDetails { end_date: None, ..resource(5, true) }), None);
        for (state, name) in ResourceState::ALL {
            let details = ResourceDetails { state, ..resource(5, true) };
            assert_eq!(of(&details).is_some(), state == ResourceState::Ok, "{name}");
        }
    }
}
