//! `/api/user-action-reason` (`fusionauth.md` §2).

use docket_testkit::on_both_engines;
use serde_json::json;

on_both_engines! {
    async fn a_reason_is_made_read_changed_and_deleted(server: Server) {
        let body = json!({"userActionReason":
            {"code": " TOS ", "text": "Broke the rules", "localizedTexts": {"eo": "Rompis"}}});
        let made = server.post("/api/user-action-reason", body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let reason = &made.json["userActionReason"];
        assert_eq!(reason["code"], "TOS");
        assert_eq!(reason["localizedTexts"]["eo"], "Rompis");
        let path = format!("/api/user-action-reason/{}", reason["id"].as_str().unwrap());
        assert_eq!(server.get(&path).await.json["userActionReason"], *reason);

        let patched =
            server.patch(&path, json!({"userActionReason": {"localizedTexts": null}})).await;
        assert_eq!(patched.status, 200, "{}", patched.text);
        assert!(patched.json["userActionReason"].get("localizedTexts").is_none());
        assert_eq!(patched.json["userActionReason"]["code"], "TOS");

        let deleted = server.delete(&path).await;
        assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
        assert!(deleted.headers.get("content-type").is_none());
        assert_eq!(server.get(&path).await.status, 404);
        assert_eq!(server.delete(&path).await.status, 404);
    }

    async fn everything_wrong_with_a_reason_is_named(server: Server) {
        let refused =
            server.post("/api/user-action-reason/", json!({"userActionReason": {"code": " "}})).await;
        assert_eq!(refused.status, 400);
        let errors = &refused.json["fieldErrors"];
        assert_eq!(errors["userActionReason.code"][0]["code"], "[blank]userActionReason.code");
        assert_eq!(errors["userActionReason.text"][0]["code"], "[blank]userActionReason.text");
    }

    async fn codes_and_texts_are_unique_without_regard_to_case(server: Server) {
        let body = |code: &str, text: &str| json!({"userActionReason": {"code": code, "text": text}});
        assert_eq!(server.post("/api/user-action-reason", body("a", "Ärger")).await.status, 200);
        let refused = server.post("/api/user-action-reason", body("A", "ärger")).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.json["fieldErrors"].as_object().unwrap().len(), 2);
    }

    async fn the_same_request_is_answered_once_and_again(server: Server) {
        let body = json!({"userActionReason": {"code": "x", "text": "X"}});
        let headers = [("Idempotency-Key", "one")];
        let path = "/api/user-action-reason";
        let first = server.call("POST", path, &headers, Some(&body)).await;
        let again = server.call("POST", path, &headers, Some(&body)).await;
        assert_eq!((first.status, again.status), (200, 200), "{}", again.text);
        assert_eq!(first.text, again.text);
        assert!(first.headers.get("idempotency-replayed").is_none());
        assert_eq!(again.headers["idempotency-replayed"], "true");
        let other = json!({"userActionReason": {"code": "y", "text": "Y"}});
        let reused = server.call("POST", path, &headers, Some(&other)).await;
        assert_eq!(reused.status, 422);
    }

    async fn nobody_gets_in_without_a_key(server: Server) {
        for key in ["", "wrong"] {
            let headers = [("Authorization", key)];
            let refused = server.call("GET", "/api/user-action-reason", &headers, None).await;
            assert_eq!((refused.status, refused.text.as_str()), (401, ""));
        }
    }
}
