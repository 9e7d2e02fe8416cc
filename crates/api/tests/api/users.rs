//! `/api/user` (`fusionauth.md` §4.1).

use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{after, ban, code, id_of, key_of, take, tenant, user};

const USERS: &str = "/api/user";

fn path(id: &str) -> String {
    format!("{USERS}/{id}")
}

async fn make(server: &Server, user: Value) -> Answered {
    server.post(USERS, json!({ "user": user })).await
}

on_both_engines! {
    async fn a_user_is_made_and_found_in_every_way(server: Server) {
        let made = make(&server, json!({"email": " Jane@Example.COM ", "username": "JaneDoe",
            "password": "correct horse", "firstName": "Jane", "birthDate": "1990-02-28",
            "preferredLanguages": ["eo", "en-us"], "data": {"shoe": {"size": 38}},
            "expiry": 1_900_000_000_000_i64, "tenantId": "not even an id"})).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let user = &made.json["user"];
        let id = user["id"].as_str().unwrap();
        for (member, value) in [
            ("active", json!(true)), ("email", json!("jane@example.com")),
            ("username", json!("JaneDoe")), ("usernameStatus", json!("ACTIVE")),
            ("verified", json!(true)), ("twoFactor", json!({})), ("memberships", json!([])),
            ("registrations", json!([])), ("passwordChangeRequired", json!(false)),
            ("preferredLanguages", json!(["eo", "en_US"])), ("birthDate", json!("1990-02-28")),
            ("data", json!({"shoe": {"size": 38}})), ("expiry", json!(1_900_000_000_000_i64)),
        ] {
            assert_eq!(user[member], value, "{member}");
        }
        assert_eq!(user["insertInstant"], user["lastUpdateInstant"]);
        assert_eq!(user["passwordLastUpdateInstant"], user["insertInstant"]);
        assert!(user.get("password").is_none() && user.get("lastLoginInstant").is_none());
        assert!(!made.text.contains("argon2") && !made.text.contains("null"), "{}", made.text);
        for found in [
            path(id), format!("{USERS}?email=JANE@example.com"), format!("{USERS}?username=janedoe"),
            format!("{USERS}?loginId=janeDOE"), format!("{USERS}?loginId=jane@example.com"),
            format!("{USERS}?loginId=janedoe&loginIdTypes=username&email=undefined"),
        ] {
            assert_eq!(server.get(&found).await.json["user"], *user, "{found}");
        }
        for unknown in ["?email=janedoe", "?username=jane@example.com", "?loginId=nobody",
            "?loginId=janedoe&loginIdTypes=email"] {
            assert_eq!(server.get(&format!("{USERS}{unknown}")).await.status, 404, "{unknown}");
        }
        assert_eq!(server.get(USERS).await.status, 400);
        assert_eq!(server.get(&format!("{USERS}?loginId=x&loginIdTypes=shoe")).await.status, 400);
    }

    async fn an_id_can_be_chosen_once(server: Server) {
        let id = "6b2fa3c0-0000-7000-8000-00000000000a";
        let body = |email: &str| json!({"user": {"email": email, "password": "correct horse"}});
        let made = server.post(&path(id), body("a@example.com")).await;
        assert_eq!(id_of(&made, "user"), id);
        let again = server.post(&path(id), body("A@example.com")).await;
        assert_eq!(code(&again, "user.id"), "[duplicate]user.id");
    }

    async fn everything_wrong_with_a_user_is_named(server: Server) {
        let empty = make(&server, json!({})).await;
        for field in ["user.email", "user.username", "user.password"] {
            assert_eq!(code(&empty, field), format!("[blank]{field}"));
        }
        let wrong = make(&server, json!({"email": "not an address", "password": "short",
            "birthDate": "yesterday", "preferredLanguages": vec!["en"; 3]})).await;
        assert_eq!(code(&wrong, "user.email"), "[notEmail]user.email");
        assert_eq!(code(&wrong, "user.password"), "[tooShort]user.password");
        assert_eq!(code(&wrong, "user.birthDate"), "[couldNotConvert]user.birthDate");
        make(&server, json!({"username": "Taken", "password": "correct horse"})).await;
        let taken = make(&server, json!({"username": "tAKEN", "password": "correct horse"})).await;
        assert_eq!(code(&taken, "user.username"), "[duplicate]user.username");
        let nul = make(&server, json!({"username": "a\0b", "password": "correct horse"})).await;
        assert_eq!(code(&nul, "user.username"), "[couldNotConvert]user.username");
        assert_eq!(server.get("/api/user?loginId=a%00b").await.status, 404);
        let found = server.post("/api/user/search", json!({"search": {"queryString": "a\0b"}})).await;
        assert_eq!(found.json["total"], 0, "{}", found.text);
        let no_user = server.post(USERS, json!({})).await;
        assert!(no_user.json["fieldErrors"].is_object(), "{}", no_user.text);
        let application = json!({"user": {"username": "x", "password": "correct horse"},
            "applicationId": "6b2fa3c0-0000-7000-8000-00000000000a"});
        let unknown = server.post(USERS, application).await;
        assert_eq!(code(&unknown, "applicationId"), "[invalid]applicationId");
    }

    async fn case_092_a_path_id_that_is_none_is_named(server: Server) {
        for (method, body) in [("GET", None), ("DELETE", None), ("PUT", Some(json!({"user": {}})))] {
            let refused = server.call(method, "/api/user/xyz", &[], body.as_ref()).await;
            assert_eq!(code(&refused, "userId"), "[couldNotConvert]userId", "{method}");
        }
    }

    async fn case_094_unknown_members_are_ignored(server: Server) {
        let body = json!({"user": {"username": "a", "password": "correct horse", "shoe": {"size": 1},
            "active": false, "verified": false}, "disableDomainBlock": true, "eventInfo": {"x": 1}});
        let made = server.post(USERS, body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        assert_eq!(made.json["user"]["active"], true);
        assert!(made.json["user"].get("shoe").is_none());
    }

    async fn a_password_may_be_chosen_later(server: Server) {
        let body = json!({"user": {"email": "a@example.com"}, "sendSetPasswordEmail": true});
        let made = server.post(USERS, body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        assert!(made.json["user"].get("passwordLastUpdateInstant").is_none());
    }

    async fn a_put_replaces_all_but_the_password(server: Server) {
        let id = user(&server, "a@example.com", &["eo"]).await;
        let before = server.get(&path(&id)).await.json["user"].clone();
        server.clock.advance_millis(1_000);
        let put = json!({"user": {"username": "New", "lastName": "Doe", "password": null}});
        let put = server.put(&path(&id), put).await;
        assert_eq!(put.status, 200, "{}", put.text);
        let after = &put.json["user"];
        assert!(after.get("email").is_none());
        assert_eq!(after["preferredLanguages"], json!([]));
        assert_eq!((&after["username"], &after["lastName"]), (&json!("New"), &json!("Doe")));
        assert_eq!(after["insertInstant"], before["insertInstant"]);
        assert_ne!(after["lastUpdateInstant"], before["lastUpdateInstant"]);
        assert_eq!(after["passwordLastUpdateInstant"], before["passwordLastUpdateInstant"]);
        let put = json!({"user": {"username": "New", "password": "battery staple"}});
        let put = server.put(&path(&id), put).await;
        assert_eq!(put.json["user"]["passwordLastUpdateInstant"], after["lastUpdateInstant"]);
        let short = json!({"user": {"username": "New", "password": "short"}});
        assert_eq!(server.put(&path(&id), short).await.status, 400);
        assert_eq!(server.put(&path(&id), json!({"user": {}})).await.status, 400);
        let unknown = path("6b2fa3c0-0000-7000-8000-00000000000a");
        assert_eq!(server.put(&unknown, json!({"user": {}})).await.status, 404);
    }

    async fn a_patch_changes_what_it_names(server: Server) {
        let made = make(&server, json!({"email": "a@example.com", "password": "correct horse",
            "firstName": "A", "preferredLanguages": ["eo"], "data": {"x": 1, "y": 2}})).await;
        let path = path(&id_of(&made, "user"));
        server.clock.advance_millis(1_000);
        let change = json!({"user": {"firstName": null, "lastName": "B", "data": {"y": null, "z": 3},
            "preferredLanguages": ["eo", "en"], "password": "battery staple"}});
        let patched = server.patch(&path, change).await;
        assert_eq!(patched.status, 200, "{}", patched.text);
        let user = &patched.json["user"];
        assert!(user.get("firstName").is_none());
        assert_eq!((&user["lastName"], &user["email"]), (&json!("B"), &json!("a@example.com")));
        assert_eq!(user["data"], json!({"x": 1, "z": 3}));
        assert_eq!(user["preferredLanguages"], json!(["eo", "en"]));
        assert_eq!(user["passwordLastUpdateInstant"], user["lastUpdateInstant"]);
        let expired = server.patch(&path, json!({"user": {"expiry": 1}})).await;
        assert_eq!(expired.json["user"]["expiry"], 1);
        let never = json!({"user": {"expiry": 9_223_372_036_854_775_807_i64}});
        assert!(server.patch(&path, never).await.json["user"].get("expiry").is_none());
        let refused = server.patch(&path, json!({"user": {"password": "short"}})).await;
        assert_eq!(code(&refused, "user.password"), "[tooShort]user.password");
        user_with_address(&server, "b@example.com").await;
        let taken = server.patch(&path, json!({"user": {"email": "B@example.com"}})).await;
        assert_eq!(code(&taken, "user.email"), "[duplicate]user.email");
    }

    /// The user's side of cases 75 and 76: accounts are closed, opened again, and expire.
    async fn an_account_is_closed_and_opened_again(server: Server) {
        let path = path(&user(&server, "a@example.com", &[]).await);
        for _ in 0..2 {
            let closed = server.delete(&path).await;
            assert_eq!((closed.status, closed.text.as_str()), (200, ""));
            assert!(closed.headers.get("content-type").is_none());
            assert_eq!(server.get(&path).await.json["user"]["active"], false);
        }
        let patched = server.patch(&path, json!({"user": {"active": true}})).await;
        assert_eq!(patched.json["user"]["active"], false, "only a reactivation opens it");
        let opened = server.call("PUT", &format!("{path}?reactivate=true"), &[], None).await;
        assert_eq!(opened.json["user"]["active"], true, "{}", opened.text);
        let unknown = "/api/user/6b2fa3c0-0000-7000-8000-00000000000a";
        assert_eq!(server.delete(unknown).await.status, 404);
        let unknown = format!("{unknown}?reactivate=true");
        assert_eq!(server.call("PUT", &unknown, &[], None).await.status, 404);
    }

    async fn a_deleted_user_leaves_only_what_was_done_to_others(server: Server) {
        let gone = user(&server, "gone@example.com", &[]).await;
        let stays = user(&server, "stays@example.com", &[]).await;
        let ban = ban(&server).await;
        let act = |on: &str, by: &str| json!({"userActionId": ban, "actioneeUserId": on,
            "actionerUserId": by, "expiry": after(&server, 60_000), "comment": "why"});
        let lost = take(&server, act(&gone, &stays)).await;
        let kept = take(&server, act(&stays, &gone)).await;
        let note = json!({"userComment": {"userId": stays, "commenterId": gone, "comment": "c"}});
        assert_eq!(server.post("/api/user/comment", note).await.status, 200);
        let deleted = server.delete(&format!("{}?hardDelete=true", path(&gone))).await;
        assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
        assert_eq!(server.get(&path(&gone)).await.status, 404);
        let action = |log: &Value| format!("/api/user/action/{}", log["id"].as_str().unwrap());
        assert_eq!(server.get(&action(&lost)).await.status, 404);
        let kept = server.get(&action(&kept)).await;
        assert_eq!(kept.json["action"]["actionerUserId"], gone.as_str());
        let comments = server.get(&format!("/api/user/comment/{stays}")).await;
        assert_eq!(comments.json["userComments"].as_array().unwrap().len(), 1);
        let found = server.get("/api/user/search?queryString=gone@example.com").await;
        assert_eq!(found.json["total"], 0);
        let body = json!({"hardDelete": true});
        let deleted = server.call("DELETE", &path(&stays), &[], Some(&body)).await;
        assert_eq!(deleted.status, 200);
        assert_eq!(server.get(&path(&stays)).await.status, 404);
        user_with_address(&server, "gone@example.com").await;
    }

    async fn a_renamed_users_actions_are_found_by_the_new_name(server: Server) {
        let id = user(&server, "old@example.com", &[]).await;
        let ban = ban(&server).await;
        take(&server, json!({"userActionId": ban, "actioneeUserId": id,
            "actionerUserId": id, "expiry": after(&server, 60_000)})).await;
        let search = || server.get("/api/v1/actions?q=fresh@example.com");
        assert_eq!(search().await.json["items"], json!([]));
        let renamed = server.patch(&path(&id), json!({"user": {"email": "fresh@example.com"}})).await;
        assert_eq!(renamed.status, 200);
        assert_eq!(search().await.json["items"].as_array().unwrap().len(), 1);
    }

    /// The users' side of cases 84 and 85.
    async fn a_key_of_one_tenant_sees_its_users_alone(server: Server) {
        let first = user(&server, "a@example.com", &[]).await;
        let tenant = tenant(&server, "Other").await;
        let key = key_of(&server, &tenant).await;
        let scoped = [("Authorization", key.as_str())];
        let body = json!({"user": {"email": "a@example.com", "password": "correct horse"}});
        let made = server.call("POST", USERS, &scoped, Some(&body)).await;
        assert_eq!(made.json["user"]["tenantId"], tenant.as_str(), "{}", made.text);
        for method in ["GET", "DELETE"] {
            let refused = server.call(method, &path(&first), &scoped, None).await;
            assert_eq!((refused.status, refused.text.as_str()), (404, ""), "{method}");
        }
        for method in ["PUT", "PATCH"] {
            let refused = server.call(method, &path(&first), &scoped, Some(&body)).await;
            assert_eq!(refused.status, 404, "{method}");
        }
        let by_address = format!("{USERS}?email=a@example.com");
        let found = server.call("GET", &by_address, &scoped, None).await;
        assert_eq!(found.json["user"]["id"], made.json["user"]["id"]);
        let in_tenant = [("X-FusionAuth-TenantId", tenant.as_str())];
        let found = server.call("GET", &by_address, &in_tenant, None).await;
        assert_eq!(found.json["user"]["id"], made.json["user"]["id"]);
        let all = server.call("GET", "/api/user/search?queryString=*", &scoped, None).await;
        assert_eq!(all.json["total"], 1);
    }

    async fn where_there_are_tenants_one_must_be_named(server: Server) {
        let id = user(&server, "a@example.com", &[]).await;
        tenant(&server, "Other").await;
        let body = json!({"user": {"email": "b@example.com", "password": "correct horse"}});
        for refused in [
            server.post(USERS, body).await,
            server.get(&format!("{USERS}?email=a@example.com")).await,
        ] {
            assert_eq!(refused.status, 400);
            assert_eq!(refused.json["generalErrors"][0]["code"], "[TenantIdRequired]");
        }
        assert_eq!(server.get(&path(&id)).await.status, 200, "an id says which tenant");
    }
}

async fn user_with_address(server: &Server, email: &str) -> String {
    user(server, email, &[]).await
}
