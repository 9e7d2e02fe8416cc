//! Roles end at their instant, and that is told once (`waldur.md` §2.1, `native.md` §6).

use std::collections::HashSet;
use std::time::Duration;

use docket_courier::{Courier, Settings};
use docket_domain::time::{Expiry, Instant};
use docket_service::{Context, ends};
use docket_testkit::{Answered, Server, on_both_engines};
use docket_wire::waldur::scalar::Moment;
use serde_json::{Value, json};
use tokio::time::timeout;

const HOUR: i64 = 3_600_000;

/// A customer, and staff who gives roles there.
struct Office {
    token: String,
    customer: String,
}

async fn ask(server: &Server, token: &str, path: &str, body: Value) -> Answered {
    let authorization = if token.is_empty() { String::new() } else { format!("Token {token}") };
    server.call("POST", path, &[("Authorization", &authorization)], Some(&body)).await
}

impl Office {
    async fn open(server: &Server) -> Self {
        let login = json!({"username": "admin", "password": "a password for tests"});
        let token = ask(server, "", "/api-auth/password/", login).await;
        let token = token.json["token"].as_str().unwrap().to_owned();
        let customer = ask(server, &token, "/api/customers/", json!({"name": "C"})).await;
        let customer = customer.json["uuid"].as_str().unwrap().to_owned();
        Self { token, customer }
    }

    async fn user(&self, server: &Server, name: &str) -> String {
        let user = json!({"username": name, "email": format!("{name}@example.com")});
        let made = ask(server, &self.token, "/api/users/", user).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json["uuid"].as_str().unwrap().to_owned()
    }

    /// Does this to a user's role that ends then.
    async fn call(&self, server: &Server, verb: &str, user: &str, end: i64) {
        let end = Moment(Instant::from_millis(end)).to_string();
        let body = json!({"user": user, "role": "CUSTOMER.SUPPORT", "expiration_time": end});
        let path = format!("/api/customers/{}/{verb}/", self.customer);
        let done = ask(server, &self.token, &path, body).await;
        assert!(done.status < 300, "{}", done.text);
    }
}

fn courier(ctx: &Context) -> Courier {
    let (ctx, sender) = docket_courier::consulted(ctx.clone(), &Settings::default());
    Courier::start(&ctx, sender)
}

async fn tell_due(server: &Server) -> Vec<i64> {
    let seen = ends::tell_due(&server.ctx, None, 256).await.unwrap();
    seen.due_since.into_iter().map(Instant::millis).collect()
}

/// The users whose roles were told to have ended, once for each time.
async fn told(server: &Server) -> Vec<String> {
    let events = server.events().await.into_iter().filter(|(kind, _)| kind == "grant.expired");
    let payloads = events.map(|(_, payload)| serde_json::from_str::<Value>(&payload).unwrap());
    payloads.map(|payload| payload["user"]["username"].as_str().unwrap().to_owned()).collect()
}

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

on_both_engines! {
    async fn a_role_ends_at_its_instant_and_not_before(server: Server) {
        let office = Office::open(&server).await;
        let (ada, end) = (office.user(&server, "ada").await, server.ctx.now().millis() + HOUR);
        office.call(&server, "add_user", &ada, end).await;
        assert_eq!(ends::next(&server.ctx).await.unwrap(), Expiry::At(Instant::from_millis(end)));
        server.clock.advance_millis(HOUR - 1);
        assert_eq!(tell_due(&server).await, [0; 0]);
        server.clock.advance_millis(1);
        assert_eq!(tell_due(&server).await, [end]);
        assert_eq!(tell_due(&server).await, [0; 0]);
        assert_eq!(ends::next(&server.ctx).await.unwrap(), Expiry::Never);
        assert_eq!(told(&server).await, ["ada"]);
        let (_, payload) = server.events().await.pop().unwrap();
        let event: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(event["expiresAt"], end);
        assert_eq!((&event["role"]["name"], &event["scope"]["name"], &event["scope"]["kind"]),
            (&json!("CUSTOMER.SUPPORT"), &json!("C"), &json!("customer")));
        assert_eq!(server.actors("grant.expired").await, [(None, None)], "nobody took it away");
    }

    async fn an_end_that_was_moved_or_made_needless_is_not_told(server: Server) {
        let office = Office::open(&server).await;
        let now = server.ctx.now().millis();
        let (ada, bob) = (office.user(&server, "ada").await, office.user(&server, "bob").await);
        office.call(&server, "add_user", &ada, now + HOUR).await;
        office.call(&server, "update_user", &ada, now + 3 * HOUR).await;
        office.call(&server, "add_user", &bob, now + HOUR).await;
        office.call(&server, "delete_user", &bob, now + HOUR).await;
        server.clock.advance_millis(2 * HOUR);
        assert_eq!(tell_due(&server).await, [0; 0]);
        server.clock.advance_millis(HOUR);
        assert_eq!(tell_due(&server).await, [now + 3 * HOUR]);
    }

    async fn several_nodes_tell_each_end_of_a_role_once(server: Server) {
        let office = Office::open(&server).await;
        let mut couriers = vec![courier(&server.ctx)];
        for _ in 0..2 {
            couriers.push(courier(&server.another_node().await));
        }
        let end = server.ctx.now().millis() + HOUR;
        for number in 0..40 {
            let user = office.user(&server, &format!("user{number}")).await;
            office.call(&server, "add_user", &user, end).await;
        }
        server.clock.advance_millis(HOUR);
        wait_for_told(&server, &server.ctx, 40).await;
        for courier in couriers {
            courier.stop().await;
        }
        let told = told(&server).await;
        assert_eq!((told.len(), told.iter().collect::<HashSet<_>>().len()), (40, 40));
        assert_eq!(tell_due(&server).await, [0; 0]);
    }

    async fn a_node_wakes_for_a_role_that_was_given_or_moved_on_another(server: Server) {
        let office = Office::open(&server).await;
        let node = server.another_node().await;
        let courier = courier(&node);
        let now = server.ctx.now().millis();
        let (ada, bob) = (office.user(&server, "ada").await, office.user(&server, "bob").await);
        office.call(&server, "add_user", &ada, now + HOUR).await;
        office.call(&server, "add_user", &bob, now + 5 * HOUR).await;
        server.clock.advance_millis(HOUR);
        assert_eq!(wait_for_told(&server, &node, 1).await, ["ada"]);
        office.call(&server, "update_user", &bob, now + 2 * HOUR).await;
        server.clock.advance_millis(HOUR);
        assert_eq!(wait_for_told(&server, &node, 2).await, ["ada", "bob"]);
        courier.stop().await;
    }
}
