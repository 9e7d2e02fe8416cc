//! Actions taken on users, and what others are told of them (`fusionauth.md` §3.2, §3.3, §4.10).

use docket_domain::action::{Action, ActionEvent, ActionLength, PastState};
use docket_domain::id::{ActionId, ApplicationId, DefinitionId, ReasonId, TenantId, UserId};
use docket_domain::json::Json;
use docket_domain::text::LONGEST_COMMENT;
use docket_domain::time::Expiry;
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::email::Email;
use super::scalar::{self, Document};
use crate::fields::Fields;

/// One action taken on one user, as answered.
///
/// `createInstant`, `lastUpdateInstant` and the top-level `historyItems` are what older clients
/// look for; §3.4 tells why both places are filled.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserActionLog<'a> {
    actionee_user_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    actioner_user_id: Option<Uuid>,
    application_ids: Vec<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    create_instant: i64,
    email_user_on_end: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_event_sent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Box<UserActionEvent<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<History<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    history_items: Vec<HistoryItem<'a>>,
    id: Uuid,
    insert_instant: i64,
    last_update_instant: i64,
    localized_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_option: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_reason: Option<&'a str>,
    name: &'a str,
    notify_user_on_end: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'a str>,
    user_action_id: Uuid,
}

/// The states before this one, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct History<'a> {
    history_items: Vec<HistoryItem<'a>>,
}

/// A state that an action was in before somebody changed it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryItem<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    actioner_user_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    create_instant: i64,
    expiry: i64,
}

/// What webhooks are told, and the answer of a change that was broadcast.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserActionEvent<'a> {
    action: &'a str,
    action_id: Uuid,
    actionee_user_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    actioner_user_id: Option<Uuid>,
    application_ids: Vec<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    create_instant: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    emailed_user: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<i64>,
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    info: Option<Document>,
    linked_object_id: Uuid,
    localized_action: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_duration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_option: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_reason: Option<&'a str>,
    notify_user: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'a str>,
    tenant_id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// `{"action": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ActionResponse<'a> {
    action: UserActionLog<'a>,
}

/// `{"actions": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ActionsResponse<'a> {
    actions: Vec<UserActionLog<'a>>,
}

impl<'a> ActionResponse<'a> {
    /// The answer of a change; the event stands in it when webhooks are told.
    #[must_use]
    pub fn of_change(action: &'a Action, event: &'a ActionEvent) -> Self {
        let mut log = UserActionLog::from(action);
        log.event = event.broadcast.then(|| Box::new(UserActionEvent::new(action, event)));
        Self { action: log }
    }
}

impl<'a> From<&'a Action> for ActionResponse<'a> {
    fn from(action: &'a Action) -> Self {
        Self { action: action.into() }
    }
}

impl<'a> From<&'a [Action]> for ActionsResponse<'a> {
    fn from(actions: &'a [Action]) -> Self {
        Self { actions: actions.iter().map(Into::into).collect() }
    }
}

impl<'a> From<&'a Action> for UserActionLog<'a> {
    fn from(action: &'a Action) -> Self {
        let end_event_sent = match action.length {
            ActionLength::Instant => None,
            ActionLength::Temporal { end_event_sent, .. } => Some(end_event_sent),
        };
        let items: Vec<HistoryItem<'_>> = action.history.iter().map(Into::into).collect();
        let (option, reason) = (action.option.as_ref(), action.reason.as_ref());
        Self {
            actionee_user_id: action.actionee_id.uuid(),
            actioner_user_id: action.actioner_id.map(UserId::uuid),
            application_ids: uuids(&action.application_ids),
            comment: action.comment.as_deref(),
            create_instant: action.taken_at.millis(),
            email_user_on_end: action.emails_user_on_end,
            end_event_sent,
            event: None,
            expiry: action.expiry().map(scalar::expiry_to_millis),
            history: (!items.is_empty()).then(|| History { history_items: items.clone() }),
            history_items: items,
            id: action.id.uuid(),
            insert_instant: action.taken_at.millis(),
            last_update_instant: action.updated_at.millis(),
            localized_name: &action.localized_name,
            localized_option: option.map(|option| option.localized.as_str()),
            localized_reason: reason.map(|reason| reason.wording.localized.as_str()),
            name: &action.name,
            notify_user_on_end: action.notifies_user_on_end,
            option: option.map(|option| option.text.as_str()),
            reason: reason.map(|reason| reason.wording.text.as_str()),
            reason_code: reason.map(|reason| reason.code.as_str()),
            user_action_id: action.definition_id.uuid(),
        }
    }
}

impl<'a> From<&'a PastState> for HistoryItem<'a> {
    fn from(past: &'a PastState) -> Self {
        Self {
            actioner_user_id: past.actioner_id.map(UserId::uuid),
            comment: past.comment.as_deref(),
            create_instant: past.since.millis(),
            expiry: scalar::expiry_to_millis(past.expiry),
        }
    }
}

impl<'a> UserActionEvent<'a> {
    /// What is told of a change.
    #[must_use]
    pub fn new(action: &'a Action, event: &'a ActionEvent) -> Self {
        let (option, reason) = (action.option.as_ref(), action.reason.as_ref());
        Self {
            action: &action.name,
            action_id: action.id.uuid(),
            actionee_user_id: action.actionee_id.uuid(),
            actioner_user_id: action.actioner_id.map(UserId::uuid),
            application_ids: uuids(&action.application_ids),
            comment: action.comment.as_deref(),
            create_instant: event.at.millis(),
            email: event.email.as_ref().map(Into::into),
            emailed_user: event.emailed_user,
            expiry: action.expiry().map(scalar::expiry_to_millis),
            id: event.id.uuid(),
            info: event.info.as_ref().map(Document::from),
            linked_object_id: action.actionee_id.uuid(),
            localized_action: &action.localized_name,
            localized_duration: event.duration.as_deref(),
            localized_option: option.map(|option| option.localized.as_str()),
            localized_reason: reason.map(|reason| reason.wording.localized.as_str()),
            notify_user: event.notify_user,
            option: option.map(|option| option.text.as_str()),
            phase: event.phase.map(docket_domain::action::Phase::name),
            reason: reason.map(|reason| reason.wording.text.as_str()),
            reason_code: reason.map(|reason| reason.code.as_str()),
            tenant_id: TenantId::uuid(action.tenant_id),
            kind: "user.action",
        }
    }
}

