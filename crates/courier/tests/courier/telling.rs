//! Webhooks are told what was broadcast, and told again until they take it.

use std::time::Duration;

use docket_courier::{Courier, Settings};
use docket_testkit::{HookSink, Respond, Server, on_both_engines};
use serde_json::{Value, json};
use tokio::time::timeout;

/// A server whose courier may call this machine, with a tenant that tells of actions.
pub(crate) async fn telling(server: &mut Server) -> Courier {
    let settings = Settings { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()] };
    let (ctx, sender) = docket_courier::consulted(server.ctx.clone(), &settings);
    server.with_context(ctx);
    let tenants = server.get("/api/tenant").await;
    let tenant = tenants.json["tenants"][0]["id"].as_str().unwrap().to_owned();
    let events = json!({"tenant": {"eventConfiguration": {"events":
        {"user.action": {"enabled": true, "transactionType": "None"}}}}});
    let patched = server.patch(&format!("/api/tenant/{tenant}"), events).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    Courier::start(&server.ctx, sender)
}

pub(crate) async fn webhook(server: &Server, url: &str) -> String {
    let made = server
        .post(
            "/api/webhook",
            json!({"webhook": {"url": url, "connectTimeout": 1000, "readTimeout": 1000,
                "global": true, "eventsEnabled": {"user.action": true}}}),
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json["webhook"]["id"].as_str().unwrap().to_owned()
}

async fn made(server: &Server, path: &str, envelope: &str, body: Value) -> String {
    let made = server.post(path, json!({ envelope: body })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json[envelope]["id"].as_str().unwrap().to_owned()
}

/// Mutes somebody and tells everybody; the answer is the action.
pub(crate) async fn broadcast(server: &Server) -> Value {
    let name = format!("u{}@example.com", server.ctx.id(server.ctx.now(), |id| id));
    let user = made(server, "/api/user", "user", json!({"email": name, "password": "long enough"}));
    let user = user.await;
    let name = format!("Mute {user}");
    let mute = json!({"name": name, "temporal": true});
    let mute = made(server, "/api/user-action", "userAction", mute).await;
    let expiry = server.ctx.now().millis() + 3_600_000;
    let taken = server
        .post(
            "/api/user/action",
            json!({"broadcast": true, "action": {"actioneeUserId": user, "actionerUserId": user,
                "userActionId": mute, "expiry": expiry}}),
        )
        .await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    taken.json["action"].clone()
}

on_both_engines! {
    async fn a_webhook_is_sent_the_event_that_the_caller_was_told_of(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        webhook(&server, &sink.url("/hook")).await;
        let action = broadcast(&server).await;
        let received = sink.wait_for(1).await;
        assert_eq!(received[0].json(), json!({"event": action["event"]}));
        assert_eq!(received[0].header("webhook-id"), action["event"]["id"].as_str());
        courier.stop().await;
    }

    async fn a_failed_delivery_is_made_again_when_its_time_has_come(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        sink.respond_in_turn("/hook", [Respond::Status(500), Respond::Status(204)]);
        webhook(&server, &sink.url("/hook")).await;
        broadcast(&server).await;
        sink.wait_for(1).await;
        // The outcome is kept after it was heard here, so the clock moves until it counts.
        let again = sink.wait_for(2);
        tokio::pin!(again);
        let received = loop {
            server.clock.advance_millis(5_501);
            if let Ok(received) = timeout(Duration::from_millis(100), &mut again).await {
                break received;
            }
        };
        assert_eq!(received[0].body, received[1].body);
        assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
        courier.stop().await;
    }

    async fn an_endpoint_that_hangs_delays_no_other(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        sink.respond("/hangs", Respond::Hang);
        webhook(&server, &sink.url("/hangs")).await;
        for place in 0..20 {
            webhook(&server, &sink.url(&format!("/healthy/{place}"))).await;
        }
        // More than the one that hangs takes at once.
        for _ in 0..20 {
            broadcast(&server).await;
        }
        for place in 0..20 {
            sink.wait_for_at(&format!("/healthy/{place}"), 20).await;
        }
        // All of that took less than one call of the one that hangs, or it would be repeated here.
        assert!(sink.received_at("/hangs").len() <= 32);
        courier.stop().await;
    }
}
