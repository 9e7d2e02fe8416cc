//! `/api/user/registration` (`fusionauth.md` §4.1).

use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{application, code, id_of, tenant, user};

const REGISTRATIONS: &str = "/api/user/registration";
const APPLICATION: &str = "user.registration.applicationId";

async fn forum(server: &Server) -> String {
    let roles = json!([{"name": "reader", "isDefault": true}, {"name": "writer"}]);
    application(server, &[], json!({"name": "Forum", "roles": roles})).await
}

fn body(application: &str, more: Value) -> Value {
    let mut registration = more;
    registration["applicationId"] = json!(application);
    json!({ "registration": registration })
}

on_both_engines! {
    async fn a_user_is_registered_changed_and_removed(server: Server) {
        let (user, forum) = (user(&server, "a@example.com", &[]).await, forum(&server).await);
        let of_user = format!("{REGISTRATIONS}/{user}");
        let path = format!("{of_user}/{forum}");
        assert_eq!(server.get(&path).await.status, 404);
        let made = server.post(&of_user, body(&forum, json!({"username": "Al"}))).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let registration = &made.json["registration"];
        assert_eq!(registration["roles"], json!(["reader"]), "the default role");
        assert_eq!(registration["username"], "Al");
        assert_eq!((&registration["verified"], &registration["data"]), (&json!(true), &json!({})));
        assert_eq!(made.json["user"]["registrations"], json!([registration]));
        assert_eq!(server.get(&path).await.json["registration"], *registration);
        let whole = server.get(&format!("/api/user/{user}")).await;
        assert_eq!(whole.json["user"]["registrations"], json!([registration]));

        let again = server.post(&of_user, body(&forum, json!({}))).await;
        assert_eq!(code(&again, "registration"), "[duplicate]registration");
        server.clock.advance_millis(1);
        let put = server.put(&of_user, body(&forum, json!({"roles": ["writer"]}))).await;
        assert_eq!(put.json["registration"]["roles"], json!(["writer"]), "{}", put.text);
        assert!(put.json["registration"].get("username").is_none());
        let patch = body(&forum, json!({"roles": ["reader"], "data": {"x": 1}}));
        let patched = server.patch(&of_user, patch).await;
        assert_eq!(patched.json["registration"]["roles"], json!(["writer", "reader"]));
        let patched = server.patch(&path, json!({"registration": {"data": {"y": 2}}})).await;
        assert_eq!(patched.json["registration"]["data"], json!({"x": 1, "y": 2}));
        assert_eq!(server.put(&path, json!({"registration": {}})).await.status, 200);

        let removed = server.delete(&path).await;
        assert_eq!((removed.status, removed.text.as_str()), (200, ""));
        assert_eq!(server.get(&path).await.status, 404);
        assert_eq!(server.delete(&path).await.status, 404);
        assert_eq!(server.put(&path, json!({"registration": {}})).await.status, 404);
    }

    async fn a_user_is_made_and_registered_at_once(server: Server) {
        let forum = forum(&server).await;
        let mut both = body(&forum, json!({"roles": ["writer"]}));
        both["user"] = json!({"email": "a@example.com", "password": "correct horse"});
        let made = server.post(REGISTRATIONS, both.clone()).await;
        let id = id_of(&made, "user");
        assert_eq!(made.json["registration"]["applicationId"], forum.as_str());
        assert_eq!(server.get(&format!("/api/user/{id}")).await.status, 200);
        let taken = server.post(REGISTRATIONS, both.clone()).await;
        assert_eq!(code(&taken, "user.email"), "[duplicate]user.email");
        both["user"] = json!({"email": "no address"});
        let wrong = server.post(REGISTRATIONS, both).await;
        assert_eq!(code(&wrong, "user.email"), "[notEmail]user.email");
        assert_eq!(code(&wrong, "user.password"), "[blank]user.password");
        let nobody = server.post(REGISTRATIONS, body(&forum, json!({}))).await;
        assert_eq!(code(&nobody, "userId"), "[missing]userId");
        let bad = json!({"user": {"email": "b@example.com", "password": "correct horse"},
            "registration": {"applicationId": forum, "roles": ["king"]}});
        let refused = server.post(REGISTRATIONS, bad).await;
        assert_eq!(code(&refused, "registration.roles[0]"), "[invalid]registration.roles[0]");
        let found = server.get("/api/user?email=b@example.com").await;
        assert_eq!(found.status, 404, "neither is made when one cannot be");
    }

    async fn everything_wrong_with_a_registration_is_named(server: Server) {
        let of_user = format!("{REGISTRATIONS}/{}", user(&server, "a@example.com", &[]).await);
        let missing = server.post(&of_user, json!({"registration": {}})).await;
        assert_eq!(code(&missing, APPLICATION), format!("[missing]{APPLICATION}"));
        let nothing = "6b2fa3c0-0000-7000-8000-00000000000a";
        let unknown = server.post(&of_user, body(nothing, json!({}))).await;
        assert_eq!(code(&unknown, APPLICATION), format!("[invalid]{APPLICATION}"));
        let forum = forum(&server).await;
        let path = format!("{REGISTRATIONS}/{nothing}");
        assert_eq!(server.post(&path, body(&forum, json!({}))).await.status, 404);
        assert_eq!(server.post(&of_user, json!({})).await.status, 400);
        let tenant = tenant(&server, "Other").await;
        let header = [("X-FusionAuth-TenantId", tenant.as_str())];
        let elsewhere = application(&server, &header, json!({"name": "Elsewhere"})).await;
        let foreign = server.post(&of_user, body(&elsewhere, json!({}))).await;
        assert_eq!(code(&foreign, APPLICATION), format!("[invalid]{APPLICATION}"));
        let mut both = body(&elsewhere, json!({}));
        both["user"] = json!({"username": "new", "password": "correct horse"});
        let made = server.post(REGISTRATIONS, both).await;
        assert_eq!(made.json["user"]["tenantId"], tenant.as_str(), "the application says which");
        let user = json!({"user": {"username": "newer", "password": "correct horse"},
            "applicationId": elsewhere});
        let made = server.post("/api/user", user).await;
        assert_eq!(made.json["user"]["tenantId"], tenant.as_str(), "{}", made.text);
    }

    async fn each_user_of_a_page_has_its_own_registrations(server: Server) {
        let forum = forum(&server).await;
        let a = user(&server, "a@example.com", &[]).await;
        let b = user(&server, "b@example.com", &[]).await;
        for user in [&a, &b] {
            let path = format!("{REGISTRATIONS}/{user}");
            assert_eq!(server.post(&path, body(&forum, json!({"username": user}))).await.status, 200);
        }
        let page = server.get("/api/user/search?queryString=*").await;
        for user in page.json["users"].as_array().unwrap() {
            let registrations = user["registrations"].as_array().unwrap();
            let mine = user["id"] == a.as_str() || user["id"] == b.as_str();
            assert_eq!(registrations.len(), usize::from(mine));
            assert!(registrations.iter().all(|each| each["username"] == user["id"]));
        }
    }
}
