//! `/api-auth/` and tokens (`waldur.md` §10.1): conformance case 89.

use axum::body::Body;
use axum::http::Request;
use docket_api::Peer;
use docket_service::housekeeping::forget_attempts;
use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use super::world::{PASSWORD, log_in, logged_in, somebody, staff};
use crate::fixtures::{after, ban, take};

const ME: &str = "/api/users/me/";
const MINUTES: i64 = 60_000;

fn refused(answered: &Answered, detail: &str) {
    assert_eq!(answered.status, 401, "{}", answered.text);
    assert_eq!(answered.json, json!({ "detail": detail }));
    assert!(answered.headers.get("www-authenticate").is_none());
}

/// Asks for a token from this address.
async fn from(server: &Server, address: &str, username: &str, password: &str) -> Answered {
    let body = json!({"username": username, "password": password}).to_string();
    let mut request = Request::post("/api-auth/password/")
        .header("Content-Type", "application/json")
        .body(Body::from(body))
        .unwrap();
    request.extensions_mut().insert(Peer(address.parse().unwrap()));
    server.send(request).await
}

/// The types of the events since the last look.
async fn events(server: &Server, seen: &mut usize) -> Vec<String> {
    let events = server.events().await;
    let new = events.iter().skip(*seen).map(|(kind, _)| kind.clone()).collect();
    *seen = events.len();
    new
}

