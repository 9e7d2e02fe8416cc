//! How urgent a to-do is.

use super::due::DAY_MILLIS;
use crate::time::Instant;

/// How urgent a to-do is; the more urgent one is the larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// It can wait.
    Low,
    /// It should not wait for long.
    Medium,
    /// It should be done now.
    High,
}

impl Urgency {
    /// Every urgency with its name.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Low, "low"), (Self::Medium, "medium"), (Self::High, "high")];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The urgency of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(urgency, _)| *urgency)
    }

    /// A number that sorts by meaning (`native.md` §7, 1).
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
        }
    }

    /// The urgency of this number.
    #[must_use]
    pub const fn from_rank(rank: i64) -> Option<Self> {
        match rank {
            1 => Some(Self::Low),
            2 => Some(Self::Medium),
            3 => Some(Self::High),
            _ => None,
        }
    }

    /// By how many days are left: a week or less is high, two weeks or less medium (`waldur.md` §6.1).
    #[must_use]
    pub const fn of_days_left(days: Option<i64>) -> Self {
        match days {
            Some(..=7) => Self::High,
            Some(8..=14) => Self::Medium,
            Some(_) | None => Self::Low,
        }
    }

    /// The same by when it is due; a day that has begun counts.
    #[must_use]
    pub fn of_due(due_at: Option<Instant>, now: Instant) -> Self {
        let left = due_at.map(|due| due.millis_since(now));
        Self::of_days_left(left.map(|left| {
            let whole = left.div_euclid(DAY_MILLIS);
            if left.rem_euclid(DAY_MILLIS) > 0 { whole.saturating_add(1) } else { whole }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_urgent_one_is_the_larger() {
        assert!(Urgency::High > Urgency::Medium && Urgency::Medium > Urgency::Low);
        for (urgency, name) in Urgency::ALL {
            assert_eq!(Urgency::from_name(name), Some(urgency));
            assert_eq!(Urgency::from_rank(urgency.rank()), Some(urgency));
        }
        assert_eq!((Urgency::from_name("urgent"), Urgency::from_rank(4)), (None, None));
    }

    #[test]
    fn a_week_is_high_and_two_are_medium() {
        let of = |days| Urgency::of_days_left(Some(days));
        assert_eq!([of(-3), of(0), of(7)], [Urgency::High; 3]);
        assert_eq!([of(8), of(14)], [Urgency::Medium; 2]);
        assert_eq!([of(15), Urgency::of_days_left(None)], [Urgency::Low; 2]);
    }

    #[test]
    fn what_is_due_within_a_week_to_the_millisecond_is_high() {
        let now = Instant::from_millis(1_700_000_000_000);
        let due = |millis| Urgency::of_due(Some(now.plus_millis(millis)), now);
        assert_eq!(due(7 * DAY_MILLIS), Urgency::High);
        assert_eq!(due(7 * DAY_MILLIS + 1), Urgency::Medium);
        assert_eq!(due(14 * DAY_MILLIS), Urgency::Medium);
        assert_eq!(due(14 * DAY_MILLIS + 1), Urgency::Low);
        assert_eq!(due(-1), Urgency::High);
        assert_eq!(Urgency::of_due(None, now), Urgency::Low);
    }
}
