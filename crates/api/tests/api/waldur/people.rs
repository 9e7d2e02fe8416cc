//! `/api/users/` (`waldur.md` §10.2).

use docket_testkit::on_both_engines;
use serde_json::{Value, json};

use super::world::{PASSWORD, World, each, give, log_in, logged_in, somebody, staff, uuid_of};

const USERS: &str = "/api/users/";

on_both_engines! {
    async fn staff_and_support_see_everybody_and_others_their_team(server: Server) {
        let w = World::make(&server).await;
        let all = ["admin", "manager", "other", "owner", "siteadmin", "support", "user"];
        assert_eq!(each(&w.staff.get(&server, USERS).await, "username"), all);
        assert_eq!(w.support.get(&server, USERS).await.headers["x-result-count"], "7");
        assert_eq!(each(&w.owner.get(&server, USERS).await, "uuid").len(), 3);
        assert_eq!(each(&w.user.get(&server, USERS).await, "username"), ["user"]);
        let one = |id: &str| format!("{USERS}{id}/");
        assert_eq!(w.owner.get(&server, &one(&w.manager.id)).await.status, 200);
        assert_eq!(w.manager.get(&server, &one(&w.owner.id)).await.status, 200);
        assert_eq!(w.owner.get(&server, &one(&w.user.id)).await.status, 404);
        let hidden = w.user.get(&server, &one(&w.owner.id)).await;
        assert_eq!(hidden.json, json!({"detail": "No User matches the given query."}));
        assert_eq!(w.user.get(&server, &one(&w.user.id)).await.json["username"], "user");
        // A closed account is known to staff and support alone.
        let closed = json!({"is_active": false});
        assert_eq!(w.staff.patch(&server, &one(&w.manager.id), closed).await.status, 200);
        assert_eq!(w.owner.get(&server, &one(&w.manager.id)).await.status, 404);
        assert_eq!(each(&w.owner.get(&server, USERS).await, "uuid").len(), 2);
        assert_eq!(w.support.get(&server, &one(&w.manager.id)).await.json["is_active"], false);
        let token = w.manager.get(&server, "/api/users/me/").await;
        assert_eq!(token.json, json!({"detail": "User inactive or deleted."}));
    }

    async fn users_are_filtered_and_sorted(server: Server) {
        let w = World::make(&server).await;
        let list = |query: String| {
            let (staff, server) = (&w.staff, &server);
            async move { each(&staff.get(server, &format!("{USERS}?{query}")).await, "username") }
        };
        assert_eq!(list("username=OWN".into()).await, ["owner"]);
        assert_eq!(list("email=other@".into()).await, ["other"]);
        assert_eq!(list(format!("project_uuid={}&o=-username", w.project)).await.len(), 2);
        assert_eq!(list(format!("customer_uuid={}", w.customer)).await.len(), 3);
        assert_eq!(list("is_staff=true".into()).await, ["admin"]);
        assert_eq!(list("query=support".into()).await, ["support"]);
        assert_eq!(list("page_size=2&page=4&o=username".into()).await, ["user"]);
        let hidden = format!("{USERS}?customer_uuid={}", w.customer);
        assert_eq!(w.user.get(&server, &hidden).await.json, json!([]));
        let wrong = w.staff.get(&server, &format!("{USERS}?o=foo&customer_uuid=x")).await;
        assert_eq!(wrong.json, json!({"customer_uuid": ["Enter a valid UUID."],
            "o": ["Select a valid choice. foo is not one of the available choices."]}));
        let counted = w.staff.call(&server, "HEAD", &format!("{USERS}?is_staff=true"), None).await;
        assert_eq!((counted.status, counted.text.as_str()), (200, ""));
        assert_eq!(counted.headers["x-result-count"], "1");
        let beyond = w.staff.get(&server, &format!("{USERS}?page=2")).await;
        assert_eq!((beyond.status, beyond.json), (404, json!({"detail": "Invalid page."})));
        let first = w.staff.get(&server, &format!("{USERS}?page_size=3&o=username")).await;
        assert_eq!(first.headers["link"],
            "<http://localhost/api/users/?page_size=3&o=username>; rel=\"first\", \
             <http://localhost/api/users/?page_size=3&o=username&page=2>; rel=\"next\", \
             <http://localhost/api/users/?page_size=3&o=username&page=3>; rel=\"last\"");
    }

    async fn staff_makes_users_and_sets_their_passwords(server: Server) {
        let staff = staff(&server).await;
        let refused = staff.post(&server, USERS, json!({"first_name": "Ada"})).await;
        let required = json!(["This field is required."]);
        assert_eq!(refused.json, json!({"username": required, "email": required}));
        let body = json!({"username": "ada", "email": "Ada@example.com", "first_name": "Ada",
            "last_name": "Lovelace", "affiliations": ["staff"], "identity_source": "eduGAIN",
            "token_lifetime": 3600, "is_support": true, "organization": "Engines"});
        let made = staff.post(&server, USERS, body.clone()).await;
        let id = uuid_of(&made);
        for (member, value) in [("email", json!("ada@example.com")), ("slug", json!("ada")),
            ("full_name", json!("Ada Lovelace")), ("affiliations", json!(["staff"])),
            ("identity_source", json!("eduGAIN")), ("token_lifetime", json!(3600)),
            ("is_support", json!(true)), ("organization", json!("Engines"))] {
            assert_eq!(made.json[member], value, "{member}");
        }
        let again = staff.post(&server, USERS, body).await;
        let taken = json!(["This field must be unique."]);
        assert_eq!(again.json, json!({"email": taken, "username": taken}));
        assert_eq!(log_in(&server, "ada", PASSWORD).await.status, 401, "no password yet");
        let path = format!("{USERS}{id}/change_password/");
        let set = staff.post(&server, &path, json!({"new_password": PASSWORD})).await;
        assert_eq!((set.status, set.json),
            (200, json!({"detail": "Password has been successfully updated."})));
        let ada = logged_in(&server, "ada", PASSWORD).await;
        assert_eq!(ada.post(&server, USERS, json!({"username": "x", "email": "x@y.z"})).await.status,
            403, "support manages nothing");
        // The same person on the other surface.
        let uuid = uuid::Uuid::parse_str(&id).unwrap();
        let user = server.get(&format!("/api/user/{uuid}")).await;
        assert_eq!(user.json["user"]["lastName"], "Lovelace");
        server.clock.advance_millis(3_600_000);
        let old = ada.get(&server, "/api/users/me/").await;
        assert_eq!(old.json, json!({"detail": "Token has expired."}));
        assert_eq!(logged_in(&server, "ada", PASSWORD).await.token, ada.token);
    }

    async fn users_say_what_is_theirs_to_say(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        let path = format!("{USERS}{}/", ada.id);
        let body = json!({"first_name": "Ada", "notifications_enabled": false, "job_title": "Countess",
            "phone_number": "+44 1", "preferred_language": "en", "is_staff": true, "is_support": true,
            "affiliations": ["staff"], "identity_source": "eduGAIN", "email": "x@example.com",
            "username": "root"});
        let changed = ada.patch(&server, &path, body.clone()).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        for (member, value) in [("first_name", json!("Ada")), ("notifications_enabled", json!(false)),
            ("job_title", json!("Countess")), ("phone_number", json!("+44 1")),
            ("preferred_language", json!("en")), ("is_staff", json!(false)),
            ("is_support", json!(false)), ("affiliations", json!([])),
            ("identity_source", json!("")), ("email", json!("ada@example.com")),
            ("username", json!("ada"))] {
            assert_eq!(changed.json[member], value, "{member}");
        }
        let by_staff = staff.patch(&server, &path, body).await;
        assert_eq!(by_staff.json["is_staff"], true);
        assert_eq!(by_staff.json["affiliations"], json!(["staff"]));
        assert_eq!(logged_in(&server, "root", PASSWORD).await.id, ada.id);
        let bob = somebody(&server, "bob").await;
        assert_eq!(bob.patch(&server, &path, json!({"first_name": "B"})).await.status, 404);
        let wrong = bob.patch(&server, &format!("{USERS}{}/", bob.id),
            json!({"first_name": null, "token_lifetime": "x", "preferred_language": "a-b-c"})).await;
        assert_eq!(wrong.json["first_name"], json!(["This field may not be null."]));
        assert_eq!(wrong.json["token_lifetime"], json!(["A valid integer is required."]));
        assert!(wrong.json["preferred_language"].is_array());
    }

    async fn who_sees_somebody_may_not_change_them(server: Server) {
        let w = World::make(&server).await;
        let path = format!("{USERS}{}/", w.manager.id);
        assert_eq!(w.owner.patch(&server, &path, json!({"first_name": "B"})).await.status, 403);
        assert_eq!(w.support.patch(&server, &path, json!({"first_name": "B"})).await.status, 403);
        let path = format!("{path}change_password/");
        let body = json!({"new_password": "correct horses", "old_password": PASSWORD});
        assert_eq!(w.owner.post(&server, &path, body.clone()).await.status, 403);
        assert_eq!(w.user.post(&server, &path, body).await.status, 404);
    }

    async fn a_password_is_changed_by_who_knows_it(server: Server) {
        let ada = somebody(&server, "ada").await;
        let path = format!("{USERS}{}/change_password/", ada.id);
        for (body, field, message) in [
            (json!({}), "new_password", "This field is required."),
            (json!({"new_password": "correct horses"}), "old_password", "This field is required."),
            (json!({"new_password": "correct horses", "old_password": "wrong horse"}),
                "old_password", "Old password is incorrect."),
            (json!({"new_password": "short", "old_password": PASSWORD}), "new_password",
                "Ensure this field has at least 8 characters."),
        ] {
            let refused = ada.post(&server, &path, body).await;
            assert_eq!((refused.status, &refused.json), (400, &json!({ field: [message] })));
        }
        let body = json!({"new_password": "correct horses", "old_password": PASSWORD});
        assert_eq!(ada.post(&server, &path, body).await.status, 200);
        assert_eq!(log_in(&server, "ada", PASSWORD).await.status, 401);
        assert_eq!(logged_in(&server, "ada", "correct horses").await.token, ada.token);
        let authorization = format!("Token {}", ada.token);
        let twice = [("Authorization", authorization.as_str()), ("Idempotency-Key", "one")];
        let body = json!({"new_password": "correct goats", "old_password": "correct horses"});
        for replayed in [false, true] {
            let sent = server.call("POST", &path, &twice, Some(&body)).await;
            assert_eq!((sent.status, sent.headers.contains_key("idempotency-replayed")), (200, replayed));
        }
        let by_staff = json!({"new_password": "correct mules"});
        assert_eq!(staff(&server).await.post(&server, &path, by_staff).await.status, 200);
        let gone = ada.get(&server, "/api/users/me/").await;
        assert_eq!(gone.json, json!({"detail": "Invalid token."}));
    }

    async fn the_caller_is_told_the_roles_that_are_held(server: Server) {
        let w = World::make(&server).await;
        give(&server, &w.staff, &w.owner, "PROJECT.MEMBER", &format!("projects/{}", w.project)).await;
        let me = w.owner.get(&server, "/api/users/me/").await;
        let permissions = me.json["permissions"].as_array().unwrap();
        let names: Vec<_> = permissions.iter().map(|held| held["role_name"].as_str().unwrap()).collect();
        assert_eq!(names, ["CUSTOMER.OWNER", "PROJECT.MEMBER"]);
        let held = permissions[1].clone();
        assert!(held["role_uuid"].as_str().unwrap().len() == 32);
        for (member, value) in [("scope_type", json!("project")), ("scope_uuid", json!(w.project)),
            ("scope_name", json!("P")), ("customer_uuid", json!(w.customer)),
            ("customer_name", json!("C")), ("project_uuid", json!(w.project)),
            ("resource_uuid", Value::Null), ("expiration_time", Value::Null)] {
            assert_eq!(held[member], value, "{member}");
        }
    }
}
