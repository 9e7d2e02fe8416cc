//! A server at which nothing happens writes nothing.

use docket_domain::time::Instant;
use docket_service::Context;
use docket_service::todos::follow::{Follower, Reached};
use docket_service::turns::{self, Relay, TURN};
use docket_testkit::on_both_engines;
use serde_json::json;

/// Has the node see to everything; when time will change something next.
async fn next(follower: &mut Follower, ctx: &Context) -> Instant {
    match follower.catch_up(ctx).await.unwrap() {
        Reached::End(next) => next.unwrap(),
        others @ Reached::Others(_) => panic!("nobody else is there: {others:?}"),
    }
}

on_both_engines! {
    async fn a_turn_at_to_dos_lapses_when_nothing_happens(server: Server) {
        let user = |name| json!({"user": {"username": name, "password": "correct horse"}});
        assert_eq!(server.post("/api/user", user("ada")).await.status, 200);
        let mut follower = Follower::new(&server.ctx);
        server.mails_that_follow().await;
        next(&mut follower, &server.ctx).await;
        server.clock.advance_millis(1_000);
        let soon = next(&mut follower, &server.ctx).await;
        let kept = turns::look(&server.ctx, Relay::Todos).await.unwrap();
        assert!(kept.position > 0 && kept.until > server.ctx.now(), "{kept:?}");

        server.clock.advance_millis(2 * TURN);
        assert!(server.ctx.now() < soon, "time changes nothing yet");
        assert_eq!(next(&mut follower, &server.ctx).await, soon);
        assert_eq!(turns::look(&server.ctx, Relay::Todos).await.unwrap(), kept);
        let mut other = Follower::new(&server.ctx);
        let its = other.catch_up(&server.ctx).await.unwrap();
        assert!(matches!(its, Reached::End(_)), "anybody may take a turn that lapsed: {its:?}");
        other.leave(&server.ctx).await.unwrap();

        assert_eq!(server.post("/api/user", user("bob")).await.status, 200);
        server.mails_that_follow().await;
        next(&mut follower, &server.ctx).await;
        let taken = turns::look(&server.ctx, Relay::Todos).await.unwrap();
        assert!(taken.owner == kept.owner && taken.until > server.ctx.now(), "{taken:?}");
    }
}
