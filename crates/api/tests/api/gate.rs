//! `/api/v1/gate`, standing and the search over actions (`native.md` §2, §3).

use docket_testkit::on_both_engines;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::fixtures::{after, ban, definition, id_of, take, user};

const HOUR: i64 = 3_600_000;

/// The ids of a page.
fn ids(page: &Value) -> Vec<Value> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
}

on_both_engines! {
    async fn a_ban_closes_the_gate_until_its_end(server: Server) {
        let (ban, moderator) = (ban(&server).await, user(&server, "m@example.com", &[]).await);
        let user = user(&server, "u@example.com", &[]).await;
        let path = format!("/api/v1/gate?userId={user}");
        let open = server.get(&path).await;
        assert_eq!((open.status, open.json["allowed"].as_bool()), (200, Some(true)), "{}", open.text);

        let action = take(&server, json!({"actioneeUserId": user, "actionerUserId": moderator,
            "userActionId": ban, "expiry": after(&server, HOUR)})).await;
        let closed = server.get(&path).await;
        assert_eq!(closed.json["allowed"], false);
        let block = &closed.json["blocks"][0];
        assert_eq!((&block["actionId"], &block["name"]), (&action["id"], &json!("Ban")));
        assert_eq!(block["startedAt"], "2026-01-05T09:00:00.000Z");
        assert_eq!(block["endsAt"], "2026-01-05T10:00:00.000Z");

        server.clock.advance_millis(HOUR - 1);
        assert_eq!(server.get(&path).await.json["allowed"], false);
        server.clock.advance_millis(1);
        assert_eq!(server.get(&path).await.json["allowed"], true);
    }

    async fn the_gate_tells_when_nothing_has_changed(server: Server) {
        let user = user(&server, "u@example.com", &[]).await;
        let path = format!("/api/v1/gate?userId={user}");
        let first = server.get(&path).await;
        let tag = first.headers["etag"].to_str().unwrap();
        server.clock.advance_millis(5);
        let again = server.call("GET", &path, &[("If-None-Match", tag)], None).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        server.delete(&format!("/api/user/{user}")).await;
        let changed = server.call("GET", &path, &[("If-None-Match", tag)], None).await;
        assert_eq!(changed.status, 200);
        assert_eq!(changed.json["blocks"][0]["name"], "deactivated");
        assert_eq!(changed.json["allowed"], false);
    }

    async fn a_batch_is_answered_in_its_order(server: Server) {
        let (ban, moderator) = (ban(&server).await, user(&server, "m@example.com", &[]).await);
        let banned = user(&server, "u@example.com", &[]).await;
        for hours in [1, 2] {
            take(&server, json!({"actioneeUserId": banned, "actionerUserId": moderator,
                "userActionId": ban, "expiry": after(&server, hours * HOUR)})).await;
            server.clock.advance_millis(1_000);
        }
        let nobody = "00000000-0000-4000-8000-000000000000";
        let checks = json!({"checks": [{"userId": nobody}, {"userId": banned},
            {"userId": moderator}, {"userId": banned}]});
        let answered = server.post("/api/v1/gate", checks).await;
        assert_eq!(answered.status, 200, "{}", answered.text);
        let answers = answered.json["answers"].as_array().unwrap();
        assert_eq!(answers[0], json!({"allowed": false, "error": "unknown-user"}));
        assert_eq!(answers[1]["blocks"].as_array().unwrap().len(), 2);
        assert_eq!(answers[1]["blocks"][0]["endsAt"], "2026-01-05T11:00:01.000Z");
        assert_eq!(answers[2]["allowed"], true);
        assert_eq!(answers[3], answers[1]);
    }

    async fn many_who_ask_at_once_are_each_told_their_own(server: Server) {
        let (ban, moderator) = (ban(&server).await, user(&server, "m@example.com", &[]).await);
        let mut paths = Vec::new();
        for number in 0..24 {
            let user = user(&server, &format!("u{number}@example.com"), &[]).await;
            // Every third has none, and of two the first has ended.
            for hours in 1..=number % 3 {
                take(&server, json!({"actioneeUserId": user, "actionerUserId": moderator,
                    "userActionId": ban, "expiry": after(&server, hours * HOUR)})).await;
            }
            paths.push((format!("/api/user/action?userId={user}"), number % 3));
            paths.push((format!("/api/v1/gate?userId={user}"), number % 3 / 2));
        }
        server.clock.advance_millis(HOUR);
        let at_once = join_all(paths.iter().map(|(path, _)| server.get(path))).await;
        for ((path, many), together) in paths.iter().zip(at_once) {
            assert_eq!(together.status, 200, "{path}: {}", together.text);
            let found = together.json["actions"].as_array().or(together.json["blocks"].as_array());
            assert_eq!(i64::try_from(found.unwrap().len()), Ok(*many), "{path}: {}", together.text);
            assert_eq!(together.json, server.get(path).await.json, "{path}");
        }
    }

    async fn what_is_wrong_with_a_batch_is_pointed_at(server: Server) {
        let checks = json!({"checks": [{"userId": "x"}, {}]});
        let refused = server.post("/api/v1/gate", checks).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        let pointers: Vec<&Value> =
            refused.json["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
        assert_eq!(pointers, [&json!("/checks/0/userId"), &json!("/checks/1/userId")]);
        assert_eq!(refused.json["instance"], refused.headers["x-request-id"].to_str().unwrap());
        let many = vec![json!({"userId": "00000000-0000-4000-8000-000000000000"}); 1_001];
        assert_eq!(server.post("/api/v1/gate", json!({"checks": many})).await.status, 400);
    }

    async fn standing_is_one_page_about_one_user(server: Server) {
        let moderator = user(&server, "m@example.com", &[]).await;
        let subject = user(&server, "u@example.com", &[]).await;
        let mute = definition(&server, json!({"name": "Mute", "temporal": true})).await;
        let reward = definition(&server, json!({"name": "Reward"})).await;
        for (kind, expiry) in [(&mute, Some(HOUR)), (&reward, None)] {
            take(&server, json!({"actioneeUserId": subject, "actionerUserId": moderator,
                "userActionId": kind, "expiry": expiry.map(|e| after(&server, e))})).await;
        }
        let standing = server.get(&format!("/api/v1/users/{subject}/standing")).await;
        assert_eq!(standing.status, 200, "{}", standing.text);
        assert_eq!(standing.json["activeActions"].as_array().unwrap().len(), 1);
        assert_eq!(standing.json["pastActionCount"], 1);
        assert_eq!(standing.json["blocks"], json!([]));
        assert_eq!(standing.json["comments"], 0);
    }

    async fn actions_are_found_by_what_is_known_of_them(server: Server) {
        let moderator = user(&server, "m@example.com", &[]).await;
        let ann = user(&server, "ann@example.com", &[]).await;
        let bob = user(&server, "bob@example.com", &[]).await;
        let mute = definition(&server, json!({"name": "Mute", "temporal": true})).await;
        let ban = ban(&server).await;
        let reward = definition(&server, json!({"name": "Reward"})).await;
        let mut ids = Vec::new();
        for (who, kind, length, comment) in [
            (&ann, &mute, Some(-HOUR), "Spam, spam!"),
            (&ann, &ban, Some(HOUR), "again spam"),
            (&bob, &mute, Some(2 * HOUR), "rude to ann@example.com"),
            (&bob, &reward, None, "helped"),
        ] {
            server.clock.advance_millis(1_000);
            let action = take(&server, json!({"actioneeUserId": who, "actionerUserId": moderator,
                "userActionId": kind, "comment": comment,
                "expiry": length.map(|length| after(&server, length))})).await;
            ids.push(action["id"].clone());
        }
        for (query, found) in [
            (String::new(), vec![3, 2, 1, 0]),
            ("sort=takenAt".to_owned(), vec![0, 1, 2, 3]),
            ("sort=endsAt".to_owned(), vec![0, 1, 2]),
            ("sort=-endsAt".to_owned(), vec![2, 1, 0]),
            (format!("actioneeId={ann}"), vec![1, 0]),
            (format!("definitionId={mute}&actioneeId={bob}"), vec![2]),
            ("state=active".to_owned(), vec![2, 1]),
            ("state=expired&state=instant".to_owned(), vec![3, 0]),
            ("preventsLogin=true".to_owned(), vec![1]),
            ("q=SPAM".to_owned(), vec![1, 0]),
            ("q=spam%20again".to_owned(), vec![1]),
            ("q=bob%40example.com".to_owned(), vec![3, 2]),
            ("q=Ann@example.com".to_owned(), vec![2, 1, 0]),
            ("q=ann@example.com&sort=endsAt".to_owned(), vec![0, 1, 2]),
            ("q=ann@example.com%20again".to_owned(), vec![1]),
            ("q=spam%20ann@example.com".to_owned(), vec![1, 0]),
            (format!("q=ann@example.com&actioneeId={bob}"), vec![2]),
            ("q=bob@example.com%20ann@example.com".to_owned(), vec![2]),
            ("q=example".to_owned(), vec![2]),
            ("q=spam&sort=endsAt".to_owned(), vec![0, 1]),
            ("takenAfter=2026-01-05T09:00:02Z".to_owned(), vec![3, 2]),
            ("takenBefore=2026-01-05T09:00:02Z".to_owned(), vec![0]),
            ("endsAfter=2026-01-05T10:30:00Z".to_owned(), vec![2]),
        ] {
            let answered = server.get(&format!("/api/v1/actions?{query}")).await;
            assert_eq!(answered.status, 200, "{query}: {}", answered.text);
            let got: Vec<&Value> =
                answered.json["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
            let want: Vec<&Value> = found.iter().map(|index| &ids[*index]).collect();
            assert_eq!(got, want, "{query}");
        }
    }

    async fn actions_are_found_by_the_actionees_name_however_it_is_written(server: Server) {
        let reward = definition(&server, json!({"name": "Reward"})).await;
        for name in ["Ann Lee", "_Bob_", "Åse"] {
            let body = json!({"user": {"username": name}, "sendSetPasswordEmail": true});
            let who = id_of(&server.post("/api/user", body).await, "user");
            let action = take(&server, json!({"actioneeUserId": who, "actionerUserId": who,
                "userActionId": reward})).await;
            let query: String = name.to_lowercase().replace(' ', "%20");
            let found = server.get(&format!("/api/v1/actions?q={query}")).await;
            let items = found.json["items"].as_array().unwrap();
            assert_eq!(items.len(), 1, "{name}: {}", found.text);
            assert_eq!(items[0]["id"], action["id"], "{name}");
        }
        assert_eq!(server.get("/api/v1/actions?q=ann").await.json["items"], json!([]));
    }

    async fn pages_follow_each_other_without_gap_or_overlap(server: Server) {
        let moderator = user(&server, "m@example.com", &[]).await;
        let mute = definition(&server, json!({"name": "Mute", "temporal": true})).await;
        for number in 0..7 {
            server.clock.advance_millis(1);
            // Every second one is found by its comment too.
            let comment = (number % 2 == 0).then_some("by m@example.com");
            take(&server, json!({"actioneeUserId": moderator, "actionerUserId": moderator,
                "userActionId": mute, "comment": comment, "expiry": after(&server, HOUR * (number % 3))})).await;
        }
        for order in ["-takenAt", "takenAt", "endsAt", "-endsAt"] {
            for text in ["", "m@example.com"] {
                let list = format!("/api/v1/actions?sort={order}&q={text}");
                let (mut seen, mut path) = (Vec::new(), format!("{list}&limit=3"));
                loop {
                    let page = server.get(&path).await;
                    assert_eq!(page.status, 200, "{}", page.text);
                    seen.extend(ids(&page.json));
                    let Some(next) = page.json["next"].as_str() else { break };
                    path = format!("{list}&limit=3&after={next}");
                }
                let all = ids(&server.get(&format!("/api/v1/actions?sort={order}")).await.json);
                assert_eq!((seen.len(), &seen), (7, &all), "{list}");
            }
        }
        assert_eq!(server.get("/api/v1/actions?limit=501").await.status, 400);
        assert_eq!(server.get("/api/v1/actions?after=junk").await.status, 400);
        assert_eq!(server.get("/api/v1/actions?state=gone").await.status, 400);
    }

    async fn an_action_is_told_with_the_events_it_caused(server: Server) {
        let moderator = user(&server, "m@example.com", &[]).await;
        let ban = ban(&server).await;
        let action = take(&server, json!({"actioneeUserId": moderator, "actionerUserId": moderator,
            "userActionId": ban, "expiry": after(&server, HOUR)})).await;
        let id = action["id"].as_str().unwrap();
        let cancel = json!({"action": {"actionerUserId": moderator}});
        let path = format!("/api/user/action/{id}");
        let cancelled = server.call("DELETE", &path, &[], Some(&cancel)).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text);
        let traced = server.get(&format!("/api/v1/actions/{id}")).await;
        assert_eq!(traced.json["state"], "cancelled");
        assert_eq!(traced.json["history"].as_array().unwrap().len(), 1);
        let phases: Vec<&Value> =
            traced.json["events"].as_array().unwrap().iter().map(|e| &e["payload"]["phase"]).collect();
        assert_eq!(phases, [&json!("start"), &json!("cancel")]);
        assert!(traced.headers.contains_key("etag"));
    }

    async fn people_see_their_own_gate_and_no_other(server: Server) {
        let subject = user(&server, "u@example.com", &[]).await;
        let other = user(&server, "o@example.com", &[]).await;
        let login = server.post("/api/login",
            json!({"loginId": "u@example.com", "password": "correct horse"})).await;
        let token = login.json["token"].as_str().unwrap();
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str())];
        let own = format!("/api/v1/gate?userId={subject}");
        let path = format!("/api/v1/gate?userId={other}");
        assert_eq!(server.call("GET", &own, &headers, None).await.status, 200);
        assert_eq!(server.call("GET", &path, &headers, None).await.status, 403);
        assert_eq!(server.call("GET", "/api/v1/actions", &headers, None).await.status, 403);
        assert_eq!(server.call("GET", &own, &[("Authorization", "")], None).await.status, 401);
    }
}
