//! Providers: who knows what users have to do (`waldur.md` §6.1, `native.md` §5).

use super::asked::{LONGEST_TITLE, check_action_type};
use super::schedule::Schedule;
use crate::id::ProviderId;
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};
use crate::webhook::is_http_url;

/// How long a pull may take when nobody says, in seconds.
pub const USUAL_TIMEOUT: i64 = 30;
/// The longest that it may take.
pub const LONGEST_TIMEOUT: i64 = 300;
/// The most characters of how the last run went.
pub const LONGEST_STATUS: usize = 50;
/// How the last run went while it goes on.
pub const STARTED: &str = "STARTED";

/// Who knows what users have to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// Its number, by which other surfaces know it.
    pub number: i64,
    /// What callers say of it.
    pub details: ProviderDetails,
    /// When it is asked next; never while it is switched off.
    pub next_run_at: Option<Instant>,
    /// When it was last asked.
    pub last_run_at: Option<Instant>,
    /// What came of that; empty before the first time.
    pub last_status: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderDetails {
    /// What kind of to-dos it knows of; unique.
    pub action_type: String,
    /// What people call it.
    pub display_name: String,
    /// Where it is asked; a provider without an address is part of Docket.
    pub url: Option<String>,
    /// When it is asked.
    pub schedule: String,
    /// Whether it is asked.
    pub enabled: bool,
    /// How long an answer may take, in seconds.
    pub timeout_seconds: i64,
}

impl ProviderDetails {
    /// Whether it is part of Docket.
    #[must_use]
    pub const fn is_built_in(&self) -> bool {
        self.url.is_none()
    }

    /// When it is asked next after an instant.
    #[must_use]
    pub fn next_after(&self, instant: Instant) -> Option<Instant> {
        let schedule: Schedule = self.schedule.parse().ok().filter(|_| self.enabled)?;
        schedule.next_after(instant)
    }

    /// Whether it can be asked.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        if let Some(rule) = check_action_type(&self.action_type) {
            violations.push(Violation::body("actionType", rule));
        }
        violations.require_text("displayName", self.display_name.trim(), LONGEST_TITLE);
        match self.url.as_deref() {
            None | Some("") => violations.push(Violation::body("url", Rule::Blank)),
            Some(url) if !is_http_url(url) => {
                violations.push(Violation::body("url", Rule::Invalid));
            }
            Some(_) => {}
        }
        if self.schedule.parse::<Schedule>().is_err() {
            violations.push(Violation::body("schedule", Rule::Invalid));
        }
        if !(1..=LONGEST_TIMEOUT).contains(&self.timeout_seconds) {
            violations.push(Violation::body("timeoutSeconds", Rule::Invalid));
        }
        violations.into_result()
    }
}

/// How a run went that came to its end: how many users were seen to, and for how many that failed.
#[must_use]
pub fn completed(queued: usize, errors: usize) -> String {
    format!("COMPLETED: {queued} queued, {errors} errors")
}

/// How a run went that did not.
#[must_use]
pub fn failed(why: &str) -> String {
    format!("ERROR: {why}").chars().take(LONGEST_STATUS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details() -> ProviderDetails {
        ProviderDetails {
            action_type: "expense".to_owned(),
            display_name: "Expenses".to_owned(),
            url: Some("https://expenses.example/todos".to_owned()),
            schedule: super::super::schedule::EVERY_SIX_HOURS.to_owned(),
            enabled: true,
            timeout_seconds: USUAL_TIMEOUT,
        }
    }

    #[test]
    fn a_provider_says_where_and_when_it_is_asked() {
        assert_eq!(details().check(), Ok(()));
        let wrong = ProviderDetails {
            action_type: String::new(),
            display_name: " ".to_owned(),
            url: None,
            schedule: "now and then".to_owned(),
            enabled: true,
            timeout_seconds: 0,
        };
        assert_eq!(wrong.check().unwrap_err().len(), 5);
    }

    #[test]
    fn a_provider_that_is_switched_off_is_not_asked() {
        let now = Instant::from_millis(1_767_603_600_000);
        assert!(details().next_after(now).is_some());
        assert_eq!(ProviderDetails { enabled: false, ..details() }.next_after(now), None);
    }

    #[test]
    fn how_it_went_fits_its_column() {
        assert_eq!(completed(3, 1), "COMPLETED: 3 queued, 1 errors");
        assert_eq!(failed(&"x".repeat(80)).chars().count(), LONGEST_STATUS);
    }
}
