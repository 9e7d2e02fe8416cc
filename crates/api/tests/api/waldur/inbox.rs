//! What the tests of to-dos ask for: to-dos pushed, orders and resources told of, inboxes read.

use docket_domain::id::UserId;
use docket_service::settings::{Settings, Todos};
use docket_service::todos::refresh;
use docket_testkit::{Answered, Server};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Somebody, each, hex};

pub(super) const ACTIONS: &str = "/api/user-actions/";
pub(super) const EXECUTIONS: &str = "/api/user-action-executions/";
pub(super) const PROVIDERS: &str = "/api/user-action-providers/";
pub(super) const DAY: i64 = 86_400_000;
pub(super) const HOUR: i64 = 3_600_000;

pub(super) fn id_of(who: &Somebody) -> UserId {
    UserId::from_uuid(Uuid::parse_str(&who.id).unwrap())
}

/// So long after (or before) the present of the server, as text.
pub(super) fn at(server: &Server, millis: i64) -> String {
    let instant = server.ctx.now().plus_millis(millis);
    docket_wire::native::scalar::instant(instant)
}

/// Asks something of somebody; the answer is the to-do's id.
pub(super) async fn push(server: &Server, who: &Somebody, key: &str, more: Value) -> String {
    let mut body = json!({"userIds": [id_of(who).to_string()], "title": key, "urgency": "medium"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let put = server.put(&format!("/api/v1/todos/test_action/{key}"), body).await;
    assert!([200, 201].contains(&put.status), "{}", put.text);
    hex(put.json["items"][0]["id"].as_str().unwrap())
}

pub(super) async fn titles(server: &Server, who: &Somebody, query: &str) -> Vec<String> {
    each(&who.get(server, &format!("{ACTIONS}{query}")).await, "title")
}

pub(super) async fn silence(server: &Server, who: &Somebody, id: &str, body: Value) -> Answered {
    who.post(server, &format!("{ACTIONS}{id}/silence/"), body).await
}

pub(super) async fn execute(server: &Server, who: &Somebody, id: &str, label: &str) -> Answered {
    let body = json!({ "action_label": label });
    who.post(server, &format!("{ACTIONS}{id}/execute_action/"), body).await
}

/// Looks at what somebody has to do anew, as the courier does.
pub(super) async fn look(server: &Server, who: &Somebody) {
    refresh::user(&server.ctx, id_of(who), None).await.unwrap();
}

/// An order that waits for somebody of the project.
pub(super) async fn order(server: &Server, project: &str, hours_ago: i64) -> String {
    let id = server.ctx.id(server.ctx.now(), |id| id).to_string();
    tell_of_order(server, &id, project, "pending-consumer", hours_ago).await;
    id
}

pub(super) async fn tell_of_order(
    server: &Server,
    id: &str,
    project: &str,
    state: &str,
    hours_ago: i64,
) {
    let body = json!({"state": state, "type": "Create", "projectId": project,
        "offering": {"name": "Virtual machine", "uuid": Uuid::from_u128(7), "type": "OpenStack"},
        "resource": {"name": "vm-1"}, "estimatedCost": "12.50",
        "orderedAt": at(server, -hours_ago * HOUR)});
    let told = server.put(&format!("/api/v1/orders/{id}"), body).await;
    assert!([200, 201].contains(&told.status), "{}", told.text);
}

/// A resource that ends in so many days.
pub(super) async fn resource(server: &Server, project: &str, days: i64, more: Value) -> String {
    let id = server.ctx.id(server.ctx.now(), |id| id).to_string();
    let end = at(server, days * DAY);
    let mut body = json!({"name": "vm-1", "state": "OK", "projectId": project, "prepaid": true,
        "offering": {"name": "Virtual machine"}, "endDate": end.split_once('T').unwrap().0});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let told = server.put(&format!("/api/v1/resources/{id}"), body).await;
    assert_eq!(told.status, 201, "{}", told.text);
    id
}

/// The same server with other settings.
pub(super) fn with(mut server: Server, todos: Todos) -> Server {
    let settings = Settings { todos, ..Settings::default() };
    let ctx = server.ctx.clone().with_settings(settings);
    server.with_context(ctx);
    server
}

/// The one to-do that somebody has.
pub(super) async fn only(server: &Server, who: &Somebody) -> Value {
    let listed = who.get(server, ACTIONS).await;
    let items = listed.json.as_array().unwrap_or_else(|| panic!("{}", listed.text)).clone();
    assert_eq!(items.len(), 1, "{}", listed.text);
    items.into_iter().next().unwrap()
}

pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}
