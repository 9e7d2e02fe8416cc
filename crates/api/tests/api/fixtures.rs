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
