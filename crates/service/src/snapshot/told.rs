//! The event of a change of an action, read back from the log.

use docket_domain::action::taken::{GivenReason, Wording};
use docket_domain::action::{Action, ActionEvent, ActionLength, PastState, Phase};
use docket_domain::id::{ActionId, ApplicationId, DefinitionId, TemplateId, TenantId, UserId};
use docket_domain::json::Json;
use docket_domain::time::{Expiry, Instant};
use docket_store::outbox::KeptEvent;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::actions::Told;
use crate::snapshot::EmailSnapshot;

/// What [`super::action_event`] wrote.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    phase: Option<String>,
    broadcast: bool,
    asked: bool,
    emailed_user: bool,
    template_id: Option<Uuid>,
    email: Option<EmailSnapshot>,
    notify_user: bool,
    localized_duration: Option<String>,
    info: Option<Box<RawValue>>,
    action: ActionAsItWas,
}

/// As much of it as says whether anybody is told.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline {
    broadcast: bool,
    asked: bool,
    emailed_user: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActionAsItWas {
    id: Uuid,
    tenant_id: Uuid,
    definition_id: Uuid,
    actionee_id: Uuid,
    actioner_id: Option<Uuid>,
    application_ids: Vec<Uuid>,
    comment: Option<String>,
    name: String,
    localized_name: String,
    option: Option<String>,
    localized_option: Option<String>,
    reason_code: Option<String>,
    reason: Option<String>,
    localized_reason: Option<String>,
    temporal: bool,
    ends_at: Option<i64>,
    cancelled_at: Option<i64>,
    end_event_sent: bool,
    emails_user_on_end: bool,
    notifies_user_on_end: bool,
    taken_at: i64,
    updated_at: i64,
    history: Vec<Past>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Past {
    actioner_id: Option<Uuid>,
    comment: Option<String>,
    since: i64,
    until: Option<i64>,
}

/// Whether webhooks or the user are still to be told of a change of an action. Most are told to
/// nobody, and seeing that costs a third of reading all of it.
pub(crate) fn is_told(kept: &KeptEvent) -> bool {
    let outline = serde_json::from_str::<Outline>(kept.payload.as_str());
    outline.is_ok_and(|it| it.emailed_user || (it.broadcast && !it.asked))
}

/// What was told of a change of an action; nothing when the event is about something else.
pub(crate) fn told(kept: &KeptEvent) -> Option<Told> {
    let event: Event = serde_json::from_str(kept.payload.as_str()).ok()?;
    Some(Told {
        event: ActionEvent {
            id: kept.id,
            at: kept.at,
            phase: event.phase.as_deref().and_then(Phase::from_name),
            broadcast: event.broadcast,
            asked: event.asked,
            emailed_user: event.emailed_user,
            template_id: event.template_id.map(TemplateId::from_uuid),
            email: event.email.map(Into::into),
            notify_user: event.notify_user,
            duration: event.localized_duration,
            info: event.info.map(|info| Json::from_trusted(info.get())),
        },
        action: event.action.into(),
    })
}

impl From<ActionAsItWas> for Action {
    fn from(was: ActionAsItWas) -> Self {
        Self {
            id: ActionId::from_uuid(was.id),
            tenant_id: TenantId::from_uuid(was.tenant_id),
            definition_id: DefinitionId::from_uuid(was.definition_id),
            actionee_id: UserId::from_uuid(was.actionee_id),
            actioner_id: was.actioner_id.map(UserId::from_uuid),
            application_ids: was
                .application_ids
                .into_iter()
                .map(ApplicationId::from_uuid)
                .collect(),
            comment: was.comment,
            name: was.name,
            localized_name: was.localized_name,
            option: wording(was.option, was.localized_option),
            reason: wording(was.reason, was.localized_reason)
                .map(|wording| GivenReason { code: was.reason_code.unwrap_or_default(), wording }),
            emails_user_on_end: was.emails_user_on_end,
            notifies_user_on_end: was.notifies_user_on_end,
            length: if was.temporal {
                ActionLength::Temporal {
                    expiry: expiry(was.ends_at),
                    cancelled_at: was.cancelled_at.map(Instant::from_millis),
                    end_event_sent: was.end_event_sent,
                }
            } else {
                ActionLength::Instant
            },
            taken_at: Instant::from_millis(was.taken_at),
            updated_at: Instant::from_millis(was.updated_at),
            history: was.history.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Past> for PastState {
    fn from(past: Past) -> Self {
        Self {
            actioner_id: past.actioner_id.map(UserId::from_uuid),
            comment: past.comment,
            since: Instant::from_millis(past.since),
            expiry: expiry(past.until),
        }
    }
}

fn wording(text: Option<String>, localized: Option<String>) -> Option<Wording> {
    text.map(|text| Wording { localized: localized.unwrap_or_else(|| text.clone()), text })
}

fn expiry(millis: Option<i64>) -> Expiry {
    millis.map_or(Expiry::Never, |millis| Expiry::At(Instant::from_millis(millis)))
}
