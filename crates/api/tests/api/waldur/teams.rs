//! Teams (`waldur.md` §2.4, §10.4): conformance cases 90 and 91.

use docket_service::settings::{Access, Settings};
use docket_testkit::{Answered, Server, on_both_engines};
use serde_json::{Value, json};

use super::world::{Somebody, World, each, give, somebody};

async fn add(server: &Server, by: &Somebody, scope: &str, to: &Somebody, role: &str) -> Answered {
    let body = json!({"user": to.id, "role": role});
    by.post(server, &format!("/api/{scope}/add_user/"), body).await
}

fn refused(answered: &Answered, message: &str) {
    assert_eq!(answered.status, 400, "{}", answered.text);
    assert_eq!(answered.json, json!({"non_field_errors": [message]}));
}

fn moment(server: &Server, millis: i64) -> String {
    let at = docket_domain::time::Instant::from_millis(server.ctx.now().millis() + millis);
    docket_wire::waldur::scalar::Moment(at).to_string()
}

/// The types of the events since the last look, with their payloads.
async fn events(server: &Server, seen: &mut usize) -> Vec<(String, Value)> {
    let events = server.events().await;
    let new = events
        .iter()
        .skip(*seen)
        .map(|(kind, payload)| (kind.clone(), serde_json::from_str(payload).unwrap()));
    let new = new.collect();
    *seen = events.len();
    new
}

