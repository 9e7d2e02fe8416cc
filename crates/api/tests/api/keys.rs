//! `/api/api-key` (`fusionauth.md` §4.7), and what keys may do (§0.6, §0.7).

use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

const PATH: &str = "/api/api-key";

async fn make(server: &Server, key: Value) -> Value {
    let made = server.post(PATH, json!({ "apiKey": key })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["apiKey"].clone()
}

async fn with_key(server: &Server, key: &Value, method: &str, path: &str) -> Answered {
    let secret = key["key"].as_str().unwrap();
    server.call(method, path, &[("Authorization", secret)], None).await
}

async fn is_good(server: &Server, key: &Value) -> bool {
    with_key(server, key, "GET", "/api/user-action-reason").await.status == 200
}

fn path(key: &Value) -> String {
    format!("{PATH}/{}", key["id"].as_str().unwrap())
}

on_both_engines! {
    async fn a_key_is_made_read_changed_and_deleted(server: Server) {
        let key = make(&server, json!({"name": "Forum", "keyManager": true,
            "metaData": {"attributes": {"description": "for the forum"}}})).await;
        assert!(key["key"].as_str().unwrap().len() >= 32);
        assert_eq!((&key["retrievable"], &key["keyManager"]), (&json!(true), &json!(false)));
        assert!(key.get("tenantId").is_none() && key.get("expirationInstant").is_none());
        assert!(is_good(&server, &key).await);
        assert_eq!(server.get(&path(&key)).await.json["apiKey"], key);

        let changes = json!({"apiKey": {"permissions": {"endpoints": {"/api/user": ["GET"]}}}});
        let patched = server.patch(&path(&key), changes).await;
        assert_eq!(patched.status, 200, "{}", patched.text);
        assert_eq!(patched.json["apiKey"]["name"], "Forum");
        assert_eq!(patched.json["apiKey"]["metaData"], key["metaData"]);
        assert!(!is_good(&server, &key).await, "permissions change at once");
        let put = server.put(&path(&key), json!({"apiKey": {}})).await;
        assert!(put.json["apiKey"].get("name").is_none());
        assert!(is_good(&server, &key).await);

        let deleted = server.delete(&path(&key)).await;
        assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
        assert!(!is_good(&server, &key).await);
        for method in ["GET", "DELETE"] {
            assert_eq!(server.call(method, &path(&key), &[], None).await.status, 404);
        }
        assert_eq!(server.put(&path(&key), json!({"apiKey": {}})).await.status, 404);
        assert_eq!(server.patch(&path(&key), json!({"apiKey": {}})).await.status, 404);
    }

    async fn everything_wrong_with_a_key_is_named(server: Server) {
        let taken = make(&server, json!({"name": "Forum", "key": "chosen-by-the-caller"})).await;
        let body = json!({"apiKey": {"name": "fORUM", "key": "chosen-by-the-caller",
            "tenantId": taken["id"]}});
        let refused = server.post(PATH, body).await;
        assert_eq!(refused.status, 400);
        let errors = refused.json["fieldErrors"].as_object().unwrap();
        let codes: Vec<_> = errors.values().map(|e| e[0]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["[duplicate]apiKey.key", "[duplicate]apiKey.name",
            "[invalid]apiKey.tenantId"]);
        let refused = server.post(&path(&taken), json!({"apiKey": {}})).await;
        assert_eq!(refused.json["fieldErrors"]["apiKeyId"][0]["code"], "[duplicate]apiKeyId");
        let refused = server.post(PATH, json!({"apiKey": {"permissions": {"endpoints":
            {"/api/user": ["LOOK"]}}, "expirationInstant": "soon"}})).await;
        assert_eq!(refused.json["fieldErrors"].as_object().unwrap().len(), 2, "{}", refused.text);
        let refused = server.post(PATH, json!({"apiKey": {"key": "two words"}})).await;
        assert_eq!(refused.json["fieldErrors"]["apiKey.key"][0]["code"], "[invalid]apiKey.key");
        let refused = server.post(PATH, json!({"apiKey": {"key": "fifteen-letters"}})).await;
        assert_eq!(refused.json["fieldErrors"]["apiKey.key"][0]["code"], "[tooShort]apiKey.key");
    }

    async fn a_key_that_is_shown_once_needs_a_name(server: Server) {
        let refused = server.post(PATH, json!({"apiKey": {"retrievable": false}})).await;
        assert_eq!(refused.json["fieldErrors"]["apiKey.name"][0]["code"], "[blank]apiKey.name");
        let key = make(&server, json!({"retrievable": false, "name": "Once"})).await;
        assert!(is_good(&server, &key).await);
        let found = server.get(&path(&key)).await;
        assert!(found.json["apiKey"].get("key").is_none());
        let refused = server.put(&path(&key), json!({"apiKey": {}})).await;
        assert_eq!(refused.json["fieldErrors"]["apiKey.name"][0]["code"], "[blank]apiKey.name");
    }

    async fn a_key_copies_another_but_its_name_and_secret(server: Server) {
        let source = make(&server, json!({"name": "Source", "expirationInstant": 4_000_000_000_000_i64,
            "permissions": {"endpoints": {"/api/user-action-reason": ["GET"]}}})).await;
        let body = json!({"apiKey": {"name": "Copy"}, "sourceKeyId": source["id"]});
        let copy = server.post(PATH, body).await.json["apiKey"].clone();
        assert_eq!(copy["permissions"], source["permissions"]);
        assert_eq!(copy["expirationInstant"], source["expirationInstant"]);
        assert_ne!(copy["key"], source["key"]);
        assert!(is_good(&server, &copy).await);
        let unknown = json!({"apiKey": {}, "sourceKeyId": uuid::Uuid::nil()});
        let refused = server.post(PATH, unknown).await;
        assert_eq!(refused.json["fieldErrors"]["sourceKeyId"][0]["code"], "[invalid]sourceKeyId");
    }

    async fn case_002_keys_that_are_wrong_expired_or_lack_the_method_get_nothing(server: Server) {
        let reasons = "/api/user-action-reason";
        let wrong = server.call("GET", reasons, &[("Authorization", "wrong")], None).await;
        let expiring =
            make(&server, json!({"expirationInstant": server.ctx.now().millis() + 1_000})).await;
        assert!(is_good(&server, &expiring).await);
        server.clock.advance_millis(1_000);
        let expired = with_key(&server, &expiring, "GET", reasons).await;
        let reader = make(&server, json!({"permissions": {"endpoints": {reasons: ["GET"]}}})).await;
        assert!(is_good(&server, &reader).await);
        let lacking = with_key(&server, &reader, "POST", reasons).await;
        let lacking_path = with_key(&server, &reader, "GET", "/api/tenant").await;
        for refused in [wrong, expired, lacking, lacking_path] {
            assert_eq!((refused.status, refused.text.as_str()), (401, ""));
        }
    }

    async fn only_key_managers_see_keys(server: Server) {
        let key = make(&server, json!({})).await;
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let refused = with_key(&server, &key, method, &path(&key)).await;
            assert_eq!((refused.status, refused.text.as_str()), (401, ""), "{method}");
        }
        assert!(is_good(&server, &key).await);
    }

    async fn case_086_a_key_of_a_tenant_is_refused_where_only_global_keys_go(server: Server) {
        let tenants = server.get("/api/tenant").await;
        let tenant = &tenants.json["tenants"][0]["id"];
        let key = make(&server, json!({ "tenantId": tenant })).await;
        assert_eq!(key["tenantId"], *tenant);
        assert!(!is_good(&server, &key).await);
        assert_eq!(with_key(&server, &key, "GET", "/api/tenant/search").await.status, 401);
        assert_eq!(with_key(&server, &key, "GET", "/api/tenant").await.status, 200);
    }
}
