//! The mail about what users have to do, and what is done at certain times (`waldur.md` §6.4, §6.6;
//! `native.md` §7, 2 and 3).

use docket_service::settings::Settings;
use docket_service::todos::upkeep;
use docket_testkit::{Server, on_both_engines};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Somebody, somebody, staff};

const DAY: i64 = 86_400_000;

/// Asks so many things of somebody; those that begin with `!` are urgent.
async fn ask(server: &Server, who: &Somebody, keys: &[&str]) {
    let id = Uuid::parse_str(&who.id).unwrap().to_string();
    for key in keys {
        let urgency = if key.starts_with('!') { "high" } else { "low" };
        let body = json!({"userIds": [id], "title": key, "urgency": urgency});
        let put = server.put(&format!("/api/v1/todos/test_action/{key}"), body).await;
        assert_eq!(put.status, 201, "{}", put.text);
    }
}

async fn silence(server: &Server, who: &Somebody, title: &str, body: Value) {
    let listed = who.get(server, "/api/user-actions/?page_size=100").await;
    let items = listed.json.as_array().unwrap().iter();
    let id = items.clone().find(|item| item["title"] == title).unwrap()["uuid"].clone();
    let path = format!("/api/user-actions/{}/silence/", id.as_str().unwrap());
    assert_eq!(who.post(server, &path, body).await.status, 200);
}

/// The day goes by; who is written to, and what.
async fn next_day(server: &Server) -> Vec<(String, String)> {
    server.clock.advance_millis(DAY);
    upkeep::see_to(&server.ctx).await.unwrap();
    // Those of earlier days are due again, for nobody has sent them.
    let now = server.ctx.now();
    let new = server.due_mails().await.into_iter().filter(|mail| mail.created_at == now);
    let mails = new.map(|mail| {
        let [to] = mail.email.to.as_slice() else { panic!("one message a reader") };
        (to.email.clone(), mail.email.message.text.unwrap())
    });
    mails.collect()
}

fn addresses(mails: &[(String, String)]) -> Vec<&str> {
    let mut all: Vec<_> = mails.iter().map(|(to, _)| to.as_str()).collect();
    all.sort_unstable();
    all
}

