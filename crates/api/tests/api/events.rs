//! `/api/v1/events` and its stream (`native.md` §6).

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use docket_service::events;
use docket_testkit::{Server, on_both_engines};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;
use tower::ServiceExt;

use crate::fixtures::{id_of, key_of, tenant};

const PATH: &str = "/api/v1/events";
const STREAM: &str = "/api/v1/events/stream";
/// Only a test that fails waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Has the log followed, as the courier does, until the test ends.
fn follow(server: &Server) {
    let ctx = server.ctx.clone();
    tokio::spawn(async move { events::follow(&ctx, std::future::pending()).await });
}

async fn reason(server: &Server, code: &str) -> String {
    let body = json!({"userActionReason": {"code": code, "text": code}});
    id_of(&server.post("/api/user-action-reason", body).await, "userActionReason")
}

/// What is found at a path, once it is so many events.
async fn page(server: &Server, path: &str, events: usize) -> Value {
    let mut stable = server.ctx.log.stable();
    loop {
        stable.borrow_and_update();
        let found = server.get(path).await;
        assert_eq!(found.status, 200, "{}", found.text);
        if found.json["items"].as_array().unwrap().len() >= events {
            return found.json;
        }
        timeout(PATIENCE, stable.changed()).await.unwrap().unwrap();
    }
}

fn subjects(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["subjectId"].as_str().unwrap()).collect()
}

/// An open stream, and what came of it that was not read yet.
struct Stream {
    body: BodyDataStream,
    text: String,
}

