//! `/api/webhook` (`fusionauth.md` §4.9).

use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::id_of;

const PATH: &str = "/api/webhook";

fn webhook(url: &str) -> Value {
    json!({"url": url, "connectTimeout": 1_000, "readTimeout": 2_000, "global": true})
}

async fn make(server: &Server, webhook: Value) -> Value {
    let made = server.post(PATH, json!({ "webhook": webhook })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["webhook"].clone()
}

fn path(webhook: &Value) -> String {
    format!("{PATH}/{}", webhook["id"].as_str().unwrap())
}

fn urls(answer: &Value) -> Vec<&str> {
    let webhooks = answer["webhooks"].as_array().unwrap().iter();
    webhooks.map(|webhook| webhook["url"].as_str().unwrap()).collect()
}

/// A tenant of this name.
async fn tenant(server: &Server, name: &str) -> String {
    let body = json!({"tenant": {"name": name, "issuer": "example.com"}});
    id_of(&server.post("/api/tenant", body).await, "tenant")
}

/// The secret of a key of this tenant.
async fn key_of(server: &Server, tenant: &str) -> String {
    let body = json!({"apiKey": {"tenantId": tenant}});
    let made = server.post("/api/api-key", body).await;
    made.json["apiKey"]["key"].as_str().unwrap().to_owned()
}

on_both_engines! {
    async fn a_webhook_is_made_read_changed_and_deleted(server: Server) {
        let made = make(&server, webhook("https://hooks.example/a")).await;
        assert_eq!(made["eventsEnabled"], json!({}));
        assert_eq!((&made["headers"], &made["tenantIds"]), (&json!({}), &json!([])));
        assert_eq!(made["signatureConfiguration"], json!({"enabled": false}));
        assert_eq!((&made["global"], &made["readTimeout"]), (&json!(true), &json!(2_000)));
        let mut shown = made.clone();
        shown.as_object_mut().unwrap().remove("secret");
        assert_eq!(server.get(&path(&made)).await.json["webhook"], shown);
        assert_eq!(server.get(PATH).await.json["webhooks"], json!([shown]));

        let changes = json!({"webhook": {"eventsEnabled": {"user.action": true},
            "description": " Forum ", "data": {"a": [1]}}});
        let patched = server.patch(&path(&made), changes).await;
        assert_eq!(patched.status, 200, "{}", patched.text);
        let patched = &patched.json["webhook"];
        assert_eq!(patched["eventsEnabled"], json!({"user.action": true}));
        assert_eq!((&patched["description"], &patched["data"]["a"]), (&json!("Forum"), &json!([1])));
        let body = json!({"webhook": webhook("http://[::1]:8080/b")});
        let replaced = server.put(&path(&made), body).await;
        assert_eq!(replaced.json["webhook"]["eventsEnabled"], json!({}));
        assert!(replaced.json["webhook"].get("description").is_none());

        let deleted = server.delete(&path(&made)).await;
        assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
        assert_eq!(server.get(&path(&made)).await.status, 404);
        assert_eq!(server.get(PATH).await.json, json!({"webhooks": []}));
    }

    async fn everything_wrong_with_a_webhook_is_named(server: Server) {
        let tenant = "00000000-0000-0000-0000-00000000000a";
        let id = make(&server, webhook("http://a")).await;
        let refused = server.post(&path(&id), json!({"webhook": {"url": "a.example",
            "connectTimeout": 0, "readTimeout": 1, "tenantIds": [tenant],
            "headers": {"X-A": "b\r\nX-C: d"}, "signatureConfiguration": {"enabled": true}}})).await;
        assert_eq!(refused.status, 400);
        let errors = refused.json["fieldErrors"].as_object().unwrap();
        for (field, code) in [
            ("webhookId", "duplicate"),
            ("webhook.url", "invalid"),
            ("webhook.connectTimeout", "invalid"),
            ("webhook.tenantIds", "invalid"),
            ("webhook.headers[X-A]", "invalid"),
            ("webhook.signatureConfiguration.signingKeyId", "missing"),
        ] {
            assert_eq!(errors[field][0]["code"], format!("[{code}]{field}"), "{}", refused.text);
        }
        assert_eq!(errors.len(), 6);
        let body = json!({"webhook": {"eventsEnabled": {"user.sneeze": true}}});
        let refused = server.post(PATH, body).await;
        let errors = refused.json["fieldErrors"].as_object().unwrap();
        for (field, code) in [
            ("webhook.url", "blank"),
            ("webhook.connectTimeout", "missing"),
            ("webhook.readTimeout", "missing"),
            ("webhook.eventsEnabled[user.sneeze]", "invalid"),
        ] {
            assert_eq!(errors[field][0]["code"], format!("[{code}]{field}"), "{}", refused.text);
        }
    }

    async fn secrets_are_given_back_but_not_kept_in_the_open(server: Server) {
        let mut hook = webhook("http://a");
        hook["headers"] = json!({"X-Token": "swordfish-1"});
        hook["httpAuthenticationUsername"] = "docket".into();
        hook["httpAuthenticationPassword"] = "swordfish-2".into();
        let made = make(&server, hook).await;
        let patched = server.patch(&path(&made), json!({"webhook": {"description": "d"}})).await;
        assert_eq!(patched.status, 200, "{}", patched.text);
        let read = server.get(&path(&made)).await.json["webhook"].clone();
        assert_eq!(read["headers"], json!({"X-Token": "swordfish-1"}));
        assert_eq!(read["httpAuthenticationPassword"], "swordfish-2");
        let Some(file) = server.database.url.strip_prefix("sqlite://") else { return };
        for file in [file.to_owned(), format!("{file}-wal")] {
            let bytes = std::fs::read(file).unwrap_or_default();
            assert!(!bytes.windows(9).any(|window| window == b"swordfish"));
        }
    }

    /// Case 87.
    async fn case_087_parameters_that_say_undefined_are_not_there(server: Server) {
        make(&server, webhook("http://a")).await;
        let mut described = webhook("http://b");
        described["description"] = "Forum Daily".into();
        make(&server, described).await;
        let query = "description=d&numberOfResults=undefined&orderBy=undefined&startRow=undefined";
        let found = server.get(&format!("{PATH}/search?{query}")).await;
        assert_eq!(found.status, 200, "{}", found.text);
        assert_eq!(found.json["total"], 1);
        assert_eq!(urls(&found.json), ["http://b"]);
    }

    async fn webhooks_are_found_in_the_order_asked_for(server: Server) {
        for (url, description) in [("http://b", Some("x")), ("http://a", None), ("http://c/D", Some("w"))] {
            server.clock.advance_millis(1);
            let mut hook = webhook(url);
            hook["description"] = description.into();
            make(&server, hook).await;
        }
        let order = async |order: &str| {
            let body = json!({"search": {"orderBy": order, "url": "http"}});
            let found = server.post(&format!("{PATH}/search"), body).await;
            assert_eq!(found.status, 200, "{}", found.text);
            urls(&found.json).join(" ")
        };
        assert_eq!(order("").await, "http://a http://b http://c/D");
        assert_eq!(order("url DESC").await, "http://c/D http://b http://a");
        assert_eq!(order("insertInstant").await, "http://b http://a http://c/D");
        assert_eq!(order("description").await, "http://a http://c/D http://b");
        let found = server.get(&format!("{PATH}/search?url=*%2Fd&numberOfResults=1")).await;
        assert_eq!(urls(&found.json), ["http://c/D"]);
    }

    async fn a_key_of_one_tenant_has_webhooks_of_its_own(server: Server) {
        let (own, other) = (tenant(&server, "Own").await, tenant(&server, "Other").await);
        let key = key_of(&server, &own).await;
        let headers = [("Authorization", key.as_str())];
        let mut shared = webhook("http://shared");
        shared["global"] = false.into();
        shared["tenantIds"] = json!([own, other]);
        let shared = make(&server, shared).await;
        let global = make(&server, webhook("http://global")).await;
        let hook = json!({"url": "http://own", "connectTimeout": 1, "readTimeout": 1});
        let body = json!({"webhook": hook});
        let made = server.call("POST", PATH, &headers, Some(&body)).await;
        assert_eq!(made.status, 200, "{}", made.text);
        assert_eq!(made.json["webhook"]["tenantIds"], json!([own]));

        let listed = server.call("GET", PATH, &headers, None).await;
        assert_eq!(urls(&listed.json), ["http://own"]);
        let found = server.call("GET", &format!("{PATH}/search"), &headers, None).await;
        assert_eq!((&found.json["total"], urls(&found.json)), (&json!(1), vec!["http://own"]));
        for foreign in [&shared, &global] {
            for method in ["GET", "DELETE"] {
                assert_eq!(server.call(method, &path(foreign), &headers, None).await.status, 404);
            }
            assert_eq!(server.call("PUT", &path(foreign), &headers, Some(&body)).await.status, 404);
        }
        for (field, value) in [("global", json!(true)), ("tenantIds", json!([other]))] {
            let mut hook = hook.clone();
            hook[field] = value;
            let body = json!({"webhook": hook});
            let refused = server.call("PUT", &path(&made.json["webhook"]), &headers, Some(&body)).await;
            let field = format!("webhook.{field}");
            let code = &refused.json["fieldErrors"][&field][0]["code"];
            assert_eq!((refused.status, code), (400, &json!(format!("[invalid]{field}"))));
        }
        let found = server.get(&format!("{PATH}/search?tenantId={other}")).await;
        assert_eq!(urls(&found.json), ["http://global", "http://shared"]);
        let named = [("X-FusionAuth-TenantId", own.as_str())];
        let listed = server.call("GET", PATH, &named, None).await;
        assert_eq!(urls(&listed.json).len(), 3, "a tenant named by a global key does not matter");
    }
}
