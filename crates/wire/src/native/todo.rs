//! To-dos that other systems push, and what is done outside about them (`native.md` §4).

use docket_domain::directory::User;
use docket_domain::id::UserId;
use docket_domain::json::Json;
use docket_domain::time::Instant;
use docket_domain::todo::execution::Outcome;
use docket_domain::todo::{
    Category, CorrectiveAction, Matter, Severity, Surroundings, Thing, Todo, Urgency,
};
use docket_domain::violation::{Rule, Violation};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::scalar;
use crate::document::Document;
use crate::fields::Fields;

/// The most errands of one batch.
const MOST_ERRANDS: usize = 1_000;

/// A to-do, as it is told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TodoItem<'a> {
    id: Uuid,
    user_id: Uuid,
    action_type: &'a str,
    external_id: &'a str,
    title: &'a str,
    description: &'a str,
    urgency: &'static str,
    due_at: Option<String>,
    related_object_name: &'a str,
    related_object_type: &'a str,
    route_name: &'a str,
    #[schema(value_type = Object)]
    route_params: Document,
    project: Option<ThingItem<'a>>,
    organization: Option<ThingItem<'a>>,
    offering: Option<ThingItem<'a>>,
    resource: Option<ThingItem<'a>>,
    corrective_actions: Vec<ActionItem<'a>>,
    silenced: bool,
    silenced_until: Option<String>,
    created_at: String,
    updated_at: String,
}

/// Something that has a name and an id.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ThingItem<'a> {
    name: &'a str,
    uuid: Option<Uuid>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
}

/// Something that can be done about a to-do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ActionItem<'a> {
    label: &'a str,
    category: &'static str,
    severity: &'static str,
    method: &'a str,
    api_endpoint: bool,
    confirmation_required: bool,
    permissions_required: &'a [String],
    #[schema(value_type = Object)]
    metadata: Document,
    route_name: Option<&'a str>,
    #[schema(value_type = Object)]
    route_params: Document,
    #[serde(rename = "callbackUrl")]
    callback_url: Option<&'a str>,
}

/// To-dos, all of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TodoRows<'a> {
    /// The to-dos, by user.
    pub items: Vec<TodoItem<'a>>,
}

/// What came of a batch, in the order of its errands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchAnswer<'a> {
    /// What came of each.
    pub items: Vec<TodoRows<'a>>,
}

impl<'a> From<&'a Todo> for TodoItem<'a> {
    fn from(todo: &'a Todo) -> Self {
        let matter = &todo.matter;
        let around = &matter.surroundings;
        let offering_type = Some(around.offering_type.as_str()).filter(|text| !text.is_empty());
        Self {
            id: todo.id.uuid(),
            user_id: todo.user_id.uuid(),
            action_type: &todo.action_type,
            external_id: &todo.object_id,
            title: &matter.title,
            description: &matter.description,
            urgency: matter.urgency.name(),
            due_at: matter.due_at.map(scalar::instant),
            related_object_name: &matter.object_name,
            related_object_type: &matter.object_type,
            route_name: &matter.route_name,
            route_params: (&matter.route_params).into(),
            project: thing(&around.project, None),
            organization: thing(&around.organization, None),
            offering: thing(&around.offering, offering_type),
            resource: thing(&around.resource, None),
            corrective_actions: matter.corrective_actions.iter().map(Into::into).collect(),
            silenced: todo.silence.forever,
            silenced_until: todo.silence.until.map(scalar::instant),
            created_at: scalar::instant(todo.created_at),
            updated_at: scalar::instant(todo.updated_at),
        }
    }
}

impl<'a> From<&'a CorrectiveAction> for ActionItem<'a> {
    fn from(action: &'a CorrectiveAction) -> Self {
        Self {
            label: &action.label,
            category: action.category.name(),
            severity: action.severity.name(),
            method: &action.method,
            api_endpoint: action.api_endpoint,
            confirmation_required: action.confirmation_required,
            permissions_required: &action.permissions_required,
            metadata: (&action.metadata).into(),
            route_name: action.route_name.as_deref(),
            route_params: (&action.route_params).into(),
            callback_url: action.callback_url.as_deref(),
        }
    }
}

fn thing<'a>(thing: &'a Thing, kind: Option<&'a str>) -> Option<ThingItem<'a>> {
    let is_there = *thing != Thing::default() || kind.is_some();
    is_there.then_some(ThingItem { name: &thing.name, uuid: thing.id, kind })
}

/// What a body says of who has to do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushBody {
    /// Who, by their ids.
    pub users: Vec<UserId>,
    /// Who, by their addresses.
    pub emails: Vec<String>,
    /// What.
    pub matter: Matter,
}

/// One errand of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrandBody {
    /// What kind of thing.
    pub action_type: String,
    /// About what.
    pub external_id: String,
    /// What is asked of whom; nothing when the matter is settled.
    pub push: Option<PushBody>,
}

/// Reads the body of a push. What is urgent is told by when it is due, seen from `now`.
pub fn read_push(value: &Value, now: Instant) -> Result<PushBody, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let push = push(&mut fields, now);
    fields.finish_checked(push, |push| push.matter.check())
}

