//! `/api/projects/` (`waldur.md` §10.3).

use docket_testkit::on_both_engines;
use serde_json::json;

use super::world::{World, customer, each, project, uuid_of};

const PROJECTS: &str = "/api/projects/";

on_both_engines! {
    async fn a_project_is_made_in_a_customer_that_one_sees(server: Server) {
        let w = World::make(&server).await;
        let far = customer(&server, &w.staff, json!({"name": "B"})).await;
        let body = |customer: &str| json!({"name": "Engine", "customer": customer,
            "start_date": "2026-01-31", "end_date": null});
        let address = format!("/api/customers/{}/", w.customer);
        let made = w.owner.post(&server, PROJECTS, body(&address)).await;
        let id = uuid_of(&made);
        let expected = json!({"url": format!("http://localhost/api/projects/{id}/"), "uuid": id,
            "name": "Engine", "slug": "engine", "customer_uuid": w.customer, "customer_name": "C",
            "customer": format!("http://localhost/api/customers/{}/", w.customer),
            "description": "", "created": made.json["created"], "start_date": "2026-01-31",
            "end_date": null, "is_removed": false, "image": null, "user_email_patterns": [],
            "user_affiliations": [], "user_identity_sources": []});
        assert_eq!(made.json, expected);
        for (caller, address, status, told) in [
            (&w.manager, address.clone(), 403, None),
            (&w.user, address.clone(), 400, Some("Invalid hyperlink - Object does not exist.")),
            (&w.owner, format!("/api/customers/{far}/"), 400, Some("Invalid hyperlink - Object does not exist.")),
            (&w.owner, format!("/api/projects/{id}/"), 400, Some("Invalid hyperlink - No URL match.")),
            (&w.owner, "C".to_owned(), 400, Some("Invalid hyperlink - No URL match.")),
        ] {
            let refused = caller.post(&server, PROJECTS, body(&address)).await;
            assert_eq!(refused.status, status, "{address}: {}", refused.text);
            if let Some(told) = told {
                assert_eq!(refused.json, json!({"customer": [told]}));
            }
        }
        let wrong = json!({"name": "", "start_date": "soon"});
        let refused = w.owner.post(&server, PROJECTS, wrong).await;
        assert_eq!(refused.json, json!({"customer": ["This field is required."],
            "name": ["This field may not be blank."], "start_date":
            ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]}));
        let blocked = json!({"blocked": true});
        w.staff.patch(&server, &format!("/api/customers/{}/", w.customer), blocked).await;
        let refused = w.owner.post(&server, PROJECTS, body(&address)).await;
        assert_eq!(refused.json, json!({"non_field_errors": ["Customer is not available."]}));
    }

    async fn projects_are_seen_by_who_holds_a_role_there_or_on_the_customer(server: Server) {
        let w = World::make(&server).await;
        let far = customer(&server, &w.staff, json!({"name": "B"})).await;
        let [second, foreign] = [project(&server, &w.owner, &w.customer, "Q").await,
            project(&server, &w.staff, &far, "R").await];
        for (viewer, seen) in [(&w.staff, &["P", "Q", "R"][..]), (&w.support, &["P", "Q", "R"]),
            (&w.owner, &["P", "Q"]), (&w.manager, &["P"]), (&w.user, &[])] {
            assert_eq!(each(&viewer.get(&server, PROJECTS).await, "name"), seen);
            for (id, name) in [(&w.project, "P"), (&second, "Q"), (&foreign, "R")] {
                let one = viewer.get(&server, &format!("{PROJECTS}{id}/")).await;
                assert_eq!(one.status, if seen.contains(&name) { 200 } else { 404 }, "{name}");
            }
        }
        for (query, names) in [
            (format!("customer={far}&customer={}", w.customer), &["P", "Q", "R"][..]),
            (format!("customer={far}"), &["R"]),
            ("name=q".to_owned(), &["Q"]),
            ("name_exact=q".to_owned(), &[]),
            ("o=-name".to_owned(), &["R", "Q", "P"]),
            ("o=customer_name".to_owned(), &["R", "P", "Q"]),
        ] {
            let list = w.staff.get(&server, &format!("{PROJECTS}?{query}")).await;
            let mut found = each(&list, "name");
            if query == "o=customer_name" {
                found[1..].sort_unstable();
            }
            assert_eq!(found, names, "{query}");
        }
        let wrong = w.staff.get(&server, &format!("{PROJECTS}?customer=x")).await;
        assert_eq!(wrong.json, json!({"customer": ["Enter a valid UUID."]}));
    }

    async fn a_project_is_changed_by_who_may(server: Server) {
        let w = World::make(&server).await;
        let path = format!("{PROJECTS}{}/", w.project);
        let body = json!({"description": "D", "end_date": "2026-12-31"});
        for (caller, status) in [(&w.owner, 200), (&w.manager, 403), (&w.support, 403), (&w.user, 404)] {
            assert_eq!(caller.patch(&server, &path, body.clone()).await.status, status);
        }
        let restricted = json!({"user_affiliations": ["staff"]});
        assert_eq!(w.owner.patch(&server, &path, restricted.clone()).await.status, 403);
        assert_eq!(w.staff.patch(&server, &path, restricted).await.status, 200);
        let refused = w.owner.patch(&server, &path, json!({"start_date": "2027-01-01"})).await;
        assert!(refused.json["end_date"].is_array(), "{}", refused.text);
        let cleared = w.owner.patch(&server, &path, json!({"end_date": null})).await;
        assert_eq!(cleared.json["end_date"], json!(null));
    }

    async fn a_removed_project_is_gone_with_what_was_held_on_it(server: Server) {
        let w = World::make(&server).await;
        let path = format!("{PROJECTS}{}/", w.project);
        assert_eq!(w.manager.delete(&server, &path).await.status, 403);
        assert_eq!(w.user.delete(&server, &path).await.status, 404);
        let before = server.events().await.len();
        assert_eq!(w.owner.delete(&server, &path).await.status, 204);
        let events = server.events().await;
        let mut kinds: Vec<_> = events.iter().skip(before).map(|(kind, _)| kind.as_str()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["grant.revoked", "grant.revoked", "project.deleted"]);
        for caller in [&w.staff, &w.owner, &w.manager] {
            assert_eq!(caller.get(&server, &path).await.status, 404);
            assert_eq!(caller.get(&server, PROJECTS).await.json, json!([]));
        }
        let customer = format!("/api/customers/{}/", w.customer);
        assert_eq!(w.manager.get(&server, &customer).await.status, 404);
        assert_eq!(w.owner.get(&server, &customer).await.json["projects_count"], 0);
        let body = json!({"user": w.user.id, "role": "PROJECT.MEMBER"});
        let refused = w.staff.post(&server, &format!("{path}add_user/"), body).await;
        assert_eq!(refused.json, json!({"non_field_errors":
            ["Cannot manage team members for terminated projects."]}));
    }
}
