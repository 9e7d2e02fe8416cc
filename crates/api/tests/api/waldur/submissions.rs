//! Asking for what an invitation offers (`waldur.md` §9.6, cases 82 to 87).

use docket_testkit::on_both_engines;
use serde_json::json;

use super::organisation::{INVITATIONS, Organisation, REQUESTS, business, made, submit};
use super::world::somebody;

on_both_engines! {
    async fn case_082_case_083_case_084_asking(server: Server) {
        let it = Organisation::new(&server).await;
        let id = it.gi_c(&server).await;
        for who in [&it.user, &it.admin, &it.staff] {
            let submitted = submit(&server, who, &id).await;
            assert_eq!(submitted.status, 200, "{}", submitted.text);
            let uuid = submitted.json["uuid"].as_str().unwrap();
            assert!(uuid.len() == 32 && uuid.bytes().all(|digit| digit.is_ascii_hexdigit()));
            assert_eq!(submitted.json, json!({
                "uuid": uuid, "scope_name": "C", "scope_uuid": it.customer,
                "scope_type": "customer", "auto_approved": false, "project_uuid": null,
                "project_created": null,
            }));
            let again = submit(&server, who, &id).await;
            assert_eq!(business(&again), "Permission request already exists for this scope.");
        }
        let owner = submit(&server, &it.owner, &id).await;
        assert_eq!(business(&owner), "User already has this role in the scope.");
        let path = format!("{INVITATIONS}{id}/submit_request/");
        let nobody = server.call("POST", &path, &[("Authorization", "")], None).await;
        assert_eq!(nobody.status, 401);
        let unknown = submit(&server, &it.user, &uuid::Uuid::nil().simple().to_string()).await;
        assert_eq!(unknown.status, 404);
        let other = it.gi_c(&server).await;
        let elsewhere = submit(&server, &it.user, &other).await;
        assert_eq!(business(&elsewhere), "Permission request already exists for this scope.");
        let again = json!({"allow_multiple_requests": true});
        let many = it.invitation(&server, ("CUSTOMER.OWNER", &it.c()), again).await;
        assert_eq!(submit(&server, &it.user, &many).await.status, 200);
        assert_eq!(submit(&server, &it.user, &many).await.status, 200);
        let long = json!({"project_name": "x".repeat(501)});
        let path = format!("{INVITATIONS}{many}/submit_request/");
        let refused = it.user.post(&server, &path, long).await;
        assert!(refused.json["project_name"].is_array(), "{}", refused.text);
        let without_body = it.user.call(&server, "POST", &path, None).await;
        assert_eq!(without_body.status, 200);
    }

    async fn case_085_invitations_are_for_those_who_match(server: Server) {
        let it = Organisation::new(&server).await;
        let more = json!({"user_email_patterns": [".*@example.com"],
            "user_affiliations": ["staff", "student"]});
        let id = it.invitation(&server, ("CUSTOMER.OWNER", &it.c()), more).await;
        assert_eq!(submit(&server, &it.user, &id).await.status, 200);
        for (name, affiliations, status) in
            [("student", json!(["student"]), 200), ("alumna", json!(["alumni"]), 400)]
        {
            let who = somebody(&server, name).await;
            let path = format!("/api/users/{}/", who.id);
            let body = json!({"email": format!("{name}@example.org"),
                "affiliations": affiliations});
            let changed = it.staff.call(&server, "PATCH", &path, Some(&body)).await;
            assert_eq!(changed.status, 200, "{}", changed.text);
            let submitted = submit(&server, &who, &id).await;
            assert_eq!(submitted.status, status, "{}", submitted.text);
            if status == 400 {
                assert_eq!(business(&submitted), "You are not allowed to accept this invitation. \
                    Your email or organization must match the invitation restrictions.");
            }
        }
        let body = json!({"user_email_patterns": [".*@elsewhere.example"]});
        let changed = it.staff.call(&server, "PATCH", &it.c(), Some(&body)).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let open = it.gi_c(&server).await;
        let refused = submit(&server, &it.manager, &open).await;
        assert_eq!(business(&refused), "User email, affiliation, or identity source does not \
            match the customer restrictions.");
    }

    async fn case_086_a_project_at_once(server: Server) {
        let it = Organisation::new(&server).await;
        let more = json!({"auto_approve": true, "auto_create_project": true});
        let id = it.invitation(&server, ("PROJECT.ADMIN", &it.c()), more.clone()).await;
        let submitted = submit(&server, &it.user, &id).await;
        assert_eq!(submitted.status, 200, "{}", submitted.text);
        assert_eq!(submitted.json["auto_approved"], true);
        assert_eq!(submitted.json["project_created"], true);
        let project = it.project_named(&server, "user").await.unwrap();
        assert_eq!(submitted.json["project_uuid"], project);
        let on = format!("/api/projects/{project}/");
        assert_eq!(it.holders(&server, "PROJECT.ADMIN", &on).await, [&*it.user.id]);
        assert!(!it.holders(&server, "PROJECT.ADMIN", &it.c()).await.contains(&it.user.id));

        let body = json!({"name": "manager", "customer": it.c()});
        let there = made(&it.staff, &server, "/api/projects/", body).await;
        let submitted = submit(&server, &it.manager, &id).await;
        assert_eq!((&submitted.json["project_uuid"], &submitted.json["project_created"]),
            (&json!(there), &json!(false)));
        let kinds: Vec<String> =
            server.events().await.into_iter().map(|(kind, _)| kind).rev().take(7).collect();
        assert!(kinds.contains(&"permission_request.approved".to_owned()), "{kinds:?}");

        let mut more = more;
        more["allow_custom_project_details"] = json!(true);
        more["allow_multiple_requests"] = json!(true);
        let own = it.invitation(&server, ("PROJECT.ADMIN", &it.c()), more).await;
        let body = json!({"project_name": "Lander", "project_description": "To the moon"});
        let path = format!("{INVITATIONS}{own}/submit_request/");
        let submitted = it.user.post(&server, &path, body).await;
        assert_eq!(submitted.status, 200, "{}", submitted.text);
        let lander = it.project_named(&server, "Lander").await.unwrap();
        let lander = it.staff.get(&server, &format!("/api/projects/{lander}/")).await;
        assert_eq!(lander.json["description"], "To the moon");
    }

    async fn case_087_a_role_at_once(server: Server) {
        let it = Organisation::new(&server).await;
        let more = json!({"auto_approve": true});
        let id = it.invitation(&server, ("PROJECT.MEMBER", &it.p()), more.clone()).await;
        let submitted = submit(&server, &it.user, &id).await;
        assert_eq!(submitted.json["auto_approved"], true, "{}", submitted.text);
        assert!(submitted.json["project_uuid"].is_null());
        assert!(submitted.json["project_created"].is_null());
        assert_eq!(it.holders(&server, "PROJECT.MEMBER", &it.p()).await, [&*it.user.id]);
        let asked = submitted.json["uuid"].as_str().unwrap();
        let read = it.user.get(&server, &format!("{REQUESTS}{asked}/")).await;
        assert_eq!((&read.json["state"], &read.json["reviewed_by_username"]),
            (&json!("approved"), &json!("user")));

        // What cannot be given at once is not asked for either.
        let member = it.role_id(&server, "PROJECT.MEMBER").await;
        let path = format!("/api/roles/{member}/disable/");
        assert_eq!(it.staff.post(&server, &path, json!({})).await.status, 200);
        let refused = submit(&server, &it.owner, &id).await;
        assert_eq!(business(&refused), "Role is not active.");
        assert_eq!(it.owner.get(&server, REQUESTS).await.headers["x-result-count"], "1");
    }
}