/// Reads a batch: `{"items": [{"op": "put"|"delete", "actionType", "externalId", …}]}`.
pub fn read_batch(value: &Value, now: Instant) -> Result<Vec<ErrandBody>, Vec<Violation>> {
    let mut fields = Fields::new(value);
    if !fields.has("items") {
        fields.complain("items", Rule::Missing);
    }
    if fields.elements("items").len() > MOST_ERRANDS {
        return Err(vec![Violation::body("items", Rule::TooMany(MOST_ERRANDS))]);
    }
    let errands = fields.objects("items", |item| {
        let op = item.named("op", |op| match op.to_ascii_lowercase().as_str() {
            "put" => Some(true),
            "delete" => Some(false),
            _ => None,
        });
        ErrandBody {
            action_type: required(item, "actionType"),
            external_id: required(item, "externalId"),
            push: op.unwrap_or(true).then(|| push(item, now)),
        }
    });
    fields.finish()?;
    Ok(errands)
}

/// Reads an item of a pull: a push with its key.
pub(super) fn read_item(
    value: &Value,
    now: Instant,
) -> Result<(String, PushBody), (Option<String>, Vec<Violation>)> {
    let mut fields = Fields::new(value);
    let key = required(&mut fields, "externalId");
    let push = push(&mut fields, now);
    let known = Some(key.clone()).filter(|key| !key.is_empty());
    let read = fields.finish_checked(push, |push| push.matter.check());
    match read.and_then(|push| push.matter.check().map(|()| push)) {
        Ok(push) => Ok((key, push)),
        Err(violations) => Err((known, violations)),
    }
}

fn required(fields: &mut Fields<'_>, name: &str) -> String {
    let text = fields.trimmed(name);
    if text.is_empty() && !fields.has(name) {
        fields.complain(name, Rule::Missing);
    }
    text
}

fn push(fields: &mut Fields<'_>, now: Instant) -> PushBody {
    let users = fields.parsed_list::<UserId>("userIds");
    let emails = fields.parsed_list::<String>("emails");
    if users.is_none() && emails.is_none() && !fields.has("userIds") && !fields.has("emails") {
        fields.complain("userIds", Rule::Missing);
    }
    let due_at = instant(fields, "dueAt");
    let urgency = fields.named("urgency", Urgency::from_name);
    let (offering, offering_type) = read_thing(fields, "offering");
    let matter = Matter {
        title: fields.trimmed("title"),
        description: fields.text("description").unwrap_or_default(),
        urgency: urgency.unwrap_or_else(|| Urgency::of_due(due_at, now)),
        due_at,
        object_name: fields.trimmed("relatedObjectName"),
        object_type: fields.trimmed("relatedObjectType"),
        route_name: fields.trimmed("routeName"),
        route_params: fields.document("routeParams"),
        surroundings: Surroundings {
            project: read_thing(fields, "project").0,
            organization: read_thing(fields, "organization").0,
            offering,
            offering_type,
            resource: read_thing(fields, "resource").0,
            order_type: fields.trimmed("orderType"),
        },
        corrective_actions: fields.objects("correctiveActions", corrective_action),
    };
    PushBody { users: users.unwrap_or_default(), emails: emails.unwrap_or_default(), matter }
}

fn instant(fields: &mut Fields<'_>, name: &str) -> Option<Instant> {
    let text = fields.optional(name)?;
    let instant = scalar::parse_instant(&text);
    if instant.is_none() {
        fields.complain(name, Rule::CouldNotConvert);
    }
    instant
}

fn read_thing(fields: &mut Fields<'_>, name: &str) -> (Thing, String) {
    let read = fields.object(name, |thing| {
        let id = thing.optional("uuid").and_then(|text| {
            let id = docket_domain::id::parse_either(&text).ok();
            if id.is_none() {
                thing.complain("uuid", Rule::CouldNotConvert);
            }
            id
        });
        (Thing { name: thing.trimmed("name"), id }, thing.trimmed("type"))
    });
    read.unwrap_or_default()
}

/// Corrective actions are written as the Waldur surface shows them; camelCase does, too.
fn corrective_action(fields: &mut Fields<'_>) -> CorrectiveAction {
    let category = fields.named("category", Category::from_name);
    if category.is_none() && !fields.has("category") {
        fields.complain("category", Rule::Missing);
    }
    let either = |snake: &'static str, camel: &'static str| {
        if fields.has(camel) { camel } else { snake }
    };
    let api_endpoint = either("api_endpoint", "apiEndpoint");
    let confirmation = either("confirmation_required", "confirmationRequired");
    let permissions = either("permissions_required", "permissionsRequired");
    let route_name = either("route_name", "routeName");
    let route_params = either("route_params", "routeParams");
    let callback = either("callback_url", "callbackUrl");
    CorrectiveAction {
        label: fields.text("label").unwrap_or_default(),
        category: category.unwrap_or(Category::View),
        severity: fields.named("severity", Severity::from_name).unwrap_or(Severity::Safe),
        api_endpoint: fields.boolean(api_endpoint, false),
        method: method(fields, api_endpoint),
        confirmation_required: fields.boolean(confirmation, false),
        permissions_required: fields.parsed_list(permissions).unwrap_or_default(),
        metadata: fields.document("metadata"),
        route_name: fields.optional(route_name),
        route_params: fields.document(route_params),
        callback_url: fields.optional(callback),
    }
}

