//! What most tests start from: users, definitions, actions, made through the API.

use docket_testkit::{Answered, Server};
use serde_json::{Value, json};

/// The `id` under `envelope` of a successful answer.
pub(crate) fn id_of(answered: &Answered, envelope: &str) -> String {
    assert_eq!(answered.status, 200, "{}", answered.text);
    answered.json[envelope]["id"].as_str().unwrap().to_owned()
}

/// A user with this address, who reads these languages.
pub(crate) async fn user(server: &Server, email: &str, languages: &[&str]) -> String {
    let body = json!({"user":
        {"email": email, "password": "correct horse", "preferredLanguages": languages}});
    id_of(&server.post("/api/user", body).await, "user")
}

/// A definition.
pub(crate) async fn definition(server: &Server, definition: Value) -> String {
    let made = server.post("/api/user-action", json!({ "userAction": definition })).await;
    id_of(&made, "userAction")
}

/// A temporal definition that prevents logins.
pub(crate) async fn ban(server: &Server) -> String {
    definition(server, json!({"name": "Ban", "temporal": true, "preventLogin": true})).await
}

/// Takes an action and gives back its log.
pub(crate) async fn take(server: &Server, action: Value) -> Value {
    let taken = server.post("/api/user/action", json!({ "action": action })).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    taken.json["action"].clone()
}

/// Milliseconds, so much after the server's present.
pub(crate) fn after(server: &Server, millis: i64) -> i64 {
    server.ctx.now().millis() + millis
}

/// An application of the sole tenant, or of the one that the headers name.
pub(crate) async fn application(
    server: &Server,
    headers: &[(&str, &str)],
    application: Value,
) -> String {
    let body = json!({ "application": application });
    let made = server.call("POST", "/api/application", headers, Some(&body)).await;
    id_of(&made, "application")
}

/// A tenant beside the first one.
pub(crate) async fn tenant(server: &Server, name: &str) -> String {
    id_of(&server.post("/api/tenant", json!({"tenant": {"name": name}})).await, "tenant")
}

/// The secret of a key that sees one tenant only.
pub(crate) async fn key_of(server: &Server, tenant: &str) -> String {
    let made = server.post("/api/api-key", json!({"apiKey": {"tenantId": tenant}})).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["apiKey"]["key"].as_str().unwrap().to_owned()
}

/// The first code under this field of a 400.
pub(crate) fn code<'a>(answered: &'a Answered, field: &str) -> &'a str {
    assert_eq!(answered.status, 400, "{}", answered.text);
    let code = answered.json["fieldErrors"][field][0]["code"].as_str();
    code.unwrap_or_else(|| panic!("{field} is not in {}", answered.text))
}
