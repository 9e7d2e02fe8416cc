//! What follows from too many wrong passwords (`fusionauth.md` §4.6): conformance case 95.

use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{ban, definition, user};

const EMAIL: &str = "u1@example.com";
const PASSWORD: &str = "correct horse";
const MINUTE: i64 = 60_000;

async fn tenant_path(server: &Server) -> String {
    let tenants = server.get("/api/tenant").await;
    format!("/api/tenant/{}", tenants.json["tenants"][0]["id"].as_str().unwrap())
}

async fn configure(server: &Server, settings: Value) -> Answered {
    let body = json!({"tenant": {"failedAuthenticationConfiguration": settings}});
    server.patch(&tenant_path(server).await, body).await
}

/// A tenant that locks for five minutes after two failures within ten, and a user.
async fn locking(server: &Server) -> (String, String) {
    let kind = ban(server).await;
    let settings = json!({"userActionId": kind, "tooManyAttempts": 2, "resetCountInSeconds": 600,
        "actionDuration": 5, "actionDurationUnit": "MINUTES"});
    let configured = configure(server, settings).await;
    assert_eq!(configured.status, 200, "{}", configured.text);
    (user(server, EMAIL, &[]).await, kind)
}

async fn log_in(server: &Server, password: &str) -> u16 {
    server.clock.advance_millis(1_000);
    let body = json!({"loginId": EMAIL, "password": password});
    server.post("/api/login", body).await.status
}

async fn fail(server: &Server, times: usize) {
    for _ in 0..times {
        assert_eq!(log_in(server, "wrong password").await, 404);
    }
}

async fn actions(server: &Server, user: &str) -> Vec<Value> {
    let listed = server.get(&format!("/api/user/action?userId={user}")).await;
    listed.json["actions"].as_array().unwrap().clone()
}

async fn cancel(server: &Server, action: &Value, actioner: &str) {
    let path = format!("/api/user/action/{}", action["id"].as_str().unwrap());
    let body = json!({"action": {"actionerUserId": actioner}});
    assert_eq!(server.call("DELETE", &path, &[], Some(&body)).await.status, 200);
}

on_both_engines! {
    async fn case_095_too_many_wrong_passwords_lock_the_account_in_nobodys_name(server: Server) {
        let (id, kind) = locking(&server).await;
        fail(&server, 1).await;
        assert!(actions(&server, &id).await.is_empty());
        fail(&server, 1).await;
        let taken = actions(&server, &id).await;
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0]["userActionId"], kind);
        assert!(taken[0].get("actionerUserId").is_none());
        assert_eq!(taken[0]["expiry"], server.ctx.now().millis() + 5 * MINUTE);
        assert_eq!(log_in(&server, PASSWORD).await, 409);
        let events = server.events().await;
        let (_, payload) = events.iter().find(|(kind, _)| kind == "user.action").unwrap();
        let event: Value = serde_json::from_str(payload).unwrap();
        assert_eq!((&event["phase"], &event["broadcast"]), (&json!("start"), &json!(true)));

        server.clock.advance_millis(5 * MINUTE);
        assert_eq!(log_in(&server, PASSWORD).await, 200, "the lock ends by itself");
        fail(&server, 1).await;
        assert_eq!(actions(&server, &id).await.len(), 1, "a login forgets the failures");
    }

    async fn further_failures_restart_the_duration(server: Server) {
        let (id, _) = locking(&server).await;
        fail(&server, 2).await;
        let first = actions(&server, &id).await.remove(0);
        fail(&server, 1).await;
        let second = actions(&server, &id).await.remove(0);
        assert_eq!(second["id"], first["id"]);
        assert_eq!(second["expiry"], server.ctx.now().millis() + 5 * MINUTE);
        assert_eq!(second["historyItems"][0]["expiry"], first["expiry"]);
        assert!(second.get("actionerUserId").is_none());
    }

    async fn cancelling_the_lock_does_not_reset_the_count(server: Server) {
        let (id, _) = locking(&server).await;
        fail(&server, 2).await;
        cancel(&server, &actions(&server, &id).await[0], &id).await;
        assert_eq!(actions(&server, &id).await.len(), 1);
        fail(&server, 1).await;
        assert_eq!(actions(&server, &id).await.len(), 2);
        assert_eq!(log_in(&server, PASSWORD).await, 409);
    }

    async fn failures_too_long_ago_do_not_count(server: Server) {
        let (id, _) = locking(&server).await;
        fail(&server, 1).await;
        server.clock.advance_millis(10 * MINUTE);
        fail(&server, 1).await;
        assert!(actions(&server, &id).await.is_empty());
        fail(&server, 1).await;
        assert_eq!(actions(&server, &id).await.len(), 1);
    }

    async fn refusals_for_other_reasons_do_not_count(server: Server) {
        let (id, kind) = locking(&server).await;
        let body = json!({"action": {"actioneeUserId": id, "actionerUserId": id,
            "userActionId": kind, "expiry": i64::MAX}});
        assert_eq!(server.post("/api/user/action", body).await.status, 200);
        for _ in 0..3 {
            assert_eq!(log_in(&server, PASSWORD).await, 409);
        }
        assert_eq!(actions(&server, &id).await.len(), 1);
        // A moderator's ban of the same kind is not shortened by wrong passwords.
        fail(&server, 3).await;
        let taken = actions(&server, &id).await;
        assert_eq!(taken.len(), 2);
        assert_eq!(taken[1]["expiry"], i64::MAX);
        assert!(taken[1].get("history").is_none());
    }

    async fn a_definition_that_is_gone_or_switched_off_locks_nobody(server: Server) {
        let (id, kind) = locking(&server).await;
        let path = format!("/api/user-action/{kind}");
        assert_eq!(server.delete(&path).await.status, 200);
        fail(&server, 3).await;
        assert!(actions(&server, &id).await.is_empty());
        assert_eq!(server.delete(&format!("{path}?hardDelete=true")).await.status, 200);
        fail(&server, 3).await;
        assert_eq!(log_in(&server, PASSWORD).await, 200);
        // Other settings can still be changed.
        assert_eq!(configure(&server, json!({"tooManyAttempts": 3})).await.status, 200);
    }

    async fn the_definition_must_prevent_logins(server: Server) {
        let kinds = [
            definition(&server, json!({"name": "Mute", "temporal": true})).await,
            definition(&server, json!({"name": "Reward"})).await,
            uuid::Uuid::nil().to_string(),
        ];
        for kind in kinds {
            let refused = configure(&server, json!({ "userActionId": kind })).await;
            assert_eq!(refused.status, 400);
            let field = "tenant.failedAuthenticationConfiguration.userActionId";
            let code = &refused.json["fieldErrors"][field][0]["code"];
            assert_eq!(*code, format!("[invalid]{field}"));
        }
    }

    async fn a_new_password_ends_the_lock_where_the_tenant_says_so(server: Server) {
        let (id, _) = locking(&server).await;
        let path = format!("/api/user/{id}");
        fail(&server, 2).await;
        let body = json!({"user": {"password": "another password"}});
        assert_eq!(server.patch(&path, body).await.status, 200);
        assert_eq!(log_in(&server, "another password").await, 409);
        let policy = json!({"actionCancelPolicy": {"onPasswordReset": true}});
        assert_eq!(configure(&server, policy).await.status, 200);
        let body = json!({"user": {"password": "a third password"}});
        assert_eq!(server.patch(&path, body).await.status, 200);
        let lock = actions(&server, &id).await.remove(0);
        assert!(lock.get("actionerUserId").is_none());
        assert_eq!(log_in(&server, "a third password").await, 200);
    }
}
