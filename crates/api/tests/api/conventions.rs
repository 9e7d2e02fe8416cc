//! What holds on every endpoint (`fusionauth.md` §0, `native.md` §1), and who an audit record names.

use docket_testkit::{Answered, on_both_engines};
use serde_json::json;
use uuid::Uuid;

use crate::fixtures::{after, ban, code, key_of, take, tenant, user};

const REASONS: &str = "/api/user-action-reason";

on_both_engines! {
    async fn of_equal_requests_at_the_same_instant_one_has_the_effect(server: Server) {
        let is_replayed = |answer: &Answered| answer.headers.contains_key("idempotency-replayed");
        let mut is_seen = false;
        for number in 1..=20 {
            let body = json!({"userActionReason": {"code": number.to_string(), "text": "X"}});
            let key = format!("key {number}");
            let headers = [("Idempotency-Key", key.as_str())];
            let send = || server.call("POST", REASONS, &headers, Some(&body));
            let (first, second, third) = tokio::join!(send(), send(), send());
            let answers = [first, second, third];
            assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)));
            let done = answers.iter().filter(|answer| answer.status == 200 && !is_replayed(answer));
            assert_eq!(done.count(), 1);
            // The twins did not end the first one, and it is remembered.
            let again = send().await;
            assert_eq!((again.status, is_replayed(&again)), (200, true));
            let all = server.get(REASONS).await;
            assert_eq!(all.json["userActionReasons"].as_array().unwrap().len(), number);
            // A twin that comes late finds the first answered, which is seldom.
            is_seen = answers.iter().filter(|answer| answer.status == 409).count() == 2;
            if is_seen {
                break;
            }
        }
        assert!(is_seen);
    }

    async fn the_audit_record_of_an_action_names_the_key_and_the_actioner(server: Server) {
        let actionee = user(&server, "u1@example.com", &[]).await;
        let [one, two] = [user(&server, "u2@example.com", &[]).await, user(&server, "u3@example.com", &[]).await];
        let ban = ban(&server).await;
        let taken = take(&server, json!({"actioneeUserId": actionee, "actionerUserId": one,
            "userActionId": ban, "expiry": after(&server, 60_000)})).await;
        let path = format!("/api/user/action/{}", taken["id"].as_str().unwrap());
        server.clock.advance_millis(1_000);
        let body = json!({"action": {"actionerUserId": two}});
        assert_eq!(server.call("DELETE", &path, &[], Some(&body)).await.status, 200);
        let records = server.actors("user.action").await;
        assert!(records.iter().all(|(key, _)| key.is_some()));
        let users: Vec<_> = records.iter().map(|(_, user)| user.unwrap().to_string()).collect();
        assert_eq!(users, [one, two]);
    }

    async fn json_is_marked_as_the_clients_expect_it(server: Server) {
        for path in ["/api/status", "/api/system/version", REASONS] {
            let answer = server.get(path).await;
            assert_eq!(answer.headers["content-type"], "application/json;charset=UTF-8", "{path}");
        }
    }

    async fn wrong_members_do_not_hide_missing_ones(server: Server) {
        let refused = server.post("/api/user-action", json!({"userAction":
            {"preventLogin": true, "transactionType": "Most", "options": [{"name": " "}]}})).await;
        assert_eq!(code(&refused, "userAction.transactionType"),
            "[couldNotConvert]userAction.transactionType");
        assert_eq!(code(&refused, "userAction.name"), "[blank]userAction.name");
        assert_eq!(code(&refused, "userAction.preventLogin"), "[invalid]userAction.preventLogin");
        assert_eq!(code(&refused, "userAction.options[0].name"), "[blank]userAction.options[0].name");

        let refused = server.post("/api/user/action", json!({"action": {"actioneeUserId": "x"}})).await;
        assert_eq!(code(&refused, "action.actioneeUserId"), "[couldNotConvert]action.actioneeUserId");
        assert_eq!(code(&refused, "action.actionerUserId"), "[missing]action.actionerUserId");
        assert_eq!(code(&refused, "action.userActionId"), "[missing]action.userActionId");
    }

    /// §0.4: the object in the path comes before the members of the body.
    async fn case_052_an_unknown_action_is_told_before_wrong_members(server: Server) {
        let path = format!("/api/user/action/{}", Uuid::from_u128(1));
        let body = json!({"action": {"actionerUserId": "x", "expiry": "soon"}});
        for method in ["PUT", "DELETE"] {
            let answer = server.call(method, &path, &[], Some(&body)).await;
            assert_eq!((answer.status, answer.text.as_str()), (404, ""), "{method}");
        }
    }

    async fn a_search_that_is_no_object_is_refused(server: Server) {
        for path in ["/api/user/search", "/api/tenant/search", "/api/webhook/search",
            "/api/user/comment/search", "/api/email/template/search",
            "/api/system/audit-log/search", "/api/system/event-log/search"] {
            let refused = server.post(path, json!({"search": 3})).await;
            assert_eq!(code(&refused, "search"), "[couldNotConvert]search", "{path}");
        }
    }

    async fn a_key_of_one_tenant_does_not_learn_which_others_there_are(server: Server) {
        let own = tenant(&server, "Own").await;
        let other = tenant(&server, "Other").await;
        let key = key_of(&server, &own).await;
        for named in [other, Uuid::from_u128(1).to_string()] {
            let headers = [("Authorization", key.as_str()), ("X-FusionAuth-TenantId", &named)];
            let refused = server.call("GET", "/api/user/search", &headers, None).await;
            assert_eq!((refused.status, refused.text.as_str()), (401, ""), "{named}");
        }
    }

    async fn what_a_caller_tells_of_the_request_holds_no_null_and_nothing_unknown(server: Server) {
        let [actionee, actioner] = [user(&server, "u1@example.com", &[]).await, user(&server, "u2@example.com", &[]).await];
        let ban = ban(&server).await;
        let taken = server.post("/api/user/action", json!({"broadcast": true,
            "action": {"actioneeUserId": actionee, "actionerUserId": actioner, "userActionId": ban,
                "expiry": i64::MAX},
            "eventInfo": {"ipAddress": "10.0.0.1", "os": null, "mood": "good"}})).await;
        assert_eq!(taken.json["action"]["event"]["info"], json!({"ipAddress": "10.0.0.1"}));
    }
}
