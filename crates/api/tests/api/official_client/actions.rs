//! Cases 25 to 37, 39, 81 and 92: taking an action on a user.

use docket_testkit::on_both_engines;
use fusionauth_rust_client::apis::default_api as client;
use fusionauth_rust_client::models::ActionData;
use serde_json::json;

use super::{HOUR, NOBODY, World, acting, application, expect_code, expect_fields, status, user};

on_both_engines! {
    async fn case_025_take_a_mute(server: Server) {
        let world = World::new(server).await;
        let expiry = world.after(HOUR);
        let action = ActionData {
            comment: Some("c1".to_owned()),
            reason_id: Some(world.reason),
            ..world.for_an_hour(world.mute)
        };
        let taken = world.take(action).await;
        assert!(taken.id.is_some());
        assert_eq!(taken.insert_instant, Some(world.after(0)));
        assert_eq!(taken.expiry, Some(expiry));
        assert_eq!(taken.comment.as_deref(), Some("c1"));
        assert_eq!(taken.reason_code.as_deref(), Some("TOS"));
        assert_eq!(taken.name.as_deref(), Some("Mute"));
        assert_eq!(taken.user_action_id, Some(world.mute));
        assert_eq!(taken.actionee_user_id, Some(world.user));
        assert_eq!(taken.actioner_user_id, Some(world.moderator));
        assert_eq!(taken.application_ids, Some(vec![]));
        assert_eq!(taken.history, None);
    }

    async fn case_026_what_lasts_needs_an_end(server: Server) {
        let world = World::new(server).await;
        let refused = client::action_user_with_id(&world.api, acting(world.on_user(world.mute)));
        expect_code(refused.await, "[missing]", "action.expiry");
    }

    async fn case_027_an_instant_action_has_an_option_and_no_end(server: Server) {
        let world = World::new(server).await;
        let gold = ActionData { option: Some("Gold".to_owned()), ..world.on_user(world.reward) };
        let taken = world.take(gold).await;
        assert_eq!((taken.expiry, taken.end_event_sent), (None, None));
        assert_eq!(taken.option.as_deref(), Some("Gold"));
        assert_eq!(taken.localized_option.as_deref(), Some("Oro"));
    }

    async fn case_028_an_option_must_be_offered(server: Server) {
        let world = World::new(server).await;
        let bronze =
            ActionData { option: Some("Bronze".to_owned()), ..world.on_user(world.reward) };
        let refused = client::action_user_with_id(&world.api, acting(bronze)).await;
        expect_code(refused, "[invalid]", "action.option");
    }

    async fn case_029_everything_that_is_missing_is_named(server: Server) {
        let world = World::new(server).await;
        let refused = client::action_user_with_id(&world.api, acting(ActionData::new())).await;
        expect_fields(
            refused,
            &["action.actioneeUserId", "action.actionerUserId", "action.userActionId"],
        );
    }

    async fn case_030_the_actionee_must_exist(server: Server) {
        let world = World::new(server).await;
        let action =
            ActionData { actionee_user_id: Some(NOBODY), ..world.for_an_hour(world.mute) };
        let refused = client::action_user_with_id(&world.api, acting(action)).await;
        expect_code(refused, "[invalid]", "action.actioneeUserId");
    }

    async fn case_031_what_is_switched_off_cannot_be_taken(server: Server) {
        let world = World::new(server).await;
        let id = world.mute.to_string();
        client::delete_user_action_with_id(&world.api, &id, None, None).await.unwrap();
        let action = acting(world.for_an_hour(world.mute));
        let refused = client::action_user_with_id(&world.api, action).await;
        expect_code(refused, "[invalid]", "action.userActionId");
    }

    async fn case_032_the_reason_must_exist(server: Server) {
        let world = World::new(server).await;
        let action = ActionData { reason_id: Some(NOBODY), ..world.for_an_hour(world.mute) };
        let refused = client::action_user_with_id(&world.api, acting(action)).await;
        expect_code(refused, "[invalid]", "action.reasonId");
    }

    async fn case_033_an_end_may_never_come(server: Server) {
        let world = World::new(server).await;
        let forever = ActionData { expiry: Some(i64::MAX), ..world.on_user(world.mute) };
        let taken = world.take(forever).await;
        assert_eq!(taken.expiry, Some(i64::MAX));
        assert_eq!(world.list(Some("true"), None).await, [taken.id.unwrap()]);
        let raw = world.server.get(&format!("/api/user/action/{}", taken.id.unwrap())).await;
        assert!(raw.text.contains("\"expiry\":9223372036854775807"), "{}", raw.text);
    }

    async fn case_034_never_in_the_words_of_javascript(server: Server) {
        let world = World::new(server).await;
        // This client cannot write the number; JavaScript cannot write another one.
        let action = json!({"action": {"actioneeUserId": world.user,
            "actionerUserId": world.moderator, "userActionId": world.mute,
            "expiry": 9_223_372_036_854_776_000_u64}});
        let taken = world.server.post("/api/user/action", action).await;
        assert_eq!(taken.status, 200, "{}", taken.text);
        let id = taken.json["action"]["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(world.find(id).await.expiry, Some(i64::MAX));
    }

    async fn case_035_an_end_may_be_over(server: Server) {
        let world = World::new(server).await;
        let past = world.after(-HOUR);
        let taken =
            world.take(ActionData { expiry: Some(past), ..world.on_user(world.mute) }).await;
        assert_eq!(taken.expiry, Some(past));
        assert_eq!(world.list(Some("false"), None).await, [taken.id.unwrap()]);
        assert_eq!(world.list(Some("true"), None).await, [NOBODY; 0]);
    }

    async fn case_036_applications_are_a_set(server: Server) {
        let world = World::new(server).await;
        let first = application(&world.api, "A1").await;
        let second = application(&world.api, "A2").await;
        let action = ActionData {
            application_ids: Some(vec![second, first, first]),
            ..world.for_an_hour(world.ban)
        };
        let mut ids = world.take(action).await.application_ids.unwrap();
        ids.sort_unstable();
        let mut expected = [first, second];
        expected.sort_unstable();
        assert_eq!(ids, expected);
    }

    async fn case_037_who_shall_hear_of_the_end_is_remembered(server: Server) {
        let world = World::new(server).await;
        let told = ActionData {
            email_user: Some(true),
            notify_user: Some(true),
            ..world.for_an_hour(world.mute)
        };
        let taken = world.take(told).await;
        let flags = (taken.email_user_on_end, taken.notify_user_on_end);
        assert_eq!(flags, (Some(true), Some(true)));
        let taken = world.take(world.for_an_hour(world.mute)).await;
        let flags = (taken.email_user_on_end, taken.notify_user_on_end);
        assert_eq!(flags, (Some(false), Some(false)));
    }

    async fn case_081_reasons_are_told_in_the_language_of_the_actionee(server: Server) {
        let world = World::new(server).await;
        let warned = ActionData { reason_id: Some(world.reason), ..world.on_user(world.reward) };
        let taken = world.take(warned.clone()).await;
        assert_eq!(taken.reason.as_deref(), Some("Broke the rules"));
        assert_eq!(taken.localized_reason.as_deref(), Some("Rompis la regulojn"));
        let other = user(&world.api, "u3@example.com", &[]).await;
        let taken = world.take(ActionData { actionee_user_id: Some(other), ..warned }).await;
        assert_eq!(taken.localized_reason.as_deref(), Some("Broke the rules"));
    }

    async fn case_092_a_name_is_no_id(server: Server) {
        let world = World::new(server).await;
        let refused = client::retrieve_user_with_id(&world.api, "xyz", None).await;
        expect_code(refused, "[couldNotConvert]", "userId");
        let refused = client::retrieve_action_with_id(&world.api, "xyz").await;
        expect_code(refused, "[couldNotConvert]", "actionId");
    }

    async fn case_039_what_is_not_there_is_not_found(server: Server) {
        let world = World::new(server).await;
        let found = client::retrieve_action_with_id(&world.api, &NOBODY.to_string()).await;
        assert_eq!(status(found), 404);
    }
}
