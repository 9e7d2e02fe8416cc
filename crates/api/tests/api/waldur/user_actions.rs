//! `/api/user-actions/`: what is seen, counted and silenced (`waldur.md` §4, cases 1 to 25, 43, 44;
//! `native.md` §7, 1).

use docket_testkit::on_both_engines;
use serde_json::{Value, json};
use uuid::Uuid;

use super::inbox::{ACTIONS, DAY, EXECUTIONS, HOUR, at, only, push, silence, text, titles};
use super::world::{each, somebody, staff};

on_both_engines! {
    async fn case_001_strangers_see_nothing(server: Server) {
        let stranger = server.call("GET", ACTIONS, &[("Authorization", "")], None).await;
        assert_eq!(stranger.status, 401);
        assert!(stranger.json["detail"].is_string());
    }

    async fn case_002_a_list_is_a_bare_array_with_headers(server: Server) {
        let ada = somebody(&server, "ada").await;
        push(&server, &ada, "A", json!({"dueAt": at(&server, 3 * DAY), "relatedObjectName": "Contract",
            "relatedObjectType": "contract", "routeName": "contract", "routeParams": {"id": "7"},
            "project": {"name": "P", "uuid": Uuid::from_u128(9)},
            "correctiveActions": [{"label": "Look", "category": "view"}]})).await;
        let listed = ada.get(&server, ACTIONS).await;
        assert_eq!((listed.status, listed.json.as_array().unwrap().len()), (200, 1));
        assert_eq!(listed.headers["x-result-count"], "1");
        let link = listed.headers["link"].to_str().unwrap();
        assert!(link.contains("rel=\"first\"") && link.contains("rel=\"last\""), "{link}");
        let a = &listed.json[0];
        assert_eq!(*a, json!({
            "uuid": a["uuid"], "action_type": "test_action", "title": "A", "description": "",
            "urgency": "medium", "due_date": "2026-01-08T09:00:00.000000Z", "is_silenced": false,
            "silenced_until": null, "is_temporarily_silenced": false,
            "is_effectively_silenced": false, "created": "2026-01-05T09:00:00.000000Z",
            "modified": "2026-01-05T09:00:00.000000Z", "related_object_name": "Contract",
            "related_object_type": "contract", "corrective_actions": [{"label": "Look",
                "category": "view", "severity": "safe", "method": "GET", "api_endpoint": false,
                "confirmation_required": false, "permissions_required": [], "metadata": {},
                "route_name": null, "route_params": {}}],
            "days_until_due": 3, "route_name": "contract", "route_params": {"id": "7"},
            "project_name": "P", "project_uuid": Uuid::from_u128(9).to_string(),
            "organization_name": "", "organization_uuid": null, "offering_name": "",
            "offering_uuid": null, "offering_type": "", "resource_name": "",
            "resource_uuid": null, "order_type": "",
        }));
        assert_eq!(text(a, "uuid").len(), 32);
        for method in ["PUT", "PATCH", "DELETE"] {
            let path = format!("{ACTIONS}{}/", text(a, "uuid"));
            assert_eq!(ada.call(&server, method, &path, Some(&json!({}))).await.status, 405);
        }
        assert_eq!(ada.post(&server, ACTIONS, json!({})).await.status, 405);
    }

    async fn cases_003_to_006_to_dos_are_private(server: Server) {
        let staff = staff(&server).await;
        let (ada, bob) = (somebody(&server, "ada").await, somebody(&server, "bob").await);
        let (a, b) = (push(&server, &ada, "A", json!({})).await, push(&server, &bob, "B", json!({})).await);
        assert_eq!(titles(&server, &ada, "").await, ["A"]);
        assert_eq!(titles(&server, &staff, "").await, [""; 0], "staff see their own, too");
        let foreign = ada.get(&server, &format!("{ACTIONS}{b}/")).await;
        assert_eq!(foreign.status, 404);
        assert_eq!(foreign.json["detail"], "No UserAction matches the given query.");
        let own = ada.get(&server, &format!("{ACTIONS}{a}/")).await;
        assert_eq!((own.status, &own.json["title"]), (200, &json!("A")));
        assert_eq!(titles(&server, &staff, &format!("?user_uuid={}", ada.id)).await, ["A"]);
        assert_eq!(titles(&server, &ada, &format!("?user_uuid={}", bob.id)).await, [""; 0]);
        assert_eq!(titles(&server, &ada, &format!("?user_uuid={}", ada.id)).await, ["A"]);
        let wrong = ada.get(&server, &format!("{ACTIONS}?user_uuid=x")).await;
        assert_eq!((wrong.status, wrong.json), (400, json!({"user_uuid": ["Enter a valid UUID."]})));
        // What staff look at they may also silence and do; unsilencing is the user's own affair.
        let query = format!("?user_uuid={}", ada.id);
        let path = format!("{ACTIONS}{a}/");
        assert_eq!(staff.post(&server, &format!("{path}silence/{query}"), json!({})).await.status, 200);
        assert_eq!(staff.post(&server, &format!("{path}unsilence/{query}"), json!({})).await.status, 404);
        assert_eq!(ada.post(&server, &format!("{path}unsilence/"), json!({})).await.status, 200);
    }

    async fn cases_007_008_urgency_is_one_of_three(server: Server) {
        let ada = somebody(&server, "ada").await;
        push(&server, &ada, "A", json!({})).await;
        push(&server, &ada, "L", json!({"urgency": "low"})).await;
        assert_eq!(titles(&server, &ada, "?urgency=medium").await, ["A"]);
        let wrong = ada.get(&server, &format!("{ACTIONS}?urgency=foo")).await;
        assert_eq!(wrong.status, 400);
        assert_eq!(wrong.json["urgency"],
            json!(["Select a valid choice. foo is not one of the available choices."]));
        assert_eq!(titles(&server, &ada, "?action_type=other").await, [""; 0]);
        assert_eq!(titles(&server, &ada, "?action_type=test_action&urgency=low").await, ["L"]);
    }

    async fn cases_009_to_012_what_is_silenced_is_out_of_sight(server: Server) {
        let ada = somebody(&server, "ada").await;
        let a = push(&server, &ada, "A", json!({})).await;
        assert_eq!(silence(&server, &ada, &a, json!({})).await.status, 200);
        assert_eq!(titles(&server, &ada, "").await, [""; 0]);
        let shown = ada.get(&server, &format!("{ACTIONS}?include_silenced=true")).await;
        assert_eq!(shown.json[0]["is_effectively_silenced"], true);
        assert_eq!(titles(&server, &ada, "?include_silenced=True").await, [""; 0]);
        assert_eq!(titles(&server, &ada, "?is_silenced=true").await, [""; 0]);
        assert_eq!(titles(&server, &ada, "?is_silenced=true&include_silenced=true").await, ["A"]);
        assert_eq!(titles(&server, &ada, "?is_silenced=false&include_silenced=true").await, [""; 0]);
        let found = ada.get(&server, &format!("{ACTIONS}{a}/")).await;
        assert_eq!(found.status, 404);
        let found = ada.get(&server, &format!("{ACTIONS}{a}/?include_silenced=true")).await;
        assert_eq!(found.status, 200);
    }

    async fn case_013_a_silence_ends_by_the_clock(server: Server) {
        let ada = somebody(&server, "ada").await;
        let a = push(&server, &ada, "A", json!({})).await;
        silence(&server, &ada, &a, json!({"duration_days": 1})).await;
        server.clock.advance_millis(DAY - 1);
        assert_eq!(titles(&server, &ada, "").await, [""; 0]);
        server.clock.advance_millis(1);
        let a = only(&server, &ada).await;
        assert_eq!((&a["is_temporarily_silenced"], &a["is_silenced"]), (&json!(false), &json!(false)));
        assert_eq!(a["silenced_until"], "2026-01-06T09:00:00.000000Z");
    }

    async fn case_014_native_7_1_urgency_sorts_by_meaning(server: Server) {
        let ada = somebody(&server, "ada").await;
        let due = json!(at(&server, DAY));
        for urgency in ["low", "medium", "high"] {
            push(&server, &ada, urgency, json!({"urgency": urgency, "dueAt": due})).await;
        }
        push(&server, &ada, "never", json!({"urgency": "high"})).await;
        server.clock.advance_millis(1);
        push(&server, &ada, "newest", json!({"urgency": "high"})).await;
        assert_eq!(titles(&server, &ada, "").await, ["high", "newest", "never", "medium", "low"]);
        let up = titles(&server, &ada, "?o=urgency,due_date").await;
        assert_eq!(up, ["low", "medium", "high", "newest", "never"]);
        let down = titles(&server, &ada, "?o=-due_date").await;
        assert_eq!(down[..2], ["newest", "never"], "what is never due comes first from behind");
    }

    async fn case_015_an_unknown_order_is_the_usual_one(server: Server) {
        let ada = somebody(&server, "ada").await;
        push(&server, &ada, "low", json!({"urgency": "low"})).await;
        push(&server, &ada, "high", json!({"urgency": "high"})).await;
        assert_eq!(titles(&server, &ada, "?o=bogus").await, ["high", "low"]);
        assert_eq!(titles(&server, &ada, "?o=bogus,urgency").await, ["low", "high"]);
        assert_eq!(titles(&server, &ada, "?o=-urgency&o=urgency").await, ["low", "high"]);
    }

    async fn cases_016_017_what_is_due_is_found(server: Server) {
        let ada = somebody(&server, "ada").await;
        push(&server, &ada, "late", json!({"dueAt": at(&server, -DAY)})).await;
        push(&server, &ada, "soon", json!({"dueAt": at(&server, DAY)})).await;
        push(&server, &ada, "never", json!({})).await;
        assert_eq!(titles(&server, &ada, "?overdue=true").await, ["late"]);
        assert_eq!(titles(&server, &ada, "?overdue=false").await, ["soon", "never"]);
        assert_eq!(titles(&server, &ada, "?due_within_days=2.0").await, ["late", "soon"]);
        assert_eq!(titles(&server, &ada, "?due_within_days=0.5").await, ["late"]);
        assert_eq!(titles(&server, &ada, "?due_within_days=1e300").await, ["late", "soon"]);
        let wrong = ada.get(&server, &format!("{ACTIONS}?due_within_days=x")).await;
        assert_eq!(wrong.json, json!({"due_within_days": ["Enter a number."]}));
        let now = "2026-01-05T09%3A00%3A00%2B00%3A00";
        assert_eq!(titles(&server, &ada, &format!("?created_after={now}")).await.len(), 3);
        assert_eq!(titles(&server, &ada, &format!("?created_before={now}")).await.len(), 3);
        assert_eq!(titles(&server, &ada, "?created_after=2026-01-06").await, [""; 0]);
        let listed = ada.get(&server, &format!("{ACTIONS}?overdue=true")).await;
        assert_eq!(listed.json[0]["days_until_due"], -1);
    }

    async fn case_018_a_summary_counts_what_is_in_sight(server: Server) {
        let ada = somebody(&server, "ada").await;
        push(&server, &ada, "A", json!({})).await;
        push(&server, &ada, "B", json!({"urgency": "high", "dueAt": at(&server, -DAY)})).await;
        let c = push(&server, &ada, "C", json!({"urgency": "low"})).await;
        silence(&server, &ada, &c, json!({})).await;
        let path = format!("{ACTIONS}summary/");
        let summary = ada.get(&server, &path).await;
        assert_eq!(summary.json, json!({"total": 2,
            "by_urgency": {"low": 0, "medium": 1, "high": 1}, "by_type": {"test_action": 2},
            "overdue": 1}));
        assert_eq!(summary.headers["x-result-count"], "2");
        let all = ada.get(&server, &format!("{path}?include_silenced=true&urgency=low")).await;
        assert_eq!((&all.json["total"], &all.json["by_urgency"]["low"]), (&json!(1), &json!(1)));
        let none = ada.get(&server, &format!("{path}?overdue=false&due_within_days=1")).await;
        assert_eq!((&none.json["total"], &none.json["by_type"]), (&json!(0), &json!({})));
    }

    async fn cases_019_to_022_a_silence_lasts_days_or_for_good(server: Server) {
        let ada = somebody(&server, "ada").await;
        let a = push(&server, &ada, "A", json!({})).await;
        for days in [0, 366] {
            let wrong = silence(&server, &ada, &a, json!({ "duration_days": days })).await;
            assert_eq!(wrong.status, 400);
            assert_eq!(wrong.json["duration_days"],
                json!(["Duration must be between 1 and 365 days."]));
        }
        let week = silence(&server, &ada, &a, json!({"duration_days": 7})).await;
        assert_eq!((week.status, week.json), (200, json!({"status": "silenced", "duration_days": 7})));
        assert_eq!(titles(&server, &ada, "").await, [""; 0]);
        assert_eq!(silence(&server, &ada, &a, json!({})).await.status, 404);
        let path = format!("{ACTIONS}{a}/silence/?include_silenced=true");
        let good = ada.post(&server, &path, json!({})).await;
        assert_eq!(good.json, json!({"status": "silenced", "duration_days": null}));
        let shown = ada.get(&server, &format!("{ACTIONS}{a}/?include_silenced=true")).await;
        assert_eq!((&shown.json["is_silenced"], &shown.json["is_temporarily_silenced"]),
            (&json!(true), &json!(true)), "the two kinds do not touch each other");
        let events: Vec<_> = server.events().await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(events.iter().filter(|kind| *kind == "todo.silenced").count(), 2);
    }

    async fn cases_023_024_unsilencing_is_for_own_to_dos(server: Server) {
        let (ada, bob) = (somebody(&server, "ada").await, somebody(&server, "bob").await);
        let (a, b) = (push(&server, &ada, "A", json!({})).await, push(&server, &bob, "B", json!({})).await);
        silence(&server, &ada, &a, json!({"duration_days": 7})).await;
        let path = format!("{ACTIONS}{a}/unsilence/");
        ada.post(&server, &format!("{ACTIONS}{a}/silence/?include_silenced=true"), json!({})).await;
        for _ in 0..2 {
            let lifted = ada.call(&server, "POST", &path, None).await;
            assert_eq!((lifted.status, lifted.json), (200, json!({"status": "unsilenced"})));
        }
        let shown = only(&server, &ada).await;
        assert_eq!((&shown["is_silenced"], &shown["silenced_until"]), (&json!(false), &Value::Null));
        let foreign = ada.post(&server, &format!("{ACTIONS}{b}/unsilence/"), json!({})).await;
        assert_eq!((foreign.status, foreign.json), (404, json!({"detail": "Action not found"})));
        let events: Vec<_> = server.events().await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(events.iter().filter(|kind| *kind == "todo.unsilenced").count(), 1);
    }

    async fn case_025_many_are_silenced_as_they_would_be_listed(server: Server) {
        let ada = somebody(&server, "ada").await;
        for (key, urgency) in [("h1", "high"), ("h2", "high"), ("l", "low")] {
            push(&server, &ada, key, json!({ "urgency": urgency })).await;
        }
        let path = format!("{ACTIONS}bulk_silence/?urgency=high");
        let wrong = ada.post(&server, &path, json!({"duration_days": 0})).await;
        assert_eq!(wrong.status, 400);
        let done = ada.post(&server, &path, json!({"duration_days": 14})).await;
        assert_eq!(done.json, json!({"status": "bulk_silenced", "count": 2, "duration_days": 14}));
        assert_eq!(titles(&server, &ada, "").await, ["l"]);
        let again = ada.post(&server, &path, json!({})).await;
        assert_eq!((again.status, &again.json["count"]), (200, &json!(0)));
        let rest = ada.call(&server, "POST", &format!("{ACTIONS}bulk_silence/"), None).await;
        assert_eq!(rest.json, json!({"status": "bulk_silenced", "count": 1, "duration_days": null}));
    }

    async fn case_043_head_counts(server: Server) {
        let ada = somebody(&server, "ada").await;
        push(&server, &ada, "A", json!({"urgency": "high"})).await;
        for path in [format!("{ACTIONS}?urgency=high"), format!("{ACTIONS}summary/"),
            format!("{ACTIONS}?urgency=low"), EXECUTIONS.to_owned()] {
            let head = ada.call(&server, "HEAD", &path, None).await;
            assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
            let count: i64 = head.headers["x-result-count"].to_str().map_or(-1, |text| {
                text.parse().unwrap_or(-1)
            });
            let expected = i64::from(!path.contains("low") && path != EXECUTIONS);
            assert_eq!(count, expected, "{path}");
        }
    }

    async fn case_044_pages_show_every_row_once(server: Server) {
        let ada = somebody(&server, "ada").await;
        for number in 0..25 {
            push(&server, &ada, &format!("t{number}"), json!({})).await;
        }
        let all = ada.get(&server, &format!("{ACTIONS}?page_size=100")).await;
        assert_eq!(all.json.as_array().unwrap().len(), 25);
        let mut seen = std::collections::BTreeSet::new();
        for page in 1..=3 {
            let listed = ada.get(&server, &format!("{ACTIONS}?page={page}&page_size=10")).await;
            let next = listed.headers["link"].to_str().unwrap().contains("rel=\"next\"");
            assert_eq!(next, page < 3, "{page}");
            seen.extend(each(&listed, "uuid"));
        }
        assert_eq!(seen.len(), 25);
        let beyond = ada.get(&server, &format!("{ACTIONS}?page=4&page_size=10")).await;
        assert_eq!((beyond.status, beyond.json), (404, json!({"detail": "Invalid page."})));
    }

    async fn what_a_list_shows_is_what_a_single_look_finds(server: Server) {
        let ada = somebody(&server, "ada").await;
        let mut ids = Vec::new();
        for (number, urgency) in ["low", "medium", "high", "low", "medium", "high"].iter().enumerate() {
            let due = [json!(null), json!(at(&server, -DAY)), json!(at(&server, 2 * DAY))];
            let more = json!({"urgency": urgency, "dueAt": due[number % 3]});
            ids.push(push(&server, &ada, &format!("t{number}"), more).await);
            server.clock.advance_millis(HOUR);
        }
        silence(&server, &ada, &ids[0], json!({})).await;
        silence(&server, &ada, &ids[1], json!({"duration_days": 1})).await;
        silence(&server, &ada, &ids[2], json!({"duration_days": 9})).await;
        server.clock.advance_millis(DAY);
        for query in ["", "include_silenced=true", "is_silenced=true", "is_silenced=false",
            "include_silenced=true&is_silenced=false", "urgency=low", "urgency=high&overdue=true",
            "overdue=false&include_silenced=true", "overdue=true", "due_within_days=1",
            "due_within_days=1&include_silenced=true", "created_after=2026-01-05T11:00:00Z",
            "created_before=2026-01-05T11:00:00Z&include_silenced=true", "action_type=test_action",
            "action_type=x", "created_after=2026-01-05T11:00:00Z&urgency=medium"] {
            let listed = each(&ada.get(&server, &format!("{ACTIONS}?{query}")).await, "uuid");
            let summary = ada.get(&server, &format!("{ACTIONS}summary/?{query}")).await;
            assert_eq!(summary.json["total"], json!(listed.len()), "{query}");
            for id in &ids {
                let single = ada.get(&server, &format!("{ACTIONS}{id}/?{query}")).await;
                let expected = if listed.contains(id) { 200 } else { 404 };
                assert_eq!(single.status, expected, "{query}: {}", single.text);
            }
        }
    }
}
