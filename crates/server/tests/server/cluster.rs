//! Three nodes on one database: what one does the others know, and what one leaves undone they do.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use docket_testkit::{Blank, Engine, HookSink, Respond};
use serde_json::json;
use tempfile::TempDir;

use crate::caller::{Caller, until_nothing};
use crate::support::{KEY, Server, docket, folder};

/// How long a ban may take to reach the other nodes.
const SOON: Duration = Duration::from_secs(1);

/// Nodes that start at the same moment.
fn start_together<const N: usize>(database: &Blank, folders: &[TempDir; N]) -> [Server; N] {
    let spawn = |folder: &std::path::Path| {
        let settings = "[webhooks]\nallowed_networks = [\"127.0.0.0/8\"]\n";
        std::fs::write(folder.join("docket.toml"), settings).unwrap();
        let mut command = docket(folder);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &database.url])
            .env("DOCKET_MASTER_KEY", "the same for all of them")
            .env("DOCKET_BOOTSTRAP_API_KEY", KEY)
            .env("DOCKET_BOOTSTRAP_ADMIN_PASSWORD", "a password for tests");
        Server::spawn(command)
    };
    std::thread::scope(|scope| {
        let starting = folders.each_ref().map(|folder| scope.spawn(|| spawn(folder.path())));
        starting.map(|node| node.join().unwrap())
    })
}

fn caller(node: &Server) -> Caller {
    let tenants = node.get("/api/tenant").json();
    let tenant = tenants["tenants"][0]["id"].as_str().unwrap().to_owned();
    Caller { address: node.address, tenant }
}

fn user(caller: &Caller, name: &str) -> String {
    caller.made("/api/user", "user", &json!({"username": name, "password": "long enough"}))
}

fn take(caller: &Caller, user: &str, definition: &str) -> String {
    let body = json!({"broadcast": true, "action": {"actioneeUserId": user,
        "actionerUserId": user, "userActionId": definition, "expiry": 9_000_000_000_000_i64}});
    let taken = caller.ask("POST", "/api/user/action", Some(&body));
    taken["action"]["id"].as_str().unwrap().to_owned()
}

/// Whether the user may act, as this node says.
fn may_act(caller: &Caller, user: &str) -> bool {
    let gate = caller.ask("GET", &format!("/api/v1/gate?userId={user}"), None);
    gate["allowed"].as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_and_its_end_reach_the_gates_of_all_nodes_within_a_second() {
    let database = Blank::create(Engine::Postgres).await;
    let folders = [folder(), folder(), folder()];
    let nodes = start_together(&database, &folders);
    let callers = nodes.each_ref().map(caller);
    let [writer, others @ ..] = &callers;
    let ban = json!({"name": "Ban", "temporal": true, "preventLogin": true});
    let ban = writer.made("/api/user-action", "userAction", &ban);
    for round in 0..5 {
        let user = user(writer, &format!("user {round}"));
        // From now on each of them remembers what it has said.
        assert!(callers.iter().all(|node| may_act(node, &user)));
        let action = take(writer, &user, &ban);
        assert!(!may_act(writer, &user), "the node that wrote it knows at once");
        let taken = Instant::now();
        for node in others {
            until_nothing(SOON, async || may_act(node, &user).then(|| "not banned".to_owned()))
                .await;
        }
        assert!(taken.elapsed() < SOON, "{:?}", taken.elapsed());
        let body = json!({"action": {"actionerUserId": user}});
        writer.ask("DELETE", &format!("/api/user/action/{action}"), Some(&body));
        assert!(may_act(writer, &user));
        let lifted = Instant::now();
        for node in others {
            until_nothing(SOON, async || (!may_act(node, &user)).then(|| "banned".to_owned()))
                .await;
        }
        assert!(lifted.elapsed() < SOON, "{:?}", lifted.elapsed());
    }
    for node in nodes {
        node.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_node_had_taken_on_is_done_by_the_others() {
    const CALLS: usize = 12;
    let database = Blank::create(Engine::Postgres).await;
    let sink = HookSink::start().await;
    sink.respond("/hook", Respond::Hang);
    let folders = [folder()];
    let [first] = start_together(&database, &folders);
    let caller = caller(&first);
    let events = json!({"tenant": {"eventConfiguration": {"events":
        {"user.action": {"enabled": true, "transactionType": "None"}}}}});
    caller.ask("PATCH", &format!("/api/tenant/{}", caller.tenant), Some(&events));
    let webhook = json!({"url": sink.url("/hook"), "connectTimeout": 1000, "readTimeout": 8000,
        "global": true, "eventsEnabled": {"user.action": true}});
    caller.made("/api/webhook", "webhook", &webhook);
    let mute = json!({"name": "Mute", "temporal": true});
    let mute = caller.made("/api/user-action", "userAction", &mute);
    let user = user(&caller, "kim");
    for _ in 0..CALLS {
        take(&caller, &user, &mute);
    }
    let ids = |received: Vec<docket_testkit::Received>| -> HashSet<String> {
        received.iter().map(|call| call.header("webhook-id").unwrap().to_owned()).collect()
    };
    let begun = ids(sink.wait_for(CALLS).await);
    assert_eq!(begun.len(), CALLS);

    // While it waits for answers two others come, and it dies without a word.
    let folders = [folder(), folder()];
    let others = start_together(&database, &folders);
    drop(first);
    sink.respond("/hook", Respond::Status(200));
    until_nothing(Duration::from_mins(1), async || {
        let made = ids(sink.received().split_off(CALLS));
        (made != begun).then(|| format!("{} of {CALLS} calls were made again", made.len()))
    })
    .await;
    for node in others {
        node.stop();
    }
    assert_eq!(sink.received().len(), 2 * CALLS, "each call was made again once");
}
