//! `/api/v1/todos` (`native.md` §4; §7, 3 and 4).

use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{key_of, tenant, user};

const PATH: &str = "/api/v1/todos/expense/E-17";

async fn put(server: &Server, path: &str, body: Value) -> Answered {
    server.put(path, body).await
}

/// Who has what to do, by user.
fn users(answered: &Answered) -> Vec<&str> {
    let items = answered.json["items"].as_array().unwrap_or_else(|| panic!("{}", answered.text));
    items.iter().map(|item| item["userId"].as_str().unwrap()).collect()
}

async fn kinds(server: &Server) -> Vec<String> {
    let events = server.events().await.into_iter().map(|(kind, _)| kind);
    events.filter(|kind| kind.starts_with("todo.")).collect()
}

fn pointers(answered: &Answered) -> Vec<&str> {
    assert_eq!(answered.status, 400, "{}", answered.text);
    let errors = answered.json["errors"].as_array().unwrap();
    errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

on_both_engines! {
    async fn a_matter_is_asked_of_exactly_those_who_are_named(server: Server) {
        let (a, b) = (user(&server, "a@example.com", &[]).await, user(&server, "b@example.com", &[]).await);
        let first = put(&server, PATH, json!({"userIds": [a], "emails": ["B@example.com"],
            "title": "Approve the expense", "dueAt": "2026-01-10T09:00:00Z"})).await;
        assert_eq!(first.status, 201, "{}", first.text);
        assert_eq!(users(&first), [&a, &b]);
        let row = &first.json["items"][0];
        assert_eq!((&row["urgency"], &row["externalId"]), (&json!("high"), &json!("E-17")));
        assert_eq!(kinds(&server).await, ["todo.created", "todo.created"]);

        server.clock.advance_millis(1);
        let same = put(&server, PATH, json!({"userIds": [a, b], "title": "Approve the expense",
            "dueAt": "2026-01-10T09:00:00.000Z"})).await;
        assert_eq!((same.status, &same.json), (200, &first.json), "nothing has changed");
        assert_eq!(kinds(&server).await.len(), 2);

        let fewer = put(&server, PATH, json!({"userIds": [b], "title": "Approve it now"})).await;
        assert_eq!((fewer.status, users(&fewer)), (200, vec![b.as_str()]));
        let after = &fewer.json["items"][0];
        assert_eq!((&after["id"], &after["urgency"]), (&first.json["items"][1]["id"], &json!("low")));
        assert_eq!(kinds(&server).await[2..], ["todo.updated", "todo.resolved"]);

        assert_eq!(server.delete(PATH).await.status, 204);
        assert_eq!(server.delete(PATH).await.status, 204, "it is settled already");
        assert_eq!(kinds(&server).await.len(), 5);
        let again = put(&server, PATH, json!({"userIds": [b], "title": "T"})).await;
        assert_eq!(again.status, 201);
    }

    async fn everything_wrong_is_named(server: Server) {
        let a = user(&server, "a@example.com", &[]).await;
        let wrong = put(&server, PATH, json!({"urgency": "soon", "correctiveActions": [{"label": "x"}]}));
        assert_eq!(pointers(&wrong.await),
            ["/userIds", "/urgency", "/correctiveActions/0/category", "/title"]);
        let nobody = "00000000-0000-4000-8000-000000000000";
        let wrong = put(&server, PATH, json!({"userIds": [a, nobody], "emails": ["x@example.com"],
            "title": "T"})).await;
        assert_eq!(pointers(&wrong), ["/userIds/1", "/emails/0"]);
        let built_in = put(&server, "/api/v1/todos/pending_order/1", json!({"userIds": [a], "title": "T"}));
        assert_eq!(pointers(&built_in.await), ["#actionType"]);
        let odd = put(&server, "/api/v1/todos/a%20b/1", json!({"userIds": [a], "title": "T"})).await;
        assert_eq!(pointers(&odd), ["#actionType"]);
        let escaped = put(&server, "/api/v1/todos/expense/a%2Fb%20%C3%A4", json!({"userIds": [a], "title": "T"}));
        assert_eq!(escaped.await.json["items"][0]["externalId"], "a/b ä");
        assert_eq!(kinds(&server).await.len(), 1);
    }

    async fn a_batch_is_run_whole_or_not_at_all(server: Server) {
        let a = user(&server, "a@example.com", &[]).await;
        let item = |op: &str, id: &str| json!({"op": op, "actionType": "expense", "externalId": id,
            "userIds": [a], "title": id});
        let items = json!([item("put", "1"), item("put", "2"), item("put", "1"), item("delete", "2")]);
        let done = server.post("/api/v1/todos/batch", json!({ "items": items })).await;
        assert_eq!(done.status, 200, "{}", done.text);
        let answers = done.json["items"].as_array().unwrap();
        let counts: Vec<_> =
            answers.iter().map(|answer| answer["items"].as_array().unwrap().len()).collect();
        assert_eq!(counts, [1, 0, 1, 0]);
        assert_eq!(kinds(&server).await, ["todo.created"]);
        let mut bad = item("put", "4");
        bad["userIds"] = json!(["00000000-0000-4000-8000-000000000000"]);
        let wrong = server.post("/api/v1/todos/batch", json!({"items": [item("put", "3"), bad]})).await;
        assert_eq!(pointers(&wrong), ["/items/1/userIds/0"]);
        let built_in = json!({"items": [{"op": "delete", "actionType": "pending_order", "externalId": "1"}]});
        let wrong = server.post("/api/v1/todos/batch", built_in).await;
        assert_eq!(pointers(&wrong), ["/items/0/actionType"]);
        let many: Vec<_> = (0..1_001).map(|n| item("put", &n.to_string())).collect();
        let wrong = server.post("/api/v1/todos/batch", json!({ "items": many })).await;
        assert_eq!(pointers(&wrong), ["/items"]);
        assert_eq!(kinds(&server).await.len(), 1);
        let most: Vec<_> = (0..1_000).map(|n| item("put", &n.to_string())).collect();
        let done = server.post("/api/v1/todos/batch", json!({ "items": most })).await;
        assert_eq!(done.status, 200);
        assert_eq!(kinds(&server).await.len(), 1_000, "one was there already");
    }

    async fn a_key_of_a_tenant_asks_the_users_of_that_tenant(server: Server) {
        let own = tenant(&server, "Own").await;
        let key = key_of(&server, &own).await;
        let headers = [("X-FusionAuth-TenantId", own.as_str())];
        let body = json!({"user": {"email": "own@example.com", "password": "correct horse"}});
        let made = server.call("POST", "/api/user", &headers, Some(&body)).await;
        let own = made.json["user"]["id"].as_str().unwrap().to_owned();
        let other = server.post("/api/user?", body).await;
        assert_ne!(other.status, 200, "there are two tenants: one must be named");
        let tenants = server.get("/api/tenant").await;
        let first = tenants.json["tenants"].as_array().unwrap().iter()
            .find(|tenant| tenant["name"] == "Default").unwrap()["id"].as_str().unwrap().to_owned();
        let body = json!({"user": {"email": "other@example.com", "password": "correct horse"}});
        let made = server.call("POST", "/api/user", &[("X-FusionAuth-TenantId", &first)], Some(&body)).await;
        let other = made.json["user"]["id"].as_str().unwrap().to_owned();

        let headers = [("Authorization", key.as_str())];
        let asks = |who: &str| json!({"userIds": [who], "title": "T"});
        let foreign = server.call("PUT", PATH, &headers, Some(&asks(&other))).await;
        assert_eq!(pointers(&foreign), ["/userIds/0"]);
        assert_eq!(server.put(PATH, asks(&other)).await.status, 201);
        let mine = server.call("PUT", PATH, &headers, Some(&asks(&own))).await;
        assert_eq!((mine.status, users(&mine)), (201, vec![own.as_str()]));
        assert_eq!(server.call("DELETE", PATH, &headers, None).await.status, 204);
        let all = server.put(PATH, json!({"userIds": [other], "title": "T"})).await;
        assert_eq!(all.status, 200, "the other tenant's is still there");
        for path in ["/api/v1/providers", "/api/v1/orders/00000000-0000-4000-8000-000000000000"] {
            assert_eq!(server.call("GET", path, &headers, None).await.status, 403, "{path}");
        }
    }

    async fn people_push_nothing(server: Server) {
        let a = user(&server, "a@example.com", &[]).await;
        let login = server.post("/api/login",
            json!({"loginId": "a@example.com", "password": "correct horse"})).await;
        let bearer = format!("Bearer {}", login.json["token"].as_str().unwrap());
        let headers = [("Authorization", bearer.as_str())];
        let body = json!({"userIds": [a], "title": "T"});
        assert_eq!(server.call("PUT", PATH, &headers, Some(&body)).await.status, 403);
        assert_eq!(server.call("DELETE", PATH, &headers, None).await.status, 403);
        for path in ["/api/v1/todos/rotate-secret", "/api/v1/todos/batch"] {
            let refused = server.call("POST", path, &headers, Some(&json!({"items": []}))).await;
            assert_eq!(refused.status, 403, "{path}");
        }
    }

    async fn a_push_that_comes_again_has_one_effect(server: Server) {
        let a = user(&server, "a@example.com", &[]).await;
        let headers = [("Idempotency-Key", "k1")];
        let body = json!({"userIds": [a], "title": "T"});
        let first = server.call("PUT", PATH, &headers, Some(&body)).await;
        let again = server.call("PUT", PATH, &headers, Some(&body)).await;
        assert_eq!((first.status, again.status), (201, 201));
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(first.text, again.text);
        assert_eq!(kinds(&server).await.len(), 1);
    }

    async fn to_dos_go_with_their_users(server: Server) {
        let a = user(&server, "a@example.com", &[]).await;
        let b = user(&server, "b@example.com", &[]).await;
        put(&server, PATH, json!({"userIds": [a, b], "title": "T"})).await;
        assert_eq!(server.delete(&format!("/api/user/{a}?hardDelete=true")).await.status, 200);
        let left = put(&server, PATH, json!({"userIds": [b], "title": "T"})).await;
        assert_eq!((left.status, users(&left)), (200, vec![b.as_str()]));
        assert!(!kinds(&server).await.contains(&"todo.resolved".to_owned()));
    }
}
