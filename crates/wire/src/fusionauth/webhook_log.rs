//! The log of what webhooks were told (`fusionauth.md` §4.9), and the event by which one is tried.

use docket_domain::attempt::{Attempt, EventResult, WebhookEvent, WebhookEventSearch};
use docket_domain::id::EventId;
use docket_domain::json::Json;
use docket_domain::page::Paging;
use docket_domain::time::Instant;
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::scalar::Document;
use super::search::{Criteria, gather, settle};

/// What events can be ordered by.
const ORDERS: &[&str] = &[
    "eventResult",
    "eventType",
    "id",
    "insertInstant",
    "lastAttemptInstant",
    "linkedObjectId",
    "sequence",
];

/// An event that webhooks were told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookEventLog<'a> {
    attempts: Vec<WebhookAttemptLog<'a>>,
    #[schema(value_type = Object)]
    data: Document,
    /// What is sent: `{"event": {…}}`.
    #[schema(value_type = Object)]
    event: Document,
    event_result: &'static str,
    event_type: &'a str,
    failed_attempts: i64,
    id: Uuid,
    insert_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_attempt_instant: Option<i64>,
    last_update_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_object_id: Option<Uuid>,
    sequence: i64,
    successful_attempts: i64,
}

/// One call of a webhook.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookAttemptLog<'a> {
    attempt_result: &'static str,
    #[schema(value_type = Object)]
    data: Document,
    end_instant: i64,
    id: Uuid,
    start_instant: i64,
    webhook_call_response: WebhookCallResponse<'a>,
    /// Left out inside its event.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_event_log_id: Option<Uuid>,
    webhook_id: Uuid,
}

/// What a webhook answered, or why it did not.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookCallResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
    url: &'a str,
}

/// `{"webhookEventLog": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookEventLogResponse<'a> {
    webhook_event_log: WebhookEventLog<'a>,
}

/// `{"total": …, "webhookEventLogs": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookEventLogSearchResponse<'a> {
    total: i64,
    webhook_event_logs: Vec<WebhookEventLog<'a>>,
}

/// `{"webhookAttemptLog": …}`, and the same members beside it: the official clients read the one,
/// the documentation shows the other.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookAttemptLogResponse<'a> {
    #[serde(flatten)]
    beside: WebhookAttemptLog<'a>,
    webhook_attempt_log: WebhookAttemptLog<'a>,
}

impl<'a> WebhookEventLog<'a> {
    fn new(event: &'a WebhookEvent, attempts: &'a [Attempt]) -> Self {
        let nested = |attempt| WebhookAttemptLog {
            webhook_event_log_id: None,
            ..WebhookAttemptLog::from(attempt)
        };
        Self {
            attempts: attempts.iter().map(nested).collect(),
            data: nothing(),
            event: (&Json::from_trusted(event.body.clone())).into(),
            event_result: event.result.name(),
            event_type: &event.event_type,
            failed_attempts: event.failed,
            id: event.id.uuid(),
            insert_instant: event.created_at.millis(),
            last_attempt_instant: event.last_attempt_at.map(Instant::millis),
            last_update_instant: event.updated_at.millis(),
            linked_object_id: event.linked_id,
            sequence: event.sequence(),
            successful_attempts: event.successful,
        }
    }
}

impl<'a> From<&'a Attempt> for WebhookAttemptLog<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        let outcome = &attempt.outcome;
        Self {
            attempt_result: if outcome.succeeded() { "Success" } else { "Failure" },
            data: nothing(),
            end_instant: attempt.ended_at.millis(),
            id: attempt.id.uuid(),
            start_instant: attempt.started_at.millis(),
            webhook_call_response: WebhookCallResponse {
                exception: outcome.error.as_deref(),
                status_code: outcome.status,
                url: &attempt.url,
            },
            webhook_event_log_id: Some(attempt.event_id.uuid()),
            webhook_id: attempt.webhook_id.uuid(),
        }
    }
}

impl<'a> WebhookEventLogResponse<'a> {
    /// An event and the calls that told of it.
    #[must_use]
    pub fn new(event: &'a WebhookEvent, attempts: &'a [Attempt]) -> Self {
        Self { webhook_event_log: WebhookEventLog::new(event, attempts) }
    }
}

impl<'a> WebhookEventLogSearchResponse<'a> {
    /// A page of events, each with the calls that told of it.
    pub fn new(
        events: impl IntoIterator<Item = (&'a WebhookEvent, &'a [Attempt])>,
        total: i64,
    ) -> Self {
        let events = events.into_iter();
        let logs = events.map(|(event, attempts)| WebhookEventLog::new(event, attempts));
        Self { total, webhook_event_logs: logs.collect() }
    }
}

impl<'a> From<&'a Attempt> for WebhookAttemptLogResponse<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        Self { beside: attempt.into(), webhook_attempt_log: attempt.into() }
    }
}

/// Neither events nor attempts have data of a caller's own.
fn nothing() -> Document {
    (&Json::empty_object()).into()
}

/// Reads the criteria of a search, and the page.
pub fn search(criteria: &Criteria) -> Result<(WebhookEventSearch, Paging), Vec<Violation>> {
    let mut violations = Vec::new();
    let search = WebhookEventSearch {
        start: gather(criteria.instant("start"), &mut violations),
        end: gather(criteria.instant("end"), &mut violations),
        event: criteria.owned("event"),
        event_type: criteria.owned("eventType"),
        result: gather(result(criteria), &mut violations),
    };
    settle(search, criteria.paging(ORDERS), violations)
}

fn result(criteria: &Criteria) -> Result<Option<EventResult>, Vec<Violation>> {
    let Some(name) = criteria.text("eventResult") else { return Ok(None) };
    let result = EventResult::from_name(name);
    result.map(Some).ok_or_else(|| vec![Violation::named("search.eventResult", Rule::Invalid)])
}

/// What a webhook is sent when somebody tries it out.
#[must_use]
pub fn test_request(id: EventId, at: Instant) -> String {
    let message = "Nothing has happened: somebody tries this webhook out.";
    let event = json!({"createInstant": at.millis(), "id": id.to_string(), "message": message,
        "type": "test"});
    json!({ "event": event }).to_string()
}
