//! Cases 48 to 54: modifying and cancelling an action.

use docket_testkit::on_both_engines;
use fusionauth_rust_client::apis::default_api as client;
use fusionauth_rust_client::models::ActionData;

use super::{HOUR, NOBODY, World, acting, expect_code, status};

on_both_engines! {
    async fn case_048_what_was_becomes_history(server: Server) {
        let world = World::new(server).await;
        let first = ActionData { comment: Some("c1".to_owned()), ..world.for_an_hour(world.mute) };
        let taken = world.take(first).await;
        let id = taken.id.unwrap().to_string();
        world.server.clock.advance_millis(1_000);
        let later = world.after(2 * HOUR);
        let change = world.changing("c2", Some(later));
        let changed = client::modify_action_with_id(&world.api, &id, change).await.unwrap();
        let changed = *changed.action.unwrap();
        assert_eq!((changed.comment.as_deref(), changed.expiry), (Some("c2"), Some(later)));
        assert_eq!(changed.insert_instant, taken.insert_instant);
        let items = changed.history.clone().unwrap().history_items.unwrap();
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].comment.as_deref(), Some("c1"));
        assert_eq!(items[0].expiry, taken.expiry);
        assert_eq!(items[0].create_instant, taken.insert_instant);
        assert_eq!(items[0].actioner_user_id, Some(world.moderator));
        assert_eq!(world.find(taken.id.unwrap()).await, changed);
        let raw = world.server.get(&format!("/api/user/action/{id}")).await;
        let action = &raw.json["action"];
        assert_eq!(action["historyItems"], action["history"]["historyItems"]);
    }

    async fn case_049_and_054_an_action_is_cancelled_once(server: Server) {
        let world = World::new(server).await;
        let first = ActionData { comment: Some("c1".to_owned()), ..world.for_an_hour(world.mute) };
        let id = world.take(first).await.id.unwrap().to_string();
        let change = world.changing("c2", Some(world.after(2 * HOUR)));
        client::modify_action_with_id(&world.api, &id, change).await.unwrap();
        let cancel = || client::cancel_action_with_id(&world.api, &id, world.changing("c3", None));
        let cancelled = *cancel().await.unwrap().action.unwrap();
        assert_eq!(cancelled.comment.as_deref(), Some("c3"));
        assert!(cancelled.expiry.unwrap() <= world.after(0));
        let items = cancelled.history.unwrap().history_items.unwrap();
        let comments: Vec<_> = items.iter().map(|item| item.comment.as_deref()).collect();
        assert_eq!(comments, [Some("c1"), Some("c2")]);
        assert_eq!(world.list(Some("true"), None).await, [NOBODY; 0]);
        expect_code(cancel().await, "[invalid]", "actionId");
    }

    async fn case_050_and_051_a_change_needs_somebody_and_an_end(server: Server) {
        let world = World::new(server).await;
        let id = world.take(world.for_an_hour(world.mute)).await.id.unwrap().to_string();
        let anonymous =
            || acting(ActionData { expiry: Some(world.after(HOUR)), ..ActionData::new() });
        let refused = client::modify_action_with_id(&world.api, &id, anonymous()).await;
        expect_code(refused, "[missing]", "action.actionerUserId");
        let refused = client::cancel_action_with_id(&world.api, &id, anonymous()).await;
        expect_code(refused, "[missing]", "action.actionerUserId");
        let endless = world.changing("c2", None);
        let refused = client::modify_action_with_id(&world.api, &id, endless).await;
        expect_code(refused, "[missing]", "action.expiry");
    }

    async fn case_052_what_is_not_there_cannot_be_changed(server: Server) {
        let world = World::new(server).await;
        let (id, later) = (NOBODY.to_string(), Some(world.after(HOUR)));
        let change = world.changing("c2", later);
        assert_eq!(status(client::modify_action_with_id(&world.api, &id, change).await), 404);
        let cancel = world.changing("c2", None);
        assert_eq!(status(client::cancel_action_with_id(&world.api, &id, cancel).await), 404);
    }

    async fn case_053_what_only_happened_cannot_be_changed(server: Server) {
        let world = World::new(server).await;
        let id = world.take(world.on_user(world.reward)).await.id.unwrap().to_string();
        let change = world.changing("c2", Some(world.after(HOUR)));
        let refused = client::modify_action_with_id(&world.api, &id, change).await;
        expect_code(refused, "[invalid]", "actionId");
        let cancel = world.changing("c2", None);
        let refused = client::cancel_action_with_id(&world.api, &id, cancel).await;
        expect_code(refused, "[invalid]", "actionId");
    }
}
