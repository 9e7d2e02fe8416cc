//! `/api/user-group-invitations/` (`waldur.md` §9, cases 69 to 81).

use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

use super::organisation::{
    INVITATIONS, Organisation, REQUESTS, business, made, request, submit, texts,
};
use super::world::Somebody;

async fn list(server: &Server, by: &Somebody, query: &str) -> Vec<String> {
    let listed = by.get(server, &format!("{INVITATIONS}{query}")).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let ids = texts(&listed.json, "uuid");
    assert_eq!(listed.headers["x-result-count"], ids.len().to_string().as_str());
    ids
}

async fn stranger(server: &Server, path: &str) -> docket_testkit::Answered {
    server.call("GET", path, &[("Authorization", "")], None).await
}

async fn patch(server: &Server, by: &Somebody, id: &str, body: Value) -> docket_testkit::Answered {
    by.call(server, "PATCH", &format!("{INVITATIONS}{id}/"), Some(&body)).await
}

on_both_engines! {
    async fn case_069_invitations_are_listed_to_those_who_may(server: Server) {
        let it = Organisation::new(&server).await;
        let (c, p) = (it.gi_c(&server).await, it.gi_p(&server).await);
        let other = made(&it.staff, &server, "/api/customers/", json!({"name": "D"})).await;
        let d = format!("/api/customers/{other}/");
        let foreign = it.invitation(&server, ("CUSTOMER.OWNER", &d), json!({})).await;
        assert_eq!(list(&server, &it.staff, "").await, [&*foreign, &*p, &*c]);
        assert_eq!(list(&server, &it.owner, "").await, [&*p, &*c]);
        assert!(list(&server, &it.user, "").await.is_empty());
        assert!(list(&server, &it.manager, "").await.is_empty());

        let of = |name: &str, value: &str| format!("?{name}={value}");
        let owner_role = it.role_id(&server, "CUSTOMER.OWNER").await;
        for (query, found) in [
            (of("customer_uuid", &it.customer), vec![&p, &c]),
            (of("role_uuid", &owner_role), vec![&foreign, &c]),
            (of("role_name", "PROJECT.MANAGER"), vec![&p]),
            (of("role_name", "PROJECT"), vec![]),
            (of("scope", &it.p()), vec![&p]),
            (of("scope", &format!("https://x.example{}", it.c())), vec![&c]),
            (of("scope_type", "project"), vec![&p]),
            (of("scope_type", "offering"), vec![]),
            (of("is_active", "false"), vec![]),
            (of("is_public", "false"), vec![&foreign, &p, &c]),
            (of("o", "created"), vec![&c, &p, &foreign]),
        ] {
            let found: Vec<&str> = found.into_iter().map(String::as_str).collect();
            assert_eq!(list(&server, &it.staff, &query).await, found, "{query}");
        }
        for (query, told) in [
            ("?o=name", json!({"o": ["Select a valid choice. name is not one of the available \
                choices."]})),
            ("?customer_uuid=x", json!({"customer_uuid": ["Enter a valid UUID."]})),
            ("?scope=x", json!(["Can't restore object from url: x"])),
        ] {
            let refused = it.staff.get(&server, &format!("{INVITATIONS}{query}")).await;
            assert_eq!((refused.status, refused.json), (400, told), "{query}");
        }
        // What one does not see is not there.
        let unseen = it.owner.get(&server, &format!("{INVITATIONS}?scope={d}")).await;
        assert_eq!(business(&unseen), format!("Can't restore object from url: {d}"));
        let head = it.staff.call(&server, "HEAD", INVITATIONS, None).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        assert_eq!(head.headers["x-result-count"], "3");
    }

    async fn case_070_whoever_has_the_id_reads_an_invitation(server: Server) {
        let it = Organisation::new(&server).await;
        let path = format!("{INVITATIONS}{}/", it.gi_p(&server).await);
        for who in [&it.staff, &it.owner, &it.admin, &it.manager, &it.user] {
            let read = who.get(&server, &path).await;
            assert_eq!(read.status, 200, "{}", read.text);
            assert_eq!(read.json["created_by_username"], "admin");
        }
        let read = it.user.get(&server, &path).await.json;
        assert_eq!(read["scope_uuid"], it.project);
        assert_eq!((&read["scope_name"], &read["scope_type"]), (&json!("P"), &json!("project")));
        assert_eq!((&read["customer_uuid"], &read["customer_name"]), (&json!(it.customer), &json!("C")));
        assert_eq!(read["role_name"], "PROJECT.MANAGER");
        assert_eq!(read["url"], format!("http://localhost{path}"));
        let names: Vec<&String> = read.as_object().unwrap().keys().collect();
        assert_eq!(names.len(), 28, "{names:?}");
        let unknown = format!("{INVITATIONS}{}/", uuid::Uuid::nil().simple());
        let unknown = it.user.get(&server, &unknown).await;
        assert_eq!(unknown.status, 404);
        assert_eq!(unknown.json["detail"], "No GroupInvitation matches the given query.");
    }

    async fn case_071_case_072_strangers_see_what_is_public(server: Server) {
        let it = Organisation::new(&server).await;
        let private = it.gi_c(&server).await;
        let more = json!({"is_public": true, "auto_create_project": true});
        let public = it.invitation(&server, ("PROJECT.ADMIN", &it.c()), more).await;
        let listed = stranger(&server, INVITATIONS).await;
        assert_eq!(texts(&listed.json, "uuid"), [&*public]);
        let path = format!("{INVITATIONS}{public}/");
        let nobody = ["full_name", "username", "image"].map(|name| format!("created_by_{name}"));
        for read in [stranger(&server, &path).await, it.user.get(&server, &path).await] {
            assert_eq!(read.status, 200, "{}", read.text);
            assert!(nobody.iter().all(|name| read.json[name].is_null()), "{}", read.text);
            assert!(nobody.iter().all(|name| read.json.get(name).is_some()));
        }
        let owner = it.owner.get(&server, &path).await;
        assert_eq!(owner.json["created_by_username"], "admin");
        assert_eq!(list(&server, &it.user, "").await, [&*public]);

        let hidden = stranger(&server, &format!("{INVITATIONS}{private}/")).await;
        assert_eq!(hidden.status, 404);
        let limited = stranger(&server, &format!("{INVITATIONS}?scope={}", it.c())).await;
        assert_eq!(limited.status, 400);
        let bad = [("Authorization", "Token no-such-token")];
        assert_eq!(server.call("GET", INVITATIONS, &bad, None).await.status, 401);
        let none = stranger(&server, &format!("{INVITATIONS}{public}/projects/")).await;
        assert_eq!(none.status, 401);
        let cancel = format!("{INVITATIONS}{public}/cancel/");
        assert_eq!(it.staff.post(&server, &cancel, json!({})).await.status, 200);
        assert_eq!(stranger(&server, &path).await.status, 404);
        assert_eq!(it.user.get(&server, &path).await.status, 200);
        assert!(list(&server, &it.user, "").await.is_empty());
    }

    async fn case_073_the_projects_of_a_customer(server: Server) {
        let it = Organisation::new(&server).await;
        let (c, p) = (it.gi_c(&server).await, it.gi_p(&server).await);
        let projects = it.staff.get(&server, &format!("{INVITATIONS}{c}/projects/")).await;
        let url = format!("http://localhost{}", it.p());
        assert_eq!(projects.json, json!([{"uuid": it.project, "url": url}]));
        let none = it.staff.get(&server, &format!("{INVITATIONS}{p}/projects/")).await;
        assert_eq!((none.status, none.text.as_str()), (404, ""));
    }

    async fn case_074_case_075_who_may_offer(server: Server) {
        let it = Organisation::new(&server).await;
        let (c, p) = (it.c(), it.p());
        for (who, on_project, on_customer) in [
            (&it.staff, 201, 201),
            (&it.owner, 201, 201),
            (&it.manager, 201, 404),
            (&it.admin, 404, 404),
            (&it.user, 400, 400),
        ] {
            let offered = it.offer(&server, who, ("PROJECT.ADMIN", &p), json!({})).await;
            assert_eq!(offered.status, on_project, "{}", offered.text);
            let offered = it.offer(&server, who, ("CUSTOMER.OWNER", &c), json!({})).await;
            assert_eq!(offered.status, on_customer, "{}", offered.text);
            match on_customer {
                404 => assert_eq!(offered.json, json!({"detail": "Not found."})),
                400 => assert_eq!(offered.json,
                    json!({"scope": [format!("Can't restore object from url: {c}")]})),
                _ => assert_eq!(offered.json["created_by_full_name"], json!("")),
            }
        }
        let made = server.events().await;
        let made = made.iter().filter(|(kind, _)| kind == "invitation.created").count();
        assert_eq!(made, 5);
    }

    async fn case_076_case_078_members_that_cannot_be(server: Server) {
        let it = Organisation::new(&server).await;
        let role = it.role_id(&server, "PROJECT.ADMIN").await;
        let owner = it.role_id(&server, "CUSTOMER.OWNER").await;
        let nil = uuid::Uuid::nil().simple().to_string();
        let whole = |more: Value| {
            let mut body = json!({"role": role, "scope": it.p()});
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            body
        };
        let long = "x".repeat(256);
        for (body, field, told) in [
            (json!({"role": role}), "scope", "This field is required."),
            (json!({"scope": it.p()}), "role", "This field is required."),
            (whole(json!({"role": nil})), "role",
                "Object with uuid=00000000000000000000000000000000 does not exist."),
            (whole(json!({"role": "x"})), "role", "Must be a valid UUID."),
            (whole(json!({"project_role": owner})), "project_role", "Object with uuid="),
            (whole(json!({"project_name_template": "{user}_project"})), "project_name_template",
                "Invalid placeholders in template: user. Allowed placeholders are: email, \
                 full_name, username"),
            (whole(json!({"project_name_template": "{user.username}"})), "project_name_template",
                "Invalid placeholders in template: user.username. "),
            (whole(json!({"project_name_template": long})), "project_name_template",
                "Ensure this field has no more than 255 characters."),
            (whole(json!({"user_email_patterns": ["("]})), "user_email_patterns", "Enter a valid"),
            (whole(json!({"user_email_patterns": ["(a|b)++"]})), "user_email_patterns", "Enter a"),
            (whole(json!({"user_affiliations": "x"})), "user_affiliations",
                "Expected a list of items but got type \"str\"."),
            (whole(json!({"custom_text": "x".repeat(501)})), "custom_text",
                "Ensure this field has no more than 500 characters."),
            (whole(json!({"is_public": "perhaps"})), "is_public", "Must be a valid boolean."),
        ] {
            let refused = it.staff.post(&server, INVITATIONS, body.clone()).await;
            assert_eq!(refused.status, 400, "{body}");
            let first = refused.json[field][0].as_str().unwrap_or_default();
            assert!(first.starts_with(told), "{body}: {}", refused.text);
        }
        let switched_off = format!("/api/roles/{role}/disable/");
        assert_eq!(it.staff.post(&server, &switched_off, json!({})).await.status, 200);
        let refused = it.staff.post(&server, INVITATIONS, whole(json!({}))).await;
        assert!(refused.json["role"].is_array(), "{}", refused.text);
    }

    async fn case_077_what_public_invitations_must_be(server: Server) {
        let it = Organisation::new(&server).await;
        let (admin, owner) = (("PROJECT.ADMIN", it.c()), ("CUSTOMER.OWNER", it.c()));
        let public = json!({"is_public": true, "auto_create_project": true});
        for (by, (role, scope), more, field, told) in [
            (&it.owner, &admin, public.clone(), "is_public",
                "Only staff users can create public invitations."),
            (&it.staff, &admin, json!({"is_public": true}), "auto_create_project",
                "Public invitations must have auto_create_project enabled."),
            (&it.staff, &owner, public, "role",
                "Public invitations can only use project-level roles, not customer-level roles."),
            (&it.staff, &admin, json!({}), "non_field_errors",
                "Role and scope should belong to the same content type."),
            (&it.staff, &owner, json!({"auto_create_project": true}), "project_role",
                "project_role is required when auto_create_project is enabled and the invitation \
                 role is not project-scoped."),
        ] {
            let refused = it.offer(&server, by, (role, scope), more).await;
            assert_eq!((refused.status, refused.json), (400, json!({field: [told]})));
        }
    }

    async fn case_079_who_may_call_an_invitation_off(server: Server) {
        let it = Organisation::new(&server).await;
        for (who, status) in [
            (&it.staff, 200),
            (&it.owner, 200),
            (&it.manager, 200),
            (&it.admin, 404),
            (&it.user, 404),
        ] {
            let id = it.gi_p(&server).await;
            let cancel = format!("{INVITATIONS}{id}/cancel/");
            let answered = who.post(&server, &cancel, json!({})).await;
            assert_eq!(answered.status, status, "{}", answered.text);
            let read = it.staff.get(&server, &format!("{INVITATIONS}{id}/")).await;
            assert_eq!(read.json["is_active"], status != 200);
            if status == 200 {
                let told = "Invitation has been successfully canceled.";
                assert_eq!(answered.json, json!({ "detail": told }));
                let again = who.post(&server, &cancel, json!({})).await;
                assert_eq!(business(&again), "Only pending invitation can be canceled.");
                let refused = submit(&server, &it.user, &id).await;
                assert_eq!(business(&refused), "Only pending invitation can be requested.");
            }
        }
    }

    async fn case_080_a_removed_invitation_takes_its_requests_along(server: Server) {
        let it = Organisation::new(&server).await;
        let id = it.gi_c(&server).await;
        let asked = request(&server, &it.user, &id).await;
        let path = format!("{INVITATIONS}{id}/");
        let refused = it.owner.call(&server, "DELETE", &path, None).await;
        assert_eq!(business(&refused), "Only canceled invitation can be deleted.");
        assert_eq!(it.owner.post(&server, &format!("{path}cancel/"), json!({})).await.status, 200);
        assert_eq!(it.state(&server, &asked).await, "pending");
        assert_eq!(it.user.call(&server, "DELETE", &path, None).await.status, 404);
        assert_eq!(it.owner.call(&server, "DELETE", &path, None).await.status, 204);
        assert_eq!(it.owner.get(&server, &path).await.status, 404);
        let gone = it.staff.get(&server, &format!("{REQUESTS}{asked}/")).await;
        assert_eq!(gone.status, 404);
        assert_eq!(gone.json["detail"], "No PermissionRequest matches the given query.");
        let events = server.events().await;
        let kinds: Vec<&str> = events.iter().rev().take(2).map(|(kind, _)| &**kind).collect();
        assert_eq!(kinds, ["invitation.deleted", "permission_request.deleted"]);
    }

    async fn case_081_an_active_invitation_is_changed(server: Server) {
        let it = Organisation::new(&server).await;
        let id = it.gi_p(&server).await;
        let asked = request(&server, &it.user, &id).await;
        let admin = it.role_id(&server, "PROJECT.ADMIN").await;
        let body = json!({"role": admin, "custom_text": "Hi", "user_affiliations": ["staff"]});
        let changed = patch(&server, &it.owner, &id, body).await;
        assert_eq!(changed.json, json!({
            "is_public": false, "role": admin, "scope": format!("http://localhost{}", it.p()),
            "auto_create_project": false, "auto_approve": false, "project_name_template": null,
            "project_role": null, "user_affiliations": ["staff"], "user_email_patterns": [],
            "user_identity_sources": [], "custom_text": "Hi", "allow_multiple_requests": false,
            "allow_custom_project_details": false,
        }));
        let read = it.staff.get(&server, &format!("{REQUESTS}{asked}/")).await;
        assert_eq!(read.json["role_name"], "PROJECT.ADMIN");

        assert_eq!(patch(&server, &it.user, &id, json!({"custom_text": "x"})).await.status, 404);
        let wrong = patch(&server, &it.owner, &id, json!({"scope": it.c()})).await;
        assert_eq!(wrong.json, json!({"non_field_errors":
            ["Role and scope should belong to the same content type."]}));
        let put = it.owner.call(&server, "PUT", &format!("{INVITATIONS}{id}/"),
            Some(&json!({"auto_approve": true}))).await;
        assert_eq!((put.status, &put.json["auto_approve"]), (200, &json!(true)));

        let owner = it.role_id(&server, "CUSTOMER.OWNER").await;
        let moved = patch(&server, &it.owner, &id, json!({"scope": it.c(), "role": owner})).await;
        assert_eq!(moved.status, 200, "{}", moved.text);
        let read = it.staff.get(&server, &format!("{REQUESTS}{asked}/")).await;
        assert_eq!(read.json["scope_uuid"], it.customer);
        assert_eq!(patch(&server, &it.manager, &id, json!({})).await.status, 404);

        let cancel = format!("{INVITATIONS}{id}/cancel/");
        assert_eq!(it.staff.post(&server, &cancel, json!({})).await.status, 200);
        let refused = patch(&server, &it.staff, &id, json!({"custom_text": "x"})).await;
        assert_eq!(refused.json,
            json!({"non_field_errors": ["Only active invitations can be edited."]}));
        let updates = server.events().await;
        let updates = updates.iter().filter(|(kind, _)| kind == "invitation.updated").count();
        assert_eq!(updates, 3);
    }
}
