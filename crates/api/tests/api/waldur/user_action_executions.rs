//! Doing something about a to-do, and what is kept of it (`waldur.md` §4.10, §5.1, cases 27 to 33;
//! `native.md` §7, 6).

use docket_testkit::on_both_engines;
use serde_json::{Value, json};

use super::inbox::{
    ACTIONS, EXECUTIONS, execute, look, only, order, push, resource, silence, text, titles,
};
use super::world::{World, hex, somebody};

on_both_engines! {
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
