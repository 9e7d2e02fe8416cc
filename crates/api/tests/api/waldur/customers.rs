//! `/api/customers/` (`waldur.md` §10.3).

use docket_testkit::on_both_engines;
use serde_json::{Value, json};

use super::world::{World, customer, each, staff, uuid_of};

const CUSTOMERS: &str = "/api/customers/";

on_both_engines! {
    async fn a_customer_is_made_by_staff_with_all_that_clients_read(server: Server) {
        let staff = staff(&server).await;
        let refused = staff.post(&server, CUSTOMERS, json!({"email": "x"})).await;
        assert_eq!(refused.json, json!({"name": ["This field is required."],
            "email": ["Enter a valid email address."]}));
        let made = staff.post(&server, CUSTOMERS, json!({"name": "Analytical Engines",
            "email": "c@example.com", "notification_emails": "a@b.c, d@e.f",
            "abbreviation": "AE", "user_email_patterns": [".*@example.com"],
            "user_affiliations": ["staff"], "user_identity_sources": ["eduGAIN"]})).await;
        let id = uuid_of(&made);
        let expected = json!({"name": "Analytical Engines", "display_name": "Analytical Engines",
            "native_name": "", "abbreviation": "AE", "description": "", "email": "c@example.com",
            "notification_emails": "a@b.c, d@e.f", "phone_number": "",
            "slug": "analytical-engines", "blocked": false, "archived": false, "image": null,
            "projects_count": 0, "users_count": 0, "user_email_patterns": [".*@example.com"],
            "user_affiliations": ["staff"], "user_identity_sources": ["eduGAIN"],
            "organization_groups": [], "uuid": id, "created": made.json["created"],
            "url": format!("http://localhost/api/customers/{id}/")});
        assert_eq!(made.json, expected);
        assert!(made.json["created"].as_str().unwrap().ends_with("000Z"));
        assert_eq!(staff.get(&server, &format!("{CUSTOMERS}{id}/")).await.json, expected);
        let bad = json!({"name": "X", "user_email_patterns": ["("]});
        let refused = staff.post(&server, CUSTOMERS, bad).await;
        assert!(refused.json["user_email_patterns"].is_array(), "{}", refused.text);
    }

    async fn customers_are_seen_by_who_holds_a_role_there(server: Server) {
        let w = World::make(&server).await;
        let far = customer(&server, &w.staff, json!({"name": "B", "archived": true})).await;
        for (viewer, seen) in [(&w.staff, &["B", "C"][..]), (&w.support, &["B", "C"]),
            (&w.owner, &["C"]), (&w.manager, &["C"]), (&w.user, &[])] {
            assert_eq!(each(&viewer.get(&server, CUSTOMERS).await, "name"), seen);
            let far = viewer.get(&server, &format!("{CUSTOMERS}{far}/")).await;
            assert_eq!(far.status, if seen.len() == 2 { 200 } else { 404 });
        }
        let hidden = w.user.get(&server, &format!("{CUSTOMERS}{}/", w.customer)).await;
        assert_eq!(hidden.json, json!({"detail": "No Customer matches the given query."}));
        let counted = w.owner.get(&server, &format!("{CUSTOMERS}{}/", w.customer)).await;
        assert_eq!((&counted.json["projects_count"], &counted.json["users_count"]), (&json!(1), &json!(3)));
        for (query, names) in [("name=c", &["C"][..]), ("name_exact=c", &[]), ("archived=true", &["B"]),
            ("archived=1", &["B", "C"]), ("o=-name", &["C", "B"]), ("query=C", &["C"]),
            ("o=created", &["C", "B"])] {
            let list = w.staff.get(&server, &format!("{CUSTOMERS}?{query}")).await;
            assert_eq!(each(&list, "name"), names, "{query}");
        }
        let only = w.owner.get(&server, &format!("{CUSTOMERS}?field=name")).await;
        assert_eq!(only.json, json!([{"name": "C"}]));
    }

    async fn owners_change_a_customer_but_not_whom_it_lets_in(server: Server) {
        let w = World::make(&server).await;
        let path = format!("{CUSTOMERS}{}/", w.customer);
        let body = json!({"description": "D"});
        for (caller, status) in [(&w.owner, 200), (&w.manager, 403), (&w.support, 403), (&w.user, 404)] {
            assert_eq!(caller.patch(&server, &path, body.clone()).await.status, status);
        }
        for body in [json!({"blocked": true}), json!({"user_affiliations": ["staff"]})] {
            assert_eq!(w.owner.patch(&server, &path, body.clone()).await.status, 403);
            assert_eq!(w.staff.patch(&server, &path, body).await.status, 200);
        }
        // Sent back as it is, it changes nothing.
        let whole = w.owner.get(&server, &path).await.json;
        let put = w.owner.call(&server, "PUT", &path, Some(&whole)).await;
        assert_eq!((put.status, &put.json), (200, &whole));
        let nameless = w.owner.call(&server, "PUT", &path, Some(&json!({}))).await;
        assert_eq!(nameless.json, json!({"name": ["This field is required."]}));
        for caller in [&w.owner, &w.user] {
            assert_eq!(caller.post(&server, CUSTOMERS, json!({"name": "X"})).await.status, 403);
        }
    }

    async fn a_customer_goes_when_its_projects_are_gone(server: Server) {
        let w = World::make(&server).await;
        let path = format!("{CUSTOMERS}{}/", w.customer);
        assert_eq!(w.owner.delete(&server, &path).await.status, 403);
        assert_eq!(w.user.delete(&server, &path).await.status, 404);
        let refused = w.staff.delete(&server, &path).await;
        assert_eq!(refused.status, 409);
        assert_eq!(refused.json, json!({"detail": "Cannot delete organization with existing projects."}));
        let project = format!("/api/projects/{}/", w.project);
        assert_eq!(w.owner.delete(&server, &project).await.status, 204);
        let before = server.events().await.len();
        let gone = w.staff.delete(&server, &path).await;
        assert_eq!((gone.status, gone.text.as_str()), (204, ""));
        let events = server.events().await;
        let mut kinds: Vec<_> = events.iter().skip(before).map(|(kind, _)| kind.as_str()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["customer.deleted", "grant.revoked"]);
        assert_eq!(w.staff.get(&server, &path).await.status, 404);
        assert_eq!(w.owner.get(&server, "/api/users/me/").await.json["permissions"], json!([]));
    }

    async fn what_is_changed_is_told(server: Server) {
        let staff = staff(&server).await;
        let id = customer(&server, &staff, json!({"name": "C"})).await;
        staff.patch(&server, &format!("{CUSTOMERS}{id}/"), json!({"name": "D"})).await;
        let events = server.events().await;
        let told: Vec<(&str, Value)> = events.iter().filter(|(kind, _)| kind.starts_with("customer"))
            .map(|(kind, payload)| (kind.as_str(), serde_json::from_str(payload).unwrap())).collect();
        assert_eq!((told[0].0, &told[0].1["name"]), ("customer.created", &json!("C")));
        assert_eq!((told[1].0, &told[1].1["name"]), ("customer.updated", &json!("D")));
    }
}
