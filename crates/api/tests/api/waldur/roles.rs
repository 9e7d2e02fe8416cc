//! `/api/roles/` (`waldur.md` §2.1, §10.3).

use docket_testkit::on_both_engines;
use serde_json::{Value, json};

use super::world::{World, each, somebody, staff, uuid_of};

const ROLES: &str = "/api/roles/";
const SYSTEM: [&str; 6] = [
    "CUSTOMER.MANAGER",
    "CUSTOMER.OWNER",
    "CUSTOMER.SUPPORT",
    "PROJECT.ADMIN",
    "PROJECT.MANAGER",
    "PROJECT.MEMBER",
];

on_both_engines! {
    async fn the_system_s_roles_are_there_with_their_permissions(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        let list = ada.get(&server, ROLES).await;
        assert_eq!(each(&list, "name"), SYSTEM);
        for role in list.json.as_array().unwrap() {
            assert!(role.get("users_count").is_none(), "for staff and support only");
            let (name, has) = (role["name"].as_str().unwrap(), |permission: &str| {
                role["permissions"].as_array().unwrap().iter().any(|known| known == permission)
            });
            assert_eq!(has("PROJECT.CREATE_PERMISSION"), ["CUSTOMER.OWNER", "PROJECT.MANAGER"].contains(&name));
            assert_eq!(has("CUSTOMER.CREATE_PERMISSION"), name == "CUSTOMER.OWNER");
            assert_eq!(has("INVITATION.LIST"), name == "CUSTOMER.OWNER");
            assert_eq!(has("ORDER.APPROVE"), ["CUSTOMER.OWNER", "PROJECT.MANAGER", "PROJECT.ADMIN"].contains(&name));
            assert_eq!(role["is_system_role"], true);
        }
        let one = staff.get(&server, &format!("{ROLES}{}/", list.json[0]["uuid"].as_str().unwrap())).await;
        assert_eq!(one.json["users_count"], 0);
        for (query, names) in [("content_type=project", &SYSTEM[3..]), ("name=owner", &SYSTEM[1..2]),
            ("is_active=false", &[]), ("content_type=offering", &[]), ("is_system_role=false", &[])] {
            assert_eq!(each(&ada.get(&server, &format!("{ROLES}?{query}")).await, "name"), names);
        }
        assert_eq!(ada.get(&server, &format!("{ROLES}?content_type=x")).await.status, 400);
    }

    async fn staff_makes_and_changes_roles(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        let body = json!({"name": "PROJECT.GUEST", "permissions": [], "content_type": "project"});
        assert_eq!(ada.post(&server, ROLES, body.clone()).await.status, 403);
        let refused = staff.post(&server, ROLES, json!({"content_type": "offering"})).await;
        assert_eq!(refused.json, json!({"name": ["This field is required."],
            "permissions": ["This field is required."],
            "content_type": ["\"offering\" is not a valid choice."]}));
        let id = uuid_of(&staff.post(&server, ROLES, body.clone()).await);
        let again = staff.post(&server, ROLES, body.clone()).await;
        assert_eq!(again.json, json!({"name": ["This field must be unique."]}));
        let path = format!("{ROLES}{id}/");
        let put = json!({"name": "PROJECT.VISITOR", "permissions": ["PROJECT.UPDATE"],
            "content_type": "project", "description": "D"});
        let changed = staff.call(&server, "PUT", &path, Some(&put)).await;
        for (member, value) in put.as_object().unwrap() {
            assert_eq!(&changed.json[member], value);
        }
        for (verb, active) in [("disable", false), ("disable", false), ("enable", true)] {
            let switched = staff.call(&server, "POST", &format!("{path}{verb}/"), None).await;
            assert_eq!((switched.status, &switched.json["is_active"]), (200, &json!(active)));
        }
        assert_eq!(ada.call(&server, "POST", &format!("{path}disable/"), None).await.status, 403);
        let unknown = format!("{ROLES}{}/enable/", uuid::Uuid::nil());
        let nothing = staff.call(&server, "POST", &unknown, None).await;
        assert_eq!(nothing.json, json!({"detail": "No Role matches the given query."}));
    }

    async fn the_name_of_a_system_role_stays_but_not_its_permissions(server: Server) {
        let w = World::make(&server).await;
        let list = w.staff.get(&server, &format!("{ROLES}?name=CUSTOMER.OWNER")).await;
        let path = format!("{ROLES}{}/", list.json[0]["uuid"].as_str().unwrap());
        let refused = w.staff.patch(&server, &path, json!({"name": "BOSS"})).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.json["name"].is_array());
        let project = json!({"name": "Q", "customer": format!("/api/customers/{}/", w.customer)});
        let make = || w.owner.post(&server, "/api/projects/", project.clone());
        assert_eq!(make().await.status, 201);
        let permissions: Vec<Value> = list.json[0]["permissions"].as_array().unwrap().iter()
            .filter(|permission| *permission != "PROJECT.CREATE").cloned().collect();
        let changed = w.staff.patch(&server, &path, json!({"permissions": permissions})).await;
        assert_eq!(changed.json["users_count"], Value::Null);
        assert_eq!(make().await.status, 403, "what a role allows counts at once");
        assert_eq!(w.staff.get(&server, &path).await.json["users_count"], 1);
    }
}