on_both_engines! {
    async fn case_090_a_role_is_given_by_who_may_and_once(server: Server) {
        let w = World::make(&server).await;
        let scope = format!("projects/{}", w.project);
        for (by, status) in [(&w.owner, 201), (&w.manager, 201), (&w.admin, 403), (&w.support, 403)] {
            let new = somebody(&server, &format!("member{}{}", by.id, status)).await;
            let given = add(&server, by, &scope, &new, "PROJECT.MEMBER").await;
            assert_eq!(given.status, status, "{}", given.text);
            if status == 201 {
                assert_eq!(given.json, json!({"expiration_time": null}));
                refused(&add(&server, by, &scope, &new, "PROJECT.MEMBER").await,
                    "User has already the same role in this scope.");
            }
        }
        assert_eq!(add(&server, &w.user, &scope, &w.other, "PROJECT.MEMBER").await.status, 404);
    }

    async fn case_091_who_gave_a_role_is_left_out_when_nobody_knows(server: Server) {
        let w = World::make(&server).await;
        let path = format!("/api/customers/{}/list_users/", w.customer);
        let list = w.owner.get(&server, &path).await;
        let member = &list.json[0];
        assert_eq!(member["user_uuid"], w.owner.id);
        assert_eq!(member["created_by_uuid"], w.staff.id);
        let id = uuid::Uuid::parse_str(&w.owner.id).unwrap();
        forget_giver(&server, id).await;
        let list = w.owner.get(&server, &path).await;
        let member = list.json[0].as_object().unwrap();
        for absent in ["created_by_uuid", "created_by_full_name"] {
            assert!(!member.contains_key(absent), "null here breaks the client");
        }
        for there in ["uuid", "created", "role_uuid", "user_uuid"] {
            assert!(member[there].is_string());
        }
        assert_eq!((&member["expiration_time"], &member["role_name"]), (&Value::Null, &json!("CUSTOMER.OWNER")));
    }

    async fn what_is_wrong_is_said_in_the_order_of_the_contract(server: Server) {
        let w = World::make(&server).await;
        let path = format!("/api/projects/{}/add_user/", w.project);
        let post = |by: &Somebody, body: Value| {
            let (by, server, path) = (by.clone(), &server, &path);
            async move { by.post(server, path, body).await }
        };
        let empty = post(&w.owner, json!({})).await;
        let required = json!(["This field is required."]);
        assert_eq!(empty.json, json!({"role": required, "user": required}));
        let nobody = json!({"role": "NO.ROLE", "user": uuid::Uuid::nil(), "expiration_time": "2020-01-01"});
        assert_eq!(post(&w.owner, nobody).await.json, json!({"role": ["Role is not found."],
            "user": ["User is not found."],
            "expiration_time": ["Expiration time should be greater than current time."]}));
        let junk = json!({"role": "x", "user": "x", "expiration_time": "soon"});
        let junk = post(&w.owner, junk).await;
        assert_eq!(junk.json["user"], json!(["Must be a valid UUID."]));
        assert!(junk.json["expiration_time"].is_array());
        let own = json!({"role": "PROJECT.MEMBER", "user": w.manager.id});
        refused(&post(&w.manager, own).await, "User can not manage own role.");
        let other_kind = json!({"role": "CUSTOMER.OWNER", "user": w.user.id});
        refused(&post(&w.owner, other_kind).await, "Role is not valid for this scope.");
        let closed = json!({"is_active": false});
        let other = format!("/api/users/{}/", w.other.id);
        assert_eq!(w.staff.patch(&server, &other, closed).await.status, 200);
        let to_closed = json!({"role": "PROJECT.MEMBER", "user": w.other.id});
        refused(&post(&w.owner, to_closed.clone()).await, "User is not active.");
        assert_eq!(post(&w.staff, to_closed).await.status, 201);

        let list = w.staff.get(&server, "/api/roles/?name=PROJECT.MEMBER").await;
        let role = list.json[0]["uuid"].as_str().unwrap().to_owned();
        let path_of_role = format!("/api/roles/{role}/disable/");
        assert_eq!(w.staff.call(&server, "POST", &path_of_role, None).await.status, 200);
        let member = json!({"role": role, "user": w.user.id});
        refused(&post(&w.owner, member.clone()).await, "Role is not active.");
        let path_of_role = format!("/api/roles/{role}/enable/");
        assert_eq!(w.staff.call(&server, "POST", &path_of_role, None).await.status, 200);

        let customer = format!("/api/customers/{}/", w.customer);
        let project = format!("/api/projects/{}/", w.project);
        let patterns = json!({"user_email_patterns": [".*@other.org"]});
        w.staff.patch(&server, &project, patterns.clone()).await;
        refused(&post(&w.owner, member.clone()).await,
            "User email, affiliation, or identity source does not match the project restrictions.");
        w.staff.patch(&server, &customer, patterns).await;
        refused(&post(&w.staff, member.clone()).await,
            "User email, affiliation, or identity source does not match the customer restrictions.");
        w.staff.patch(&server, &customer, json!({"archived": true})).await;
        refused(&post(&w.owner, member).await, "Customer is not available.");
    }

    async fn a_role_ends_at_its_instant_and_that_can_be_moved(server: Server) {
        let w = World::make(&server).await;
        let scope = format!("/api/projects/{}", w.project);
        let (soon, later) = (moment(&server, 60_000), moment(&server, 120_000));
        let mut body = json!({"user": w.user.id, "role": "PROJECT.MEMBER", "expiration_time": soon});
        let call = |verb: &'static str, body: Value| {
            let (owner, server, path) = (&w.owner, &server, format!("{scope}/{verb}/"));
            async move { owner.post(server, &path, body).await }
        };
        let refused = call("update_user", body.clone()).await;
        assert_eq!(refused.json, json!(["User does not have this role in the scope."]));
        assert_eq!(call("add_user", body.clone()).await.json, json!({"expiration_time": soon}));
        let sees = || async { each(&w.user.get(&server, "/api/projects/").await, "name") };
        assert_eq!(sees().await, ["P"]);
        body["expiration_time"] = json!(later);
        assert_eq!(call("update_user", body.clone()).await.json, json!({"expiration_time": later}));
        server.clock.advance_millis(119_999);
        assert_eq!(sees().await, ["P"]);
        assert_eq!(w.user.get(&server, "/api/users/me/").await.json["permissions"][0]["expiration_time"], json!(later));
        server.clock.advance_millis(1);
        assert!(sees().await.is_empty(), "whether or not anybody was told of the end");
        assert_eq!(w.user.get(&server, "/api/users/me/").await.json["permissions"], json!([]));
        let listed = w.owner.get(&server, &format!("{scope}/list_users/?role=PROJECT.MEMBER")).await;
        assert_eq!(listed.json, json!([]));
        // The row is still there; giving the role anew ends it first.
        let mut seen = server.events().await.len();
        body["expiration_time"] = Value::Null;
        assert_eq!(call("update_user", body.clone()).await.status, 400);
        assert_eq!(call("add_user", body.clone()).await.status, 201);
        let told = events(&server, &mut seen).await;
        let kinds: Vec<_> = told.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["grant.expired", "grant.created"]);
        assert_eq!(call("delete_user", body.clone()).await.text, "");
        let told = events(&server, &mut seen).await;
        let payload = &told[0].1;
        assert_eq!(told[0].0, "grant.revoked");
        assert_eq!((&payload["user"]["username"], &payload["role"]["name"]), (&json!("user"), &json!("PROJECT.MEMBER")));
        assert_eq!((&payload["scope"]["name"], &payload["customer"]["name"]), (&json!("P"), &json!("C")));
        assert_eq!(call("delete_user", body).await.status, 200, "that it is not held is no mistake");
        assert!(events(&server, &mut seen).await.is_empty());
    }

    async fn who_gives_roles_on_a_customer_gives_them_on_its_projects(server: Server) {
        let w = World::make(&server).await;
        let role = json!({"name": "CUSTOMER.GIVER", "content_type": "customer",
            "permissions": ["CUSTOMER.CREATE_PERMISSION"]});
        assert_eq!(w.staff.post(&server, "/api/roles/", role).await.status, 201);
        give(&server, &w.staff, &w.other, "CUSTOMER.GIVER", &format!("customers/{}", w.customer)).await;
        let scope = format!("projects/{}", w.project);
        assert_eq!(add(&server, &w.other, &scope, &w.user, "PROJECT.MEMBER").await.status, 201);
        assert_eq!(add(&server, &w.other, &scope, &w.other, "PROJECT.MEMBER").await.status, 201);
        let body = json!({"user": w.user.id, "role": "PROJECT.MEMBER"});
        let taken = w.other.post(&server, &format!("/api/{scope}/delete_user/"), body).await;
        assert_eq!(taken.status, 403, "giving is not taking back");
    }

    async fn a_team_is_listed_filtered_and_sorted(server: Server) {
        let w = World::make(&server).await;
        let scope = format!("projects/{}", w.project);
        give(&server, &w.owner, &w.user, "PROJECT.MEMBER", &scope).await;
        let list = |query: String| {
            let (owner, server, scope) = (&w.owner, &server, &scope);
            async move { owner.get(server, &format!("/api/{scope}/list_users/?{query}")).await }
        };
        let member = w.staff.get(&server, "/api/roles/?name=PROJECT.MEMBER").await;
        let member = member.json[0]["uuid"].as_str().unwrap().to_owned();
        for (query, names) in [
            ("o=username".to_owned(), &["manager@example.com", "siteadmin@example.com", "user@example.com"][..]),
            ("o=-role".to_owned(), &["user@example.com", "manager@example.com", "siteadmin@example.com"]),
            (format!("role={member}"), &["user@example.com"]),
            (format!("role={member}&role=PROJECT.ADMIN&o=email"), &["siteadmin@example.com", "user@example.com"]),
            ("role=NO.ROLE".to_owned(), &[]),
            (format!("role={}", uuid::Uuid::nil()), &[]),
            (format!("user={}", w.user.id), &["user@example.com"]),
            (format!("user_url=http://x/api/users/{}/", w.user.id), &["user@example.com"]),
            ("search_string=MANAGER".to_owned(), &["manager@example.com"]),
            ("username=user".to_owned(), &["user@example.com"]),
            ("full_name=nobody".to_owned(), &[]),
        ] {
            assert_eq!(each(&list(query.clone()).await, "user_email"), names, "{query}");
        }
        let path = format!("/api/{scope}/list_users/");
        let counted = w.owner.call(&server, "HEAD", &path, None).await;
        assert_eq!(counted.headers["x-result-count"], "3");
        assert_eq!(w.other.get(&server, &path).await.status, 404);
        assert_eq!(list("o=foo".to_owned()).await.status, 400);
    }

    async fn of_two_managers_one_is_one_too_many_when_it_is_so_decided(server: Server) {
        let mut server = server;
        let access = Access { only_one_project_manager: true, ..Access::default() };
        let ctx = server.ctx.clone().with_settings(Settings { access, ..Settings::default() });
        server.with_context(ctx);
        let w = World::make(&server).await;
        let scope = format!("projects/{}", w.project);
        refused(&add(&server, &w.owner, &scope, &w.user, "PROJECT.MANAGER").await,
            "Project already has an active project manager.");
        assert_eq!(add(&server, &w.owner, &scope, &w.user, "PROJECT.MEMBER").await.status, 201);
        let body = json!({"user": w.manager.id, "role": "PROJECT.MANAGER"});
        let gone = w.owner.post(&server, &format!("/api/{scope}/delete_user/"), body).await;
        assert_eq!(gone.status, 200);
        let (one, two) = tokio::join!(
            add(&server, &w.owner, &scope, &w.user, "PROJECT.MANAGER"),
            add(&server, &w.owner, &scope, &w.other, "PROJECT.MANAGER"),
        );
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 400]);
    }

    async fn of_eight_who_give_one_role_one_does(server: Server) {
        let w = World::make(&server).await;
        let scope = format!("projects/{}", w.project);
        let give = || add(&server, &w.owner, &scope, &w.user, "PROJECT.MEMBER");
        let given = tokio::join!(give(), give(), give(), give(), give(), give(), give(), give());
        let given = [given.0, given.1, given.2, given.3, given.4, given.5, given.6, given.7];
        assert_eq!(given.iter().filter(|given| given.status == 201).count(), 1);
        assert_eq!(given.iter().filter(|given| given.status == 400).count(), 7);
    }
}

/// Makes it unknown who gave this user a role.
async fn forget_giver(server: &Server, user: uuid::Uuid) {
    server.forget_givers(user).await;
}
