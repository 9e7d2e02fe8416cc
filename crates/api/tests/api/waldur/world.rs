//! Users with tokens, and how they call.

use docket_testkit::{Answered, Server};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "correct horse";

/// A user with a token.
#[derive(Debug, Clone)]
pub(crate) struct Somebody {
    /// The id, 32 digits.
    pub(crate) id: String,
    pub(crate) token: String,
}

/// The bare form of an id.
pub(crate) fn hex(id: &str) -> String {
    id.replace('-', "")
}

/// Asks for a token.
pub(crate) async fn log_in(server: &Server, username: &str, password: &str) -> Answered {
    let body = json!({"username": username, "password": password});
    server.call("POST", "/api-auth/password/", &[("Authorization", "")], Some(&body)).await
}

/// The user of this name, logged in.
pub(crate) async fn logged_in(server: &Server, username: &str, password: &str) -> Somebody {
    let answered = log_in(server, username, password).await;
    assert_eq!(answered.status, 200, "{}", answered.text);
    let token = answered.json["token"].as_str().unwrap().to_owned();
    let me = Somebody { id: String::new(), token }.get(server, "/api/users/me/").await;
    let token = answered.json["token"].as_str().unwrap().to_owned();
    Somebody { id: me.json["uuid"].as_str().unwrap().to_owned(), token }
}

/// The user who runs the server.
pub(crate) async fn staff(server: &Server) -> Somebody {
    logged_in(server, "admin", "a password for tests").await
}

/// A new user of this name, logged in.
pub(crate) async fn somebody(server: &Server, username: &str) -> Somebody {
    let user = json!({"username": username, "email": format!("{username}@example.com"),
        "password": PASSWORD});
    let made = server.post("/api/user", json!({ "user": user })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    logged_in(server, username, PASSWORD).await
}

impl Somebody {
    pub(crate) async fn call(
        &self,
        server: &Server,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Answered {
        let authorization = format!("Token {}", self.token);
        server.call(method, path, &[("Authorization", &authorization)], body).await
    }

    pub(crate) async fn get(&self, server: &Server, path: &str) -> Answered {
        self.call(server, "GET", path, None).await
    }

    pub(crate) async fn post(&self, server: &Server, path: &str, body: Value) -> Answered {
        self.call(server, "POST", path, Some(&body)).await
    }
}
