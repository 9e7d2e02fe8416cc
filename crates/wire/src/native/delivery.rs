//! Deliveries to webhooks, sending them again, and trying a webhook out (`native.md` §6).

use docket_domain::attempt::{Attempt, DeliveryState};
use docket_domain::id::EventId;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar;
use crate::fields::Fields;

/// Events that a request may name.
const MOST_EVENTS: usize = 1_000;

/// One event for one webhook.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryItem<'a> {
    /// Of which event.
    pub event_id: Uuid,
    /// To which webhook.
    pub webhook_id: Uuid,
    /// What the event is about.
    #[serde(rename = "type")]
    pub kind: Option<&'a str>,
    /// `waiting`, `succeeded` or `failed`.
    #[serde(serialize_with = "state_name")]
    #[schema(value_type = String)]
    pub state: DeliveryState,
    /// The calls that were made, oldest first.
    pub attempts: Vec<AttemptItem<'a>>,
    /// How many there were.
    pub attempts_made: usize,
    /// When the next one is due.
    pub next_attempt_at: Option<String>,
    /// When it last got on.
    pub updated_at: String,
}

/// One call.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptItem<'a> {
    id: Uuid,
    at: String,
    status: Option<u16>,
    latency_millis: i64,
    error: Option<&'a str>,
    /// The first KiB of what it answered.
    answer: Option<&'a str>,
}

impl<'a> From<&'a Attempt> for AttemptItem<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        Self {
            id: attempt.id.uuid(),
            at: scalar::instant(attempt.started_at),
            status: attempt.outcome.status,
            latency_millis: attempt.ended_at.millis_since(attempt.started_at),
            error: attempt.outcome.error.as_deref(),
            answer: attempt.outcome.answer.as_deref(),
        }
    }
}

/// A page of deliveries.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeliveryPage<'a> {
    /// The deliveries, the newest event first.
    pub items: Vec<DeliveryItem<'a>>,
    /// What to send as `after` for the next page.
    pub next: Option<String>,
}

/// What came of trying a webhook out.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestAnswer<'a> {
    event_id: Uuid,
    succeeded: bool,
    status: Option<u16>,
    latency_millis: i64,
    error: Option<&'a str>,
    answer: Option<&'a str>,
}

impl<'a> From<&'a Attempt> for TestAnswer<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        Self {
            event_id: attempt.event_id.uuid(),
            succeeded: attempt.outcome.succeeded(),
            status: attempt.outcome.status,
            latency_millis: attempt.ended_at.millis_since(attempt.started_at),
            error: attempt.outcome.error.as_deref(),
            answer: attempt.outcome.answer.as_deref(),
        }
    }
}

/// What was queued to be sent again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReplayAnswer {
    /// How many events.
    pub queued: usize,
    /// What to send as `after`, beside the same span, for the rest of it.
    pub next: Option<String>,
}

/// What is to be sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplayRequest {
    /// These events.
    These(Vec<EventId>),
    /// Those of a span of time.
    Between {
        /// From this instant on.
        from: Instant,
        /// Until before this one.
        to: Option<Instant>,
        /// Only those that were given up.
        only_failed: bool,
        /// `next` of the answer before.
        after: Option<String>,
    },
}

/// Reads `{"eventIds": […]}` or `{"from", "to"?, "onlyFailed"?, "after"?}`.
pub fn replay(body: &Value) -> Result<ReplayRequest, Vec<Violation>> {
    let mut fields = Fields::new(body);
    if fields.has("eventIds") {
        let ids: Vec<EventId> = fields.parsed_list("eventIds").unwrap_or_default();
        if ids.len() > MOST_EVENTS {
            fields.complain("eventIds", Rule::TooLong(MOST_EVENTS));
        }
        for name in ["from", "to", "onlyFailed", "after"] {
            if fields.has(name) {
                fields.complain(name, Rule::Invalid);
            }
        }
        fields.finish()?;
        return Ok(ReplayRequest::These(ids));
    }
    let from = fields.named("from", scalar::parse_instant);
    if !fields.has("from") {
        fields.complain("from", Rule::Missing);
    }
    let request = ReplayRequest::Between {
        from: from.unwrap_or(Instant::from_millis(0)),
        to: fields.named("to", scalar::parse_instant),
        only_failed: fields.boolean("onlyFailed", false),
        after: fields.optional("after"),
    };
    fields.finish()?;
    Ok(request)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn state_name<S: serde::Serializer>(
    state: &DeliveryState,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.name())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_named_or_a_span_is() {
        let id = "6b2fa3c0-0000-7000-8000-00000000000a";
        let these = replay(&json!({"eventIds": [id]})).unwrap();
        assert_eq!(these, ReplayRequest::These(vec![id.parse().unwrap()]));
        let span = replay(&json!({"from": "2026-01-05T09:00:00Z", "onlyFailed": true})).unwrap();
        let from = Instant::from_millis(1_767_603_600_000);
        let only_failed = true;
        let between = ReplayRequest::Between { from, to: None, only_failed, after: None };
        assert_eq!(span, between);
    }

    #[test]
    fn anything_else_is_refused() {
        let id = "6b2fa3c0-0000-7000-8000-00000000000a";
        let many: Vec<&str> = vec![id; MOST_EVENTS + 1];
        for (body, count) in [
            (json!({}), 1),
            (json!({"eventIds": ["x"]}), 1),
            (json!({"eventIds": many}), 1),
            (json!({"eventIds": [id], "from": "2026-01-05T09:00:00Z"}), 1),
            (json!({"from": "yesterday", "to": "today", "onlyFailed": "perhaps"}), 3),
        ] {
            assert_eq!(replay(&body).unwrap_err().len(), count, "{body}");
        }
    }
}
