//! `/api/tenant` (`fusionauth.md` §4.6).

use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{after, ban, id_of, take};

const PATH: &str = "/api/tenant";

async fn make(server: &Server, tenant: Value) -> Value {
    let made = server.post(PATH, json!({ "tenant": tenant })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["tenant"].clone()
}

fn path(tenant: &Value) -> String {
    format!("{PATH}/{}", tenant["id"].as_str().unwrap())
}

async fn default(server: &Server) -> Value {
    server.get(PATH).await.json["tenants"][0].clone()
}

fn codes(refused: &Answered) -> Vec<&str> {
    assert_eq!(refused.status, 400, "{}", refused.text);
    let errors = refused.json["fieldErrors"].as_object().unwrap();
    errors.values().map(|e| e[0]["code"].as_str().unwrap()).collect()
}

on_both_engines! {
    async fn a_new_tenant_has_the_contracts_defaults(server: Server) {
        let tenant = make(&server, json!({"name": " Second "})).await;
        assert_eq!((&tenant["name"], &tenant["issuer"]), (&json!("Second"), &json!("Second")));
        assert_eq!(tenant["failedAuthenticationConfiguration"], json!({"tooManyAttempts": 5,
            "resetCountInSeconds": 60, "actionDuration": 3, "actionDurationUnit": "MINUTES",
            "emailUser": false, "actionCancelPolicy": {"onPasswordReset": false}}));
        assert_eq!(tenant["emailConfiguration"], json!({"host": "localhost", "port": 25,
            "security": "NONE", "defaultFromEmail": "change-me@example.com"}));
        assert_eq!(tenant["loginConfiguration"], json!({"requireAuthentication": true}));
        let events = tenant["eventConfiguration"]["events"].as_object().unwrap();
        assert!(events.len() > 50);
        assert!(events.values().all(|e| *e == json!({"enabled": false, "transactionType": "None"})));
        assert_eq!(server.get(&path(&tenant)).await.json["tenant"], tenant);
        let listed = server.get(PATH).await;
        assert_eq!(listed.json["tenants"].as_array().unwrap().len(), 2);
    }

    async fn a_patch_merges_single_events_and_a_put_replaces(server: Server) {
        let tenant = default(&server).await;
        let patch = |event: &str, kind: &str| json!({"tenant": {"eventConfiguration":
            {"events": {event: {"enabled": true, "transactionType": kind}}}}});
        server.patch(&path(&tenant), patch("user.action", "AbsoluteMajority")).await;
        let patched = server.patch(&path(&tenant), patch("user.create", "Any")).await;
        assert_eq!(patched.status, 200, "{}", patched.text);
        let events = &patched.json["tenant"]["eventConfiguration"]["events"];
        assert_eq!(events["user.action"],
            json!({"enabled": true, "transactionType": "AbsoluteMajority"}));
        assert_eq!(events["user.create"], json!({"enabled": true, "transactionType": "Any"}));
        assert_eq!(events["user.delete"], json!({"enabled": false, "transactionType": "None"}));
        for (event, kind) in [("user.action", "AnyWebhook"), ("user.action", ""), ("x", "Any")] {
            assert_eq!(codes(&server.patch(&path(&tenant), patch(event, kind)).await).len(), 1);
        }
        let put = server.put(&path(&tenant), json!({"tenant": {"name": "Renamed"}})).await;
        assert_eq!(put.json["tenant"]["eventConfiguration"]["events"]["user.action"]["enabled"],
            false);
        assert_eq!(put.json["tenant"]["insertInstant"], tenant["insertInstant"]);
    }

    async fn everything_wrong_with_a_tenant_is_named(server: Server) {
        let body = json!({"tenant": {"name": " ",
            "failedAuthenticationConfiguration": {"tooManyAttempts": 0, "actionDuration": -1},
            "emailConfiguration": {"port": 70_000, "defaultFromEmail": "nobody"}}});
        assert_eq!(codes(&server.post(PATH, body).await), [
            "[notEmail]tenant.emailConfiguration.defaultFromEmail",
            "[invalid]tenant.emailConfiguration.port",
            "[invalid]tenant.failedAuthenticationConfiguration.actionDuration",
            "[invalid]tenant.failedAuthenticationConfiguration.tooManyAttempts",
            "[blank]tenant.name"]);
        let taken = default(&server).await;
        let refused = server.post(PATH, json!({"tenant": {"name": "dEFAULT"}})).await;
        assert_eq!(codes(&refused), ["[duplicate]tenant.name"]);
        let refused = server.post(&path(&taken), json!({"tenant": {"name": "Other"}})).await;
        assert_eq!(codes(&refused), ["[duplicate]tenantId"]);
        for method in ["GET", "DELETE"] {
            let unknown = format!("{PATH}/{}", uuid::Uuid::nil());
            assert_eq!(server.call(method, &unknown, &[], None).await.status, 404);
        }
    }

    async fn the_password_of_the_mail_server_is_kept_and_never_told(server: Server) {
        let mail = json!({"host": "mail.example.com", "username": "docket", "password": "s3cret!"});
        let source = make(&server, json!({"name": "Source", "emailConfiguration": mail})).await;
        assert_eq!(source["emailConfiguration"]["username"], "docket");
        assert!(!source.to_string().contains("s3cret!"));
        let body = json!({"tenant": {"name": "Copy"}, "sourceTenantId": source["id"]});
        let copy = server.post(PATH, body).await;
        assert_eq!(copy.json["tenant"]["emailConfiguration"], source["emailConfiguration"]);
        assert_eq!(copy.json["tenant"]["name"], "Copy");
        let told: Vec<_> = server.events().await;
        assert!(told.iter().all(|(_, payload)| !payload.contains("s3cret!")));
    }

    async fn tenants_are_found_by_name(server: Server) {
        let [a, b] = [make(&server, json!({"name": "Word one"})).await,
            make(&server, json!({"name": "Word two"})).await];
        let found = server.post("/api/tenant/search", json!({"search": {"name": "wORD",
            "orderBy": "name DESC"}})).await;
        assert_eq!(found.json["total"], 2, "{}", found.text);
        assert_eq!(found.json["tenants"], json!([b, a]));
        let found = server.get("/api/tenant/search?name=word*two&startRow=undefined").await;
        assert_eq!(found.json["tenants"], json!([b]));
        let found = server.get("/api/tenant/search?numberOfResults=1&startRow=1").await;
        assert_eq!((&found.json["total"], &found.json["tenants"]), (&json!(3), &json!([a])));
        for order in ["id", "insertInstant%20desc"] {
            let found = server.get(&format!("/api/tenant/search?orderBy={order}")).await;
            assert_eq!(found.json["tenants"].as_array().unwrap().len(), 3);
        }
        assert_eq!(server.get("/api/tenant/search?orderBy=issuer").await.status, 400);
    }

    async fn a_tenant_takes_everything_in_it_along_and_the_last_one_stays(server: Server) {
        let second = make(&server, json!({"name": "Second"})).await;
        let headers = [("X-FusionAuth-TenantId", second["id"].as_str().unwrap())];
        let key = server.post("/api/api-key", json!({"apiKey": {"tenantId": second["id"]}})).await;
        let key = key.json["apiKey"]["key"].as_str().unwrap().to_owned();
        let body = json!({"user": {"email": "a@example.com", "password": "correct horse"}});
        let user = server.call("POST", "/api/user", &headers, Some(&body)).await;
        let user = id_of(&user, "user");
        let body = json!({"application": {"name": "Forum"}});
        let application = server.call("POST", "/api/application", &headers, Some(&body)).await;
        let application = id_of(&application, "application");
        let body = json!({"registration": {"applicationId": application}});
        server.post(&format!("/api/user/registration/{user}"), body).await;
        let action = take(&server, json!({"actioneeUserId": user, "actionerUserId": user,
            "userActionId": ban(&server).await, "expiry": after(&server, 1_000),
            "applicationIds": [application], "comment": "words"})).await;

        let deleted = server.delete(&format!("{}?async=true", path(&second))).await;
        assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
        assert_eq!(server.orphans().await, [""; 0]);
        for gone in [path(&second), format!("/api/user/{user}"),
            format!("/api/application/{application}"),
            format!("/api/user/action/{}", action["id"].as_str().unwrap())] {
            assert_eq!(server.get(&gone).await.status, 404, "{gone}");
        }
        let refused = server.call("GET", PATH, &[("Authorization", &key)], None).await;
        assert_eq!(refused.status, 401);
        let last = default(&server).await;
        assert_eq!(codes(&server.delete(&path(&last)).await), ["[inUse]tenantId"]);
        assert_eq!(server.get(&path(&last)).await.status, 200);
    }

    async fn a_webhook_forgets_a_tenant_that_goes(server: Server) {
        let [first, second] = [default(&server).await, make(&server, json!({"name": "2"})).await];
        let hook = server.post("/api/webhook", json!({"webhook": {"url": "http://a.example",
            "connectTimeout": 1_000, "readTimeout": 1_000, "headers": {"X-Key": "s3cret!"},
            "tenantIds": [first["id"], second["id"]]}})).await;
        let hook = format!("/api/webhook/{}", id_of(&hook, "webhook"));
        assert_eq!(server.delete(&path(&second)).await.status, 200);
        let kept = server.get(&hook).await.json;
        assert_eq!(kept["webhook"]["tenantIds"], json!([first["id"]]));
        assert_eq!(kept["webhook"]["headers"]["X-Key"], "s3cret!");
        assert_eq!(server.put(&hook, kept).await.status, 200, "it can be written back");
        let told = server.events().await;
        let kinds: Vec<_> = told.iter().map(|(kind, _)| kind.as_str()).collect();
        assert!(kinds.ends_with(&["webhook.updated", "tenant.deleted", "webhook.updated"]));
    }

    async fn case_084_and_085_a_key_of_a_tenant_sees_that_tenant_alone(server: Server) {
        let [first, second] = [default(&server).await, make(&server, json!({"name": "2"})).await];
        let key = server.post("/api/api-key", json!({"apiKey": {"tenantId": first["id"]}})).await;
        let key = key.json["apiKey"]["key"].as_str().unwrap().to_owned();
        let own = [("Authorization", key.as_str())];
        let listed = server.call("GET", PATH, &own, None).await;
        assert_eq!(listed.json["tenants"], json!([first]));
        assert_eq!(server.call("GET", &path(&second), &own, None).await.status, 404);
        assert_eq!(server.call("DELETE", &path(&second), &own, None).await.status, 404);
        let body = json!({"tenant": {"name": "3"}});
        assert_eq!(server.call("POST", PATH, &own, Some(&body)).await.status, 401);
        let foreign = [own[0], ("X-FusionAuth-TenantId", second["id"].as_str().unwrap())];
        assert_eq!(server.call("GET", PATH, &foreign, None).await.status, 401);

        let body = json!({"user": {"email": "a@example.com", "password": "correct horse"}});
        let user = id_of(&server.call("POST", "/api/user", &own, Some(&body)).await, "user");
        let body = json!({"action": {"actioneeUserId": user, "actionerUserId": user,
            "userActionId": ban(&server).await, "expiry": after(&server, 1_000)}});
        let action = id_of(&server.call("POST", "/api/user/action", &own, Some(&body)).await, "action");
        let key = server.post("/api/api-key", json!({"apiKey": {"tenantId": second["id"]}})).await;
        let stranger = [("Authorization", key.json["apiKey"]["key"].as_str().unwrap())];
        let path = format!("/api/user/action/{action}");
        assert_eq!(server.call("GET", &path, &own, None).await.status, 200);
        assert_eq!(server.call("GET", &path, &stranger, None).await.status, 404);
    }
}