on_both_engines! {
    async fn case_089_a_login_gives_the_token_and_a_bad_one_says_so(server: Server) {
        let ada = somebody(&server, "ada").await;
        assert_eq!(ada.token.len(), 40);
        assert!(ada.token.bytes().all(|b| b.is_ascii_hexdigit()));
        refused(&log_in(&server, "ada", "wrong horse").await, "Invalid username/password.");
        refused(&log_in(&server, "nobody", PASSWORD).await, "Invalid username/password.");
        for name in ["ADA", "ada@example.com"] {
            let again = logged_in(&server, name, PASSWORD).await;
            assert_eq!(again.token, ada.token, "one token a user");
        }
        let missing = log_in(&server, "ada", "").await;
        assert_eq!(missing.json, json!({"password": ["This field may not be blank."]}));
        let long = "x".repeat(129);
        let long = log_in(&server, &long, &long).await;
        let told = "Ensure this field has no more than 128 characters.";
        assert_eq!(long.json, json!({"username": [told], "password": [told]}));
        let headers = [("Authorization", "Token x")];
        let body = json!({"username": "ada", "password": PASSWORD});
        let bad = server.call("POST", "/api-auth/password/", &headers, Some(&body)).await;
        assert_eq!(bad.status, 401, "a bad token opens no open door");
    }

    async fn others_hear_of_logins(server: Server) {
        somebody(&server, "ada").await;
        let mut seen = 0;
        events(&server, &mut seen).await;
        log_in(&server, "ada", "wrong horse").await;
        assert_eq!(events(&server, &mut seen).await, ["user.login.failed"]);
        log_in(&server, "ada", PASSWORD).await;
        assert_eq!(events(&server, &mut seen).await, ["user.login.success"]);
        log_in(&server, "nobody", PASSWORD).await;
        assert!(events(&server, &mut seen).await.is_empty());
    }

    async fn the_caller_is_told_with_the_own_token(server: Server) {
        let ada = somebody(&server, "ada").await;
        let me = ada.get(&server, ME).await;
        assert_eq!(me.json["token"], ada.token);
        for (member, value) in [("username", json!("ada")), ("email", json!("ada@example.com")),
            ("is_staff", json!(false)), ("is_support", json!(false)), ("is_active", json!(true)),
            ("token_lifetime", Value::Null), ("notifications_enabled", json!(true)),
            ("permissions", json!([])), ("affiliations", json!([])), ("full_name", json!(""))] {
            assert_eq!(me.json[member], value, "{member}");
        }
        for absent in ["attribute_sources", "details", "profile_completeness"] {
            assert!(me.json.get(absent).is_none(), "null here breaks the client");
        }
    }

    async fn who_is_blocked_or_closed_is_refused_with_a_reason(server: Server) {
        let ada = somebody(&server, "ada").await;
        let id = uuid::Uuid::parse_str(&ada.id).unwrap().to_string();
        let ban = ban(&server).await;
        let taken = take(&server, json!({"actioneeUserId": id, "actionerUserId": id,
            "userActionId": ban, "expiry": after(&server, MINUTES)})).await;
        refused(&log_in(&server, "ada", PASSWORD).await, "User account is blocked: Ban.");
        refused(&log_in(&server, "ada", "wrong horse").await, "Invalid username/password.");
        let path = format!("/api/user/action/{}", taken["id"].as_str().unwrap());
        let cancel = json!({"action": {"actionerUserId": id}});
        assert_eq!(server.call("DELETE", &path, &[], Some(&cancel)).await.status, 200);
        assert_eq!(log_in(&server, "ada", PASSWORD).await.status, 200);

        let change = json!({"user": {"passwordChangeRequired": true}});
        assert_eq!(server.patch(&format!("/api/user/{id}"), change).await.status, 200);
        refused(&log_in(&server, "ada", PASSWORD).await, "The password must be changed first.");
        assert_eq!(server.delete(&format!("/api/user/{id}")).await.status, 200);
        refused(&log_in(&server, "ada", PASSWORD).await, "User account is disabled.");
        refused(&log_in(&server, "ada", "wrong horse").await, "Invalid username/password.");
    }

    async fn four_wrong_passwords_lock_the_name_for_the_address(server: Server) {
        somebody(&server, "ada").await;
        let (here, there) = ("203.0.113.7", "203.0.113.8");
        for name in ["ada", "nobody"] {
            for _ in 0..4 {
                refused(&from(&server, here, name, "wrong horse").await, "Invalid username/password.");
            }
            for password in [PASSWORD, "wrong horse"] {
                let locked = from(&server, here, name, password).await;
                refused(&locked, "Username is locked out. Try in 10 minutes.");
            }
        }
        assert_eq!(from(&server, there, "ada", PASSWORD).await.status, 200);
        refused(&from(&server, here, "ADA", PASSWORD).await, "Username is locked out. Try in 10 minutes.");
        server.clock.advance_millis(10 * MINUTES);
        assert_eq!(from(&server, here, "ada", PASSWORD).await.status, 200);
        // The right one makes the wrong ones before it forgotten.
        for _ in 0..3 {
            from(&server, here, "ada", "wrong horse").await;
        }
        assert_eq!(from(&server, here, "ada", PASSWORD).await.status, 200);
        refused(&from(&server, here, "ada", "wrong horse").await, "Invalid username/password.");
    }

    async fn the_address_is_what_a_proxy_says_that_is_believed(server: Server) {
        somebody(&server, "ada").await;
        let believing = docket_api::Settings {
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..docket_api::Settings::default()
        };
        let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder().handle();
        let app = docket_api::App::new(server.ctx.clone(), believing, metrics);
        let server = Server { router: docket_api::router(app), ..server };
        let ask = |proxy: &'static str, caller: &'static str, password: &'static str| {
            let body = json!({"username": "ada", "password": password}).to_string();
            let mut request = Request::post("/api-auth/password/")
                .header("Content-Type", "application/json")
                .header("X-Forwarded-For", caller)
                .body(Body::from(body))
                .unwrap();
            request.extensions_mut().insert(Peer(proxy.parse().unwrap()));
            server.send(request)
        };
        for _ in 0..4 {
            ask("10.1.2.3", "198.51.100.1, 203.0.113.7", "wrong horse").await;
        }
        let locked = ask("10.9.9.9", "203.0.113.7", PASSWORD).await;
        refused(&locked, "Username is locked out. Try in 10 minutes.");
        assert_eq!(ask("10.1.2.3", "203.0.113.8", PASSWORD).await.status, 200);
        assert_eq!(ask("192.0.2.1", "203.0.113.7", PASSWORD).await.status, 200, "no proxy of ours");
    }

    async fn what_locks_nobody_out_any_more_is_forgotten(server: Server) {
        for name in ["ada", "bob"] {
            log_in(&server, name, "wrong horse").await;
        }
        assert_eq!(forget_attempts(&server.ctx).await.unwrap(), 0);
        server.clock.advance_millis(10 * MINUTES);
        assert_eq!(forget_attempts(&server.ctx).await.unwrap(), 2);
    }

    async fn many_guesses_at_once_are_not_more_than_four(server: Server) {
        somebody(&server, "ada").await;
        let guess = || from(&server, "203.0.113.7", "ada", "wrong horse");
        let answers = tokio::join!(guess(), guess(), guess(), guess(), guess(), guess());
        let answers = [answers.0, answers.1, answers.2, answers.3, answers.4, answers.5];
        let wrong = |answered: &&Answered| answered.text.contains("Invalid");
        assert_eq!(answers.iter().filter(wrong).count(), 4);
    }

    async fn a_token_is_taken_away_at_logout(server: Server) {
        let ada = somebody(&server, "ada").await;
        let out = ada.call(&server, "POST", "/api-auth/logout/", None).await;
        assert_eq!((out.status, out.text.as_str()), (204, ""));
        refused_token(&ada.get(&server, ME).await, "Invalid token.");
        let again = logged_in(&server, "ada", PASSWORD).await;
        assert_ne!(again.token, ada.token);
    }

    async fn staff_may_look_at_a_token_and_change_it(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        let path = format!("/api/users/{}/token/", ada.id);
        let shown = staff.get(&server, &path).await;
        assert_eq!(shown.json["user_username"], "ada");
        assert_eq!(shown.json["user_is_active"], true);
        assert!(!shown.text.contains(&ada.token));
        assert_eq!(ada.get(&server, &path).await.status, 403);
        let path = format!("/api/users/{}/refresh_token/", ada.id);
        assert_eq!(ada.call(&server, "POST", &path, None).await.status, 403);
        let refreshed = staff.call(&server, "POST", &path, None).await;
        assert_eq!((refreshed.status, &refreshed.json["user_username"]), (200, &json!("ada")));
        refused_token(&ada.get(&server, ME).await, "Invalid token.");
        assert_ne!(logged_in(&server, "ada", PASSWORD).await.token, ada.token);
    }

    async fn the_version_is_for_staff_and_support(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        assert_eq!(ada.get(&server, "/api/version/").await.status, 403);
        let version = staff.get(&server, "/api/version/").await;
        assert_eq!(version.json, json!({"version": "8.1.3"}));
    }
}

fn refused_token(answered: &Answered, detail: &str) {
    assert_eq!((answered.status, &answered.json), (401, &json!({ "detail": detail })));
}
