//! The mails about requests (`waldur.md` §11.2, cases 58 and 88).

use docket_service::mails::ClaimedMail;
use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};

use super::organisation::{Organisation, act, approve, request, submit};
use super::world::{Somebody, somebody};

fn addresses(mails: &[ClaimedMail]) -> Vec<&str> {
    let to = mails.iter().map(|mail| {
        assert_eq!(mail.email.to.len(), 1, "one message a reader");
        mail.email.to[0].email.as_str()
    });
    to.collect()
}

fn subject(mail: &ClaimedMail) -> &str {
    mail.email.message.subject.as_deref().unwrap()
}

fn text(mail: &ClaimedMail) -> &str {
    mail.email.message.text.as_deref().unwrap()
}

async fn change(server: &Server, by: &Somebody, path: &str, body: Value) {
    let changed = by.call(server, "PATCH", path, Some(&body)).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

/// Has links in mails lead somewhere.
fn with_home(server: &mut Server) {
    let mut settings = (*server.ctx.settings).clone();
    "https://portal.example".clone_into(&mut settings.site.homeport_url);
    server.with_context(server.ctx.clone().with_settings(settings));
}

on_both_engines! {
    async fn those_who_may_decide_hear_of_a_request(server: Server) {
        let mut server = server;
        with_home(&mut server);
        let it = Organisation::new(&server).await;
        let silent = somebody(&server, "silent").await;
        it.give(&server, &silent, "CUSTOMER.OWNER", &it.c()).await;
        change(&server, &it.staff, &format!("/api/users/{}/", silent.id),
            json!({"notifications_enabled": false})).await;
        request(&server, &it.user, &it.gi_p(&server).await).await;
        let mails = server.mails_that_follow().await;
        assert_eq!(addresses(&mails), ["manager@example.com", "owner@example.com"]);
        assert_eq!(subject(&mails[0]), "Docket: user asks for PROJECT.MANAGER in P");
        let link = format!("https://portal.example/organizations/{}/group-invitations/", it.customer);
        assert!(text(&mails[0]).contains(&link), "{}", text(&mails[0]));
        assert!(text(&mails[0]).contains("user@example.com"));
        assert!(server.mails_that_follow().await.is_empty(), "once is enough");

        // Of projects that are made, those decide who give roles in all projects of the customer.
        it.permit(&server, "CUSTOMER.OWNER", &["PROJECT.CREATE_PERMISSION"]).await;
        request(&server, &it.user, &it.gi_making(&server, Value::Null).await).await;
        assert_eq!(addresses(&server.mails_that_follow().await), ["owner@example.com"]);
    }

    async fn case_088_the_customer_is_written_to_without_repetition(server: Server) {
        let it = Organisation::new(&server).await;
        it.permit(&server, "CUSTOMER.OWNER", &[]).await;
        change(&server, &it.staff, &it.c(), json!({"email": "office@c.example",
            "notification_emails": "a@c.example, Office@c.example,b@c.example,,a@c.example, x"}))
            .await;
        request(&server, &it.user, &it.gi_c(&server).await).await;
        let mails = server.mails_that_follow().await;
        assert_eq!(addresses(&mails), ["office@c.example", "a@c.example", "b@c.example"]);
        assert!(!text(&mails[0]).contains("http"), "there is nowhere to lead to");

        change(&server, &it.staff, &it.c(), json!({"email": "", "notification_emails": ""})).await;
        request(&server, &it.admin, &it.gi_c(&server).await).await;
        assert_eq!(addresses(&server.mails_that_follow().await), ["admin@example.com"]);
    }

    async fn case_058_a_rejected_requester_hears_of_it(server: Server) {
        let it = Organisation::new(&server).await;
        let pr = request(&server, &it.user, &it.gi_c(&server).await).await;
        server.mails_that_follow().await;
        let body = json!({"comment": "Not eligible"});
        assert_eq!(act(&server, &it.owner, &pr, "reject", body).await.status, 200);
        let mails = server.mails_that_follow().await;
        assert_eq!(addresses(&mails), ["user@example.com"]);
        assert!(subject(&mails[0]).contains("rejected"), "{}", subject(&mails[0]));
        assert!(text(&mails[0]).contains("Not eligible") && text(&mails[0]).contains("owner"));

        let pr = request(&server, &it.user, &it.gi_c(&server).await).await;
        server.mails_that_follow().await;
        assert_eq!(act(&server, &it.user, &pr, "cancel_request", json!({})).await.status, 200);
        assert!(server.mails_that_follow().await.is_empty(), "nobody hears of that");
    }

    async fn a_requester_hears_of_the_role_in_their_language(server: Server) {
        let it = Organisation::new(&server).await;
        let ada = somebody(&server, "ada").await;
        let id = uuid::Uuid::parse_str(&ada.id).unwrap();
        let german = json!({"user": {"preferredLanguages": ["eo", "de_AT"], "fullName": "Ada L."}});
        assert_eq!(server.patch(&format!("/api/user/{id}"), german).await.status, 200);
        let gi = it.gi_p(&server).await;
        let pr = request(&server, &ada, &gi).await;
        server.mails_that_follow().await;
        assert_eq!(approve(&server, &it.owner, &pr).await.status, 200);
        let mails = server.mails_that_follow().await;
        assert_eq!(addresses(&mails), ["ada@example.com"]);
        assert_eq!(subject(&mails[0]), "Docket: Sie haben jetzt die Rolle PROJECT.MANAGER in P");
        assert!(text(&mails[0]).contains("Ada L."));

        // Whoever holds it already, or wants no mail, is not told.
        let held = request(&server, &it.user, &gi).await;
        it.give(&server, &it.user, "PROJECT.MANAGER", &it.p()).await;
        let quiet = request(&server, &it.admin, &gi).await;
        change(&server, &it.staff, &format!("/api/users/{}/", it.admin.id),
            json!({"notifications_enabled": false})).await;
        server.mails_that_follow().await;
        for pr in [held, quiet] {
            assert_eq!(approve(&server, &it.owner, &pr).await.status, 200);
        }
        assert!(server.mails_that_follow().await.is_empty());
    }

    async fn what_is_given_at_once_is_told_to_both_sides(server: Server) {
        let it = Organisation::new(&server).await;
        let more = json!({"auto_approve": true, "auto_create_project": true});
        let gi = it.invitation(&server, ("PROJECT.ADMIN", &it.c()), more).await;
        assert_eq!(submit(&server, &it.user, &gi).await.status, 200);
        let mails = server.mails_that_follow().await;
        assert_eq!(addresses(&mails), ["owner@example.com", "user@example.com"]);
        assert_eq!(subject(&mails[1]), "Docket: you now have the role PROJECT.ADMIN in user");
    }

    async fn each_kind_of_mail_can_be_switched_off(server: Server) {
        let mut server = server;
        let it = Organisation::new(&server).await;
        let mut settings = (*server.ctx.settings).clone();
        settings.notifications.permission_request_submitted = false;
        settings.notifications.permission_request_rejected = false;
        settings.notifications.role_granted = false;
        server.with_context(server.ctx.clone().with_settings(settings));
        let gi = it.gi_c(&server).await;
        for what in ["reject", "approve"] {
            let pr = request(&server, &it.user, &gi).await;
            assert_eq!(act(&server, &it.owner, &pr, what, json!({})).await.status, 200);
        }
        assert!(server.mails_that_follow().await.is_empty());
    }
}
