//! To-dos follow what happens and what time it is; providers are asked; what is done elsewhere is
//! asked for there (`native.md` §4 and §5).

use std::time::Duration;

use docket_courier::{Courier, Settings};
use docket_domain::mail::Secret;
use docket_service::Context;
use docket_testkit::{Answered, HookSink, Received, Respond, Server, on_both_engines};
use serde_json::{Value, json};
use tokio::time::timeout;

const HOUR: i64 = 3_600_000;
/// Only a test that fails waits that long.
const PATIENCE: Duration = Duration::from_mins(1);

fn start(ctx: &Context) -> (Context, Courier) {
    let settings = Settings { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()] };
    let (ctx, sender) = docket_courier::consulted(ctx.clone(), &settings);
    let courier = Courier::start(&ctx, sender);
    (ctx, courier)
}

fn started(server: &mut Server) -> Courier {
    let (ctx, courier) = start(&server.ctx);
    server.with_context(ctx);
    courier
}

/// A user with a token.
struct Person {
    id: String,
    token: String,
}

impl Person {
    async fn log_in(server: &Server, username: &str, password: &str) -> Self {
        let body = json!({"username": username, "password": password});
        let path = "/api-auth/password/";
        let token = server.call("POST", path, &[("Authorization", "")], Some(&body)).await;
        let token = token.json["token"].as_str().unwrap_or_else(|| panic!("{}", token.text));
        let person = Self { id: String::new(), token: token.to_owned() };
        let me = person.call(server, "GET", "/api/users/me/", None).await;
        let id: uuid::Uuid = me.json["uuid"].as_str().unwrap().parse().unwrap();
        Self { id: id.to_string(), ..person }
    }

    async fn new(server: &Server, name: &str) -> Self {
        let user = json!({"username": name, "email": format!("{name}@example.com"),
            "password": "correct horse"});
        let made = server.post("/api/user", json!({ "user": user })).await;
        assert_eq!(made.status, 200, "{}", made.text);
        Self::log_in(server, name, "correct horse").await
    }

    async fn staff(server: &Server) -> Self {
        Self::log_in(server, "admin", "a password for tests").await
    }

