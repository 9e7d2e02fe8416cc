//! `/api/user-actions/`, its executions and its providers (`waldur.md` §4 to §7, cases 1 to 44;
//! `native.md` §7, 1 to 6).

use docket_domain::id::UserId;
use docket_service::settings::{Settings, Todos};
use docket_service::todos::pull::Formats;
use docket_service::todos::refresh;
use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Somebody, World, each, hex, somebody, staff};

const ACTIONS: &str = "/api/user-actions/";
const EXECUTIONS: &str = "/api/user-action-executions/";
const PROVIDERS: &str = "/api/user-action-providers/";
const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

fn id_of(who: &Somebody) -> UserId {
    UserId::from_uuid(Uuid::parse_str(&who.id).unwrap())
}

/// So long after (or before) the present of the server, as text.
fn at(server: &Server, millis: i64) -> String {
    let instant = server.ctx.now().plus_millis(millis);
    docket_wire::native::scalar::instant(instant)
}

/// Asks something of somebody; the answer is the to-do's id.
async fn push(server: &Server, who: &Somebody, key: &str, more: Value) -> String {
    let mut body = json!({"userIds": [id_of(who).to_string()], "title": key, "urgency": "medium"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let put = server.put(&format!("/api/v1/todos/test_action/{key}"), body).await;
    assert!([200, 201].contains(&put.status), "{}", put.text);
    hex(put.json["items"][0]["id"].as_str().unwrap())
}

async fn titles(server: &Server, who: &Somebody, query: &str) -> Vec<String> {
    each(&who.get(server, &format!("{ACTIONS}{query}")).await, "title")
}

async fn silence(server: &Server, who: &Somebody, id: &str, body: Value) -> Answered {
    who.post(server, &format!("{ACTIONS}{id}/silence/"), body).await
}

async fn execute(server: &Server, who: &Somebody, id: &str, label: &str) -> Answered {
    let body = json!({ "action_label": label });
    who.post(server, &format!("{ACTIONS}{id}/execute_action/"), body).await
}

/// Looks at what somebody has to do anew, as the courier does.
async fn look(server: &Server, who: &Somebody) {
    refresh::user(&server.ctx, id_of(who), None).await.unwrap();
}

/// An order that waits for somebody of the project.
async fn order(server: &Server, project: &str, hours_ago: i64) -> String {
    let id = server.ctx.id(server.ctx.now(), |id| id).to_string();
    tell_of_order(server, &id, project, "pending-consumer", hours_ago).await;
    id
}

async fn tell_of_order(server: &Server, id: &str, project: &str, state: &str, hours_ago: i64) {
    let body = json!({"state": state, "type": "Create", "projectId": project,
        "offering": {"name": "Virtual machine", "uuid": Uuid::from_u128(7), "type": "OpenStack"},
        "resource": {"name": "vm-1"}, "estimatedCost": "12.50",
        "orderedAt": at(server, -hours_ago * HOUR)});
    let told = server.put(&format!("/api/v1/orders/{id}"), body).await;
    assert!([200, 201].contains(&told.status), "{}", told.text);
}

/// A resource that ends in so many days.
async fn resource(server: &Server, project: &str, days: i64, more: Value) -> String {
    let id = server.ctx.id(server.ctx.now(), |id| id).to_string();
    let end = at(server, days * DAY);
    let mut body = json!({"name": "vm-1", "state": "OK", "projectId": project, "prepaid": true,
        "offering": {"name": "Virtual machine"}, "endDate": end.split_once('T').unwrap().0});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let told = server.put(&format!("/api/v1/resources/{id}"), body).await;
    assert_eq!(told.status, 201, "{}", told.text);
    id
}

/// The same server with other settings.
fn with(mut server: Server, todos: Todos) -> Server {
    let settings = Settings { todos, ..Settings::default() };
    let ctx = server.ctx.clone().with_settings(settings);
    server.with_context(ctx);
    server
}

/// The one to-do that somebody has.
async fn only(server: &Server, who: &Somebody) -> Value {
    let listed = who.get(server, ACTIONS).await;
    let items = listed.json.as_array().unwrap_or_else(|| panic!("{}", listed.text)).clone();
    assert_eq!(items.len(), 1, "{}", listed.text);
    items.into_iter().next().unwrap()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

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

    async fn case_026_native_7_5_everybody_may_refresh_the_own_ones(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        let path = format!("{ACTIONS}update_actions/");
        let scheduled = ada.post(&server, &path, json!({})).await;
        assert_eq!(scheduled.status, 202);
        assert_eq!(scheduled.json, json!({"status": "scheduled",
            "message": "User actions update has been scheduled", "provider_action_type": null}));
        assert_eq!(server.ctx.wishes.take(), Some((id_of(&ada), None)));
        let unheard = ada.post(&server, &path, json!({"provider_action_type": "unheard"})).await;
        assert_eq!((unheard.status, &unheard.json["provider_action_type"]), (202, &json!("unheard")));
        assert_eq!(server.ctx.wishes.take(), Some((id_of(&ada), Some("unheard".to_owned()))));
        assert!(docket_service::todos::run::next(&server.ctx).await.unwrap().is_none(), "only staff \
            have everybody's looked at");
        let all = staff.post(&server, &path, json!({})).await;
        assert_eq!(all.json, scheduled.json);
        assert_eq!(docket_service::todos::run::next(&server.ctx).await.unwrap(), Some(server.ctx.now()));

        let path = format!("/api/users/{}/update_actions/", ada.id);
        assert_eq!(ada.post(&server, &path, json!({})).await.status, 403);
        assert!(server.ctx.wishes.take().is_some());
        let of_ada = staff.post(&server, &path, json!({})).await;
        assert_eq!(of_ada.status, 202);
        assert_eq!(of_ada.json["message"], "User actions update for ada has been scheduled");
        assert_eq!(server.ctx.wishes.take(), Some((id_of(&ada), None)));
        let wrong = staff.post(&server, &path, json!({"provider_action_type": []})).await;
        assert_eq!(wrong.status, 400);
    }

    async fn case_027_an_execution_needs_a_label(server: Server) {
        let ada = somebody(&server, "ada").await;
        let a = push(&server, &ada, "A", json!({})).await;
        let path = format!("{ACTIONS}{a}/execute_action/");
        let wrong = ada.post(&server, &path, json!({})).await;
        assert_eq!((wrong.status, wrong.json),
            (400, json!({"action_label": ["This field is required."]})));
        let wrong = ada.post(&server, &path, json!({"action_label": ""})).await;
        assert_eq!(wrong.json, json!({"action_label": ["This field may not be blank."]}));
    }

    async fn cases_028_029_033_what_is_done_is_kept(server: Server) {
        let world = World::make(&server).await;
        order(&server, &world.project, 25).await;
        look(&server, &world.admin).await;
        let todo = only(&server, &world.admin).await;
        let labels: Vec<_> = todo["corrective_actions"].as_array().unwrap().iter()
            .map(|action| text(action, "label")).collect();
        assert_eq!(labels, ["View Order Details", "Approve Order", "Reject Order"]);
        let id = text(&todo, "uuid");
        let unknown = execute(&server, &world.admin, id, "Non-existent Action").await;
        assert_eq!((unknown.status, unknown.json),
            (404, json!({"error": "Action not found or not permitted"})));
        assert_eq!(world.admin.get(&server, EXECUTIONS).await.json, json!([]));
        let viewed = execute(&server, &world.admin, id, "View Order Details").await;
        assert_eq!((viewed.status, viewed.json), (200, json!({"action": "navigate"})));
        server.clock.advance_millis(1);
        execute(&server, &world.admin, id, "View Order Details").await;
        let kept = world.admin.get(&server, EXECUTIONS).await;
        assert_eq!(kept.headers["x-result-count"], "2");
        assert_eq!(kept.json[0], json!({"id": 2, "corrective_action_label": "View Order Details",
            "executed_at": "2026-01-05T09:00:00.001000Z", "success": true, "error_message": "",
            "execution_metadata": {}}));
        let up = world.admin.get(&server, &format!("{EXECUTIONS}?o=executed_at")).await;
        assert_eq!((&up.json[0]["id"], &up.json[1]["id"]), (&json!(1), &json!(2)));
        assert_eq!(world.admin.get(&server, &format!("{EXECUTIONS}2/")).await.json["id"], 2);
        for path in [EXECUTIONS.to_owned() + "2/", EXECUTIONS.to_owned() + "x/"] {
            assert_eq!(world.manager.get(&server, &path).await.status, 404, "{path}");
        }
        assert_eq!(world.manager.get(&server, EXECUTIONS).await.json, json!([]));
        assert_eq!(world.staff.get(&server, EXECUTIONS).await.json, json!([]));
        let events = server.events().await;
        let told = events.iter().rev().find(|(kind, _)| kind == "todo.executed").unwrap();
        let told: Value = serde_json::from_str(&told.1).unwrap();
        assert_eq!((&told["label"], &told["success"]), (&json!("View Order Details"), &json!(true)));
        assert_eq!(told["todo"]["actionType"], "pending_order");
    }

    async fn case_030_native_7_6_approving_an_order_approves_it(server: Server) {
        let world = World::make(&server).await;
        let id = order(&server, &world.project, 25).await;
        look(&server, &world.admin).await;
        look(&server, &world.manager).await;
        let todo = only(&server, &world.admin).await;
        let approved = execute(&server, &world.admin, text(&todo, "uuid"), "Approve Order").await;
        assert_eq!((approved.status, approved.json), (200, json!({"action": "completed",
            "message": "Order approval initiated", "metadata": {"order_uuid": hex(&id)}})));
        let order = server.get(&format!("/api/v1/orders/{id}")).await;
        assert_eq!(order.json["state"], "approved");
        let kinds: Vec<_> = server.events().await.into_iter().map(|(kind, _)| kind).collect();
        assert!(kinds.contains(&"order.approved".to_owned()), "{kinds:?}");
        // The manager's to-do is still there for the moment; it comes too late.
        let late = only(&server, &world.manager).await;
        let late = execute(&server, &world.manager, text(&late, "uuid"), "Approve Order").await;
        assert_eq!(late.status, 500);
        assert_eq!(late.json["error"], "Somebody has decided on this already.");
        let failed = world.manager.get(&server, EXECUTIONS).await;
        assert_eq!((&failed.json[0]["success"], &failed.json[0]["error_message"]),
            (&json!(false), &json!("Somebody has decided on this already.")));
        for who in [&world.admin, &world.manager] {
            look(&server, who).await;
            assert_eq!(titles(&server, who, "?include_silenced=true").await, [""; 0]);
        }
        assert_eq!(world.admin.get(&server, EXECUTIONS).await.json[0]["success"], true,
            "native.md §7, 3: it outlives the to-do");
    }

    async fn an_order_is_rejected_too(server: Server) {
        let world = World::make(&server).await;
        let id = order(&server, &world.project, 25).await;
        look(&server, &world.manager).await;
        let todo = only(&server, &world.manager).await;
        let rejected = execute(&server, &world.manager, text(&todo, "uuid"), "Reject Order").await;
        assert_eq!((rejected.status, &rejected.json["action"]), (200, &json!("completed")));
        let order = server.get(&format!("/api/v1/orders/{id}")).await;
        assert_eq!(order.json["state"], "rejected");
        let kinds: Vec<_> = server.events().await.into_iter().map(|(kind, _)| kind).collect();
        assert!(kinds.contains(&"order.rejected".to_owned()), "{kinds:?}");
    }

    async fn case_031_an_end_is_acknowledged_and_asked_for(server: Server) {
        let world = World::make(&server).await;
        let id = resource(&server, &world.project, 5, json!({})).await;
        look(&server, &world.manager).await;
        let todo = only(&server, &world.manager).await;
        let uuid = text(&todo, "uuid");
        let done = execute(&server, &world.manager, uuid, "Terminate Resource").await;
        assert_eq!((done.status, done.json), (200, json!({"action": "completed", "message":
            "Resource expiration acknowledged. Resource will terminate on end date."})));
        let shown = world.manager.get(&server, &format!("{ACTIONS}{uuid}/?include_silenced=true")).await;
        assert_eq!(shown.json["is_silenced"], true);
        let resource = server.get(&format!("/api/v1/resources/{id}")).await;
        assert!(resource.json["terminationRequestedAt"].is_string());
        let kinds: Vec<_> = server.events().await.into_iter().map(|(kind, _)| kind).collect();
        assert!(kinds.contains(&"resource.termination_requested".to_owned()), "{kinds:?}");
        assert!(!kinds.contains(&"order.created".to_owned()), "no order is made of it");
    }

    async fn case_032_what_nobody_does_fails_and_is_kept(server: Server) {
        let ada = somebody(&server, "ada").await;
        let a = push(&server, &ada, "A", json!({"correctiveActions": [
            {"label": "Do it", "category": "repair", "method": "POST", "api_endpoint": true},
            {"label": "Delete it", "category": "terminate", "method": "DELETE", "api_endpoint": true},
        ]})).await;
        let failed = execute(&server, &ada, &a, "Do it").await;
        assert_eq!((failed.status, failed.json),
            (500, json!({"error": "API action not implemented: Do it"})));
        let kept = ada.get(&server, EXECUTIONS).await;
        assert_eq!((&kept.json[0]["success"], &kept.json[0]["error_message"]),
            (&json!(false), &json!("API action not implemented: Do it")));
        let led = execute(&server, &ada, &a, "Delete it").await;
        assert_eq!((led.status, led.json), (200, json!({"action": "navigate"})));
        assert_eq!(execute(&server, &ada, &a, "do it").await.status, 404, "to the letter");
        silence(&server, &ada, &a, json!({})).await;
        let hidden = execute(&server, &ada, &a, "Do it").await;
        assert_eq!(hidden.json["detail"], "No UserAction matches the given query.");
    }

    async fn case_034_providers_are_for_staff(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        let refused = ada.get(&server, PROVIDERS).await;
        assert_eq!((refused.status, refused.json),
            (403, json!({"detail": "You do not have permission to perform this action."})));
        assert_eq!(staff.get(&server, PROVIDERS).await.json, json!([]), "before the first run");
        docket_service::todos::run::introduce(&server.ctx).await.unwrap();
        // Nobody outside is asked here.
        let formats = Formats { say: |_| Vec::new(), hear: |_, _, _| Err("nobody".to_owned()) };
        while let Some(run) = docket_service::todos::run::claim(&server.ctx).await.unwrap() {
            docket_service::todos::run::perform(&server.ctx, &run, formats).await.unwrap();
        }
        let listed = staff.get(&server, PROVIDERS).await;
        assert_eq!(each(&listed, "action_type"), ["permission_request", "pending_order",
            "expiring_resource", "expiring_action", "disabled_webhook"]);
        let first = &listed.json[0];
        assert_eq!(*first, json!({"id": first["id"], "app_name": "docket",
            "provider_class": "docket.providers.permission_request",
            "action_type": "permission_request", "is_enabled": true, "schedule": "0 */6 * * *",
            "last_execution": "2026-01-05T09:00:00.000000Z",
            "last_execution_status": "COMPLETED: 1 queued, 0 errors"}));
        let path = format!("{PROVIDERS}{}/", first["id"]);
        assert_eq!(staff.get(&server, &path).await.json, *first);
        let gone = staff.get(&server, &format!("{PROVIDERS}9999/")).await;
        assert_eq!(gone.json["detail"], "No UserActionProvider matches the given query.");
    }

    async fn cases_035_036_an_order_waits_after_a_day(server: Server) {
        let world = World::make(&server).await;
        order(&server, &world.project, 12).await;
        let id = order(&server, &world.project, 25).await;
        for who in [&world.admin, &world.manager, &world.owner, &world.user] {
            look(&server, who).await;
        }
        let todo = only(&server, &world.admin).await;
        assert_eq!(todo["title"], "Approve pending order: Virtual machine");
        assert_eq!(todo["description"], "Order has been pending approval for 1 days.");
        assert_eq!((&todo["urgency"], &todo["days_until_due"]), (&json!("high"), &json!(6)));
        assert_eq!(todo["due_date"], "2026-01-11T08:00:00.000000Z");
        assert_eq!((&todo["route_name"], &todo["route_params"]),
            (&json!("marketplace-orders.details"), &json!({"order_uuid": hex(&id)})));
        let project = Uuid::parse_str(&world.project).unwrap().to_string();
        assert_eq!((&todo["project_name"], &todo["project_uuid"]), (&json!("P"), &json!(project)));
        assert_eq!((&todo["organization_name"], &todo["order_type"]), (&json!("C"), &json!("Create")));
        let approve = &todo["corrective_actions"][1];
        assert_eq!(*approve, json!({"label": "Approve Order", "category": "approve",
            "severity": "low", "method": "POST", "api_endpoint": true,
            "confirmation_required": true, "permissions_required": ["ORDER.APPROVE"],
            "metadata": {"order_type": 1, "offering_type": "OpenStack", "estimated_cost": "12.50"},
            "route_name": null, "route_params": {}}));
        only(&server, &world.manager).await;
        for who in [&world.owner, &world.user] {
            assert_eq!(titles(&server, who, "").await, [""; 0], "roles on customers do not count");
        }
    }

    async fn case_037_the_hours_are_the_operator_s(server: Server) {
        let world = World::make(&server).await;
        order(&server, &world.project, 15).await;
        let server = with(server, Todos { pending_order_hours: 12, ..Todos::default() });
        look(&server, &world.admin).await;
        assert_eq!(titles(&server, &world.admin, "").await.len(), 1);
        order(&server, &world.project, 30).await;
        let server = with(server, Todos { pending_order_hours: 48, ..Todos::default() });
        look(&server, &world.admin).await;
        assert_eq!(titles(&server, &world.admin, "").await.len(), 0);
        let server = with(server, Todos { enabled: false, ..Todos::default() });
        look(&server, &world.admin).await;
        assert_eq!(titles(&server, &world.admin, "").await.len(), 0);
    }

    async fn cases_038_039_what_is_paid_in_advance_is_about_to_end(server: Server) {
        let world = World::make(&server).await;
        resource(&server, &world.project, 15, json!({"prepaid": false, "name": "not prepaid"})).await;
        let id = resource(&server, &world.project, 15, json!({})).await;
        look(&server, &world.manager).await;
        let todo = only(&server, &world.manager).await;
        assert_eq!(todo["title"], "Resource expiring: vm-1");
        assert_eq!(todo["description"], "Resource will expire in 15 days.");
        assert_eq!(todo["due_date"], "2026-01-20T00:00:00.000000Z");
        let labels: Vec<_> = todo["corrective_actions"].as_array().unwrap().iter()
            .map(|action| text(action, "label")).collect();
        assert_eq!(labels, ["View Resource", "Renew Resource", "Terminate Resource"]);
        let order = server.ctx.id(server.ctx.now(), |id| id).to_string();
        let body = json!({"state": "pending-provider", "type": "Update", "projectId": world.project,
            "offering": {"name": "VM"}, "resource": {"name": "vm-1", "uuid": id}});
        let told = server.put(&format!("/api/v1/orders/{order}"), body).await;
        assert_eq!(told.status, 201, "{}", told.text);
        look(&server, &world.manager).await;
        assert_eq!(titles(&server, &world.manager, "").await, [""; 0]);
    }

    async fn case_040_urgency_grows_with_the_reminders(server: Server) {
        let world = World::make(&server).await;
        let offering = json!({"name": "VM", "expirationReminders": [90, 60, 30, 14, 7, 1]});
        resource(&server, &world.project, 25, json!({"name": "a", "offering": offering})).await;
        resource(&server, &world.project, 5, json!({"name": "b", "offering": offering})).await;
        look(&server, &world.manager).await;
        let listed = world.manager.get(&server, ACTIONS).await;
        assert_eq!(each(&listed, "urgency"), ["high", "medium"]);
        assert_eq!(each(&listed, "title"), ["Resource expiring: b", "Resource expiring: a"]);
    }

    async fn case_041_what_waits_no_longer_is_gone(server: Server) {
        let world = World::make(&server).await;
        let id = order(&server, &world.project, 25).await;
        look(&server, &world.admin).await;
        only(&server, &world.admin).await;
        tell_of_order(&server, &id, &world.project, "executing", 25).await;
        look(&server, &world.admin).await;
        assert_eq!(titles(&server, &world.admin, "").await, [""; 0]);
        let kinds: Vec<_> = server.events().await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.iter().filter(|kind| kind.starts_with("todo.")).collect::<Vec<_>>(),
            ["todo.created", "todo.resolved"]);
    }

    async fn case_042_native_7_4_a_silence_survives(server: Server) {
        let world = World::make(&server).await;
        let id = order(&server, &world.project, 25).await;
        look(&server, &world.admin).await;
        let before = only(&server, &world.admin).await;
        silence(&server, &world.admin, text(&before, "uuid"), json!({})).await;
        server.clock.advance_millis(DAY);
        look(&server, &world.admin).await;
        let query = format!("{ACTIONS}?include_silenced=true");
        let after = world.admin.get(&server, &query).await;
        assert_eq!(after.headers["x-result-count"], "1");
        let after = &after.json[0];
        assert_eq!((&after["uuid"], &after["is_silenced"]), (&before["uuid"], &json!(true)));
        assert_eq!(after["description"], "Order has been pending approval for 2 days.");
        assert_eq!(after["modified"], "2026-01-06T09:00:00.000000Z");
        // It goes away and comes back: the silence is still there.
        tell_of_order(&server, &id, &world.project, "executing", 25).await;
        look(&server, &world.admin).await;
        assert_eq!(world.admin.get(&server, &query).await.json, json!([]));
        tell_of_order(&server, &id, &world.project, "pending-consumer", 25).await;
        look(&server, &world.admin).await;
        let again = world.admin.get(&server, &query).await;
        assert_eq!(again.json[0]["is_silenced"], true);
        let seen = server.events().await.len();
        look(&server, &world.admin).await;
        assert_eq!(server.events().await.len(), seen, "looking changes nothing");
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

    async fn somebody_s_first_page_shows_the_most_urgent(server: Server) {
        let ada = somebody(&server, "ada").await;
        for number in 0..9 {
            push(&server, &ada, &format!("l{number}"), json!({"urgency": "low"})).await;
        }
        push(&server, &ada, "m", json!({})).await;
        push(&server, &ada, "h", json!({"urgency": "high", "dueAt": at(&server, DAY),
            "organization": {"name": "C", "uuid": Uuid::from_u128(3)},
            "offering": {"name": "O", "uuid": Uuid::from_u128(4), "type": "VM"}})).await;
        let path = "/api/users/dashboard-pending-actions/";
        let shown = ada.get(&server, path).await;
        let items = shown.json.as_array().unwrap();
        assert_eq!(items.len(), 10);
        assert_eq!(items[0], json!({"type": "test_action", "title": "h", "description": "",
            "variant": "error", "deadline": "2026-01-06T09:00:00.000000Z", "count": null,
            "target_uuid": hex(&Uuid::from_u128(4).to_string()),
            "customer_uuid": hex(&Uuid::from_u128(3).to_string()), "uuid": items[0]["uuid"],
            "urgency": "high", "route_name": null, "route_params": {}, "can_silence": true,
            "actions": []}));
        assert_eq!((&items[1]["variant"], &items[2]["variant"]), (&json!("warning"), &json!("info")));
        let server = with(server, Todos { enabled: false, ..Todos::default() });
        assert_eq!(ada.get(&server, path).await.json, json!([]));
    }

    async fn a_request_waits_for_everybody_who_may_decide_on_it(server: Server) {
        let world = World::make(&server).await;
        let scope = format!("http://localhost/api/customers/{}/", world.customer);
        let role = world.staff.get(&server, "/api/roles/?name=CUSTOMER.MANAGER").await;
        let role = role.json[0]["uuid"].clone();
        let made = world.staff.post(&server, "/api/user-group-invitations/",
            json!({"scope": scope, "role": role})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let invitation = text(&made.json, "uuid");
        let path = format!("/api/user-group-invitations/{invitation}/submit_request/");
        let asked = world.user.post(&server, &path, json!({})).await;
        assert_eq!(asked.status, 200, "{}", asked.text);
        for who in [&world.owner, &world.staff, &world.manager, &world.user] {
            look(&server, who).await;
        }
        let todo = only(&server, &world.owner).await;
        assert_eq!((&todo["action_type"], &todo["organization_name"]),
            (&json!("permission_request"), &json!("C")));
        only(&server, &world.staff).await;
        for who in [&world.manager, &world.user] {
            assert_eq!(titles(&server, who, "").await, [""; 0]);
        }
        let approved = execute(&server, &world.owner, text(&todo, "uuid"), "Approve").await;
        assert_eq!(approved.status, 200, "{}", approved.text);
        assert_eq!(approved.json["action"], "completed");
        let requests = world.staff.get(&server, "/api/user-permission-requests/").await;
        assert_eq!(requests.json[0]["state"], "approved");
        let late = only(&server, &world.staff).await;
        let late = execute(&server, &world.staff, text(&late, "uuid"), "Reject").await;
        assert_eq!(late.status, 500);
        for who in [&world.owner, &world.staff] {
            look(&server, who).await;
            assert_eq!(titles(&server, who, "").await, [""; 0]);
        }
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

    async fn eight_approvals_at_once_decide_once(server: Server) {
        let world = World::make(&server).await;
        let id = order(&server, &world.project, 25).await;
        look(&server, &world.admin).await;
        let todo = only(&server, &world.admin).await;
        let uuid = text(&todo, "uuid");
        let tries = (0..8).map(|_| execute(&server, &world.admin, uuid, "Approve Order"));
        let answers = futures_util::future::join_all(tries).await;
        let done = answers.iter().filter(|answer| answer.status == 200).count();
        let late = answers.iter().filter(|answer| answer.status == 500).count();
        assert_eq!((done, late), (1, 7));
        let approved = server.events().await.into_iter().filter(|(kind, _)| kind == "order.approved");
        assert_eq!(approved.count(), 1);
        assert_eq!(server.get(&format!("/api/v1/orders/{id}")).await.json["state"], "approved");
        let kept = world.admin.get(&server, EXECUTIONS).await;
        assert_eq!(kept.headers["x-result-count"], "8");
    }

    async fn an_execution_that_comes_again_is_answered_as_before(server: Server) {
        let world = World::make(&server).await;
        order(&server, &world.project, 25).await;
        look(&server, &world.admin).await;
        let todo = only(&server, &world.admin).await;
        let path = format!("{ACTIONS}{}/execute_action/", text(&todo, "uuid"));
        let authorization = format!("Token {}", world.admin.token);
        let headers = [("Authorization", authorization.as_str()), ("Idempotency-Key", "k")];
        let body = json!({"action_label": "Approve Order"});
        let first = server.call("POST", &path, &headers, Some(&body)).await;
        look(&server, &world.admin).await;
        let again = server.call("POST", &path, &headers, Some(&body)).await;
        assert_eq!((first.status, again.status), (200, 200), "{}", again.text);
        assert_eq!(first.text, again.text);
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(world.admin.get(&server, EXECUTIONS).await.headers["x-result-count"], "1");
    }
}
