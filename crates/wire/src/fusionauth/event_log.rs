//! The event log (`fusionauth.md` §4.12).

use docket_domain::journal::{EventEntry, EventKind, EventSearch};
use docket_domain::page::{Page, Paging};
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;

use super::search::{Criteria, gather, settle};

/// What entries can be ordered by.
const ORDERS: &[&str] = &["insertInstant", "message", "type"];

/// An entry, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventLog {
    id: i64,
    insert_instant: i64,
    message: String,
    r#type: &'static str,
}

/// `{"eventLog": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventLogResponse {
    event_log: EventLog,
}

/// `{"eventLogs": […], "total": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventLogSearchResponse {
    event_logs: Vec<EventLog>,
    total: i64,
}

impl From<&EventEntry> for EventLog {
    fn from(entry: &EventEntry) -> Self {
        Self {
            id: entry.id,
            insert_instant: entry.created_at.millis(),
            message: entry.message.clone(),
            r#type: entry.kind.name(),
        }
    }
}

impl From<&EventEntry> for EventLogResponse {
    fn from(entry: &EventEntry) -> Self {
        Self { event_log: entry.into() }
    }
}

impl From<&Page<EventEntry>> for EventLogSearchResponse {
    fn from(page: &Page<EventEntry>) -> Self {
        Self { event_logs: page.items.iter().map(Into::into).collect(), total: page.total }
    }
}

/// Reads the criteria of a search, and the page.
pub fn search(criteria: &Criteria) -> Result<(EventSearch, Paging), Vec<Violation>> {
    let mut violations = Vec::new();
    let search = EventSearch {
        message: criteria.owned("message"),
        kind: gather(kind(criteria), &mut violations),
        start: gather(criteria.instant("start"), &mut violations),
        end: gather(criteria.instant("end"), &mut violations),
    };
    settle(search, criteria.paging(ORDERS), violations)
}

fn kind(criteria: &Criteria) -> Result<Option<EventKind>, Vec<Violation>> {
    let Some(name) = criteria.text("type") else { return Ok(None) };
    let kind = EventKind::from_name(name);
    kind.map(Some).ok_or_else(|| vec![Violation::named("search.type", Rule::Invalid)])
}
