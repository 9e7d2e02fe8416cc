//! Actions as JSON. Written straight from borrowed parts: the writer does this for every action
//! that is taken, and a tree of values would cost it more than the rows.

use docket_domain::action::{Action, ActionLength, PastState, Phase};
use docket_domain::id::{TemplateId, UserId};
use docket_domain::json::Json;
use docket_domain::time::{Expiry, Instant};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::actions::Told;
use crate::snapshot::EmailSnapshot;

/// An action.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionSnapshot<'a> {
    id: Uuid,
    tenant_id: Uuid,
    definition_id: Uuid,
    actionee_id: Uuid,
    actioner_id: Option<Uuid>,
    application_ids: Vec<Uuid>,
    comment: Option<&'a str>,
    name: &'a str,
    localized_name: &'a str,
    option: Option<&'a str>,
    localized_option: Option<&'a str>,
    reason_code: Option<&'a str>,
    reason: Option<&'a str>,
    localized_reason: Option<&'a str>,
    temporal: bool,
    /// `null` both for never and for what has no end; `temporal` tells them apart.
    ends_at: Option<i64>,
    cancelled_at: Option<i64>,
    end_event_sent: bool,
    emails_user_on_end: bool,
    notifies_user_on_end: bool,
    taken_at: i64,
    updated_at: i64,
    history: Vec<PastSnapshot<'a>>,
}

/// A state that an action was in before.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PastSnapshot<'a> {
    actioner_id: Option<Uuid>,
    comment: Option<&'a str>,
    since: i64,
    until: Option<i64>,
}

/// What is told of a change.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventSnapshot<'a> {
    phase: Option<&'static str>,
    broadcast: bool,
    asked: bool,
    emailed_user: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<EmailSnapshot>,
    notify_user: bool,
    localized_duration: Option<&'a str>,
    info: Option<&'a RawValue>,
    action: ActionSnapshot<'a>,
}

impl<'a> From<&'a Action> for ActionSnapshot<'a> {
    fn from(action: &'a Action) -> Self {
        let (cancelled_at, end_event_sent) = match action.length {
            ActionLength::Instant => (None, false),
            ActionLength::Temporal { cancelled_at, end_event_sent, .. } => {
                (cancelled_at.map(Instant::millis), end_event_sent)
            }
        };
        let (option, reason) = (action.option.as_ref(), action.reason.as_ref());
        Self {
            id: action.id.uuid(),
            tenant_id: action.tenant_id.uuid(),
            definition_id: action.definition_id.uuid(),
            actionee_id: action.actionee_id.uuid(),
            actioner_id: action.actioner_id.map(UserId::uuid),
            application_ids: action.application_ids.iter().map(|id| id.uuid()).collect(),
            comment: action.comment.as_deref(),
            name: &action.name,
            localized_name: &action.localized_name,
            option: option.map(|option| option.text.as_str()),
            localized_option: option.map(|option| option.localized.as_str()),
            reason_code: reason.map(|reason| reason.code.as_str()),
            reason: reason.map(|reason| reason.wording.text.as_str()),
            localized_reason: reason.map(|reason| reason.wording.localized.as_str()),
            temporal: action.expiry().is_some(),
            ends_at: action.expiry().and_then(Expiry::instant).map(Instant::millis),
            cancelled_at,
            end_event_sent,
            emails_user_on_end: action.emails_user_on_end,
            notifies_user_on_end: action.notifies_user_on_end,
            taken_at: action.taken_at.millis(),
            updated_at: action.updated_at.millis(),
            history: action.history.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a PastState> for PastSnapshot<'a> {
    fn from(past: &'a PastState) -> Self {
        Self {
            actioner_id: past.actioner_id.map(UserId::uuid),
            comment: past.comment.as_deref(),
            since: past.since.millis(),
            until: past.expiry.instant().map(Instant::millis),
        }
    }
}

/// An action.
pub(crate) fn action(action: &Action) -> Json {
    document(&ActionSnapshot::from(action))
}

/// What others are told of a change of an action: the event and the action as it then was.
pub(crate) fn action_event(told: &Told) -> Json {
    let event = &told.event;
    document(&EventSnapshot {
        phase: event.phase.map(Phase::name),
        broadcast: event.broadcast,
        asked: event.asked,
        emailed_user: event.emailed_user,
        template_id: event.template_id.map(TemplateId::uuid),
        email: event.email.as_ref().map(Into::into),
        notify_user: event.notify_user,
        localized_duration: event.duration.as_deref(),
        info: event.info.as_ref().and_then(|info| serde_json::from_str(info.as_str()).ok()),
        action: (&told.action).into(),
    })
}

fn document(snapshot: &impl Serialize) -> Json {
    // Texts, numbers and lists of them always have a JSON form.
    Json::from_trusted(serde_json::to_string(snapshot).unwrap_or_else(|_| "null".to_owned()))
}
