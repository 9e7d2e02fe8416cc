//! `/api/login` (`fusionauth.md` §4.4): conformance cases 70 to 80.

use base64::Engine as _;
use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use crate::fixtures::{after, ban, definition, id_of, take, user};

const EMAIL: &str = "u1@example.com";
const PASSWORD: &str = "correct horse";
const HOUR: i64 = 3_600_000;

async fn log_in(server: &Server, more: Value) -> Answered {
    let mut body = json!({"loginId": EMAIL, "password": PASSWORD});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.post("/api/login", body).await
}

async fn application(server: &Server, application: Value) -> String {
    let made = server.post("/api/application", json!({ "application": application })).await;
    id_of(&made, "application")
}

async fn register(server: &Server, user: &str, application: &str) {
    let body = json!({"registration": {"applicationId": application}});
    let made = server.post(&format!("/api/user/registration/{user}"), body).await;
    assert_eq!(made.status, 200, "{}", made.text);
}

/// Bans the user for an hour, by themselves.
async fn banned(server: &Server, user: &str, definition: &str, more: Value) -> Value {
    let mut action = json!({"actioneeUserId": user, "actionerUserId": user,
        "userActionId": definition, "expiry": after(server, HOUR)});
    action.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    take(server, action).await
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn assert_empty(answered: &Answered, status: u16) {
    assert_eq!((answered.status, answered.text.as_str()), (status, ""));
    assert!(answered.headers.get("content-type").is_none());
}

on_both_engines! {
    async fn a_user_is_let_in_with_a_signed_token(server: Server) {
        let id = user(&server, EMAIL, &[]).await;
        let app = application(&server, json!({"name": "A1"})).await;
        server.clock.advance_millis(1_000);
        let answered = log_in(&server, json!({"loginId": " U1@Example.com "})).await;
        assert_eq!(answered.status, 200, "{}", answered.text);
        let told = &answered.json["user"];
        assert_eq!((&told["id"], &told["lastLoginInstant"]),
            (&json!(id), &json!(server.ctx.now().millis())));
        let claims_of_login = claims(&answered.json["token"]);
        let now = server.ctx.now().millis() / 1_000;
        assert_eq!(claims_of_login, json!({"sub": id, "iss": "Default", "iat": now,
            "exp": now + 3_600, "tid": told["tenantId"]}));
        assert_eq!(answered.json["tokenExpirationInstant"], (now + 3_600) * 1_000);
        let token = answered.json["token"].as_str().unwrap();
        let verified = server.ctx.tokens.verify(token, server.ctx.now()).unwrap();
        assert_eq!(verified.to_string(), id);

        let elsewhere = log_in(&server, json!({"applicationId": app})).await;
        assert_eq!(elsewhere.status, 202, "not registered: {}", elsewhere.text);
        assert_eq!(claims(&elsewhere.json["token"])["aud"], app);
        register(&server, &id, &app).await;
        server.clock.advance_millis(1_000);
        let there = log_in(&server, json!({"applicationId": app, "noJWT": true})).await;
        assert_eq!(there.status, 200);
        assert!(there.json.get("token").is_none());
        let kept = server.get(&format!("/api/user/{id}")).await;
        let now = server.ctx.now().millis();
        assert_eq!(kept.json["user"]["lastLoginInstant"], now);
        assert_eq!(kept.json["user"]["registrations"][0]["lastLoginInstant"], now);
    }

    async fn case_070_and_071_a_banned_user_is_told_why_until_the_ban_is_cancelled(server: Server) {
        let id = user(&server, EMAIL, &["eo"]).await;
        let names = json!({"eo": "Forbari"});
        let kind = json!({"name": "Ban", "temporal": true, "preventLogin": true,
            "localizedNames": names});
        let kind = definition(&server, kind).await;
        let reason = json!({"userActionReason": {"code": "TOS", "text": "Rules",
            "localizedTexts": {"eo": "Reguloj"}}});
        let reason = id_of(&server.post("/api/user-action-reason", reason).await, "userActionReason");
        let action = banned(&server, &id, &kind, json!({"reasonId": reason})).await;
        let refused = log_in(&server, json!({})).await;
        assert_eq!(refused.status, 409);
        assert_eq!(refused.json, json!({"actions": [{"actionId": action["id"],
            "actionerUserId": id, "expiry": action["expiry"], "name": "Ban",
            "localizedName": "Forbari", "reason": "Rules", "localizedReason": "Reguloj",
            "reasonCode": "TOS"}]}));
        assert_empty(&log_in(&server, json!({"password": "wrong password"})).await, 404);
        let cancel = json!({"action": {"actionerUserId": id}});
        let path = format!("/api/user/action/{}", action["id"].as_str().unwrap());
        assert_eq!(server.call("DELETE", &path, &[], Some(&cancel)).await.status, 200);
        assert_eq!(log_in(&server, json!({})).await.status, 200);
    }

    async fn case_072_and_073_only_active_actions_that_prevent_logins_do(server: Server) {
        let id = user(&server, EMAIL, &[]).await;
        let mute = definition(&server, json!({"name": "Mute", "temporal": true})).await;
        banned(&server, &id, &mute, json!({})).await;
        let ban = ban(&server).await;
        banned(&server, &id, &ban, json!({"expiry": after(&server, 1_000)})).await;
        assert_eq!(log_in(&server, json!({})).await.status, 409);
        server.clock.advance_millis(1_000);
        assert_eq!(log_in(&server, json!({})).await.status, 200);
    }

    async fn case_074_a_ban_from_one_application_stops_logins_to_it_alone(server: Server) {
        let id = user(&server, EMAIL, &[]).await;
        let [a1, a2] = [application(&server, json!({"name": "A1"})).await,
            application(&server, json!({"name": "A2"})).await];
        register(&server, &id, &a1).await;
        let ban = ban(&server).await;
        banned(&server, &id, &ban, json!({"applicationIds": [a1]})).await;
        assert_eq!(log_in(&server, json!({"applicationId": a1})).await.status, 409);
        assert_eq!(log_in(&server, json!({"applicationId": a2})).await.status, 202);
        assert_eq!(log_in(&server, json!({})).await.status, 200);
        banned(&server, &id, &ban, json!({})).await;
        let refused = log_in(&server, json!({"applicationId": a1})).await;
        assert_eq!(refused.json["actions"].as_array().unwrap().len(), 2);
    }

    async fn case_075_a_closed_account_is_locked_whatever_the_password(server: Server) {
        let id = user(&server, EMAIL, &[]).await;
        assert_eq!(server.delete(&format!("/api/user/{id}")).await.status, 200);
        assert_empty(&log_in(&server, json!({})).await, 423);
        assert_empty(&log_in(&server, json!({"password": "wrong password"})).await, 423);
    }

    async fn case_076_an_account_whose_time_is_over_is_gone(server: Server) {
        let body = json!({"user": {"email": EMAIL, "password": PASSWORD,
            "expiry": after(&server, 1_000)}});
        id_of(&server.post("/api/user", body).await, "user");
        assert_eq!(log_in(&server, json!({})).await.status, 200);
        server.clock.advance_millis(1_000);
        assert_empty(&log_in(&server, json!({})).await, 410);
    }

    async fn case_077_a_wrong_password_and_an_unknown_user_look_the_same(server: Server) {
        user(&server, EMAIL, &[]).await;
        assert_empty(&log_in(&server, json!({"password": "wrong password"})).await, 404);
        assert_empty(&log_in(&server, json!({"loginId": "nobody@example.com"})).await, 404);
        assert_empty(&log_in(&server, json!({"loginIdTypes": ["username"]})).await, 404);
    }

    async fn case_078_what_is_blank_or_wrong_is_named(server: Server) {
        let refused = server.post("/api/login", json!({"loginId": " "})).await;
        assert_eq!(refused.status, 400);
        let errors = refused.json["fieldErrors"].as_object().unwrap();
        let codes: Vec<_> = errors.values().map(|e| e[0]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["[blank]loginId", "[blank]password"]);
        for (more, code) in [
            (json!({"applicationId": "xyz"}), "[couldNotConvert]applicationId"),
            (json!({"applicationId": uuid::Uuid::nil()}), "[invalid]applicationId"),
            (json!({"loginIdTypes": ["face"]}), "[couldNotConvert]loginIdTypes[0]"),
            (json!({"oneTimePassword": "123456"}), "[invalid]oneTimePassword"),
        ] {
            let refused = log_in(&server, more).await;
            assert_eq!(refused.status, 400);
            assert!(refused.text.contains(code), "{}", refused.text);
        }
        let closed = application(&server, json!({"name": "A1", "active": false})).await;
        let refused = log_in(&server, json!({"applicationId": closed})).await;
        assert!(refused.text.contains("[invalid]applicationId"), "{}", refused.text);
    }

    async fn case_079_strangers_may_ask_for_logins_only_where_it_says_so(server: Server) {
        user(&server, EMAIL, &[]).await;
        let closed = application(&server, json!({"name": "Closed"})).await;
        let open = json!({"name": "Open", "loginConfiguration": {"requireAuthentication": false}});
        let open = application(&server, open).await;
        let body = |application: Value| {
            json!({"loginId": EMAIL, "password": PASSWORD, "applicationId": application})
        };
        for key in ["", "wrong"] {
            let headers = [("Authorization", key)];
            for application in [Value::Null, json!(closed), json!(uuid::Uuid::nil())] {
                let body = body(application);
                assert_empty(&server.call("POST", "/api/login", &headers, Some(&body)).await, 401);
            }
            let body = body(json!(open));
            assert_eq!(server.call("POST", "/api/login", &headers, Some(&body)).await.status, 202);
        }
        let tenant = server.get("/api/tenant").await.json["tenants"][0]["id"].clone();
        let path = format!("/api/tenant/{}", tenant.as_str().unwrap());
        let patch = json!({"tenant": {"loginConfiguration": {"requireAuthentication": false}}});
        assert_eq!(server.patch(&path, patch).await.status, 200);
        let headers = [("Authorization", "")];
        let body = body(Value::Null);
        assert_eq!(server.call("POST", "/api/login", &headers, Some(&body)).await.status, 200);
    }

    async fn case_080_pings_are_remembered_and_look_at_no_ban(server: Server) {
        let id = user(&server, EMAIL, &[]).await;
        let app = application(&server, json!({"name": "A1"})).await;
        let ban = ban(&server).await;
        banned(&server, &id, &ban, json!({})).await;
        let path = format!("/api/login/{id}/{app}?ipAddress=undefined");
        assert_empty(&server.call("PUT", &path, &[], None).await, 202);
        register(&server, &id, &app).await;
        server.clock.advance_millis(5);
        assert_empty(&server.call("PUT", &path, &[], None).await, 200);
        let kept = server.get(&format!("/api/user/{id}")).await;
        assert_eq!(kept.json["user"]["lastLoginInstant"], server.ctx.now().millis());
        assert_empty(&server.call("PUT", &format!("/api/login/{id}"), &[], None).await, 200);
        let body = json!({"userId": id, "applicationId": app, "ipAddress": "203.0.113.7"});
        assert_empty(&server.put("/api/login", body).await, 200);
        let refused = server.put("/api/login", json!({})).await;
        assert!(refused.text.contains("[missing]userId"), "{}", refused.text);
        let refused = server.put("/api/login/xyz", json!({})).await;
        assert!(refused.text.contains("[couldNotConvert]userId"), "{}", refused.text);
        let unknown = format!("/api/login/{app}/{app}");
        assert_empty(&server.call("PUT", &unknown, &[], None).await, 404);
        let nowhere = format!("/api/login/{id}/{id}");
        let refused = server.call("PUT", &nowhere, &[], None).await;
        assert!(refused.text.contains("[invalid]applicationId"), "{}", refused.text);
    }

    async fn a_password_that_must_change_comes_after_a_ban(server: Server) {
        let body = json!({"user": {"email": EMAIL, "password": PASSWORD,
            "passwordChangeRequired": true}});
        let id = id_of(&server.post("/api/user", body).await, "user");
        let answered = log_in(&server, json!({})).await;
        assert_eq!(answered.status, 203, "{}", answered.text);
        assert_eq!(answered.json["changePasswordReason"], "Administrative");
        assert!(answered.json.get("token").is_none() && answered.json.get("user").is_none());
        let ban = ban(&server).await;
        banned(&server, &id, &ban, json!({})).await;
        assert_eq!(log_in(&server, json!({})).await.status, 409);
    }

    async fn among_several_tenants_one_must_be_named_or_told_by_the_application(server: Server) {
        let id = user(&server, EMAIL, &[]).await;
        let app = application(&server, json!({"name": "A1"})).await;
        register(&server, &id, &app).await;
        let second = server.post("/api/tenant", json!({"tenant": {"name": "Second"}})).await;
        let second = id_of(&second, "tenant");
        let refused = log_in(&server, json!({})).await;
        assert_eq!(refused.json["generalErrors"][0]["code"], "[TenantIdRequired]");
        assert_eq!(log_in(&server, json!({"applicationId": app})).await.status, 200);
        let body = json!({"loginId": EMAIL, "password": PASSWORD});
        let headers = [("X-FusionAuth-TenantId", second.as_str())];
        assert_empty(&server.call("POST", "/api/login", &headers, Some(&body)).await, 404);
        let body = json!({"loginId": EMAIL, "password": PASSWORD, "applicationId": app});
        let refused = server.call("POST", "/api/login", &headers, Some(&body)).await;
        assert!(refused.text.contains("[invalid]applicationId"), "{}", refused.text);
    }

    async fn a_login_is_in_the_events_and_so_is_a_wrong_password_but_no_unknown_name(server: Server) {
        let id = user(&server, EMAIL, &[]).await;
        for more in [json!({}), json!({"password": "wrong"}), json!({"loginId": "my secret"})] {
            server.clock.advance_millis(1);
            log_in(&server, more).await;
        }
        let events = server.events().await;
        let kinds: Vec<_> = events.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["user.created", "user.login.success", "user.login.failed"]);
        assert!(events[2].1.contains(&id));
    }
}