/// What is done by the server and says nothing of a method is done by POST.
fn method(fields: &mut Fields<'_>, api_endpoint: &str) -> String {
    let usual = if fields.boolean(api_endpoint, false) { "POST" } else { "GET" };
    fields.optional("method").map_or_else(|| usual.to_owned(), |text| text.to_ascii_uppercase())
}

/// What another system is told to do.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Callback<'a> {
    todo: TodoItem<'a>,
    corrective_action: ActionItem<'a>,
    user: CallbackUser<'a>,
}

#[derive(Serialize)]
struct CallbackUser<'a> {
    id: Uuid,
    email: Option<&'a str>,
}

/// The body by which another system is told what to do about a to-do.
#[must_use]
pub fn callback(todo: &Todo, action: &CorrectiveAction, user: &User) -> Vec<u8> {
    let body = Callback {
        todo: todo.into(),
        corrective_action: action.into(),
        user: CallbackUser { id: user.id.uuid(), email: user.details.email.as_deref() },
    };
    serde_json::to_vec(&body).unwrap_or_default()
}

/// What another system answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallbackAnswer {
    action: Option<String>,
    message: Option<String>,
    redirect_url: Option<String>,
    metadata: Option<serde_json::Map<String, Value>>,
}

/// Reads what another system answers, or says why it is no answer.
pub fn read_callback(body: &[u8]) -> Result<Outcome, String> {
    let answer: CallbackAnswer = serde_json::from_slice(body)
        .map_err(|_| "The answer is not the JSON that it should be.".to_owned())?;
    let metadata = answer.metadata.map(|members| Value::Object(members).to_string());
    Ok(Outcome {
        action: answer.action.unwrap_or_else(|| "completed".to_owned()),
        message: answer.message,
        redirect_url: answer.redirect_url,
        metadata: metadata.map(Json::from_trusted),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Instant = Instant::from_millis(1_767_603_600_000);

    #[test]
    fn urgency_comes_from_the_day_when_nobody_says() {
        let urgency = |body: Value| read_push(&body, NOW).map(|push| push.matter.urgency);
        let body = |due: &str| json!({"userIds": [], "title": "T", "dueAt": due});
        assert_eq!(urgency(body("2026-01-12T09:00:00Z")), Ok(Urgency::High));
        assert_eq!(urgency(body("2026-01-19T09:00:00Z")), Ok(Urgency::Medium));
        assert_eq!(urgency(body("2026-01-20T09:00:00Z")), Ok(Urgency::Low));
        assert_eq!(urgency(json!({"emails": [], "title": "T"})), Ok(Urgency::Low));
        let said = json!({"emails": [], "title": "T", "urgency": "high"});
        assert_eq!(urgency(said), Ok(Urgency::High));
    }

    #[test]
    fn everything_wrong_is_named() {
        let body = json!({"urgency": "soon", "dueAt": "soon", "project": {"uuid": "x"},
            "correctiveActions": [{"label": "A"}, {"label": "", "category": "view"}]});
        let wrong = read_push(&body, NOW).unwrap_err();
        let fields: Vec<String> = wrong.iter().map(|v| format!("{:?}", v.field)).collect();
        for field in ["userIds", "urgency", "dueAt", "project.uuid", "title"] {
            assert!(fields.contains(&format!("Body(\"{field}\")")), "{field}: {fields:?}");
        }
        assert!(fields.contains(&"Body(\"correctiveActions[0].category\")".to_owned()));
        assert!(fields.contains(&"Body(\"correctiveActions[1].label\")".to_owned()));
    }

    #[test]
    fn what_is_done_outside_says_so_in_either_spelling() {
        let body = json!({"userIds": [], "title": "T", "correctiveActions": [
            {"label": "A", "category": "approve", "api_endpoint": true, "callbackUrl": "https://a/"},
            {"label": "B", "category": "view", "route_name": "r", "route_params": {"a": 1}},
        ]});
        let matter = read_push(&body, NOW).unwrap().matter;
        let [first, second] = matter.corrective_actions.as_slice() else { panic!("{matter:?}") };
        assert!(first.is_done_here() && first.callback_url.is_some());
        assert_eq!((second.method.as_str(), second.route_params.as_str()), ("GET", "{\"a\":1}"));
    }

    #[test]
    fn an_answer_may_say_little_but_must_be_one() {
        let read = |text: &str| read_callback(text.as_bytes());
        assert_eq!(read("{}").unwrap().action, "completed");
        let full = read(r#"{"action":"done","message":"m","redirectUrl":"/x","metadata":{"a":1}}"#);
        let full = full.unwrap();
        assert_eq!((full.action.as_str(), full.redirect_url.as_deref()), ("done", Some("/x")));
        assert_eq!(full.metadata.unwrap().as_str(), "{\"a\":1}");
        for wrong in ["", "[]", "ok", r#"{"metadata": 7}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
