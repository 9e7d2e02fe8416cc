//! `/api/user-permission-requests/` (`waldur.md` §8, cases 45 to 68; `native.md` §7, 7 and 8).

use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

use super::organisation::{
    INVITATIONS, Organisation, REQUESTS, act, approve, business, made, request, submit, texts,
};
use super::world::{Somebody, somebody};

async fn list(server: &Server, by: &Somebody, query: &str) -> Vec<String> {
    let listed = by.get(server, &format!("{REQUESTS}{query}")).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    texts(&listed.json, "uuid")
}

async fn kinds(server: &Server) -> Vec<String> {
    server.events().await.into_iter().map(|(kind, _)| kind).collect()
}

async fn count(server: &Server, kind: &str) -> usize {
    kinds(server).await.iter().filter(|known| *known == kind).count()
}

on_both_engines! {
    async fn case_045_case_046_who_sees_a_request(server: Server) {
        let it = Organisation::new(&server).await;
        let gi = it.gi_p(&server).await;
        let pr = request(&server, &it.user, &gi).await;
        let path = format!("{REQUESTS}{pr}/");
        for who in [&it.staff, &it.owner, &it.user] {
            assert_eq!(list(&server, who, "").await, [&*pr]);
            let read = who.get(&server, &path).await;
            assert_eq!(read.status, 200, "{}", read.text);
            assert_eq!(read.json, json!({
                "url": format!("http://localhost{path}"), "uuid": pr,
                "invitation": format!("http://localhost{INVITATIONS}{gi}/"),
                "state": "pending", "created": read.json["created"],
                "created_by_full_name": "", "created_by_username": "user",
                "created_by_email": "user@example.com",
                "reviewed_by_full_name": null, "reviewed_by_username": null, "reviewed_at": null,
                "review_comment": null, "scope_uuid": it.project, "scope_name": "P",
                "customer_uuid": it.customer, "customer_name": "C",
                "role_name": "PROJECT.MANAGER", "role_description": read.json["role_description"],
                "project_name_template": null, "project_name": "", "project_description": "",
            }));
        }
        let other = somebody(&server, "other").await;
        for who in [&it.admin, &it.manager, &other] {
            assert!(list(&server, who, "").await.is_empty());
            let hidden = who.get(&server, &path).await;
            assert_eq!(hidden.status, 404);
            assert_eq!(hidden.json["detail"], "No PermissionRequest matches the given query.");
            // It is invisible, so there is nothing to decide on either (§12, 8).
            assert_eq!(approve(&server, who, &pr).await.status, 404);
        }
        let nobody = server.call("GET", REQUESTS, &[("Authorization", "")], None).await;
        assert_eq!(nobody.status, 401);
        for (method, path) in [("POST", REQUESTS), ("PUT", &*path), ("PATCH", &*path)] {
            let refused = it.staff.call(&server, method, path, Some(&json!({}))).await;
            assert_eq!(refused.status, 405, "{method} {path}");
        }
    }

    async fn case_047_case_048_a_request_is_approved_once(server: Server) {
        let it = Organisation::new(&server).await;
        let gi = it.gi_c(&server).await;
        let other = somebody(&server, "other").await;
        for (who, asking) in [(&it.staff, &it.user), (&it.owner, &other)] {
            let pr = request(&server, asking, &gi).await;
            let approved = approve(&server, who, &pr).await;
            assert_eq!((approved.status, approved.text.as_str()), (200, ""));
            let read = it.staff.get(&server, &format!("{REQUESTS}{pr}/")).await;
            assert_eq!(read.json["state"], "approved");
            assert!(read.json["reviewed_at"].is_string() && read.json["review_comment"].is_null());
            let owners = it.holders(&server, "CUSTOMER.OWNER", &it.c()).await;
            assert!(owners.contains(&asking.id));
            let again = approve(&server, who, &pr).await;
            assert_eq!(again.status, 409);
            assert_eq!(again.json, json!({"detail": "Valid states for operation: pending."}));
            let late = act(&server, who, &pr, "reject", json!({"comment": ""})).await;
            assert_eq!(late.status, 409, "the state comes before the body");
            // The requester of the finished request hears of its state, not of their lack of rights.
            if who.id == it.staff.id {
                assert_eq!(approve(&server, asking, &pr).await.status, 409);
            }
        }
        assert_eq!(count(&server, "permission_request.approved").await, 2);
        let events = server.events().await;
        let (_, told) = events.iter().rfind(|(kind, _)| kind == "permission_request.approved").unwrap();
        let told: Value = serde_json::from_str(told).unwrap();
        assert_eq!(told["requester"]["username"], "other");
        assert_eq!(told["reviewer"]["username"], "owner");
        assert_eq!(told["granted"]["role"]["name"], "CUSTOMER.OWNER");
        assert_eq!((&told["scope"]["kind"], &told["scope"]["name"]), (&json!("customer"), &json!("C")));
        assert!(told["project"].is_null());
    }

    async fn case_049_who_may_not_approve(server: Server) {
        let it = Organisation::new(&server).await;
        let pr = request(&server, &it.user, &it.gi_c(&server).await).await;
        it.permit(&server, "CUSTOMER.OWNER", &["INVITATION.LIST", "PROJECT.CREATE_PERMISSION"]).await;
        for who in [&it.owner, &it.user] {
            let refused = act(&server, who, &pr, "approve", json!({"comment": ""})).await;
            assert_eq!(refused.status, 404, "authority comes before the body");
            assert_eq!(refused.json, json!({"detail": "Not found."}));
            assert_eq!(it.state(&server, &pr).await, "pending");
        }
    }

    async fn case_050_an_owner_approves_for_a_project(server: Server) {
        let it = Organisation::new(&server).await;
        let pr = request(&server, &it.user, &it.gi_p(&server).await).await;
        it.permit(&server, "CUSTOMER.OWNER", &["CUSTOMER.CREATE_PERMISSION"]).await;
        assert_eq!(approve(&server, &it.owner, &pr).await.status, 200);
        let managers = it.holders(&server, "PROJECT.MANAGER", &it.p()).await;
        assert!(managers.contains(&it.user.id));
    }

    async fn case_051_case_052_who_may_have_projects_made(server: Server) {
        let it = Organisation::new(&server).await;
        let pr = request(&server, &it.user, &it.gi_making(&server, Value::Null).await).await;
        it.permit(&server, "CUSTOMER.OWNER", &["CUSTOMER.CREATE_PERMISSION"]).await;
        let refused = approve(&server, &it.owner, &pr).await;
        assert_eq!((refused.status, refused.json), (404, json!({"detail": "Not found."})));
        assert_eq!(it.state(&server, &pr).await, "pending");
        it.permit(&server, "CUSTOMER.OWNER", &["PROJECT.CREATE_PERMISSION"]).await;
        assert_eq!(approve(&server, &it.owner, &pr).await.status, 200);
        assert!(it.project_named(&server, "user").await.is_some());
    }

    async fn case_053_case_055_a_project_is_named_by_the_template(server: Server) {
        let it = Organisation::new(&server).await;
        let gi = it.gi_making(&server, json!("{username}_custom_project")).await;
        let pr = request(&server, &it.user, &gi).await;
        assert_eq!(approve(&server, &it.staff, &pr).await.status, 200);
        let project = it.project_named(&server, "user_custom_project").await.unwrap();
        let on = format!("/api/projects/{project}/");
        assert_eq!(it.holders(&server, "PROJECT.ADMIN", &on).await, [&*it.user.id]);
        let members = it.staff.get(&server, &format!("{}list_users/?page_size=99", it.c())).await;
        assert!(!texts(&members.json, "user_uuid").contains(&it.user.id));
        assert_eq!(count(&server, "project.created").await, 2, "P and this one");

        let shared = it.gi_making(&server, json!("shared")).await;
        for who in [&it.user, &it.admin] {
            // Asked for before, and approved: only other scopes, or an invitation that says so.
            let path = format!("{INVITATIONS}{shared}/");
            let body = json!({"allow_multiple_requests": true});
            assert_eq!(it.staff.call(&server, "PATCH", &path, Some(&body)).await.status, 200);
            let pr = request(&server, who, &shared).await;
            assert_eq!(approve(&server, &it.staff, &pr).await.status, 200);
        }
        let names: Vec<String> = it.projects(&server).await.into_iter().map(|it| it.0).collect();
        assert_eq!(names, ["P", "shared", "user_custom_project"]);
        let project = it.project_named(&server, "shared").await.unwrap();
        let on = format!("/api/projects/{project}/");
        assert_eq!(it.holders(&server, "PROJECT.ADMIN", &on).await.len(), 2);
    }

    async fn case_054_without_a_good_template_it_is_named_after_the_requester(server: Server) {
        let it = Organisation::new(&server).await;
        for (template, who) in
            [(json!(""), &it.user), (json!("{username"), &it.admin), (Value::Null, &it.manager)]
        {
            let gi = it.gi_making(&server, template).await;
            let pr = request(&server, who, &gi).await;
            assert_eq!(approve(&server, &it.staff, &pr).await.status, 200);
        }
        for name in ["user", "projectadmin", "manager"] {
            assert!(it.project_named(&server, name).await.is_some(), "{name}");
        }
    }

    async fn case_056_a_removed_project_is_not_used_again(server: Server) {
        let it = Organisation::new(&server).await;
        let body = json!({"name": "user", "customer": it.c()});
        let removed = made(&it.staff, &server, "/api/projects/", body).await;
        let path = format!("/api/projects/{removed}/");
        assert_eq!(it.staff.call(&server, "DELETE", &path, None).await.status, 204);
        let pr = request(&server, &it.user, &it.gi_making(&server, Value::Null).await).await;
        assert_eq!(approve(&server, &it.staff, &pr).await.status, 200);
        let project = it.project_named(&server, "user").await.unwrap();
        assert_ne!(project, removed);
    }

    async fn case_057_nothing_happens_when_the_role_cannot_be_given(server: Server) {
        let it = Organisation::new(&server).await;
        let making = it.gi_making(&server, Value::Null).await;
        let pr = request(&server, &it.user, &making).await;
        let role = it.role_id(&server, "PROJECT.ADMIN").await;
        let disable = format!("/api/roles/{role}/disable/");
        assert_eq!(it.staff.post(&server, &disable, json!({})).await.status, 200);
        let before = kinds(&server).await;
        let refused = approve(&server, &it.staff, &pr).await;
        assert_eq!(business(&refused), "Role is not active.");
        assert_eq!(it.state(&server, &pr).await, "pending");
        assert_eq!(it.project_named(&server, "user").await, None, "nor is the project there");
        assert_eq!(kinds(&server).await, before);
    }

    async fn case_058_case_059_what_reviewers_say(server: Server) {
        let it = Organisation::new(&server).await;
        let pr = request(&server, &it.user, &it.gi_c(&server).await).await;
        for (body, told) in [
            (json!({"comment": ""}), "This field may not be blank."),
            (json!({"comment": null}), "This field may not be null."),
            (json!({"comment": "x".repeat(65_536)}),
                "Ensure this field has no more than 65535 characters."),
        ] {
            for what in ["approve", "reject"] {
                let refused = act(&server, &it.staff, &pr, what, body.clone()).await;
                assert_eq!((refused.status, refused.json), (400, json!({"comment": [told]})));
            }
        }
        assert_eq!(it.state(&server, &pr).await, "pending");
        let body = json!({"comment": "Not eligible"});
        let rejected = act(&server, &it.owner, &pr, "reject", body).await;
        assert_eq!((rejected.status, rejected.text.as_str()), (200, ""));
        let read = it.user.get(&server, &format!("{REQUESTS}{pr}/")).await;
        assert_eq!(read.json["state"], "rejected");
        assert_eq!(read.json["review_comment"], "Not eligible");
        assert_eq!(read.json["reviewed_by_username"], "owner");
        assert_eq!(count(&server, "grant.created").await, 3, "those of the fixture");
        // A rejected request does not stand in the way of another one.
        let again = request(&server, &it.user, &it.gi_c(&server).await).await;
        let path = format!("{REQUESTS}{again}/approve/");
        let without_body = it.owner.call(&server, "POST", &path, None).await;
        assert_eq!(without_body.status, 200);
    }

    async fn case_060_to_case_064_who_may_call_a_request_off(server: Server) {
        let it = Organisation::new(&server).await;
        let other = somebody(&server, "other").await;
        let gi = it.gi_c(&server).await;
        let cancel = async |who: &Somebody, pr: &str| {
            act(&server, who, pr, "cancel_request", json!({})).await
        };
        let pr = request(&server, &it.user, &gi).await;
        let refused = cancel(&it.owner, &pr).await;
        assert_eq!(refused.status, 403);
        assert_eq!(refused.json,
            json!({"detail": "You can only cancel your own permission requests."}));
        assert_eq!(cancel(&other, &pr).await.status, 404);
        assert_eq!(it.state(&server, &pr).await, "pending");
        let path = format!("{REQUESTS}{pr}/cancel_request/");
        let nobody = server.call("POST", &path, &[("Authorization", "")], None).await;
        assert_eq!(nobody.status, 401, "case 65");
        let cancelled = it.user.call(&server, "POST", &path, None).await;
        assert_eq!(cancelled.status, 200);
        assert_eq!(cancelled.json,
            json!({"uuid": pr, "scope_name": "C", "scope_uuid": it.customer}));
        let read = it.user.get(&server, &format!("{REQUESTS}{pr}/")).await;
        assert_eq!((&read.json["state"], &read.json["reviewed_at"]), (&json!("canceled"), &json!(null)));
        let too_late = "Only pending or draft requests can be canceled.";
        assert_eq!(business(&cancel(&it.user, &pr).await), too_late);

        let by_staff = request(&server, &it.user, &gi).await;
        assert_eq!(cancel(&it.staff, &by_staff).await.status, 200);
        for what in ["reject", "approve"] {
            let pr = request(&server, &it.user, &gi).await;
            assert_eq!(act(&server, &it.staff, &pr, what, json!({})).await.status, 200);
            assert_eq!(business(&cancel(&it.user, &pr).await), too_late);
        }
        assert_eq!(count(&server, "permission_request.cancelled").await, 2);
    }

    async fn case_066_only_staff_remove_requests(server: Server) {
        let it = Organisation::new(&server).await;
        let pr = request(&server, &it.user, &it.gi_p(&server).await).await;
        let path = format!("{REQUESTS}{pr}/");
        for (who, status) in [(&it.owner, 403), (&it.user, 403), (&it.manager, 404)] {
            assert_eq!(who.call(&server, "DELETE", &path, None).await.status, status);
        }
        let nobody = server.call("DELETE", &path, &[("Authorization", "")], None).await;
        assert_eq!(nobody.status, 401);
        assert_eq!(it.staff.call(&server, "DELETE", &path, None).await.status, 204);
        assert_eq!(it.staff.get(&server, &path).await.status, 404);
        assert_eq!(count(&server, "permission_request.deleted").await, 1);
    }

    async fn case_067_case_068_lists_are_filtered_and_ordered(server: Server) {
        let it = Organisation::new(&server).await;
        let (c, p) = (it.gi_c(&server).await, it.gi_p(&server).await);
        let approved = request(&server, &it.admin, &c).await;
        assert_eq!(approve(&server, &it.staff, &approved).await.status, 200);
        let rejected = request(&server, &it.user, &c).await;
        assert_eq!(act(&server, &it.staff, &rejected, "reject", json!({})).await.status, 200);
        let pending = request(&server, &it.user, &p).await;
        let (a, r, n) = (&*approved, &*rejected, &*pending);
        let by = |name: &str, value: &str| format!("?{name}={value}");
        for (query, found) in [
            (String::new(), vec![n, r, a]),
            ("?state=pending&state=approved".to_owned(), vec![n, a]),
            ("?state=rejected".to_owned(), vec![r]),
            ("?state=draft".to_owned(), vec![]),
            (by("customer_uuid", &it.customer), vec![n, r, a]),
            (by("customer_uuid", &it.project), vec![]),
            (by("invitation", &c), vec![r, a]),
            (by("created_by", &it.user.id), vec![n, r]),
            (by("scope", &it.p()), vec![n]),
            (by("scope", &format!("http://localhost{}", it.c())), vec![r, a]),
            ("?o=created".to_owned(), vec![a, r, n]),
            ("?o=state".to_owned(), vec![n, a, r]),
            ("?o=created&o=-state".to_owned(), vec![r, a, n]),
            ("?page_size=1&page=2".to_owned(), vec![r]),
        ] {
            assert_eq!(list(&server, &it.staff, &query).await, found, "{query}");
        }
        for query in ["?state=foo", "?o=foo"] {
            let refused = it.staff.get(&server, &format!("{REQUESTS}{query}")).await;
            let field = &query[1..query.len() - 4];
            assert_eq!((refused.status, refused.json), (400, json!({field: ["Select a valid \
                choice. foo is not one of the available choices."]})));
        }
        let unseen = it.user.get(&server, &format!("{REQUESTS}?scope={}", it.c())).await;
        assert_eq!(business(&unseen), format!("Can't restore object from url: {}", it.c()));
        let head = it.staff.call(&server, "HEAD", &format!("{REQUESTS}?state=pending"), None).await;
        assert_eq!((head.status, &head.headers["x-result-count"]), (200, &"1".parse().unwrap()));
        let past = it.staff.get(&server, &format!("{REQUESTS}?page=2")).await;
        assert_eq!((past.status, past.json), (404, json!({"detail": "Invalid page."})));
    }

    async fn departure_7_nobody_decides_on_the_own_request(server: Server) {
        let mut server = server;
        let it = Organisation::new(&server).await;
        let gi = it.gi_p(&server).await;
        let pr = request(&server, &it.owner, &gi).await;
        for what in ["approve", "reject"] {
            let refused = act(&server, &it.owner, &pr, what, json!({"comment": ""})).await;
            assert_eq!(refused.status, 403);
            assert_eq!(refused.json, json!({"detail": "You cannot review your own request."}));
        }
        assert_eq!(it.state(&server, &pr).await, "pending");
        let mut settings = (*server.ctx.settings).clone();
        settings.access.allow_self_review = true;
        server.with_context(server.ctx.clone().with_settings(settings));
        assert_eq!(approve(&server, &it.owner, &pr).await.status, 200);
    }

    async fn departure_8_a_request_outlives_its_reviewer_and_its_requester(server: Server) {
        let it = Organisation::new(&server).await;
        let gi = it.gi_p(&server).await;
        let decided = request(&server, &it.user, &gi).await;
        assert_eq!(approve(&server, &it.owner, &decided).await.status, 200);
        let other = somebody(&server, "other").await;
        let open = request(&server, &other, &gi).await;
        for who in [&it.owner, &it.user, &other] {
            let id = uuid::Uuid::parse_str(&who.id).unwrap();
            let path = format!("/api/user/{id}?hardDelete=true");
            assert_eq!(server.delete(&path).await.status, 200);
        }
        let read = it.staff.get(&server, &format!("{REQUESTS}{decided}/")).await;
        assert_eq!(read.json["created_by_username"], "user");
        assert_eq!(read.json["reviewed_by_username"], "owner");
        let refused = approve(&server, &it.staff, &open).await;
        assert_eq!(business(&refused), "The user who has asked is not there any more.");
        assert_eq!(act(&server, &it.staff, &open, "reject", json!({})).await.status, 200);
        assert_eq!(server.orphans().await, [""; 0]);
    }

    async fn who_holds_the_role_already_is_approved_in_silence(server: Server) {
        let it = Organisation::new(&server).await;
        let pr = request(&server, &it.user, &it.gi_p(&server).await).await;
        it.give(&server, &it.user, "PROJECT.MANAGER", &it.p()).await;
        let before = count(&server, "grant.created").await;
        assert_eq!(approve(&server, &it.owner, &pr).await.status, 200);
        assert_eq!(it.state(&server, &pr).await, "approved");
        assert_eq!(count(&server, "grant.created").await, before);
    }

    async fn one_role_at_most_where_the_operator_says_so(server: Server) {
        let mut server = server;
        let it = Organisation::new(&server).await;
        let mut settings = (*server.ctx.settings).clone();
        settings.access.disable_multiple_roles = true;
        settings.access.only_one_project_manager = true;
        server.with_context(server.ctx.clone().with_settings(settings));
        let (c, p) = (it.c(), it.p());
        let gi = it.invitation(&server, ("PROJECT.MEMBER", &p), json!({})).await;
        let refused = submit(&server, &it.admin, &gi).await;
        assert_eq!(business(&refused), "User already has role within this scope.");
        assert_eq!(submit(&server, &it.user, &gi).await.status, 200);
        let second = it.offer(&server, &it.owner, ("PROJECT.MANAGER", &p), json!({})).await;
        assert_eq!((second.status, second.json), (400, json!({"non_field_errors":
            ["Project already has an active project manager."]})));
        let owners = it.offer(&server, &it.owner, ("CUSTOMER.OWNER", &c), json!({})).await;
        assert_eq!(owners.status, 201);
    }

    async fn nothing_is_decided_for_a_removed_project(server: Server) {
        let it = Organisation::new(&server).await;
        let gi = it.gi_p(&server).await;
        let pr = request(&server, &it.user, &gi).await;
        assert_eq!(it.staff.call(&server, "DELETE", &it.p(), None).await.status, 204);
        for who in [&it.staff, &it.owner] {
            let refused = approve(&server, who, &pr).await;
            assert_eq!((refused.status, refused.json), (404, json!({"detail": "Not found."})));
        }
        let refused = submit(&server, &it.admin, &gi).await;
        assert_eq!(business(&refused), "Only pending invitation can be requested.");
        assert_eq!(list(&server, &it.owner, "").await, [&*pr], "it is there all the same");
    }

    async fn the_same_request_twice_is_answered_once(server: Server) {
        let it = Organisation::new(&server).await;
        let pr = request(&server, &it.user, &it.gi_c(&server).await).await;
        let path = format!("{REQUESTS}{pr}/approve/");
        let token = format!("Token {}", it.owner.token);
        let headers = [("Authorization", token.as_str()), ("Idempotency-Key", "once")];
        for replayed in [false, true] {
            let answered = server.call("POST", &path, &headers, Some(&json!({}))).await;
            assert_eq!(answered.status, 200, "{}", answered.text);
            assert_eq!(answered.headers.contains_key("idempotency-replayed"), replayed);
        }
        assert_eq!(count(&server, "permission_request.approved").await, 1);
    }

    async fn the_start_page_counts_what_waits_for_the_caller(server: Server) {
        let it = Organisation::new(&server).await;
        let path = "/api/users/dashboard-general-stats/";
        let (c, p) = (it.gi_c(&server).await, it.gi_p(&server).await);
        request(&server, &it.user, &c).await;
        request(&server, &it.user, &p).await;
        request(&server, &it.admin, &it.gi_making(&server, Value::Null).await).await;
        let pending = async |who: &Somebody| {
            let stats = who.get(&server, path).await;
            assert_eq!(stats.status, 200, "{}", stats.text);
            assert_eq!(stats.json, json!({"pending_permission_requests":
                stats.json["pending_permission_requests"], "active_invitations": 0,
                "pending_onboarding_applications": 0}));
            stats.json["pending_permission_requests"].as_i64().unwrap()
        };
        assert_eq!(pending(&it.owner).await, 3);
        assert_eq!(pending(&it.manager).await, 1);
        assert_eq!(pending(&it.admin).await, 0);
        assert_eq!(pending(&it.user).await, 0);
        assert_eq!(pending(&it.staff).await, 0, "staff hold no role here");
        it.permit(&server, "CUSTOMER.OWNER", &["PROJECT.CREATE_PERMISSION"]).await;
        assert_eq!(pending(&it.owner).await, 2, "the one that makes a project, and the project's");
        it.give(&server, &it.staff, "CUSTOMER.SUPPORT", &it.c()).await;
        assert_eq!(pending(&it.staff).await, 3);
        assert_eq!(server.call("GET", path, &[("Authorization", "")], None).await.status, 401);
    }
}
