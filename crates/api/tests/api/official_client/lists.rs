//! Cases 38 to 47: reading one action and the actions of a user.

use docket_testkit::on_both_engines;
use fusionauth_rust_client::apis::default_api as client;
use fusionauth_rust_client::models::ActionData;
use uuid::Uuid;

use super::{HOUR, NOBODY, World, expect_code, refusal};

/// A user on whom everything was done that can be done.
struct Eventful {
    world: World,
    active: Uuid,
    expired: Uuid,
    cancelled: Uuid,
    instant: Uuid,
    ban: Uuid,
}

impl Eventful {
    async fn new(server: docket_testkit::Server) -> Self {
        let world = World::new(server).await;
        let past = ActionData { expiry: Some(world.after(-HOUR)), ..world.on_user(world.mute) };
        let expired = world.take(past).await.id.unwrap();
        let cancelled = world.take(world.for_an_hour(world.mute)).await.id.unwrap();
        let cancel = world.changing("never mind", None);
        client::cancel_action_with_id(&world.api, &cancelled.to_string(), cancel).await.unwrap();
        Self {
            active: world.take(world.for_an_hour(world.mute)).await.id.unwrap(),
            expired,
            cancelled,
            instant: world.take(world.on_user(world.reward)).await.id.unwrap(),
            ban: world.take(world.for_an_hour(world.ban)).await.id.unwrap(),
            world,
        }
    }
}

fn sorted<const N: usize>(mut ids: [Uuid; N]) -> [Uuid; N] {
    ids.sort_unstable();
    ids
}

on_both_engines! {
    async fn case_038_an_action_reads_as_it_was_answered(server: Server) {
        let world = World::new(server).await;
        let taken = world.take(world.for_an_hour(world.mute)).await;
        assert_eq!(world.find(taken.id.unwrap()).await, taken);
        let raw = world.server.get(&format!("/api/user/action/{}", taken.id.unwrap())).await;
        assert!(raw.json["action"].get("event").is_none());
    }

    async fn case_040_nothing_was_done_to_nobody(server: Server) {
        let world = World::new(server).await;
        assert_eq!(world.list(None, None).await, [NOBODY; 0]);
    }

    async fn case_041_a_list_is_of_a_user(server: Server) {
        let world = World::new(server).await;
        let refused = client::retrieve_user_actioning(&world.api, None, None, None).await;
        expect_code(refused, "[missing]", "userId");
    }

    async fn case_042_to_044_actions_are_listed_by_whether_they_are_in_force(server: Server) {
        let all = Eventful::new(server).await;
        assert_eq!(all.world.list(Some("true"), None).await, sorted([all.active, all.ban]));
        assert_eq!(
            all.world.list(Some("false"), None).await,
            sorted([all.expired, all.cancelled, all.instant])
        );
        assert_eq!(
            all.world.list(None, None).await,
            sorted([all.active, all.expired, all.cancelled, all.instant, all.ban])
        );
    }

    async fn case_045_and_046_actions_are_listed_by_whether_they_prevent_login(server: Server) {
        let all = Eventful::new(server).await;
        assert_eq!(all.world.list(None, Some("true")).await, [all.ban]);
        assert_eq!(all.world.list(None, Some("false")).await.len(), 5);
        all.world.server.clock.advance_millis(HOUR);
        assert_eq!(all.world.list(None, Some("true")).await, [NOBODY; 0]);
    }

    async fn case_047_both_questions_at_once_are_none(server: Server) {
        let world = World::new(server).await;
        let user = world.user.to_string();
        let (yes, user) = (Some("true"), Some(user.as_str()));
        let refused = client::retrieve_user_actioning(&world.api, user, yes, yes).await;
        assert_eq!(refusal(refused).0, 400);
    }
}
