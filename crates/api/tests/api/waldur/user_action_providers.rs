//! Who knows what users have to do, and when (`waldur.md` §5.2, §6, cases 26, 34 to 42; `native.md` §7,
//! 2 to 5).

use docket_service::settings::Todos;
use docket_service::todos::pull::Formats;
use docket_testkit::on_both_engines;
use serde_json::json;
use uuid::Uuid;

use super::inbox::{
    ACTIONS, DAY, PROVIDERS, execute, id_of, look, only, order, resource, silence, tell_of_order,
    text, titles, with,
};
use super::world::{World, each, hex, somebody, staff};

on_both_engines! {
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
}