impl Stream {
    async fn open(server: &Server, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = Request::builder().uri(path);
        if !headers.iter().any(|(name, _)| *name == "Authorization") {
            request = request.header("Authorization", &server.key);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = server.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event: its cursor, its type, what it says. Nothing at the end.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            if let Some((event, _)) = self.text.split_once("\n\n") {
                let of = |name: &str| {
                    let mut lines = event.lines();
                    lines.find_map(|line| line.strip_prefix(name)).map(|v| v.trim().to_owned())
                };
                let told = (of("id:"), of("event:"), of("data:"));
                let read = event.len() + 2;
                self.text.drain(..read);
                if let (Some(id), Some(kind), Some(data)) = told {
                    return Some((id, kind, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let more = timeout(PATIENCE, self.body.next()).await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&more.unwrap()).unwrap());
        }
    }
}

on_both_engines! {
    async fn the_log_is_read_by_page_and_further_from_its_end(server: Server) {
        follow(&server);
        let made = [reason(&server, "a").await, reason(&server, "b").await, reason(&server, "c").await];
        let of_reasons = format!("{PATH}?type=reason.created");
        let all = page(&server, &of_reasons, 3).await;
        assert_eq!(subjects(&all), made.each_ref());
        let first = &all["items"][0];
        assert_eq!((&first["type"], &first["data"]["code"]), (&json!("reason.created"), &json!("a")));
        assert_eq!((&first["tenantId"], &first["at"]), (&Value::Null, &json!("2026-01-05T09:00:00.000Z")));
        assert_eq!(all["next"], Value::Null);

        let two = page(&server, &format!("{of_reasons}&limit=2"), 2).await;
        assert_eq!(subjects(&two), made[..2].iter().collect::<Vec<_>>());
        let next = two["next"].as_str().unwrap();
        let rest = page(&server, &format!("{of_reasons}&limit=2&after={next}"), 1).await;
        assert_eq!((subjects(&rest), &rest["next"]), (vec![made[2].as_str()], &Value::Null));

        let end = all["cursor"].as_str().unwrap();
        let fourth = reason(&server, "d").await;
        let later = page(&server, &format!("{of_reasons}&type=reason.updated&after={end}"), 1).await;
        assert_eq!(subjects(&later), [fourth.as_str()]);
        for wrong in ["after=x", "limit=0", "limit=501"] {
            assert_eq!(server.get(&format!("{PATH}?{wrong}")).await.status, 400, "{wrong}");
        }
    }

    async fn a_key_of_a_tenant_reads_the_events_of_that_tenant(server: Server) {
        follow(&server);
        let (own, other) = (tenant(&server, "Own").await, tenant(&server, "Other").await);
        let key = key_of(&server, &own).await;
        let mut made = Vec::new();
        for tenant in [&own, &other] {
            let headers = [("X-FusionAuth-TenantId", tenant.as_str())];
            let body = json!({"user": {"email": "a@example.com", "password": "correct horse"}});
            let user = server.call("POST", "/api/user", &headers, Some(&body)).await;
            made.push(id_of(&user, "user"));
        }
        page(&server, &format!("{PATH}?type=user.created"), 2).await;
        let headers = [("Authorization", key.as_str())];
        let path = format!("{PATH}?type=user.created");
        let seen = server.call("GET", &path, &headers, None).await;
        assert_eq!(subjects(&seen.json), [made[0].as_str()]);
        let seen = server.call("GET", PATH, &headers, None).await;
        let items = seen.json["items"].as_array().unwrap();
        assert!(items.iter().all(|item| item["tenantId"] == own.as_str()), "{}", seen.text);
    }

    async fn people_who_do_not_run_the_server_read_no_events(server: Server) {
        follow(&server);
        crate::fixtures::user(&server, "ann@example.com", &[]).await;
        let body = json!({"loginId": "ann@example.com", "password": "correct horse"});
        let login = server.post("/api/login", body).await;
        let bearer = format!("Bearer {}", login.json["token"].as_str().unwrap());
        let headers = [("Authorization", bearer.as_str())];
        for path in [PATH, STREAM] {
            assert_eq!(server.call("GET", path, &headers, None).await.status, 403, "{path}");
        }
    }

    async fn a_stream_tells_what_comes_and_goes_on_where_it_was_cut_off(server: Server) {
        follow(&server);
        reason(&server, "before").await;
        let of_reasons = format!("{PATH}?type=reason.created");
        page(&server, &of_reasons, 1).await;
        let path = format!("{STREAM}?type=reason.created");
        let mut stream = Stream::open(&server, &path, &[]).await;
        let first = reason(&server, "first").await;
        let (cursor, kind, item) = stream.next().await.unwrap();
        assert_eq!((kind.as_str(), &item["subjectId"]), ("reason.created", &json!(first)));
        let listed = page(&server, &of_reasons, 2).await;
        assert_eq!(item, listed["items"][1]);
        drop(stream);

        let second = reason(&server, "second").await;
        let headers = [("Last-Event-ID", cursor.as_str())];
        let mut stream = Stream::open(&server, &path, &headers).await;
        let third = reason(&server, "third").await;
        for expected in [&second, &third] {
            assert_eq!(stream.next().await.unwrap().2["subjectId"], json!(expected));
        }
        let after = format!("{path}&after={cursor}");
        let mut again = Stream::open(&server, &after, &[]).await;
        assert_eq!(again.next().await.unwrap().2["subjectId"], json!(second));
        server.ctx.log.close();
        assert_eq!(stream.next().await, None, "the server ends");
        let refused = [("Last-Event-ID", "x")];
        assert_eq!(server.call("GET", STREAM, &refused, None).await.status, 400);
    }

    async fn a_stream_ends_with_the_key_that_opened_it(server: Server) {
        follow(&server);
        let made = server.post("/api/api-key", json!({"apiKey": {"name": "short"}})).await;
        let (id, key) = (id_of(&made, "apiKey"), made.json["apiKey"]["key"].as_str().unwrap());
        let headers = [("Authorization", key)];
        let mut stream =
            Stream::open(&server, &format!("{STREAM}?type=reason.created"), &headers).await;
        let first = reason(&server, "first").await;
        assert_eq!(stream.next().await.unwrap().2["subjectId"], json!(first));
        assert_eq!(server.delete(&format!("/api/api-key/{id}")).await.status, 200);
        reason(&server, "second").await;
        assert_eq!(stream.next().await, None);
    }
}
