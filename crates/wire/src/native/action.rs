//! Actions across users (`native.md` §3).

use docket_domain::action::{Action, ActionLength};
use docket_domain::id::UserId;
use docket_domain::time::Instant;
use serde::Serialize;
use uuid::Uuid;

use super::delivery::DeliveryItem;
use super::scalar;

/// An action in a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionItem<'a> {
    id: Uuid,
    state: &'static str,
    tenant_id: Uuid,
    definition_id: Uuid,
    actionee_id: Uuid,
    actioner_id: Option<Uuid>,
    application_ids: Vec<Uuid>,
    name: &'a str,
    localized_name: &'a str,
    option: Option<&'a str>,
    localized_option: Option<&'a str>,
    reason_code: Option<&'a str>,
    reason: Option<&'a str>,
    localized_reason: Option<&'a str>,
    comment: Option<&'a str>,
    taken_at: String,
    updated_at: String,
    ends_at: Option<String>,
    cancelled_at: Option<String>,
    end_event_sent: bool,
    history: Vec<PastStateItem<'a>>,
}

/// A state that an action was in before.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PastStateItem<'a> {
    actioner_id: Option<Uuid>,
    comment: Option<&'a str>,
    since: String,
    ends_at: Option<String>,
}

impl<'a> ActionItem<'a> {
    /// The action as it stands at `now`.
    #[must_use]
    pub fn new(action: &'a Action, now: Instant) -> Self {
        let (cancelled_at, end_event_sent) = match action.length {
            ActionLength::Instant => (None, false),
            ActionLength::Temporal { cancelled_at, end_event_sent, .. } => {
                (cancelled_at, end_event_sent)
            }
        };
        let (option, reason) = (action.option.as_ref(), action.reason.as_ref());
        let history = action.history.iter().map(|past| PastStateItem {
            actioner_id: past.actioner_id.map(UserId::uuid),
            comment: past.comment.as_deref(),
            since: scalar::instant(past.since),
            ends_at: scalar::expiry(past.expiry),
        });
        Self {
            id: action.id.uuid(),
            state: action.state(now).name(),
            tenant_id: action.tenant_id.uuid(),
            definition_id: action.definition_id.uuid(),
            actionee_id: action.actionee_id.uuid(),
            actioner_id: action.actioner_id.map(UserId::uuid),
            application_ids: action.application_ids.iter().map(|id| id.uuid()).collect(),
            name: &action.name,
            localized_name: &action.localized_name,
            option: option.map(|option| option.text.as_str()),
            localized_option: option.map(|option| option.localized.as_str()),
            reason_code: reason.map(|reason| reason.code.as_str()),
            reason: reason.map(|reason| reason.wording.text.as_str()),
            localized_reason: reason.map(|reason| reason.wording.localized.as_str()),
            comment: action.comment.as_deref(),
            taken_at: scalar::instant(action.taken_at),
            updated_at: scalar::instant(action.updated_at),
            ends_at: action.expiry().and_then(scalar::expiry),
            cancelled_at: cancelled_at.map(scalar::instant),
            end_event_sent,
            history: history.collect(),
        }
    }
}

/// A page of actions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ActionPage<'a> {
    /// The actions.
    pub items: Vec<ActionItem<'a>>,
    /// What to send as `after` for the next page.
    pub next: Option<String>,
}

/// An action with everything that it caused.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ActionTrace<'a> {
    /// The action.
    #[serde(flatten)]
    pub action: ActionItem<'a>,
    /// The events about it, oldest first.
    pub events: Vec<TracedEvent<'a>>,
    /// What was sent to webhooks because of it.
    pub deliveries: Vec<DeliveryItem<'a>>,
}

/// An event about an action.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TracedEvent<'a> {
    /// Its id.
    pub id: Uuid,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// When.
    pub at: String,
    /// What it says.
    #[schema(value_type = Object)]
    pub payload: crate::document::Document,
}
