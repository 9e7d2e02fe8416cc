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

/// The conformance list's world (`waldur.md` §13): customer C with project P, and who holds what.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) staff: Somebody,
    pub(crate) support: Somebody,
    /// `CUSTOMER.OWNER` on C.
    pub(crate) owner: Somebody,
    /// `PROJECT.MANAGER` on P.
    pub(crate) manager: Somebody,
    /// `PROJECT.ADMIN` on P.
    pub(crate) admin: Somebody,
    /// Holds nothing.
    pub(crate) user: Somebody,
    /// Holds nothing either.
    pub(crate) other: Somebody,
    /// The ids of C and P.
    pub(crate) customer: String,
    pub(crate) project: String,
}

impl World {
    pub(crate) async fn make(server: &Server) -> Self {
        let staff = staff(server).await;
        let customer = customer(server, &staff, json!({"name": "C"})).await;
        let project = project(server, &staff, &customer, "P").await;
        let (c, p) = (format!("customers/{customer}"), format!("projects/{project}"));
        let support = somebody(server, "support").await;
        let path = format!("/api/users/{}/", support.id);
        let flagged = staff.patch(server, &path, json!({"is_support": true})).await;
        assert_eq!(flagged.status, 200, "{}", flagged.text);
        let [owner, manager, admin] = [
            ("owner", "CUSTOMER.OWNER", &c),
            ("manager", "PROJECT.MANAGER", &p),
            ("siteadmin", "PROJECT.ADMIN", &p),
        ]
        .map(|(name, role, scope)| holder(server, &staff, name, role, scope));
        Self {
            owner: owner.await,
            manager: manager.await,
            admin: admin.await,
            user: somebody(server, "user").await,
            other: somebody(server, "other").await,
            support,
            staff,
            customer,
            project,
        }
    }
}

/// The `uuid` of a 201.
pub(crate) fn uuid_of(answered: &Answered) -> String {
    assert_eq!(answered.status, 201, "{}", answered.text);
    answered.json["uuid"].as_str().unwrap().to_owned()
}

/// A new customer.
pub(crate) async fn customer(server: &Server, staff: &Somebody, body: Value) -> String {
    uuid_of(&staff.post(server, "/api/customers/", body).await)
}

/// A new project of a customer.
pub(crate) async fn project(server: &Server, by: &Somebody, customer: &str, name: &str) -> String {
    let body =
        json!({"name": name, "customer": format!("http://localhost/api/customers/{customer}/")});
    uuid_of(&by.post(server, "/api/projects/", body).await)
}

/// A new user who holds a role on `customers/{uuid}` or `projects/{uuid}`.
pub(crate) async fn holder(
    server: &Server,
    staff: &Somebody,
    name: &str,
    role: &str,
    scope: &str,
) -> Somebody {
    let new = somebody(server, name).await;
    give(server, staff, &new, role, scope).await;
    new
}

/// Gives a role.
pub(crate) async fn give(server: &Server, by: &Somebody, to: &Somebody, role: &str, scope: &str) {
    let body = json!({"user": to.id, "role": role});
    let given = by.post(server, &format!("/api/{scope}/add_user/"), body).await;
    assert_eq!(given.status, 201, "{}", given.text);
}

/// The members of this name of a list's objects, in their order.
pub(crate) fn each(answered: &Answered, member: &str) -> Vec<String> {
    assert_eq!(answered.status, 200, "{}", answered.text);
    let items = answered.json.as_array().unwrap_or_else(|| panic!("no list: {}", answered.text));
    items.iter().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
}

impl Somebody {
    pub(crate) async fn patch(&self, server: &Server, path: &str, body: Value) -> Answered {
        self.call(server, "PATCH", path, Some(&body)).await
    }

    pub(crate) async fn delete(&self, server: &Server, path: &str) -> Answered {
        self.call(server, "DELETE", path, None).await
    }
}
