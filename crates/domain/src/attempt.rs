//! What came of telling webhooks: deliveries, and the attempts that they took (`fusionauth.md` §4.9).

use crate::delivery::{is_gone, is_success};
use crate::id::{AttemptId, EventId, TenantId, WebhookId};
use crate::time::Instant;
use uuid::Uuid;

/// One call of a webhook, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// Of what it told.
    pub event_id: EventId,
    /// Whom it called.
    pub webhook_id: WebhookId,
    /// At which address.
    pub url: String,
    /// When the call began.
    pub started_at: Instant,
    /// When its outcome was known.
    pub ended_at: Instant,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The status of the answer, when there was one.
    pub status: Option<u16>,
    /// What went wrong, in words, when there was no whole answer.
    pub error: Option<String>,
    /// The beginning of the answer's body.
    pub answer: Option<String>,
}

/// The longest beginning of an answer that is kept, in bytes: 1 KiB.
pub const KEPT_ANSWER: usize = 1_024;

impl Outcome {
    /// A call that no answer came of.
    #[must_use]
    pub fn failure(error: impl Into<String>) -> Self {
        Self { status: None, error: Some(error.into()), answer: None }
    }

    /// Whether the webhook took the event: it answered as a whole, and with a 2xx status.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.error.is_none() && self.status.is_some_and(is_success)
    }

    /// What came of it, for people.
    #[must_use]
    pub fn in_words(&self) -> String {
        match (&self.error, self.status) {
            (Some(error), _) => error.clone(),
            (None, Some(status)) => format!("it answered {status}"),
            (None, None) => "it did not answer".to_owned(),
        }
    }

    /// Whether the webhook says that it is gone for good (410).
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.status.is_some_and(is_gone)
    }
}

/// How far the delivery of one event to one webhook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is still to be made, for the first time or again.
    Waiting,
    /// The webhook took the event.
    Succeeded,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// Every state with its name.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Waiting, "waiting"), (Self::Succeeded, "succeeded"), (Self::Failed, "failed")];

    /// The name in the store and in `/api/v1`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

/// How telling an event to all its webhooks stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventResult {
    /// Some deliveries are still to be made.
    Running,
    /// Every webhook took it.
    Succeeded,
    /// At least one delivery was given up, and none is still to be made.
    Failed,
}

impl EventResult {
    /// Every result with its name in the contract.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Running, "Running"), (Self::Succeeded, "Succeeded"), (Self::Failed, "Failed")];

    /// The name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    /// The result of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(result, _)| *result)
    }
}

/// An event as webhooks were told, or asked about, it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The event's id.
    pub id: EventId,
    /// What happened.
    pub event_type: String,
    /// In which tenant.
    pub tenant_id: Option<TenantId>,
    /// To whom; of an action, the actionee.
    pub linked_id: Option<Uuid>,
    /// When it happened.
    pub created_at: Instant,
    /// When its deliveries last got on.
    pub updated_at: Instant,
    /// When a webhook was last called about it.
    pub last_attempt_at: Option<Instant>,
    /// How its deliveries stand.
    pub result: EventResult,
    /// How many attempts succeeded.
    pub successful: i64,
    /// How many attempts failed.
    pub failed: i64,
    /// What is sent, byte for byte.
    pub body: String,
}

impl WebhookEvent {
    /// A number that grows with the time at which events were made; exact where numbers have 53
    /// bits.
    #[must_use]
    pub fn sequence(&self) -> i64 {
        crate::id::sequence(self.id.uuid())
    }
}

/// Which of the events told to webhooks are wanted; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookEventSearch {
    /// Made at this instant or later.
    pub start: Option<Instant>,
    /// Made at this instant or earlier.
    pub end: Option<Instant>,
    /// In what was sent; matches anywhere and without regard to case, `*` stands for anything.
    pub event: Option<String>,
    /// Of this type.
    pub event_type: Option<String>,
    /// With this result.
    pub result: Option<EventResult>,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

impl WebhookEventSearch {
    /// The same with the window that is meant where none is named: the hour until `now`, or until
    /// the end that is named, rounded out to whole minutes.
    #[must_use]
    pub fn within_window(mut self, now: Instant) -> Self {
        let hour_before = self.end.unwrap_or(now).plus_millis(-HOUR).millis();
        let start = Instant::from_millis(hour_before - hour_before.rem_euclid(MINUTE));
        let rest = now.millis().rem_euclid(MINUTE);
        let whole = if rest == 0 { now } else { now.plus_millis(MINUTE - rest) };
        self.start = self.start.or(Some(start));
        self.end = self.end.or(Some(whole));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_the_last_hour_in_whole_minutes() {
        let now = Instant::from_millis(10 * HOUR + 90_001);
        let window = WebhookEventSearch::default().within_window(now);
        let millis = |at: Option<Instant>| at.map(Instant::millis);
        assert_eq!(millis(window.start), Some(9 * HOUR + MINUTE));
        assert_eq!(millis(window.end), Some(10 * HOUR + 2 * MINUTE));
        let end = Some(Instant::from_millis(5 * HOUR));
        let window = WebhookEventSearch { end, ..WebhookEventSearch::default() };
        let window = window.within_window(now);
        assert_eq!((millis(window.start), window.end), (Some(4 * HOUR), end));
    }

    #[test]
    fn only_a_whole_answer_of_2xx_is_a_success() {
        let answered = |status| Outcome { status: Some(status), error: None, answer: None };
        for (status, succeeded) in
            [(200, true), (204, true), (299, true), (302, false), (500, false)]
        {
            assert_eq!(answered(status).succeeded(), succeeded, "{status}");
        }
        assert!(!Outcome::failure("timed out").succeeded());
        let cut = Outcome { error: Some("timed out".to_owned()), ..answered(200) };
        assert!(!cut.succeeded());
        assert!(answered(410).is_gone() && !answered(404).is_gone());
    }

    #[test]
    fn names_lead_back() {
        for (state, name) in DeliveryState::ALL {
            assert_eq!((state.name(), DeliveryState::from_name(name)), (name, Some(state)));
        }
        for (result, name) in EventResult::ALL {
            assert_eq!((result.name(), EventResult::from_name(name)), (name, Some(result)));
        }
    }
}