    async fn call(
        &self,
        server: &Server,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answered {
        let authorization = format!("Token {}", self.token);
        server.call(method, path, &[("Authorization", &authorization)], body.as_ref()).await
    }

    /// Waits until they have exactly this to do.
    async fn has(&self, server: &Server, titles: &[&str]) -> Vec<Value> {
        let mut stable = server.ctx.log.stable();
        let found = async {
            loop {
                stable.mark_unchanged();
                let listed =
                    self.call(server, "GET", "/api/user-actions/?page_size=100", None).await;
                let items = listed.json.as_array().unwrap().clone();
                let mut found: Vec<_> =
                    items.iter().map(|item| item["title"].as_str().unwrap()).collect();
                found.sort_unstable();
                if found == titles {
                    return items;
                }
                tokio::select! {
                    _ = stable.changed() => {}
                    () = tokio::time::sleep(Duration::from_millis(100)) => {}
                }
            }
        };
        let waited = timeout(PATIENCE, found).await;
        waited.unwrap_or_else(|_| panic!("{titles:?} was never all there was to do"))
    }

    async fn execute(&self, server: &Server, todo: &Value, label: &str) -> Answered {
        let path = format!("/api/user-actions/{}/execute_action/", todo["uuid"].as_str().unwrap());
        self.call(server, "POST", &path, Some(json!({ "action_label": label }))).await
    }
}

/// A project, and two who may approve its orders.
async fn project(server: &Server) -> (String, Person, Person) {
    let staff = Person::staff(server).await;
    let made = staff.call(server, "POST", "/api/customers/", Some(json!({"name": "C"}))).await;
    let customer = made.json["url"].clone();
    let body = json!({"name": "P", "customer": customer});
    let made = staff.call(server, "POST", "/api/projects/", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let project = made.json["uuid"].as_str().unwrap().to_owned();
    let (ada, bob) = (Person::new(server, "ada").await, Person::new(server, "bob").await);
    for who in [&ada, &bob] {
        let path = format!("/api/projects/{project}/add_user/");
        let body = json!({"user": who.id, "role": "PROJECT.ADMIN"});
        assert_eq!(staff.call(server, "POST", &path, Some(body)).await.status, 201);
    }
    (project, ada, bob)
}

async fn order(server: &Server, project: &str, hours_ago: i64) -> String {
    let id = server.ctx.id(server.ctx.now(), |id| id).to_string();
    let at = server.ctx.now().plus_millis(-hours_ago * HOUR);
    let body = json!({"state": "pending-consumer", "type": "Create", "projectId": project,
        "offering": {"name": "VM"}, "orderedAt": docket_wire::native::scalar::instant(at)});
    let told = server.put(&format!("/api/v1/orders/{id}"), body).await;
    assert_eq!(told.status, 201, "{}", told.text);
    id
}

async fn provider(server: &Server, url: &str) -> (String, Secret) {
    let body = json!({"actionType": "expense", "url": url, "timeoutSeconds": 5});
    let made = server.post("/api/v1/providers", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let secret = Secret::new(made.json["secret"].as_str().unwrap());
    (made.json["id"].as_str().unwrap().to_owned(), secret)
}

/// Waits until the provider's last run went like this.
async fn went(server: &Server, id: &str, status: &str) {
    let looked = async {
        loop {
            let found = server.get(&format!("/api/v1/providers/{id}")).await;
            if found.json["lastStatus"].as_str().unwrap().starts_with(status) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, looked).await.unwrap_or_else(|_| panic!("the run never went {status}"));
}

/// Whether what came is signed with this secret.
fn is_signed(received: &Received, secret: &Secret) -> bool {
    let header = |name| received.header(name).unwrap();
    let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
    let expected = docket_courier::sign::standard_headers(
        std::slice::from_ref(secret),
        id.parse().unwrap(),
        at.parse().unwrap(),
        &received.body,
    );
    header("webhook-signature").split(' ').any(|one| one == expected)
}

fn page(items: &[(&str, &str, &str)], next: Option<&str>) -> Respond {
    let items: Vec<_> = items
        .iter()
        .map(|(id, email, title)| json!({"externalId": id, "emails": [email], "title": title}))
        .collect();
    Respond::Json(200, json!({"items": items, "next": next}))
}

on_both_engines! {
    async fn what_happens_is_in_the_inbox_a_moment_later(server: Server) {
        let mut server = server;
        let courier = started(&mut server);
        let (project, ada, bob) = project(&server).await;
        let id = order(&server, &project, 25).await;
        let todos = ada.has(&server, &["Approve pending order: VM"]).await;
        bob.has(&server, &["Approve pending order: VM"]).await;
        let done = ada.execute(&server, &todos[0], "Approve Order").await;
        assert_eq!(done.status, 200, "{}", done.text);
        let order = server.get(&format!("/api/v1/orders/{id}")).await;
        assert_eq!(order.json["state"], "approved");
        ada.has(&server, &[]).await;
        bob.has(&server, &[]).await;

        // Whoever loses the role has nothing to do with it any more; whoever gets one has.
        self::order(&server, &project, 25).await;
        bob.has(&server, &["Approve pending order: VM"]).await;
        let staff = Person::staff(&server).await;
        let team = |call: &str| format!("/api/projects/{project}/{call}/");
        let role = |who: &Person| json!({"user": who.id, "role": "PROJECT.ADMIN"});
        staff.call(&server, "POST", &team("delete_user"), Some(role(&bob))).await;
        bob.has(&server, &[]).await;
        let eve = Person::new(&server, "eve").await;
        staff.call(&server, "POST", &team("add_user"), Some(role(&eve))).await;
        eve.has(&server, &["Approve pending order: VM"]).await;
        courier.stop().await;
    }

    async fn time_alone_makes_a_to_do(server: Server) {
        let mut server = server;
        let courier = started(&mut server);
        let (project, ada, _) = project(&server).await;
        order(&server, &project, 23).await;
        // A mark that what was told before is seen to.
        order(&server, &project, 30).await;
        ada.has(&server, &["Approve pending order: VM"]).await;
        server.clock.advance_millis(HOUR);
        ada.has(&server, &["Approve pending order: VM"]).await;
        server.clock.advance_millis(1);
        ada.has(&server, &["Approve pending order: VM", "Approve pending order: VM"]).await;
        courier.stop().await;
    }

    async fn an_action_that_ends_soon_is_extended_or_let_go(server: Server) {
        let mut server = server;
        let courier = started(&mut server);
        let ada = Person::new(&server, "ada").await;
        let bob = Person::new(&server, "bob").await;
        let mute = json!({"userAction": {"name": "Mute", "temporal": true}});
        let mute = server.post("/api/user-action", mute).await.json["userAction"]["id"].clone();
        let take = |hours: i64| json!({"action": {"actioneeUserId": bob.id, "actionerUserId": ada.id,
            "userActionId": mute, "expiry": server.ctx.now().millis() + hours * HOUR}});
        let soon = server.post("/api/user/action", take(71)).await;
        assert_eq!(soon.status, 200, "{}", soon.text);
        server.post("/api/user/action", take(73)).await;
        let todos = ada.has(&server, &["Action ends soon: Mute"]).await;
        assert_eq!(todos[0]["description"], "Mute on bob@example.com ends on 2026-01-08.");
        let extended = ada.execute(&server, &todos[0], "Extend").await;
        assert_eq!(extended.status, 200, "{}", extended.text);
        ada.has(&server, &[]).await;
        let id = soon.json["action"]["id"].as_str().unwrap();
        let after = server.get(&format!("/api/user/action/{id}")).await;
        let expiry = after.json["action"]["expiry"].as_i64().unwrap();
        assert_eq!(expiry, server.ctx.now().millis() + (71 + 7 * 24) * HOUR);
        server.clock.advance_millis(HOUR);
        let todos = ada.has(&server, &["Action ends soon: Mute"]).await;
        let let_go = ada.execute(&server, &todos[0], "Let it end").await;
        assert_eq!(let_go.status, 200, "{}", let_go.text);
        ada.has(&server, &[]).await;
        let silent = ada.call(&server, "GET", "/api/user-actions/?include_silenced=true", None).await;
        assert_eq!(silent.json[0]["is_silenced"], true);
        server.clock.advance_millis(72 * HOUR);
        let gone = async {
            loop {
                let path = "/api/user-actions/?include_silenced=true";
                if ada.call(&server, "GET", path, None).await.json == json!([]) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, gone).await.unwrap();
        courier.stop().await;
    }

    async fn a_provider_is_heard_out_and_replaces_what_it_said(server: Server) {
        let mut server = server;
        let sink = HookSink::start().await;
        let (ada, bob) = (Person::new(&server, "ada").await, Person::new(&server, "bob").await);
        sink.respond_in_turn("/pull", [
            page(&[("1", "ada@example.com", "one"), ("2", "ada@example.com", "two")], Some("c1")),
            page(&[("3", "bob@example.com", "three")], None),
        ]);
        let courier = started(&mut server);
        let (id, secret) = provider(&server, &sink.url("/pull")).await;
        went(&server, &id, "COMPLETED: 3 queued, 0 errors").await;
        let received = sink.received_at("/pull");
        let bodies: Vec<Value> = received.iter().map(Received::json).collect();
        assert_eq!(bodies, [
            json!({"actionType": "expense", "userIds": null, "cursor": null}),
            json!({"actionType": "expense", "userIds": null, "cursor": "c1"}),
        ]);
        assert!(received.iter().all(|one| is_signed(one, &secret)));
        ada.has(&server, &["one", "two"]).await;
        bob.has(&server, &["three"]).await;

        // The first page comes, the second does not: nothing is changed.
        sink.respond_in_turn("/pull", [
            page(&[("1", "ada@example.com", "other")], Some("c1")),
            Respond::Status(500),
        ]);
        server.clock.advance_millis(6 * HOUR);
        went(&server, &id, "ERROR: the answer was 500").await;
        ada.has(&server, &["one", "two"]).await;
        bob.has(&server, &["three"]).await;
        sink.respond("/pull", Respond::Text(200, "no JSON".to_owned()));
        server.clock.advance_millis(6 * HOUR);
        went(&server, &id, "ERROR: the answer is not the JSON").await;
        ada.has(&server, &["one", "two"]).await;

        // What cannot be used stays as it is; what is no longer named goes.
        let items = json!({"items": [
            {"externalId": "1", "emails": ["ada@example.com", "nobody@example.com"], "title": "uno"},
            {"externalId": "2", "title": ""},
        ]});
        sink.respond("/pull", Respond::Json(200, items));
        server.clock.advance_millis(6 * HOUR);
        went(&server, &id, "COMPLETED: 1 queued, 2 errors").await;
        ada.has(&server, &["two", "uno"]).await;
        bob.has(&server, &[]).await;
        courier.stop().await;
    }

    async fn a_trial_shows_what_would_change(server: Server) {
        let mut server = server;
        let sink = HookSink::start().await;
        let ada = Person::new(&server, "ada").await;
        sink.respond("/pull", page(&[("1", "ada@example.com", "one"), ("2", "ada@example.com", "two")], None));
        let courier = started(&mut server);
        let (id, _) = provider(&server, &sink.url("/pull")).await;
        went(&server, &id, "COMPLETED: 2").await;
        sink.respond("/pull", page(&[("1", "ada@example.com", "uno"), ("3", "ada@example.com", "three")], None));
        let trial = server.call("POST", &format!("/api/v1/providers/{id}/test"), &[], None).await;
        let preview = |key: &str, title: &str| json!([{"userId": ada.id, "externalId": key, "title": title}]);
        assert_eq!(trial.json, json!({"success": true, "error": null, "items": 2, "unusable": 0,
            "created": preview("3", "three"), "updated": preview("1", "uno"),
            "resolved": preview("2", "two"), "unchanged": 0}));
        ada.has(&server, &["one", "two"]).await;
        sink.respond("/pull", Respond::Status(503));
        let trial = server.call("POST", &format!("/api/v1/providers/{id}/test"), &[], None).await;
        assert_eq!((&trial.json["success"], &trial.json["error"]),
            (&json!(false), &json!("the answer was 503")));
        courier.stop().await;
    }

    async fn a_user_who_asks_is_asked_about_alone(server: Server) {
        let mut server = server;
        let sink = HookSink::start().await;
        let (ada, bob) = (Person::new(&server, "ada").await, Person::new(&server, "bob").await);
        sink.respond("/pull", page(&[("1", "ada@example.com", "one"), ("1", "bob@example.com", "one")], None));
        let courier = started(&mut server);
        let (id, _) = provider(&server, &sink.url("/pull")).await;
        went(&server, &id, "COMPLETED").await;
        sink.respond("/pull", page(&[("2", "ada@example.com", "two")], None));
        let path = "/api/user-actions/update_actions/";
        assert_eq!(ada.call(&server, "POST", path, None).await.status, 202);
        ada.has(&server, &["two"]).await;
        bob.has(&server, &["one"]).await;
        let asked = sink.received_at("/pull").pop().unwrap().json();
        assert_eq!(asked["userIds"], json!([ada.id]));
        courier.stop().await;
    }

    async fn one_node_asks_a_provider(server: Server) {
        let mut server = server;
        let sink = HookSink::start().await;
        sink.respond("/pull", page(&[], None));
        let (id, _) = provider(&server, &sink.url("/pull")).await;
        let other = server.another_node().await;
        let (_, second) = start(&other);
        let first = started(&mut server);
        went(&server, &id, "COMPLETED").await;
        assert_eq!(sink.received_at("/pull").len(), 1);
        first.stop().await;
        second.stop().await;
    }

    async fn what_is_done_elsewhere_is_asked_for_there(server: Server) {
        let mut server = server;
        let sink = HookSink::start().await;
        let courier = started(&mut server);
        let ada = Person::new(&server, "ada").await;
        let rotated = server.call("POST", "/api/v1/todos/rotate-secret", &[], None).await;
        let secret = Secret::new(rotated.json["secret"].as_str().unwrap());
        let push = json!({"userIds": [ada.id], "title": "T", "correctiveActions": [
            {"label": "Do it", "category": "approve", "api_endpoint": true,
                "callbackUrl": sink.url("/do")}]});
        assert_eq!(server.put("/api/v1/todos/custom/7", push).await.status, 201);
        let todos = ada.has(&server, &["T"]).await;
        assert_eq!(todos[0]["corrective_actions"][0].get("callbackUrl"), None, "it is no user's business");
        let answer = json!({"action": "done", "message": "As you like", "redirectUrl": "/x",
            "metadata": {"a": 1}});
        sink.respond("/do", Respond::Json(200, answer));
        let done = ada.execute(&server, &todos[0], "Do it").await;
        assert_eq!((done.status, done.json), (200, json!({"action": "done",
            "message": "As you like", "redirect_url": "/x", "metadata": {"a": 1}})));
        let received = sink.received_at("/do").pop().unwrap();
        assert!(is_signed(&received, &secret));
        let body = received.json();
        assert_eq!(body["user"], json!({"id": ada.id, "email": "ada@example.com"}));
        assert_eq!((&body["todo"]["externalId"], &body["correctiveAction"]["label"]),
            (&json!("7"), &json!("Do it")));
        for (respond, why) in [
            (Respond::Status(500), "the answer was 500"),
            (Respond::Text(200, "ok".to_owned()), "The answer is not the JSON that it should be."),
            (Respond::Redirect(sink.url("/else")), "the answer is a redirect, and those are not followed"),
        ] {
            sink.respond("/do", respond);
            let failed = ada.execute(&server, &todos[0], "Do it").await;
            assert_eq!((failed.status, failed.json), (500, json!({ "error": why })));
        }
        let kept = ada.call(&server, "GET", "/api/user-action-executions/", None).await;
        let worked: Vec<_> = kept.json.as_array().unwrap().iter()
            .map(|execution| execution["success"].as_bool().unwrap()).collect();
        assert_eq!(worked.iter().filter(|worked| **worked).count(), 1);
        assert_eq!(worked.len(), 4);
        courier.stop().await;
    }

    async fn our_own_network_is_not_called_for_anybody(server: Server) {
        let mut server = server;
        let sink = HookSink::start().await;
        let (ctx, sender) = docket_courier::consulted(server.ctx.clone(), &Settings::default());
        server.with_context(ctx);
        let courier = Courier::start(&server.ctx, sender);
        let (id, _) = provider(&server, &sink.url("/pull")).await;
        went(&server, &id, "ERROR: the host's address is not allowed").await;
        let ada = Person::new(&server, "ada").await;
        let push = json!({"userIds": [ada.id], "title": "T", "correctiveActions": [
            {"label": "Do it", "category": "approve", "api_endpoint": true,
                "callbackUrl": sink.url("/do")}]});
        server.put("/api/v1/todos/custom/7", push).await;
        let todos = ada.has(&server, &["T"]).await;
        assert_eq!(ada.execute(&server, &todos[0], "Do it").await.status, 500);
        assert!(sink.received().is_empty());
        courier.stop().await;
    }

    async fn a_webhook_that_was_given_up_is_switched_on_again(server: Server) {
        let mut server = server;
        let sink = HookSink::start().await;
        let courier = crate::telling::telling(&mut server).await;
        let staff = Person::staff(&server).await;
        sink.respond_in_turn("/hook", [Respond::Status(410), Respond::Status(200)]);
        let url = sink.url("/hook");
        crate::telling::webhook(&server, &url).await;
        crate::telling::broadcast(&server).await;
        let title = format!("Webhook disabled: {url}");
        let todos = staff.has(&server, &[&title]).await;
        assert_eq!((&todos[0]["action_type"], &todos[0]["urgency"]),
            (&json!("disabled_webhook"), &json!("high")));
        // Whoever is gone is not called again until somebody saves it later.
        server.clock.advance_millis(1);
        let done = staff.execute(&server, &todos[0], "Switch on again").await;
        assert_eq!(done.status, 200, "{}", done.text);
        staff.has(&server, &[]).await;
        crate::telling::broadcast(&server).await;
        sink.wait_for_at("/hook", 2).await;
        courier.stop().await;
    }

    async fn two_nodes_ask_everything_once_and_follow_each_other(server: Server) {
        let mut server = server;
        let other = server.another_node().await;
        let first = started(&mut server);
        let (project, ada, bob) = project(&server).await;
        order(&server, &project, 25).await;
        ada.has(&server, &["Approve pending order: VM"]).await;
        let (_, second) = start(&other);
        order(&server, &project, 26).await;
        ada.has(&server, &["Approve pending order: VM", "Approve pending order: VM"]).await;
        bob.has(&server, &["Approve pending order: VM", "Approve pending order: VM"]).await;
        let created = server.events().await.into_iter().filter(|(kind, _)| kind == "todo.created");
        assert_eq!(created.count(), 4);
        first.stop().await;
        // The other one looks again a second later; by its clock, which is the same.
        server.clock.advance_millis(1_000);
        server.with_context(other);
        order(&server, &project, 27).await;
        ada.has(&server, &["Approve pending order: VM"; 3]).await;
        second.stop().await;
    }
}
