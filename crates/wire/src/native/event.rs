//! Events of the log (`native.md` §6).

use docket_domain::id::{EventId, TenantId};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use serde::Serialize;
use uuid::Uuid;

use super::scalar;
use crate::document::Document;

/// An event of the log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventItem<'a> {
    id: Uuid,
    #[serde(rename = "type")]
    event_type: &'a str,
    at: String,
    tenant_id: Option<Uuid>,
    subject_id: Option<Uuid>,
    request_id: &'a str,
    #[schema(value_type = Object)]
    data: Option<Document>,
}

impl<'a> EventItem<'a> {
    /// An event without its data.
    #[must_use]
    pub fn new(
        id: EventId,
        event_type: &'a str,
        at: Instant,
        tenant_id: Option<TenantId>,
        subject_id: Option<Uuid>,
        request_id: &'a str,
    ) -> Self {
        Self {
            id: id.uuid(),
            event_type,
            at: scalar::instant(at),
            tenant_id: tenant_id.map(TenantId::uuid),
            subject_id,
            request_id,
            data: None,
        }
    }

    /// The same with its data.
    #[must_use]
    pub fn with_data(self, data: &Json) -> Self {
        Self { data: Some(Document::from(data)), ..self }
    }

    /// Written out.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Nothing in it can fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}
