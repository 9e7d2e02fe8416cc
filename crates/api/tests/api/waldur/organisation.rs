//! A customer with a project and people in all roles, as the conformance list has them
//! (`waldur.md` §13).

use docket_testkit::{Answered, Server};
use serde_json::{Value, json};

use super::world::{Somebody, somebody, staff};

/// Customer C, project P, and their people.
pub(crate) struct Organisation {
    pub(crate) customer: String,
    pub(crate) project: String,
    pub(crate) staff: Somebody,
    /// `CUSTOMER.OWNER` on C.
    pub(crate) owner: Somebody,
    /// `PROJECT.MANAGER` on P.
    pub(crate) manager: Somebody,
    /// `PROJECT.ADMIN` on P.
    pub(crate) admin: Somebody,
    /// Without any role.
    pub(crate) user: Somebody,
}

pub(crate) const INVITATIONS: &str = "/api/user-group-invitations/";
pub(crate) const REQUESTS: &str = "/api/user-permission-requests/";

impl Organisation {
    pub(crate) async fn new(server: &Server) -> Self {
        let staff = staff(server).await;
        let customer = made(&staff, server, "/api/customers/", json!({"name": "C"})).await;
        let body = json!({"name": "P", "customer": format!("/api/customers/{customer}/")});
        let project = made(&staff, server, "/api/projects/", body).await;
        let organisation = Self {
            customer,
            project,
            staff,
            owner: somebody(server, "owner").await,
            manager: somebody(server, "manager").await,
            admin: somebody(server, "projectadmin").await,
            user: somebody(server, "user").await,
        };
        let Self { owner, manager, admin, .. } = &organisation;
        organisation.give(server, owner, "CUSTOMER.OWNER", &organisation.c()).await;
        organisation.give(server, manager, "PROJECT.MANAGER", &organisation.p()).await;
        organisation.give(server, admin, "PROJECT.ADMIN", &organisation.p()).await;
        organisation
    }

    /// The address of C.
    pub(crate) fn c(&self) -> String {
        format!("/api/customers/{}/", self.customer)
    }

    /// The address of P.
    pub(crate) fn p(&self) -> String {
        format!("/api/projects/{}/", self.project)
    }

    /// Gives a role on the scope at an address.
    pub(crate) async fn give(&self, server: &Server, to: &Somebody, role: &str, scope: &str) {
        let body = json!({"user": to.id, "role": role});
        let given = self.staff.post(server, &format!("{scope}add_user/"), body).await;
        assert_eq!(given.status, 201, "{}", given.text);
    }

    /// The ids of those who hold a role on the scope at an address.
    pub(crate) async fn holders(&self, server: &Server, role: &str, scope: &str) -> Vec<String> {
        let path = format!("{scope}list_users/?role={role}&page_size=100");
        let listed = self.staff.get(server, &path).await;
        assert_eq!(listed.status, 200, "{}", listed.text);
        texts(&listed.json, "user_uuid")
    }

    /// The role of this name.
    pub(crate) async fn role(&self, server: &Server, name: &str) -> Value {
        let listed = self.staff.get(server, "/api/roles/?page_size=100").await;
        let roles = listed.json.as_array().unwrap().iter();
        roles.clone().find(|role| role["name"] == name).unwrap().clone()
    }

    /// The id of the role of this name.
    pub(crate) async fn role_id(&self, server: &Server, name: &str) -> String {
        self.role(server, name).await["uuid"].as_str().unwrap().to_owned()
    }

    /// Leaves a role with these permissions alone.
    pub(crate) async fn permit(&self, server: &Server, role: &str, permissions: &[&str]) {
        let role = self.role(server, role).await;
        let path = format!("/api/roles/{}/", role["uuid"].as_str().unwrap());
        let body = json!({"name": role["name"], "content_type": role["content_type"],
            "description": role["description"], "permissions": permissions});
        let put = self.staff.call(server, "PUT", &path, Some(&body)).await;
        assert_eq!(put.status, 200, "{}", put.text);
    }

