//! The log of events (`native.md` §6).

use docket_domain::json::Json;
use docket_domain::time::Instant;
use serde::Serialize;
use uuid::Uuid;

use super::scalar;
use crate::document::Document;

/// A committed change.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventItem<'a> {
    id: Uuid,
    /// What happened.
    #[serde(rename = "type")]
    kind: &'a str,
    at: String,
    tenant_id: Option<Uuid>,
    subject_id: Option<Uuid>,
    request_id: &'a str,
    /// What it says.
    #[schema(value_type = Object)]
    data: Document,
}

/// What there is to say of a change.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The event's id.
    pub id: Uuid,
    /// What happened.
    pub kind: &'a str,
    /// When.
    pub at: Instant,
    /// In which tenant.
    pub tenant_id: Option<Uuid>,
    /// To what.
    pub subject_id: Option<Uuid>,
    /// By which request.
    pub request_id: &'a str,
    /// What it says.
    pub data: &'a Json,
}

impl<'a> From<Change<'a>> for EventItem<'a> {
    fn from(change: Change<'a>) -> Self {
        Self {
            id: change.id,
            kind: change.kind,
            at: scalar::instant(change.at),
            tenant_id: change.tenant_id,
            subject_id: change.subject_id,
            request_id: change.request_id,
            data: change.data.into(),
        }
    }
}

/// A page of the log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EventPage<'a> {
    /// The events, in the order in which they were committed.
    pub items: Vec<EventItem<'a>>,
    /// What to send as `after` for the next page, when there is one already.
    pub next: Option<String>,
    /// What to send as `after` for whatever comes behind this page, now or later.
    pub cursor: String,
}
