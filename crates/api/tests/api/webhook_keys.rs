//! `/api/key`, and the secrets of webhooks (`fusionauth.md` §4.9, `native.md` §6).

use docket_domain::id::WebhookId;
use docket_domain::webhook_key::Algorithm;
use docket_service::key_material;
use docket_service::webhook_signing::{OVERLAP_MILLIS, Signing, signings};
use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{code, key_of, tenant};

const PATH: &str = "/api/key";

async fn generate(server: &Server, key: Value) -> Value {
    let made = server.post("/api/key/generate", json!({ "key": key })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["key"].clone()
}

async fn import(server: &Server, key: Value) -> Answered {
    server.post("/api/key/import", json!({ "key": key })).await
}

fn path(key: &Value) -> String {
    format!("{PATH}/{}", key["id"].as_str().unwrap())
}

fn names(answer: &Value) -> Vec<&str> {
    answer["keys"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect()
}

fn webhook(signature: &Value) -> Value {
    json!({"webhook": {"url": "http://a", "connectTimeout": 1, "readTimeout": 1,
        "signatureConfiguration": signature}})
}

/// A webhook that is signed by no key.
async fn hook(server: &Server) -> Value {
    let made = server.post("/api/webhook", webhook(&json!({"enabled": false}))).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["webhook"].clone()
}

async fn rotate(server: &Server, hook: &Value, headers: &[(&str, &str)]) -> Answered {
    let path = format!("/api/v1/webhooks/{}/rotate-secret", hook["id"].as_str().unwrap());
    server.call("POST", &path, headers, None).await
}

async fn secrets(server: &Server, hook: &Value) -> Vec<String> {
    let id = hook["id"].as_str().unwrap().parse().unwrap();
    let found = signing(server, id).await.unwrap();
    found.secrets(server.ctx.now()).map(|secret| secret.reveal().to_owned()).collect()
}

async fn signing(server: &Server, id: WebhookId) -> Option<Signing> {
    let ctx = &server.ctx;
    signings(&ctx.vault, &mut ctx.db.reader()).await.unwrap().remove(&id)
}

on_both_engines! {
    async fn a_key_is_made_read_renamed_and_deleted(server: Server) {
        for (algorithm, family, length, named) in [
            ("HS512", "HMAC", Value::Null, "HS512"), ("RS384", "RSA", json!(2_048), "RS384"),
            ("ES256", "EC", json!(256), "ES256"), ("ES512", "EC", json!(521), "ES512"),
            ("EdDSA", "OKP", Value::Null, "Ed25519"),
        ] {
            server.clock.advance_millis(1);
            let wanted = json!({"name": format!(" {algorithm} "), "algorithm": algorithm, "issuer": "me"});
            let made = generate(&server, wanted).await;
            assert_eq!((&made["type"], &made["algorithm"]), (&json!(family), &json!(named)));
            assert_eq!((&made["length"], &made["kid"]), (&length, &made["id"]));
            assert_eq!((&made["name"], &made["issuer"]), (&json!(algorithm), &json!("me")));
            let is_shared = family == "HMAC";
            assert_eq!(made["hasPrivateKey"], !is_shared);
            assert_eq!(made.get("secret").is_some(), is_shared);
            assert_eq!(made["publicKey"].as_str().is_some_and(|pem| pem.contains("PUBLIC")), !is_shared);

            let mut shown = made.clone();
            shown.as_object_mut().unwrap().remove("secret");
            assert_eq!(server.get(&path(&made)).await.json["key"], shown);
            let body = json!({"key": {"name": format!("{algorithm} 2"), "algorithm": "HS256"}});
            let renamed = server.put(&path(&made), body).await.json["key"].clone();
            shown["name"] = format!("{algorithm} 2").into();
            shown["lastUpdateInstant"] = renamed["lastUpdateInstant"].clone();
            assert_eq!(renamed, shown);
            let deleted = server.delete(&path(&made)).await;
            assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
            assert_eq!(server.get(&path(&made)).await.status, 404);
            assert_eq!(server.delete(&path(&made)).await.status, 404);
        }
        assert_eq!(server.get(PATH).await.json, json!({"keys": []}));
    }

    async fn a_key_that_was_made_elsewhere_is_taken_over(server: Server) {
        let made = key_material::generate(Algorithm::Es384, None).unwrap();
        let public = made.public_pem.unwrap();
        let brought = import(&server, json!({"name": "Public", "algorithm": "ES384", "kid": "k1",
            "publicKey": public, "certificate": "-----BEGIN CERTIFICATE-----"})).await;
        assert_eq!(brought.status, 200, "{}", brought.text);
        let key = &brought.json["key"];
        assert_eq!((&key["kid"], &key["hasPrivateKey"]), (&json!("k1"), &json!(false)));
        assert_eq!((&key["publicKey"], &key["length"]), (&json!(public), &json!(384)));
        assert_eq!(key["certificate"], "-----BEGIN CERTIFICATE-----");
        let signature = json!({"enabled": true, "signingKeyId": key["id"]});
        let refused = server.post("/api/webhook", webhook(&signature)).await;
        let field = "webhook.signatureConfiguration.signingKeyId";
        assert_eq!(code(&refused, field), format!("[invalid]{field}"), "it cannot sign");

        let id = "00000000-0000-4000-8000-0000000000aa";
        let body = json!({"key": {"name": "Secret", "algorithm": "HS256", "secret": " swordfish "}});
        let brought = server.post(&format!("/api/key/import/{id}"), body).await;
        let key = &brought.json["key"];
        assert_eq!((&key["id"], &key["secret"]), (&json!(id), &json!(" swordfish ")));
        assert!(server.get(&format!("{PATH}/{id}")).await.json["key"].get("secret").is_none());
        let Some(file) = server.database.url.strip_prefix("sqlite://") else { return };
        for file in [file.to_owned(), format!("{file}-wal")] {
            let bytes = std::fs::read(file).unwrap_or_default();
            assert!(!bytes.windows(9).any(|window| window == b"swordfish"));
        }
    }

    async fn everything_wrong_with_a_key_is_named(server: Server) {
        let taken = generate(&server, json!({"name": "Taken", "algorithm": "HS256"})).await;
        let refused = server.post("/api/key/generate", json!({"key": {"length": "x"}})).await;
        for (field, prefix) in
            [("key.name", "blank"), ("key.algorithm", "missing"), ("key.length", "couldNotConvert")]
        {
            assert_eq!(code(&refused, field), format!("[{prefix}]{field}"));
        }
        let id = taken["id"].as_str().unwrap();
        let body = json!({"key": {"name": "tAKEN", "algorithm": "HS256", "secret": "x", "kid": id}});
        let refused = server.post(&format!("/api/key/import/{id}"), body).await;
        assert_eq!(code(&refused, "keyId"), "[duplicate]keyId");
        let body = json!({"name": "tAKEN", "algorithm": "HS256", "secret": "x", "kid": id});
        let refused = import(&server, body).await;
        for field in ["key.name", "key.kid"] {
            assert_eq!(code(&refused, field), format!("[duplicate]{field}"));
        }
        for (key, field, prefix) in [
            (json!({"algorithm": "HS256"}), "key.secret", "blank"),
            (json!({"algorithm": "RS256"}), "key.publicKey", "blank"),
            (json!({"algorithm": "RS256", "privateKey": "x"}), "key.privateKey", "invalid"),
            (json!({"algorithm": "None"}), "key.algorithm", "couldNotConvert"),
        ] {
            let refused = import(&server, key).await;
            assert_eq!(code(&refused, field), format!("[{prefix}]{field}"));
            assert_eq!(code(&refused, "key.name"), "[blank]key.name");
        }
        let body = json!({"key": {"name": "Short", "algorithm": "RS256", "length": 1024}});
        let refused = server.post("/api/key/generate", body).await;
        assert_eq!(code(&refused, "key.length"), "[invalid]key.length");
        let refused = server.put(&path(&taken), json!({"key": {"name": " "}})).await;
        assert_eq!(code(&refused, "key.name"), "[blank]key.name");
        let missing = format!("{PATH}/00000000-0000-4000-8000-000000000000");
        assert_eq!(server.put(&missing, json!({"key": {"name": "x"}})).await.status, 404);
    }

    async fn keys_are_found_by_name_algorithm_and_type(server: Server) {
        for (name, algorithm) in [("b", "HS256"), ("A", "ES256"), ("c", "ES384")] {
            server.clock.advance_millis(1);
            generate(&server, json!({"name": name, "algorithm": algorithm})).await;
        }
        for (query, expected) in [
            ("", "A b c"), ("type=EC", "A c"), ("algorithm=HS256", "b"), ("name=*B", "b"),
            ("orderBy=insertInstant", "b A c"), ("orderBy=type%20DESC,name%20DESC", "b c A"),
        ] {
            let found = server.get(&format!("{PATH}/search?{query}")).await;
            assert_eq!(found.status, 200, "{}", found.text);
            assert_eq!(names(&found.json).join(" "), expected, "{query}");
            assert_eq!(found.json["total"], expected.split(' ').count());
        }
        assert_eq!(names(&server.get(PATH).await.json), ["A", "b", "c"]);
        let body = json!({"search": {"type": "EC", "numberOfResults": 1}});
        let found = server.post(&format!("{PATH}/search"), body).await;
        assert_eq!((names(&found.json), &found.json["total"]), (vec!["A"], &json!(2)));
        for query in ["type=Odd", "algorithm=None", "orderBy=secret"] {
            assert_eq!(server.get(&format!("{PATH}/search?{query}")).await.status, 400, "{query}");
        }
    }

    async fn a_webhook_names_a_key_that_there_is_and_holds_it(server: Server) {
        let field = "webhook.signatureConfiguration.signingKeyId";
        let unknown = json!({"enabled": true, "signingKeyId": "00000000-0000-4000-8000-000000000000"});
        let refused = server.post("/api/webhook", webhook(&unknown)).await;
        assert_eq!(code(&refused, field), format!("[invalid]{field}"));
        let key = generate(&server, json!({"name": "Key", "algorithm": "HS256"})).await;
        let signature = json!({"enabled": true, "signingKeyId": key["id"]});
        let made = server.post("/api/webhook", webhook(&signature)).await.json["webhook"].clone();
        assert_eq!(made["signatureConfiguration"], signature);
        let hook_path = format!("/api/webhook/{}", made["id"].as_str().unwrap());
        let body = json!({"webhook": {"signatureConfiguration": unknown}});
        let refused = server.patch(&hook_path, body).await;
        assert_eq!(code(&refused, field), format!("[invalid]{field}"));

        let id = made["id"].as_str().unwrap().parse().unwrap();
        let found = signing(&server, id).await.unwrap().jwt.unwrap();
        assert_eq!((found.algorithm, json!(found.kid)), (Algorithm::Hs256, key["kid"].clone()));
        assert_eq!(found.private.reveal(), key["secret"].as_str().unwrap().as_bytes());
        let refused = server.delete(&path(&key)).await;
        assert_eq!(code(&refused, "keyId"), "[inUse]keyId");
        let body = json!({"webhook": {"signatureConfiguration": {"enabled": false}}});
        assert_eq!(server.patch(&hook_path, body).await.status, 200);
        assert!(signing(&server, id).await.unwrap().jwt.is_none(), "it is switched off");
        assert_eq!(server.delete(&hook_path).await.status, 200);
        assert_eq!(server.delete(&path(&key)).await.status, 200);
        assert!(signing(&server, id).await.is_none());
    }

    async fn keys_belong_to_nobodys_tenant(server: Server) {
        let own = tenant(&server, "Own").await;
        let key = key_of(&server, &own).await;
        let headers = [("Authorization", key.as_str())];
        let body = json!({"key": {"name": "Key", "algorithm": "HS256"}});
        let refused = server.call("POST", "/api/key/generate", &headers, Some(&body)).await;
        assert_eq!((refused.status, refused.text.as_str()), (401, ""));
        assert_eq!(server.call("GET", PATH, &headers, None).await.status, 401);
    }

    async fn a_secret_is_shown_once_and_outlives_its_successor_by_a_day(server: Server) {
        let made = hook(&server).await;
        let first = made["secret"].as_str().unwrap();
        assert!(first.starts_with("whsec_") && first.len() == 6 + 44, "{first}");
        let read = server.get(&format!("/api/webhook/{}", made["id"].as_str().unwrap())).await;
        assert!(read.json["webhook"].get("secret").is_none());
        assert_eq!(secrets(&server, &made).await, [first]);

        let rotated = rotate(&server, &made, &[]).await;
        assert_eq!(rotated.status, 200, "{}", rotated.text);
        let second = rotated.json["secret"].as_str().unwrap().to_owned();
        assert!(rotated.json["previousValidUntil"].as_str().unwrap().ends_with('Z'));
        assert_eq!(secrets(&server, &made).await, [second.as_str(), first]);
        let body = json!({"webhook": {"description": "changed"}});
        let path = format!("/api/webhook/{}", made["id"].as_str().unwrap());
        assert!(server.patch(&path, body).await.json["webhook"].get("secret").is_none());
        server.clock.advance_millis(OVERLAP_MILLIS - 1);
        assert_eq!(secrets(&server, &made).await.len(), 2);
        server.clock.advance_millis(1);
        assert_eq!(secrets(&server, &made).await, [second.as_str()]);

        let headers = [("Idempotency-Key", "once")];
        let third = rotate(&server, &made, &headers).await;
        let again = rotate(&server, &made, &headers).await;
        assert_eq!(again.json, third.json, "sent twice, it happens once");
        assert_eq!(secrets(&server, &made).await, [third.json["secret"].as_str().unwrap(), &second]);
    }

    async fn a_secret_is_rotated_by_who_may_change_the_webhook(server: Server) {
        let own = tenant(&server, "Own").await;
        let key = key_of(&server, &own).await;
        let headers = [("Authorization", key.as_str())];
        let global = hook(&server).await;
        assert_eq!(rotate(&server, &global, &headers).await.status, 404);
        let body = webhook(&json!({}));
        let made = server.call("POST", "/api/webhook", &headers, Some(&body)).await;
        let own = &made.json["webhook"];
        assert_eq!(rotate(&server, own, &headers).await.status, 200);
        let unknown = json!({"id": "00000000-0000-4000-8000-000000000000"});
        assert_eq!(rotate(&server, &unknown, &[]).await.status, 404);
    }
}
