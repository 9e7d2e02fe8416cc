//! What is shown on somebody's first page (`waldur.md` §7.1).

use docket_service::settings::Todos;
use docket_testkit::on_both_engines;
use serde_json::json;
use uuid::Uuid;

use super::inbox::{DAY, at, order, push, resource, tell_of_order, text, with};
use super::world::{World, hex, somebody};

on_both_engines! {
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

    async fn the_first_page_counts_what_waits_in_the_projects_of_the_reader(server: Server) {
        let world = World::make(&server).await;
        let path = "/api/users/dashboard-pending-actions/";
        for _ in 0..2 {
            order(&server, &world.project, 0).await;
        }
        let settled = order(&server, &world.project, 0).await;
        tell_of_order(&server, &settled, &world.project, "done", 0).await;
        resource(&server, &world.project, 90, json!({"state": "Erred"})).await;
        resource(&server, &world.project, 90, json!({})).await;
        push(&server, &world.manager, "h", json!({"urgency": "high", "dueAt": at(&server, DAY)})).await;
        let shown = world.manager.get(&server, path).await;
        let shown = shown.json.as_array().unwrap();
        let kinds: Vec<_> = shown.iter().map(|item| text(item, "type")).collect();
        // What does not work is as bad as what is urgent, and is due at no time.
        assert_eq!(kinds, ["test_action", "resources_erred", "orders_pending_approval"]);
        assert_eq!(shown[2], json!({"type": "orders_pending_approval",
            "title": "2 orders wait for approval", "description": "", "variant": "warning",
            "deadline": null, "count": 2, "target_uuid": null, "customer_uuid": null, "uuid": null,
            "urgency": null, "route_name": null, "route_params": {}, "can_silence": false,
            "actions": []}));
        assert_eq!((&shown[1]["count"], &shown[1]["variant"]), (&json!(1), &json!("error")));
        // Whoever holds nothing there is not told, and without to-dos what is counted remains.
        assert_eq!(world.user.get(&server, path).await.json, json!([]));
        let server = with(server, Todos { enabled: false, ..Todos::default() });
        assert_eq!(world.manager.get(&server, path).await.json.as_array().unwrap().len(), 2);
    }
}