    /// Offers a role on the scope at an address.
    pub(crate) async fn offer(
        &self,
        server: &Server,
        by: &Somebody,
        (role, scope): (&str, &str),
        more: Value,
    ) -> Answered {
        let mut body = json!({"role": self.role_id(server, role).await, "scope": scope});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        by.post(server, INVITATIONS, body).await
    }

    /// The id of an invitation that staff make.
    pub(crate) async fn invitation(
        &self,
        server: &Server,
        offered: (&str, &str),
        more: Value,
    ) -> String {
        let made = self.offer(server, &self.staff, offered, more).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json["uuid"].as_str().unwrap().to_owned()
    }

    /// An invitation to be owner of C.
    pub(crate) async fn gi_c(&self, server: &Server) -> String {
        self.invitation(server, ("CUSTOMER.OWNER", &self.c()), json!({})).await
    }

    /// An invitation to be manager of P.
    pub(crate) async fn gi_p(&self, server: &Server) -> String {
        self.invitation(server, ("PROJECT.MANAGER", &self.p()), json!({})).await
    }

    /// An invitation to be admin of a project that is made, with its name.
    pub(crate) async fn gi_making(&self, server: &Server, template: Value) -> String {
        let more = json!({"auto_create_project": true, "project_name_template": template});
        self.invitation(server, ("PROJECT.ADMIN", &self.c()), more).await
    }

    /// The state of a request.
    pub(crate) async fn state(&self, server: &Server, request: &str) -> String {
        let read = self.staff.get(server, &format!("{REQUESTS}{request}/")).await;
        assert_eq!(read.status, 200, "{}", read.text);
        read.json["state"].as_str().unwrap().to_owned()
    }

    /// The projects of C by their names.
    pub(crate) async fn projects(&self, server: &Server) -> Vec<(String, String)> {
        let listed = self.staff.get(server, "/api/projects/?page_size=100").await;
        let ids = texts(&listed.json, "uuid");
        texts(&listed.json, "name").into_iter().zip(ids).collect()
    }

    /// The id of a project of this name.
    pub(crate) async fn project_named(&self, server: &Server, name: &str) -> Option<String> {
        let projects = self.projects(server).await;
        projects.into_iter().find(|(known, _)| known == name).map(|(_, id)| id)
    }
}

/// Asks for what an invitation offers.
pub(crate) async fn submit(server: &Server, by: &Somebody, invitation: &str) -> Answered {
    by.post(server, &format!("{INVITATIONS}{invitation}/submit_request/"), json!({})).await
}

/// The id of the request by which somebody asks.
pub(crate) async fn request(server: &Server, by: &Somebody, invitation: &str) -> String {
    let submitted = submit(server, by, invitation).await;
    assert_eq!(submitted.status, 200, "{}", submitted.text);
    submitted.json["uuid"].as_str().unwrap().to_owned()
}

/// Does something with a request.
pub(crate) async fn act(
    server: &Server,
    by: &Somebody,
    request: &str,
    what: &str,
    body: Value,
) -> Answered {
    by.post(server, &format!("{REQUESTS}{request}/{what}/"), body).await
}

/// Approves a request.
pub(crate) async fn approve(server: &Server, by: &Somebody, request: &str) -> Answered {
    act(server, by, request, "approve", json!({})).await
}

/// The id of something that is made.
pub(crate) async fn made(by: &Somebody, server: &Server, path: &str, body: Value) -> String {
    let made = by.post(server, path, body).await;
    assert_eq!(made.status, 201, "{path}: {}", made.text);
    made.json["uuid"].as_str().unwrap().to_owned()
}

/// A member of each object of a list.
pub(crate) fn texts(list: &Value, member: &str) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

/// The business rule that a 400 names.
pub(crate) fn business(answered: &Answered) -> &str {
    assert_eq!(answered.status, 400, "{}", answered.text);
    answered.json[0].as_str().unwrap_or_else(|| panic!("no array: {}", answered.text))
}
