//! `/api/v1/providers`, orders and resources (`native.md` §5).

use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/providers";

fn body() -> Value {
    json!({"actionType": "expense", "displayName": "Expenses", "url": "https://expenses.example/todos"})
}

on_both_engines! {
    async fn a_provider_is_registered_and_shows_its_secret_once(server: Server) {
        let made = server.post(PATH, body()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let id = made.json["id"].as_str().unwrap();
        assert!(made.json["secret"].as_str().unwrap().starts_with("whsec_"));
        assert_eq!(made.json["schedule"], "0 */6 * * *");
        assert_eq!((&made.json["enabled"], &made.json["timeoutSeconds"]), (&json!(true), &json!(30)));
        assert_eq!(made.json["nextRunAt"], "2026-01-05T09:00:00.000Z", "it is asked at once");
        let path = format!("{PATH}/{id}");
        let found = server.get(&path).await;
        assert_eq!((&found.json["actionType"], found.json.get("secret")), (&json!("expense"), None));
        let known = found.headers["etag"].to_str().unwrap().to_owned();
        let same = server.call("GET", &path, &[("If-None-Match", &known)], None).await;
        assert_eq!(same.status, 304);
        let listed = server.get(PATH).await;
        assert_eq!(listed.json["items"], json!([found.json]));

        let taken = server.post(PATH, body()).await;
        assert_eq!((taken.status, &taken.json["errors"][0]["code"]), (400, &json!("duplicate")));
        let mut change = body();
        change["schedule"] = json!("*/5 * * * *");
        change["enabled"] = json!(false);
        let changed = server.put(&path, change.clone()).await;
        assert_eq!((changed.status, &changed.json["nextRunAt"]), (200, &Value::Null));
        change["enabled"] = json!(true);
        let changed = server.put(&path, change.clone()).await;
        assert_eq!(changed.json["nextRunAt"], "2026-01-05T09:00:00.000Z");
        change["actionType"] = json!("other");
        assert_eq!(server.put(&path, change).await.json["errors"][0]["pointer"], "/actionType");

        let rotated = server.call("POST", &format!("{path}/rotate-secret"), &[], None).await;
        assert_ne!(rotated.json["secret"], made.json["secret"]);
        assert_eq!(rotated.json["previousValidUntil"], "2026-01-06T09:00:00.000Z");
        let shared = server.call("POST", "/api/v1/todos/rotate-secret", &[], None).await;
        assert!(shared.json["secret"].as_str().unwrap().starts_with("whsec_"));

        let kinds: Vec<_> = server.events().await;
        let told = kinds.iter().filter(|(kind, _)| kind.starts_with("provider."));
        assert!(told.clone().count() >= 4);
        assert!(told.clone().all(|(_, payload)| !payload.contains("whsec_")), "no secret is told");
        assert_eq!(server.delete(&path).await.status, 204);
        assert_eq!(server.get(&path).await.status, 404);
    }

    async fn everything_wrong_with_a_provider_is_named(server: Server) {
        let wrong = server.post(PATH, json!({"schedule": "now", "timeoutSeconds": 0, "url": "ftp://x",
            "enabled": "maybe"})).await;
        assert_eq!(wrong.status, 400);
        let pointers: Vec<_> = wrong.json["errors"].as_array().unwrap().iter()
            .map(|error| error["pointer"].as_str().unwrap()).collect();
        for pointer in ["/actionType", "/url", "/schedule", "/timeoutSeconds", "/enabled"] {
            assert!(pointers.contains(&pointer), "{pointer}: {pointers:?}");
        }
        let mut built_in = body();
        built_in["actionType"] = json!("pending_order");
        assert_eq!(server.post(PATH, built_in).await.json["errors"][0]["code"], "duplicate");
        docket_service::todos::run::introduce(&server.ctx).await.unwrap();
        let listed = server.get(PATH).await;
        let first = &listed.json["items"][0];
        assert_eq!((&first["builtIn"], &first["url"]), (&json!(true), &Value::Null));
        let path = format!("{PATH}/{}", first["id"].as_str().unwrap());
        assert_eq!(server.put(&path, body()).await.status, 403);
        assert_eq!(server.delete(&path).await.status, 403);
        assert_eq!(server.call("POST", &format!("{path}/test"), &[], None).await.status, 403);
    }

    async fn a_provider_that_goes_takes_what_it_said_with_it(server: Server) {
        let made = server.post(PATH, body()).await;
        let user = crate::fixtures::user(&server, "a@example.com", &[]).await;
        let push = json!({"userIds": [user], "title": "T"});
        assert_eq!(server.put("/api/v1/todos/expense/1", push.clone()).await.status, 201);
        let path = format!("{PATH}/{}", made.json["id"].as_str().unwrap());
        assert_eq!(server.delete(&path).await.status, 204);
        let again = server.put("/api/v1/todos/expense/1", push).await;
        assert_eq!(again.status, 201, "it is new again");
    }

    async fn orders_and_resources_need_a_project(server: Server) {
        let id = "00000000-0000-4000-8000-000000000001";
        let order = json!({"state": "pending-consumer", "type": "Create", "projectId": id,
            "offering": {"name": "VM"}});
        for path in ["/api/v1/orders", "/api/v1/resources"] {
            let mut body = order.clone();
            body["name"] = json!("vm");
            if path.ends_with("resources") {
                body["state"] = json!("OK");
            }
            let wrong = server.put(&format!("{path}/{id}"), body).await;
            assert_eq!(wrong.status, 400, "{}", wrong.text);
            assert_eq!(wrong.json["errors"][0]["pointer"], "/projectId");
            assert_eq!(server.get(&format!("{path}/{id}")).await.status, 404);
            assert_eq!(server.delete(&format!("{path}/{id}")).await.status, 404);
        }
        let wrong = server.put(&format!("/api/v1/orders/{id}"), json!({"state": "x"})).await;
        let pointers: Vec<_> = wrong.json["errors"].as_array().unwrap().iter()
            .map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/state", "/type", "/projectId", "/offering/name"]);
        let wrong = json!({"state": "OK", "projectId": "x", "endDate": "soon", "name": "n",
            "offering": {"expirationReminders": ["x"]}});
        let wrong = server.put(&format!("/api/v1/resources/{id}"), wrong).await;
        let pointers: Vec<_> = wrong.json["errors"].as_array().unwrap().iter()
            .map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/projectId", "/endDate", "/offering/expirationReminders"]);
    }
}
