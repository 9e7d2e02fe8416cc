//! Silence: a to-do that its user does not want to see, for a time or for good (`waldur.md` §4.6).
//!
//! Whether a silence is over is asked of the clock, never of whether a job has run.

use super::due::DAY_MILLIS;
use crate::time::Instant;

/// The longest silence for a time, in days.
pub const LONGEST_DAYS: i64 = 365;

/// What was laid on a to-do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Silence {
    /// Whether it is silent for good.
    pub forever: bool,
    /// Until when it is, or was, silent.
    pub until: Option<Instant>,
    /// When it was last silenced.
    pub laid_at: Option<Instant>,
}

/// How long a silence is to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many days, from 1 to [`LONGEST_DAYS`].
    Days(i64),
    /// For good.
    Forever,
}

/// It cannot last so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a silence lasts between 1 and {LONGEST_DAYS} days")]
pub struct NotALength;

impl Length {
    /// So many days; for good when nobody says how many.
    pub fn of_days(days: Option<i64>) -> Result<Self, NotALength> {
        match days {
            None => Ok(Self::Forever),
            Some(days @ 1..=LONGEST_DAYS) => Ok(Self::Days(days)),
            Some(_) => Err(NotALength),
        }
    }

    /// The number of days, when there is one.
    #[must_use]
    pub const fn days(self) -> Option<i64> {
        match self {
            Self::Days(days) => Some(days),
            Self::Forever => None,
        }
    }
}

impl Silence {
    /// The silence after another one is laid; the other kind stays as it is.
    #[must_use]
    pub fn laid(self, length: Length, now: Instant) -> Self {
        let laid_at = Some(now);
        match length {
            Length::Days(days) => {
                let until = now.plus_millis(days.saturating_mul(DAY_MILLIS));
                Self { until: Some(until), laid_at, ..self }
            }
            Length::Forever => Self { forever: true, laid_at, ..self },
        }
    }

    /// The silence after all of it is lifted; that there was one is still known.
    #[must_use]
    pub const fn lifted(self) -> Self {
        Self { forever: false, until: None, laid_at: self.laid_at }
    }

    /// Whether it lasts for a time that is not over.
    #[must_use]
    pub fn is_temporary(self, now: Instant) -> bool {
        self.until.is_some_and(|until| until > now)
    }

    /// Whether the to-do is out of sight.
    #[must_use]
    pub fn is_in_force(self, now: Instant) -> bool {
        self.forever || self.is_temporary(now)
    }

    /// Whether anything of it is left to be lifted.
    #[must_use]
    pub const fn is_laid(self) -> bool {
        self.forever || self.until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_700_000_000_000);

    #[test]
    fn a_silence_for_a_time_ends_by_itself() {
        let silence = Silence::default().laid(Length::Days(7), NOW);
        let end = NOW.plus_millis(7 * DAY_MILLIS);
        assert_eq!(
            (silence.until, silence.forever, silence.laid_at),
            (Some(end), false, Some(NOW))
        );
        assert!(silence.is_in_force(end.plus_millis(-1)));
        assert!(!silence.is_in_force(end) && !silence.is_temporary(end));
        assert!(silence.is_laid());
    }

    #[test]
    fn the_two_kinds_do_not_touch_each_other() {
        let both = Silence::default().laid(Length::Days(1), NOW).laid(Length::Forever, NOW);
        assert!(both.forever && both.until.is_some());
        assert!(both.is_in_force(Instant::from_millis(i64::MAX)));
        let again = both.laid(Length::Days(2), NOW);
        assert!(again.forever);
        let lifted = again.lifted();
        assert!(!lifted.is_laid() && !lifted.is_in_force(NOW));
        assert_eq!(lifted.laid_at, Some(NOW));
    }

    #[test]
    fn it_lasts_between_a_day_and_a_year() {
        assert_eq!(Length::of_days(None), Ok(Length::Forever));
        assert_eq!(Length::of_days(Some(1)), Ok(Length::Days(1)));
        assert_eq!(Length::of_days(Some(365)), Ok(Length::Days(365)));
        for wrong in [0, -1, 366, i64::MAX, i64::MIN] {
            assert_eq!(Length::of_days(Some(wrong)), Err(NotALength), "{wrong}");
        }
    }
}
