//! An action, and what others are told of it.

use docket_domain::action::{Action, ActionLength, Phase};
use docket_domain::json::Json;
use docket_domain::time::Instant;
use serde_json::{Value, json};

use super::{document, expiry};
use crate::actions::Told;

/// An action.
pub(crate) fn action(action: &Action) -> Json {
    document(&action_value(action))
}

/// What others are told of a change of an action: the event and the action as it then was.
pub(crate) fn action_event(told: &Told) -> Json {
    let event = &told.event;
    let info = event.info.as_ref().and_then(|info| serde_json::from_str(info.as_str()).ok());
    document(&json!({
        "phase": event.phase.map(Phase::name),
        "broadcast": event.broadcast,
        "emailedUser": event.emailed_user,
        "notifyUser": event.notify_user,
        "localizedDuration": event.duration,
        "info": info.unwrap_or(Value::Null),
        "action": action_value(&told.action),
    }))
}

fn action_value(action: &Action) -> Value {
    let history: Vec<Value> = action
        .history
        .iter()
        .map(|past| {
            json!({
                "actionerId": past.actioner_id.map(|id| id.to_string()),
                "comment": past.comment,
                "since": past.since.millis(),
                "until": expiry(past.expiry),
            })
        })
        .collect();
    let (cancelled_at, end_event_sent) = match action.length {
        ActionLength::Instant => (None, false),
        ActionLength::Temporal { cancelled_at, end_event_sent, .. } => {
            (cancelled_at.map(Instant::millis), end_event_sent)
        }
    };
    json!({
        "id": action.id.to_string(),
        "tenantId": action.tenant_id.to_string(),
        "definitionId": action.definition_id.to_string(),
        "actioneeId": action.actionee_id.to_string(),
        "actionerId": action.actioner_id.map(|id| id.to_string()),
        "applicationIds": action.application_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "comment": action.comment,
        "name": action.name,
        "localizedName": action.localized_name,
        "option": action.option.as_ref().map(|option| &option.text),
        "localizedOption": action.option.as_ref().map(|option| &option.localized),
        "reasonCode": action.reason.as_ref().map(|reason| &reason.code),
        "reason": action.reason.as_ref().map(|reason| &reason.wording.text),
        "localizedReason": action.reason.as_ref().map(|reason| &reason.wording.localized),
        "temporal": action.expiry().is_some(),
        "endsAt": action.expiry().map(expiry),
        "cancelledAt": cancelled_at,
        "endEventSent": end_event_sent,
        "emailsUserOnEnd": action.emails_user_on_end,
        "notifiesUserOnEnd": action.notifies_user_on_end,
        "takenAt": action.taken_at.millis(),
        "updatedAt": action.updated_at.millis(),
        "history": history,
    })
}
