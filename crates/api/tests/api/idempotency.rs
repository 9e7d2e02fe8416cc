//! Writes that may be sent twice (`native.md` §1).

use docket_testkit::on_both_engines;
use serde_json::json;
use tokio::join;

use crate::fixtures::user;

on_both_engines! {
    /// The first login is still at its password when the second arrives.
    async fn a_twin_is_refused_while_the_first_is_being_answered(server: Server) {
        user(&server, "u@example.com", &[]).await;
        let body = json!({"loginId": "u@example.com", "password": "correct horse"});
        let headers = [("Idempotency-Key", "twin")];
        let login = || server.call("POST", "/api/login", &headers, Some(&body));
        let (first, second) = join!(login(), login());
        assert_eq!((first.status, second.status), (200, 409), "{}", second.text);
        let again = login().await;
        assert_eq!((again.status, &again.text), (200, &first.text));
        assert_eq!(again.headers["idempotency-replayed"], "true");
    }

    async fn another_credential_has_keys_of_its_own(server: Server) {
        let made = server.post("/api/api-key", json!({"apiKey": {"name": "other"}})).await;
        let other = made.json["apiKey"]["key"].as_str().unwrap().to_owned();
        let reason = |code: &str| json!({"userActionReason": {"code": code, "text": code}});
        let path = "/api/user-action-reason";
        let headers = [("Idempotency-Key", "k")];
        let first = server.call("POST", path, &headers, Some(&reason("a"))).await;
        let headers = [("Idempotency-Key", "k"), ("Authorization", other.as_str())];
        let second = server.call("POST", path, &headers, Some(&reason("b"))).await;
        assert_eq!((first.status, second.status), (200, 200), "{}", second.text);
    }

    async fn what_was_refused_may_be_mended_and_sent_again(server: Server) {
        let path = "/api/user-action-reason";
        let headers = [("Idempotency-Key", "k")];
        let wrong = json!({"userActionReason": {"code": "", "text": "t"}});
        assert_eq!(server.call("POST", path, &headers, Some(&wrong)).await.status, 400);
        let right = json!({"userActionReason": {"code": "c", "text": "t"}});
        assert_eq!(server.call("POST", path, &headers, Some(&right)).await.status, 200);
    }

    async fn a_key_is_one_to_255_printable_characters(server: Server) {
        let body = json!({"userActionReason": {"code": "c", "text": "t"}});
        for key in [String::new(), "x".repeat(256)] {
            let headers = [("Idempotency-Key", key.as_str())];
            let refused = server.call("POST", "/api/user-action-reason", &headers, Some(&body)).await;
            assert_eq!(refused.status, 400, "{key:?}");
        }
    }
}
