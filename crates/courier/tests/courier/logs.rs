//! What webhooks were sent can be read, sent again, and tried out.

use std::time::Duration;

use docket_service::housekeeping;
use docket_testkit::{HookSink, Respond, Server, on_both_engines};
use serde_json::{Value, json};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::telling::{broadcast, telling, webhook};

const LOG: &str = "/api/system/webhook-event-log";

async fn read(server: &Server, path: &str) -> Value {
    let found = server.get(path).await;
    assert_eq!(found.status, 200, "{path}: {}", found.text);
    found.json
}

/// The first delivery to a webhook, once it is in this state with so many attempts.
async fn delivery(server: &Server, webhook: &str, state: &str, attempts: u64) -> Value {
    let path = format!("/api/v1/webhooks/{webhook}/deliveries");
    let reached = async {
        loop {
            let first = read(server, &path).await["items"][0].clone();
            if first["state"] == state && first["attemptsMade"] == attempts {
                return first;
            }
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), reached).await.unwrap()
}

async fn post(server: &Server, path: &str, body: Value, status: u16) -> Value {
    let answered = server.post(path, body).await;
    assert_eq!(answered.status, status, "{}", answered.text);
    answered.json
}

on_both_engines! {
    async fn every_attempt_is_in_the_log(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        sink.respond_in_turn("/hook",
            [Respond::Text(500, "out of order".to_owned()), Respond::Status(204)]);
        let hook = webhook(&server, &sink.url("/hook")).await;
        let action = broadcast(&server).await;
        let failed = delivery(&server, &hook, "waiting", 1).await;
        let event = action["event"]["id"].as_str().unwrap();
        assert_eq!((&failed["eventId"], &failed["type"]), (&json!(event), &json!("user.action")));
        assert_eq!(failed["attempts"][0]["answer"], "out of order");
        assert!(failed["nextAttemptAt"].is_string());

        let found = read(&server, &format!("{LOG}/search?eventType=user.action")).await;
        let logged = &found["webhookEventLogs"][0];
        assert_eq!(found["total"], 1);
        assert_eq!((&logged["id"], &logged["eventResult"]), (&json!(event), &json!("Running")));
        assert_eq!(logged["event"], json!({"event": action["event"]}));
        assert_eq!(logged["linkedObjectId"], action["actioneeUserId"]);
        let calls = (&logged["successfulAttempts"], &logged["failedAttempts"]);
        assert_eq!(calls, (&json!(0), &json!(1)));
        let nested = &logged["attempts"][0];
        assert_eq!(nested["attemptResult"], "Failure");
        assert_eq!(nested["webhookCallResponse"],
            json!({"statusCode": 500, "url": sink.url("/hook")}));
        assert_eq!(nested["webhookEventLogId"], Value::Null);
        let attempt = nested["id"].as_str().unwrap();
        let attempt = read(&server, &format!("/api/system/webhook-attempt-log/{attempt}")).await;
        assert_eq!(attempt["webhookAttemptLog"]["webhookEventLogId"], event);
        assert_eq!(attempt["id"], attempt["webhookAttemptLog"]["id"]);

        server.clock.advance_millis(5_501);
        let done = delivery(&server, &hook, "succeeded", 2).await;
        assert_eq!((&done["attempts"][1]["status"], &done["nextAttemptAt"]), (&json!(204), &Value::Null));
        let logged = read(&server, &format!("{LOG}/{event}")).await;
        assert_eq!(logged["webhookEventLog"]["eventResult"], "Succeeded");
        assert_eq!(logged["webhookEventLog"]["successfulAttempts"], 1);
        let id = action["id"].as_str().unwrap();
        let traced = read(&server, &format!("/api/v1/actions/{id}")).await;
        assert_eq!(traced["deliveries"], json!([done]));

        for (query, total) in [("", 1), ("event=*mute*", 1), ("eventResult=Failed", 0),
            ("start=1&end=2", 0), ("orderBy=sequence%20DESC,linkedObjectId", 1)] {
            let found = read(&server, &format!("{LOG}/search?{query}")).await;
            assert_eq!(found["total"], total, "{query}");
        }
        server.clock.advance_millis(2 * 3_600_000);
        assert_eq!(post(&server, &format!("{LOG}/search"), json!({}), 200).await["total"], 0);
        let nobody = "00000000-0000-4000-8000-000000000000";
        for path in [format!("{LOG}/{nobody}"), format!("/api/system/webhook-attempt-log/{nobody}")] {
            assert_eq!(server.get(&path).await.status, 404, "{path}");
        }
        courier.stop().await;
    }

    async fn a_key_of_a_tenant_sees_nothing_of_others(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        let hook = webhook(&server, &sink.url("/hook")).await;
        let event = broadcast(&server).await["event"]["id"].as_str().unwrap().to_owned();
        let done = delivery(&server, &hook, "succeeded", 1).await;
        let own = read(&server, "/api/tenant").await["tenants"][0]["id"].clone();
        let other = post(&server, "/api/tenant", json!({"tenant": {"name": "Other"}}), 200).await;
        let mut keys = Vec::new();
        for tenant in [&own, &other["tenant"]["id"]] {
            let made = post(&server, "/api/api-key", json!({"apiKey": {"tenantId": tenant}}), 200);
            keys.push(made.await["apiKey"]["key"].as_str().unwrap().to_owned());
        }
        let attempt = done["attempts"][0]["id"].as_str().unwrap();
        let attempt = format!("/api/system/webhook-attempt-log/{attempt}");
        let (logged, deliveries) =
            (format!("{LOG}/{event}"), format!("/api/v1/webhooks/{hook}/deliveries"));
        for path in [&attempt, &logged, &deliveries] {
            let headers = [("Authorization", keys[1].as_str())];
            assert_eq!(server.call("GET", path, &headers, None).await.status, 404, "{path}");
        }
        // The event is the tenant's own, the webhook is everybody's.
        let headers = [("Authorization", keys[0].as_str())];
        let found = server.call("GET", &logged, &headers, None).await;
        assert_eq!(found.json["webhookEventLog"]["attempts"], json!([]));
        assert_eq!(server.call("GET", &attempt, &headers, None).await.status, 404);
        let test = format!("/api/v1/webhooks/{hook}/test");
        assert_eq!(server.call("POST", &test, &headers, None).await.status, 404);
        courier.stop().await;
    }

    async fn what_was_missed_is_told_on_request(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        let hook = webhook(&server, &sink.url("/hook")).await;
        let event = broadcast(&server).await["event"]["id"].clone();
        delivery(&server, &hook, "succeeded", 1).await;
        let path = |hook: &str| format!("/api/v1/webhooks/{hook}/replay");
        let named = json!({"eventIds": [event, event]});
        let queued = post(&server, &path(&hook), named.clone(), 202).await;
        assert_eq!(queued, json!({"queued": 1, "next": null}));
        delivery(&server, &hook, "succeeded", 2).await;

        // One that was not there when it happened.
        let late = webhook(&server, &sink.url("/late")).await;
        let span = json!({"from": "2026-01-05T08:00:00Z"});
        assert_eq!(post(&server, &path(&late), span, 202).await["queued"], 1);
        delivery(&server, &late, "succeeded", 1).await;
        let bodies = [sink.received_at("/hook"), sink.received_at("/late")].concat();
        assert_eq!(bodies.len(), 3);
        assert!(bodies.iter().all(|received| received.body == bodies[0].body));

        let failed = json!({"from": "2026-01-05T08:00:00Z", "onlyFailed": true});
        assert_eq!(post(&server, &path(&late), failed, 202).await["queued"], 0);
        let unknown = json!({"eventIds": [event, "00000000-0000-4000-8000-000000000000"]});
        let refused = post(&server, &path(&hook), unknown, 400).await;
        assert_eq!(refused["errors"][0]["pointer"], "/eventIds/1");

        // One that hears of another tenant is not told by this door either.
        let other = post(&server, "/api/tenant", json!({"tenant": {"name": "Other"}}), 200).await;
        let body = json!({"webhook": {"url": sink.url("/foreign"), "connectTimeout": 1000,
            "readTimeout": 1000, "tenantIds": [other["tenant"]["id"]],
            "eventsEnabled": {"user.action": true}}});
        let foreign = post(&server, "/api/webhook", body, 200).await;
        let foreign = foreign["webhook"]["id"].as_str().unwrap();
        post(&server, &path(foreign), named, 400).await;
        let span = json!({"from": "2026-01-05T08:00:00Z"});
        assert_eq!(post(&server, &path(foreign), span, 202).await["queued"], 0);
        courier.stop().await;
    }

    async fn what_is_settled_and_old_is_forgotten(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        sink.respond("/waiting", Respond::Status(500));
        let hook = webhook(&server, &sink.url("/hook")).await;
        let settled = broadcast(&server).await["event"]["id"].as_str().unwrap().to_owned();
        delivery(&server, &hook, "succeeded", 1).await;
        let waiting = webhook(&server, &sink.url("/waiting")).await;
        let open = broadcast(&server).await["event"]["id"].as_str().unwrap().to_owned();
        delivery(&server, &waiting, "waiting", 1).await;
        // Whoever follows the log has said how far it has got.
        courier.stop().await;
        let before = server.ctx.now().plus_millis(1);
        assert!(housekeeping::forget_events(&server.ctx, before).await.unwrap() > 0);
        assert_eq!(server.get(&format!("{LOG}/{settled}")).await.status, 404);
        let left = read(&server, &format!("{LOG}/{open}")).await;
        assert_eq!(left["webhookEventLog"]["eventResult"], "Running");
        let left = server.events().await;
        assert!(!left.is_empty(), "the newest stays");
        assert_eq!(housekeeping::forget_events(&server.ctx, before).await.unwrap(), 0);
    }

    async fn a_webhook_is_tried_out(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        sink.respond_in_turn("/hook",
            [Respond::Text(200, "thanks".to_owned()), Respond::Text(503, "busy".to_owned())]);
        let hook = webhook(&server, &sink.url("/hook")).await;
        let path = format!("/api/v1/webhooks/{hook}/test");
        let answer = post(&server, &path, json!({}), 200).await;
        assert_eq!((&answer["succeeded"], &answer["status"]), (&json!(true), &json!(200)));
        assert_eq!((&answer["answer"], &answer["error"]), (&json!("thanks"), &Value::Null));
        let received = sink.received();
        let sent = received[0].json();
        assert_eq!((&sent["event"]["type"], &sent["event"]["id"]), (&json!("test"), &answer["eventId"]));
        assert_eq!(received[0].header("webhook-id"), answer["eventId"].as_str());
        let answer = post(&server, &path, json!({}), 200).await;
        assert_eq!((&answer["succeeded"], &answer["status"]), (&json!(false), &json!(503)));
        let found = read(&server, &format!("{LOG}/search?eventType=test&orderBy=id")).await;
        let results = [0, 1].map(|place| found["webhookEventLogs"][place]["eventResult"].clone());
        assert_eq!(results, [json!("Succeeded"), json!("Failed")]);
        delivery(&server, &hook, "failed", 1).await;
        assert_eq!(sink.received().len(), 2, "it is not tried again");
        courier.stop().await;
    }
}
