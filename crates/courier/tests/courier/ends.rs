//! Ends of actions are told once, when their time has come.

use std::collections::HashSet;
use std::time::Duration;

use docket_courier::{Courier, Settings};
use docket_domain::id::{DefinitionId, UserId};
use docket_domain::time::{Expiry, Instant};
use docket_service::actions::{self, Take};
use docket_service::{Answer, Caller, Context, ends};
use docket_testkit::{HookSink, Server, on_both_engines};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::telling::{made, telling, webhook};

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;

/// Somebody, and a kind of action that may be taken on them.
struct Cast {
    user: String,
    mute: String,
}

async fn cast(server: &Server, definition: Value) -> Cast {
    let user = json!({"email": format!("{}@example.com", name(server)), "password": "long enough"});
    let user = made(server, "/api/user", "user", user).await;
    let mut details = json!({"name": name(server), "temporal": true});
    details.as_object_mut().unwrap().extend(definition.as_object().unwrap().clone());
    let mute = made(server, "/api/user-action", "userAction", details).await;
    Cast { user, mute }
}

fn name(server: &Server) -> String {
    server.ctx.id(server.ctx.now(), |id| format!("N{id}"))
}

impl Cast {
    async fn action(&self, server: &Server, expiry: i64) -> String {
        let action = json!({"actioneeUserId": self.user, "actionerUserId": self.user,
            "userActionId": self.mute, "expiry": expiry, "comment": "c0", "notifyUser": true});
        made(server, "/api/user/action", "action", action).await
    }

    async fn change(&self, server: &Server, action: &str, expiry: i64) {
        let change = json!({"action": {"actionerUserId": self.user, "expiry": expiry}});
        let changed = server.put(&format!("/api/user/action/{action}"), change).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    }
}

fn at(millis: i64) -> Expiry {
    Expiry::At(Instant::from_millis(millis))
}

async fn tell_due(server: &Server) -> Vec<i64> {
    let seen = ends::tell_due(&server.ctx, None, 256).await.unwrap();
    seen.due_since.into_iter().map(Instant::millis).collect()
}