on_both_engines! {
    async fn native_7_2_a_digest_counts_items(server: Server) {
        let mut server = server;
        let mut settings = Settings::default();
        "https://portal.example".clone_into(&mut settings.site.homeport_url);
        let ctx = server.ctx.clone().with_settings(settings);
        server.with_context(ctx);
        upkeep::see_to(&server.ctx).await.unwrap();
        assert!(server.due_mails().await.is_empty(), "what is due for the first time was never missed");
        let (ada, bob) = (somebody(&server, "ada").await, somebody(&server, "bob").await);
        let (cleo, dan) = (somebody(&server, "cleo").await, somebody(&server, "dan").await);
        ask(&server, &ada, &["!a1", "a2"]).await;
        ask(&server, &bob, &["b1", "b2", "b3", "b4", "b5"]).await;
        ask(&server, &cleo, &["c1", "c2", "c3", "c4", "c5", "c6", "c7"]).await;
        ask(&server, &dan, &["!d1"]).await;
        // One snoozed item leaves its user in; a silenced one does not count.
        silence(&server, &cleo, "c1", json!({"duration_days": 30})).await;
        silence(&server, &dan, "!d1", json!({})).await;
        let mails = next_day(&server).await;
        assert_eq!(addresses(&mails), ["ada@example.com", "cleo@example.com"]);
        let text = |who: &str| &mails.iter().find(|(to, _)| to.starts_with(who)).unwrap().1;
        for part in ["ada", "2.", "1.", "https://portal.example/profile/", "Docket"] {
            assert!(text("ada").contains(part), "{part}: {}", text("ada"));
        }
        assert!(text("cleo").contains("6."), "{}", text("cleo"));
        upkeep::see_to(&server.ctx).await.unwrap();
        assert!(server.due_mails().await.is_empty(), "once a day is enough");

        // With one more, or with the rules changed, others hear of it.
        ask(&server, &bob, &["b6"]).await;
        silence(&server, &cleo, "c2", json!({})).await;
        assert_eq!(addresses(&next_day(&server).await), ["ada@example.com", "bob@example.com"]);
        let mut settings = Settings::default();
        settings.todos.high_urgency_notification = false;
        settings.todos.notification_threshold = 4;
        let ctx = server.ctx.clone().with_settings(settings);
        server.with_context(ctx);
        assert_eq!(addresses(&next_day(&server).await), ["bob@example.com", "cleo@example.com"]);
        let mut settings = Settings::default();
        settings.notifications.todo_digest = false;
        let ctx = server.ctx.clone().with_settings(settings);
        server.with_context(ctx);
        assert!(next_day(&server).await.is_empty());
    }

    async fn staff_have_a_user_written_to(server: Server) {
        let (staff, ada) = (staff(&server).await, somebody(&server, "ada").await);
        let path = format!("/api/users/{}/send_notification/", ada.id);
        assert_eq!(ada.call(&server, "POST", &path, None).await.status, 403);
        let scheduled = staff.call(&server, "POST", &path, None).await;
        assert_eq!((scheduled.status, scheduled.json), (202, json!({"status": "scheduled",
            "message": "Notification for ada has been scheduled"})));
        assert!(server.due_mails().await.is_empty(), "there is nothing to write about");
        ask(&server, &ada, &["a1"]).await;
        staff.call(&server, "POST", &path, None).await;
        let mails = server.due_mails().await;
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].email.to[0].email, "ada@example.com");
        let user = json!({"user": {"username": "mute", "password": "correct horse"}});
        let mute = server.post("/api/user", user).await;
        let id = mute.json["user"]["id"].as_str().unwrap();
        let path = format!("/api/users/{id}/send_notification/");
        let refused = staff.call(&server, "POST", &path, None).await;
        assert_eq!((refused.status, refused.json),
            (400, json!(["User does not have an email address."])));
    }

    async fn native_7_3_executions_outlive_their_to_do_for_ninety_days(server: Server) {
        upkeep::see_to(&server.ctx).await.unwrap();
        let ada = somebody(&server, "ada").await;
        let id = Uuid::parse_str(&ada.id).unwrap().to_string();
        let body = json!({"userIds": [id], "title": "T", "correctiveActions":
            [{"label": "Look", "category": "view"}]});
        server.put("/api/v1/todos/test_action/1", body).await;
        let listed = ada.get(&server, "/api/user-actions/").await;
        let path = format!("/api/user-actions/{}/execute_action/",
            listed.json[0]["uuid"].as_str().unwrap());
        assert_eq!(ada.post(&server, &path, json!({"action_label": "Look"})).await.status, 200);
        assert_eq!(server.delete("/api/v1/todos/test_action/1").await.status, 204);
        for (days, left) in [(0, 1), (83, 1), (14, 0)] {
            server.clock.advance_millis(days * DAY);
            upkeep::see_to(&server.ctx).await.unwrap();
            let kept = ada.get(&server, "/api/user-action-executions/").await;
            assert_eq!(kept.json.as_array().unwrap().len(), left, "{days} more days");
        }
    }

    async fn silences_that_are_over_are_cleared_at_night(server: Server) {
        upkeep::see_to(&server.ctx).await.unwrap();
        let ada = somebody(&server, "ada").await;
        ask(&server, &ada, &["a1"]).await;
        silence(&server, &ada, "a1", json!({"duration_days": 1})).await;
        server.clock.advance_millis(2 * DAY);
        let until = |listed: Value| listed[0]["silenced_until"].clone();
        assert!(until(ada.get(&server, "/api/user-actions/").await.json).is_string());
        upkeep::see_to(&server.ctx).await.unwrap();
        assert_eq!(until(ada.get(&server, "/api/user-actions/").await.json), Value::Null);
    }
}