fn uuids(ids: &[ApplicationId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

/// What a request to take, modify or cancel says; which members count is the use case's matter.
#[derive(Debug, Clone, Default)]
pub struct ActionRequest {
    /// `action.actioneeUserId`
    pub actionee_id: Option<UserId>,
    /// `action.actionerUserId`
    pub actioner_id: Option<UserId>,
    /// `action.userActionId`
    pub definition_id: Option<DefinitionId>,
    /// `action.reasonId`
    pub reason_id: Option<ReasonId>,
    /// `action.applicationIds`
    pub application_ids: Vec<ApplicationId>,
    /// `action.comment`, trimmed.
    pub comment: Option<String>,
    /// `action.option`
    pub option: Option<String>,
    /// `action.expiry`
    pub expiry: Option<Expiry>,
    /// `action.emailUser`
    pub email_user: bool,
    /// `action.notifyUser`
    pub notify_user: bool,
    /// `broadcast`
    pub broadcast: bool,
    /// `eventInfo`
    pub info: Option<Json>,
}

/// Which members of a request are read; the others are tolerated, whatever they hold (§3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// POST.
    Take,
    /// PUT.
    Modify,
    /// DELETE.
    Cancel,
}

impl ActionRequest {
    /// Reads a body. Paths in complaints start at the top: `action.expiry`, `broadcast`.
    pub fn read(body: &Value, reading: Reading) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::new(body);
        let read = fields.object("action", |action| {
            let mut request = Self {
                actioner_id: action.parsed("actionerUserId"),
                comment: action.optional("comment"),
                email_user: action.boolean("emailUser", false),
                notify_user: action.boolean("notifyUser", false),
                ..Self::default()
            };
            let characters = request.comment.as_ref().map_or(0, |text| text.chars().count());
            if characters > LONGEST_COMMENT {
                action.complain("comment", Rule::TooLong(LONGEST_COMMENT));
            }
            if reading != Reading::Cancel {
                request.expiry = action.long("expiry").map(scalar::expiry_from_millis);
            }
            if reading == Reading::Take {
                request.actionee_id = action.parsed("actioneeUserId");
                request.definition_id = action.parsed("userActionId");
                request.reason_id = action.parsed("reasonId");
                request.application_ids = action.parsed_list("applicationIds").unwrap_or_default();
                request.option = action.optional("option");
            }
            request
        });
        if !fields.has("action") {
            fields.complain("action", Rule::Missing);
        }
        let mut request = read.unwrap_or_default();
        request.broadcast = fields.boolean("broadcast", false);
        request.info = fields.selection("eventInfo", scalar::EVENT_INFO);
        fields.finish_checked(request, |_| missing(body, reading))
    }
}

/// The members that there must be and are not. The use case asks for them again, for it knows
/// which objects there are; here they join the complaints about members of the wrong kind.
fn missing(body: &Value, reading: Reading) -> Result<(), Vec<Violation>> {
    let required: &[&str] = match reading {
        Reading::Take => &["actioneeUserId", "actionerUserId", "userActionId"],
        Reading::Modify => &["actionerUserId", "expiry"],
        Reading::Cancel => &["actionerUserId"],
    };
    let mut fields = Fields::new(body);
    fields.object("action", |action| {
        for name in required.iter().filter(|name| !action.has(name)).collect::<Vec<_>>() {
            action.complain(name, Rule::Missing);
        }
    });
    fields.finish()
}

/// What a webhook is sent: `{"event": {…}}` and nothing else.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WebhookRequest<'a> {
    event: UserActionEvent<'a>,
}

impl<'a> WebhookRequest<'a> {
    /// About a change of an action.
    #[must_use]
    pub fn of_action(action: &'a Action, event: &'a ActionEvent) -> Self {
        Self { event: UserActionEvent::new(action, event) }
    }

    /// The bytes that are sent, and signed.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts, numbers and lists of them always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// One of the blocks that refuse a login (§4.4).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginPreventedResponse<'a> {
    action_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    actioner_user_id: Option<Uuid>,
    expiry: i64,
    localized_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_option: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    localized_reason: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'a str>,
}

impl<'a> From<&'a docket_domain::action::Block> for LoginPreventedResponse<'a> {
    fn from(block: &'a docket_domain::action::Block) -> Self {
        let (option, reason) = (block.option.as_ref(), block.reason.as_ref());
        Self {
            action_id: ActionId::uuid(block.action_id),
            actioner_user_id: block.actioner_id.map(UserId::uuid),
            expiry: scalar::expiry_to_millis(block.expiry),
            localized_name: &block.localized_name,
            localized_option: option.map(|option| option.localized.as_str()),
            localized_reason: reason.map(|reason| reason.wording.localized.as_str()),
            name: &block.name,
            option: option.map(|option| option.text.as_str()),
            reason: reason.map(|reason| reason.wording.text.as_str()),
            reason_code: reason.map(|reason| reason.code.as_str()),
        }
    }
}
