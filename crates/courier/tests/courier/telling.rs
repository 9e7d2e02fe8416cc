//! Webhooks are told what was broadcast, and told again until they take it.

use std::time::Duration;

use docket_courier::{Courier, Settings};
use docket_testkit::{Answered, HookSink, Respond, Server, on_both_engines};
use serde_json::{Value, json};
use tokio::time::timeout;

/// A server whose courier may call this machine, with a tenant that tells of actions.
pub(crate) async fn telling(server: &mut Server) -> Courier {
    telling_after(server, "None").await
}

/// The same, where so many webhooks must agree before.
async fn telling_after(server: &mut Server, transaction: &str) -> Courier {
    let tenants = server.get("/api/tenant").await;
    let tenant = tenants.json["tenants"][0]["id"].as_str().unwrap().to_owned();
    let events = json!({"tenant": {"eventConfiguration": {"events":
        {"user.action": {"enabled": true, "transactionType": transaction}}}}});
    let patched = server.patch(&format!("/api/tenant/{tenant}"), events).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    start(server)
}

fn start(server: &mut Server) -> Courier {
    let settings = Settings { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()] };
    let (ctx, sender) = docket_courier::consulted(server.ctx.clone(), &settings);
    server.with_context(ctx);
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

pub(crate) async fn made(server: &Server, path: &str, envelope: &str, body: Value) -> String {
    let made = server.post(path, json!({ envelope: body })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    made.json[envelope]["id"].as_str().unwrap().to_owned()
}

/// Mutes somebody and tells everybody; the answer is the action.
pub(crate) async fn broadcast(server: &Server) -> Value {
    let taken = mute(server).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    taken.json["action"].clone()
}

/// Tries to.
async fn mute(server: &Server) -> Answered {
    let name = format!("u{}@example.com", server.ctx.id(server.ctx.now(), |id| id));
    let user = made(server, "/api/user", "user", json!({"email": name, "password": "long enough"}));
    let user = user.await;
    let name = format!("Mute {user}");
    let mute = json!({"name": name, "temporal": true});
    let mute = made(server, "/api/user-action", "userAction", mute).await;
    let expiry = server.ctx.now().millis() + 3_600_000;
    server
        .post(
            "/api/user/action",
            json!({"broadcast": true, "action": {"actioneeUserId": user, "actionerUserId": user,
                "userActionId": mute, "expiry": expiry}}),
        )
        .await
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

    async fn what_a_dead_node_left_behind_is_told_although_nothing_new_happens(server: Server) {
        let mut server = server;
        telling(&mut server).await.stop().await;
        let sink = HookSink::start().await;
        webhook(&server, &sink.url("/hook")).await;
        let action = broadcast(&server).await;
        let courier = start(&mut server);
        let received = sink.wait_for(1).await;
        assert_eq!(received[0].json(), json!({"event": action["event"]}));
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

    async fn a_webhook_that_was_gone_is_told_again_once_it_is_saved(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        sink.respond_in_turn("/hook", [Respond::Status(410), Respond::Status(200)]);
        let path = format!("/api/webhook/{}", webhook(&server, &sink.url("/hook")).await);
        broadcast(&server).await;
        sink.wait_for(1).await;
        let disabled = async {
            while server.get(&path).await.json["webhook"]["disabledInstant"].is_null() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(30), disabled).await.unwrap();
        server.clock.advance_millis(1);
        let saved = server.patch(&path, json!({"webhook": {"description": "back"}})).await;
        assert_eq!(saved.status, 200, "{}", saved.text);
        let action = broadcast(&server).await;
        let received = sink.wait_for(2).await;
        assert_eq!(received[1].json()["event"], action["event"]);
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

    async fn case_63_one_webhook_that_must_agree_and_does_not_stops_the_change(server: Server) {
        let mut server = server;
        let courier = telling_after(&mut server, "AbsoluteMajority").await;
        let sink = HookSink::start().await;
        sink.respond("/no", Respond::Status(500));
        webhook(&server, &sink.url("/yes")).await;
        webhook(&server, &sink.url("/no")).await;
        let events = server.events().await.len();
        let refused = mute(&server).await;
        assert_eq!(refused.status, 504, "{}", refused.text);
        assert_eq!(refused.json["generalErrors"][0]["code"], "[WebhookTransactionException]");
        assert_eq!(sink.received().len(), 2);
        let users = server.get("/api/user/search?queryString=*").await;
        for user in users.json["users"].as_array().unwrap() {
            let path = format!("/api/user/action?userId={}", user["id"].as_str().unwrap());
            assert_eq!(server.get(&path).await.json["actions"], json!([]));
        }
        // The user and the definition were made, and nothing else happened.
        assert_eq!(server.events().await.len(), events + 2);
        courier.stop().await;
    }

    async fn case_64_and_65_so_many_webhooks_must_agree(server: Server) {
        let mut server = server;
        let sink = HookSink::start().await;
        let mut hooks = 0;
        for (transaction, agreeing, asked, status) in [
            ("Any", 1, 2, 200), ("SimpleMajority", 1, 2, 200), ("SuperMajority", 2, 3, 200),
            ("SimpleMajority", 1, 3, 504), ("SuperMajority", 1, 3, 504), ("Any", 0, 3, 504),
        ] {
            let courier = telling_after(&mut server, transaction).await;
            while hooks < asked {
                webhook(&server, &sink.url(&format!("/{hooks}"))).await;
                hooks += 1;
            }
            for hook in 0..hooks {
                let answer = if hook < agreeing { 200 } else { 500 };
                sink.respond(&format!("/{hook}"), Respond::Status(answer));
            }
            let told = mute(&server).await;
            assert_eq!(told.status, status, "{transaction}: {agreeing} of {asked}: {}", told.text);
            courier.stop().await;
        }
    }

    async fn those_who_did_not_agree_are_told_again_and_the_others_are_not(server: Server) {
        let mut server = server;
        let courier = telling_after(&mut server, "Any").await;
        let sink = HookSink::start().await;
        sink.respond_in_turn("/no", [Respond::Status(500), Respond::Status(200)]);
        webhook(&server, &sink.url("/yes")).await;
        webhook(&server, &sink.url("/no")).await;
        let action = broadcast(&server).await;
        assert_eq!(sink.received().len(), 2);
        server.clock.advance_millis(5_501);
        let received = sink.wait_for(3).await;
        assert_eq!((received[2].path.as_str(), sink.received_at("/yes").len()), ("/no", 1));
        assert_eq!(received[2].json()["event"], action["event"]);

        // A change of it is asked about too, and what was agreed on is what is committed.
        let path = format!("/api/user/action/{}", action["id"].as_str().unwrap());
        let body = json!({"broadcast": true, "action": {"actionerUserId": action["actionerUserId"]}});
        let cancelled = server.call("DELETE", &path, &[], Some(&body)).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text);
        let event = &cancelled.json["action"]["event"];
        assert_eq!(event["phase"], "cancel");
        assert_eq!(sink.received_at("/yes")[1].json()["event"], *event);
        courier.stop().await;
    }

    async fn case_67_a_webhook_that_takes_too_long_does_not_agree(server: Server) {
        let mut server = server;
        let courier = telling_after(&mut server, "AbsoluteMajority").await;
        let sink = HookSink::start().await;
        sink.respond("/slow", Respond::Hang);
        webhook(&server, &sink.url("/slow")).await;
        assert_eq!(mute(&server).await.status, 504);
        courier.stop().await;
    }
}