/// The ids of the actions whose end was told, once for each time.
async fn told(server: &Server) -> Vec<String> {
    let events = server.events().await.into_iter().filter(|(kind, _)| kind == "user.action");
    let payloads = events.map(|(_, payload)| serde_json::from_str::<Value>(&payload).unwrap());
    let ends = payloads.filter(|payload| payload["phase"] == "end");
    ends.map(|payload| payload["action"]["id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until so many ends were told, and gives the actions.
async fn wait_for_told(server: &Server, ctx: &Context, many: usize) -> Vec<String> {
    let mut grown = ctx.log.stable();
    let enough = async {
        loop {
            grown.mark_unchanged();
            let told = told(server).await;
            if told.len() >= many {
                return told;
            }
            grown.changed().await.unwrap();
        }
    };
    timeout(Duration::from_mins(1), enough).await.unwrap()
}

/// The part of a node that does what follows from changes.
fn courier(ctx: &Context) -> Courier {
    let (ctx, sender) = docket_courier::consulted(ctx.clone(), &Settings::default());
    Courier::start(&ctx, sender)
}

async fn shown(server: &Server, action: &str) -> Value {
    server.get(&format!("/api/user/action/{action}")).await.json["action"].clone()
}

/// Takes many actions that end at one instant.
async fn take_many(server: &Server, cast: &Cast, many: usize, end: i64) {
    let take = Take {
        actionee_id: Some(UserId::from_uuid(cast.user.parse().unwrap())),
        actioner_id: Some(UserId::from_uuid(cast.user.parse().unwrap())),
        definition_id: Some(DefinitionId::from_uuid(cast.mute.parse().unwrap())),
        expiry: Some(at(end)),
        ..Take::default()
    };
    let caller = Caller::system("many");
    let mut left = many;
    while left > 0 {
        let some = left.min(250);
        let taken = (0..some).map(|_| {
            actions::take(&server.ctx, &caller, take.clone(), |_| Answer::new(200, Vec::new()))
        });
        for taken in join_all(taken).await {
            taken.unwrap();
        }
        left -= some;
    }
}

on_both_engines! {
    async fn an_end_is_told_at_its_instant_and_not_before(server: Server) {
        let cast = cast(&server, json!({})).await;
        let end = server.ctx.now().millis() + 10 * SECOND;
        let action = cast.action(&server, end).await;
        let before = shown(&server, &action).await;
        assert_eq!(ends::next(&server.ctx).await.unwrap(), at(end));
        server.clock.advance_millis(10 * SECOND - 1);
        assert_eq!(tell_due(&server).await, [0; 0]);
        server.clock.advance_millis(1);
        assert_eq!(tell_due(&server).await, [end]);
        assert_eq!(tell_due(&server).await, [0; 0]);
        assert_eq!(ends::next(&server.ctx).await.unwrap(), Expiry::Never);

        let (_, payload) = server.events().await.pop().unwrap();
        let event: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(event["phase"], "end");
        assert_eq!((&event["broadcast"], &event["notifyUser"]), (&json!(true), &json!(true)));
        assert_eq!(event["emailedUser"], false);
        assert_eq!(event["localizedDuration"], "10 seconds");
        assert_eq!(event["info"], Value::Null);
        assert_eq!(event["action"]["comment"], "c0");
        let mut after = shown(&server, &action).await;
        assert_eq!((&after["endEventSent"], &after["lastUpdateInstant"]), (&json!(true), &json!(end)));
        // Nothing else of it has changed.
        after["endEventSent"] = before["endEventSent"].clone();
        after["lastUpdateInstant"] = before["lastUpdateInstant"].clone();
        assert_eq!(after, before);
    }

    async fn a_change_moves_the_end(server: Server) {
        let cast = cast(&server, json!({})).await;
        let now = server.ctx.now().millis();
        let action = cast.action(&server, now + HOUR).await;
        cast.change(&server, &action, now + 2 * HOUR).await;
        server.clock.advance_millis(HOUR);
        assert_eq!(tell_due(&server).await, [0; 0]);
        cast.change(&server, &action, now + HOUR + SECOND).await;
        server.clock.advance_millis(SECOND);
        assert_eq!(tell_due(&server).await, [now + HOUR + SECOND]);
        assert_eq!(told(&server).await, [action]);
    }

    async fn an_end_in_the_past_is_due_since_somebody_has_set_it(server: Server) {
        let cast = cast(&server, json!({})).await;
        let now = server.ctx.now().millis();
        let taken = cast.action(&server, now - HOUR).await;
        assert_eq!(tell_due(&server).await, [now]);
        let changed = cast.action(&server, now + HOUR).await;
        server.clock.advance_millis(SECOND);
        cast.change(&server, &changed, now - HOUR).await;
        assert_eq!(tell_due(&server).await, [now + SECOND]);
        assert_eq!(told(&server).await, [taken, changed]);
    }

    async fn what_has_no_end_of_its_own_is_left_alone(server: Server) {
        let cast = cast(&server, json!({})).await;
        let instant = super::cast(&server, json!({"temporal": false})).await;
        let now = server.ctx.now().millis();
        cast.action(&server, i64::MAX).await;
        instant.action(&server, now + HOUR).await;
        let cancelled = cast.action(&server, now + HOUR).await;
        let cancel = json!({"action": {"actionerUserId": cast.user}});
        let path = format!("/api/user/action/{cancelled}");
        assert_eq!(server.call("DELETE", &path, &[], Some(&cancel)).await.status, 200);
        assert_eq!(ends::next(&server.ctx).await.unwrap(), Expiry::Never);
        server.clock.advance_millis(2 * HOUR);
        assert_eq!(tell_due(&server).await, [0; 0]);
        assert_eq!(shown(&server, &cancelled).await["endEventSent"], false);
    }

    async fn what_became_of_the_definition_matters(server: Server) {
        let (switched_off, deleted) = (cast(&server, json!({})), cast(&server, json!({})));
        let (switched_off, deleted) = join(switched_off, deleted).await;
        let end = server.ctx.now().millis() + HOUR;
        let action = switched_off.action(&server, end).await;
        deleted.action(&server, end).await;
        let path = |cast: &Cast, query| format!("/api/user-action/{}{query}", cast.mute);
        assert_eq!(server.delete(&path(&switched_off, "")).await.status, 200);
        assert_eq!(server.delete(&path(&deleted, "?hardDelete=true")).await.status, 200);
        server.clock.advance_millis(HOUR);
        assert_eq!(tell_due(&server).await, [end]);
        assert_eq!(told(&server).await, [action]);
    }

    async fn a_quiet_end_is_seen_to_and_told_to_nobody(server: Server) {
        let cast = cast(&server, json!({"sendEndEvent": false})).await;
        let end = server.ctx.now().millis() + HOUR;
        let action = cast.action(&server, end).await;
        let before = shown(&server, &action).await;
        server.clock.advance_millis(HOUR);
        assert_eq!(tell_due(&server).await, [end]);
        assert_eq!(ends::next(&server.ctx).await.unwrap(), Expiry::Never);
        assert_eq!(told(&server).await, [""; 0]);
        assert_eq!(shown(&server, &action).await, before);
        assert_eq!(before["endEventSent"], false);
    }

    async fn the_page_of_an_action_has_its_events_until_the_end(server: Server) {
        let cast = cast(&server, json!({})).await;
        let now = server.ctx.now().millis();
        let action = cast.action(&server, now + HOUR).await;
        cast.action(&server, now + 2 * HOUR).await;
        cast.change(&server, &action, now + HOUR - SECOND).await;
        server.clock.advance_millis(HOUR);
        assert_eq!(tell_due(&server).await.len(), 1);
        let page = server.get(&format!("/api/v1/actions/{action}")).await.json;
        let events = page["events"].as_array().unwrap();
        let phases: Vec<_> = events.iter().map(|event| &event["payload"]["phase"]).collect();
        assert_eq!(phases, ["start", "modify", "end"], "{page}");
        assert!(events.iter().all(|event| event["payload"]["action"]["id"] == action.as_str()));
    }

    async fn webhooks_are_told_although_nothing_was_broadcast(server: Server) {
        let mut server = server;
        let courier = telling(&mut server).await;
        let sink = HookSink::start().await;
        webhook(&server, &sink.url("/hook")).await;
        let cast = cast(&server, json!({})).await;
        let action = cast.action(&server, server.ctx.now().millis() + HOUR).await;
        server.clock.advance_millis(HOUR);
        let event = sink.wait_for(1).await[0].json()["event"].clone();
        assert_eq!((&event["phase"], &event["actionId"]), (&json!("end"), &json!(action)));
        courier.stop().await;
    }

    async fn what_ended_while_nobody_looked_is_told_at_the_start(server: Server) {
        let cast = cast(&server, json!({})).await;
        let action = cast.action(&server, server.ctx.now().millis() + HOUR).await;
        server.clock.advance_millis(24 * HOUR);
        let courier = courier(&server.ctx);
        assert_eq!(wait_for_told(&server, &server.ctx, 1).await, [action]);
        courier.stop().await;
    }

    async fn a_clock_that_is_set_ends_nothing_twice(server: Server) {
        let cast = cast(&server, json!({})).await;
        let now = server.ctx.now().millis();
        let courier = courier(&server.ctx);
        let later = cast.action(&server, now + 2 * HOUR).await;
        let first = cast.action(&server, now + HOUR).await;
        server.clock.advance_millis(HOUR);
        let mut expected = vec![first];
        assert_eq!(wait_for_told(&server, &server.ctx, 1).await, expected);
        server.clock.advance_millis(-3 * HOUR);
        // Whoever is told of this has looked at the others again.
        expected.push(cast.action(&server, 0).await);
        assert_eq!(wait_for_told(&server, &server.ctx, 2).await.len(), 2);
        server.clock.advance_millis(4 * HOUR);
        expected.push(later);
        let told = wait_for_told(&server, &server.ctx, 3).await;
        assert_eq!(HashSet::<String>::from_iter(told), HashSet::from_iter(expected));
        courier.stop().await;
        assert_eq!(tell_due(&server).await, [0; 0]);
        assert_eq!(self::told(&server).await.len(), 3);
    }

    async fn an_end_that_was_told_cannot_be_moved_by_who_has_a_slow_clock(server: Server) {
        let cast = cast(&server, json!({})).await;
        let now = server.ctx.now().millis();
        let action = cast.action(&server, now + HOUR).await;
        server.clock.advance_millis(HOUR);
        assert_eq!(tell_due(&server).await.len(), 1);
        server.clock.advance_millis(-SECOND);
        let before = shown(&server, &action).await;
        let path = format!("/api/user/action/{action}");
        let body = json!({"action": {"actionerUserId": cast.user, "expiry": now + 2 * HOUR}});
        assert_eq!(server.call("PUT", &path, &[], Some(&body)).await.status, 400);
        assert_eq!(server.call("DELETE", &path, &[], Some(&body)).await.status, 400);
        assert_eq!(shown(&server, &action).await, before);
        assert_eq!(ends::next(&server.ctx).await.unwrap(), Expiry::Never);
    }

    async fn a_quiet_end_is_to_come_again_when_who_has_a_slow_clock_changes_the_action(server: Server) {
        let cast = cast(&server, json!({"sendEndEvent": false})).await;
        let end = server.ctx.now().millis() + HOUR;
        let action = cast.action(&server, end).await;
        server.clock.advance_millis(HOUR);
        assert_eq!(tell_due(&server).await, [end]);
        server.clock.advance_millis(-SECOND);
        cast.change(&server, &action, end).await;
        assert_eq!(shown(&server, &action).await["endEventSent"], false);
        assert_eq!(ends::next(&server.ctx).await.unwrap(), at(end));
        server.clock.advance_millis(SECOND);
        assert_eq!(tell_due(&server).await, [end]);
        assert_eq!(told(&server).await, [""; 0]);
        assert_eq!(shown(&server, &action).await["endEventSent"], false);
    }

    async fn ends_behind_one_are_those_that_come_after_it(server: Server) {
        let cast = cast(&server, json!({})).await;
        let now = server.ctx.now().millis();
        let mut actions = Vec::new();
        for later in [3, 1, 2] {
            actions.push(cast.action(&server, now + later * SECOND).await);
        }
        server.clock.advance_millis(HOUR);
        let first = ends::tell_due(&server.ctx, None, 1).await.unwrap();
        assert_eq!(told(&server).await, [actions[1].as_str()]);
        // One that was moved to before it is not among those behind it.
        actions.push(cast.action(&server, now).await);
        let others = ends::tell_due(&server.ctx, first.last, 256).await.unwrap();
        assert_eq!(others.due_since.len(), 2);
        let last = others.last.map(|end| end.action_id.to_string());
        assert_eq!(last.as_deref(), Some(actions[0].as_str()));
        assert_eq!(tell_due(&server).await.len(), 1);
        assert_eq!(told(&server).await.len(), 4);
    }

    async fn several_nodes_tell_each_end_once(server: Server) {
        let cast = cast(&server, json!({})).await;
        let mut couriers = vec![courier(&server.ctx)];
        for _ in 0..2 {
            couriers.push(courier(&server.another_node().await));
        }
        take_many(&server, &cast, 600, server.ctx.now().millis() + HOUR).await;
        server.clock.advance_millis(HOUR);
        wait_for_told(&server, &server.ctx, 600).await;
        for courier in couriers {
            courier.stop().await;
        }
        let told = told(&server).await;
        assert_eq!((told.len(), told.iter().collect::<HashSet<_>>().len()), (600, 600));
        assert_eq!(tell_due(&server).await, [0; 0]);
    }

    async fn a_node_tells_what_was_taken_on_another(server: Server) {
        let cast = cast(&server, json!({})).await;
        let node = server.another_node().await;
        let courier = courier(&node);
        let now = server.ctx.now().millis();
        cast.action(&server, now).await;
        wait_for_told(&server, &node, 1).await;
        // By now it has looked, and found nothing more.
        let action = cast.action(&server, now + SECOND).await;
        server.clock.advance_millis(SECOND);
        assert_eq!(wait_for_told(&server, &node, 2).await.pop(), Some(action));
        courier.stop().await;
    }

    async fn many_ends_at_once_are_told_in_turn(server: Server) {
        let cast = cast(&server, json!({})).await;
        take_many(&server, &cast, 2_000, server.ctx.now().millis() + HOUR).await;
        server.clock.advance_millis(HOUR);
        let mut turns = Vec::new();
        while turns.iter().sum::<usize>() < 2_000 {
            turns.push(tell_due(&server).await.len());
        }
        assert_eq!(turns, [256, 256, 256, 256, 256, 256, 256, 208]);
        let told = told(&server).await;
        assert_eq!((told.len(), told.iter().collect::<HashSet<_>>().len()), (2_000, 2_000));
    }
}
