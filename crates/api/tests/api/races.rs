//! What is made while that to which it belongs is deleted: it goes too, or is refused. `SQLite` has
//! one writer, so only PostgreSQL can get it wrong.

use docket_testkit::{Server, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::fixtures::{after, application, ban, id_of, tenant};

const ROUNDS: usize = 6;
const WRITERS: usize = 6;

/// A user of this tenant, without a password, so that it is made in no time.
async fn member(server: &Server, tenant: &str, name: &str) -> String {
    let made = make(server, tenant, "/api/user", newcomer(name)).await;
    id_of(&made, "user")
}

fn newcomer(name: &str) -> Value {
    json!({"user": {"username": name}, "sendSetPasswordEmail": true})
}

async fn make(server: &Server, tenant: &str, path: &str, body: Value) -> docket_testkit::Answered {
    let headers = [("X-FusionAuth-TenantId", tenant)];
    server.call("POST", path, &headers, Some(&body)).await
}

/// Deletes something while these requests are made in a tenant.
async fn race(server: &Server, tenant: &str, doomed: &str, requests: Vec<(String, Value)>) {
    let writes = requests.into_iter().map(|(path, body)| async move {
        let status = make(server, tenant, &path, body).await.status;
        assert!([200, 400, 404].contains(&status), "{path}: {status}");
    });
    let delete = async { assert_eq!(server.delete(doomed).await.status, 200) };
    tokio::join!(join_all(writes), delete);
    assert_eq!(server.orphans().await, [""; 0]);
}

on_both_engines! {
    async fn nothing_is_left_of_a_tenant(server: Server) {
        let ban = ban(&server).await;
        for round in 0..ROUNDS {
            let tenant = tenant(&server, &format!("T{round}")).await;
            let headers = [("X-FusionAuth-TenantId", tenant.as_str())];
            let user = member(&server, &tenant, "present").await;
            let forum = application(&server, &headers, json!({"name": "Forum"})).await;
            let mut requests = Vec::new();
            for writer in 0..WRITERS {
                let name = format!("n{writer}");
                requests.push(("/api/user".to_owned(), newcomer(&name)));
                requests.push(("/api/user/registration".to_owned(), json!({
                    "user": {"username": format!("r{writer}")}, "sendSetPasswordEmail": true,
                    "registration": {"applicationId": forum}})));
                requests.push(("/api/application".to_owned(),
                    json!({"application": {"name": name}})));
                requests.push(("/api/user/comment".to_owned(), json!({"userComment":
                    {"userId": user, "commenterId": user, "comment": "words"}})));
                requests.push(("/api/user/action".to_owned(), json!({"action": {
                    "actioneeUserId": user, "actionerUserId": user, "userActionId": ban,
                    "expiry": after(&server, 1_000), "comment": "words"}})));
            }
            requests.push((format!("/api/user/registration/{user}"),
                json!({"registration": {"applicationId": forum}})));
            race(&server, &tenant, &format!("/api/tenant/{tenant}"), requests).await;
        }
    }

    async fn nothing_is_left_of_a_definition(server: Server) {
        let tenant = tenant(&server, "T").await;
        let user = member(&server, &tenant, "present").await;
        for round in 0..ROUNDS {
            let body = json!({"userAction": {"name": format!("D{round}"), "temporal": true}});
            let doomed = id_of(&server.post("/api/user-action", body).await, "userAction");
            let take = ("/api/user/action".to_owned(), json!({"action": {
                "actioneeUserId": user, "actionerUserId": user, "userActionId": doomed,
                "expiry": after(&server, 1_000), "comment": "words"}}));
            let requests = vec![take; 2 * WRITERS];
            let path = format!("/api/user-action/{doomed}?hardDelete=true");
            race(&server, &tenant, &path, requests).await;
        }
    }

    async fn nothing_is_left_of_an_application(server: Server) {
        let tenant = tenant(&server, "T").await;
        let headers = [("X-FusionAuth-TenantId", tenant.as_str())];
        for round in 0..ROUNDS {
            let forum = application(&server, &headers, json!({"name": "Forum"})).await;
            let mut requests = Vec::new();
            for writer in 0..WRITERS {
                let user = member(&server, &tenant, &format!("m{round}-{writer}")).await;
                requests.push((format!("/api/user/registration/{user}"),
                    json!({"registration": {"applicationId": forum}})));
            }
            let doomed = format!("/api/application/{forum}");
            race(&server, &tenant, &format!("{doomed}?hardDelete=true"), requests).await;
        }
    }

    async fn no_definition_names_a_template_that_is_gone(server: Server) {
        let tenant = tenant(&server, "T").await;
        for round in 0..ROUNDS {
            let template = server.post("/api/email/template", json!({"emailTemplate": {
                "name": format!("T{round}"), "defaultSubject": "s", "defaultHtmlTemplate": "h",
                "defaultTextTemplate": "t"}})).await;
            let template = id_of(&template, "emailTemplate");
            let requests = (0..WRITERS).map(|writer| ("/api/user-action".to_owned(), json!({
                "userAction": {"name": format!("D{round}-{writer}"), "temporal": true,
                    "userEmailingEnabled": true, "startEmailTemplateId": template,
                    "modifyEmailTemplateId": template, "cancelEmailTemplateId": template,
                    "endEmailTemplateId": template}})));
            let writes = requests.map(|(path, body)| {
                let (server, tenant) = (&server, &tenant);
                async move { make(server, tenant, &path, body).await.status }
            });
            let path = format!("/api/email/template/{template}");
            // The deletion is refused when a definition came first.
            tokio::join!(join_all(writes), server.delete(&path));
            assert_eq!(server.orphans().await, [""; 0]);
        }
    }
}
