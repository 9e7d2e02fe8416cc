//! Requests and invitations by many at once: what can happen once happens once, and nothing is left
//! behind. `SQLite` has one writer, so only PostgreSQL can get it wrong.

use docket_testkit::{Server, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::organisation::{
    INVITATIONS, Organisation, REQUESTS, act, approve, made, request, submit, texts,
};
use super::world::somebody;

async fn count(server: &Server, kind: &str) -> usize {
    server.events().await.iter().filter(|(known, _)| known == kind).count()
}

on_both_engines! {
    async fn of_many_approvals_at_once_one_gives_the_role(server: Server) {
        let it = Organisation::new(&server).await;
        let pr = request(&server, &it.user, &it.gi_making(&server, Value::Null).await).await;
        let all = join_all((0..8).map(|_| approve(&server, &it.owner, &pr))).await;
        let mut statuses: Vec<u16> = all.iter().map(|answered| answered.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(count(&server, "permission_request.approved").await, 1);
        assert_eq!(count(&server, "grant.created").await, 4);
        assert_eq!(count(&server, "project.created").await, 2);
    }

    async fn a_request_called_off_while_it_is_approved_ends_in_one_state(server: Server) {
        let it = Organisation::new(&server).await;
        let more = json!({"allow_multiple_requests": true});
        let gi = it.invitation(&server, ("PROJECT.MEMBER", &it.p()), more).await;
        for round in 0..4 {
            let who = somebody(&server, &format!("racer{round}")).await;
            let pr = request(&server, &who, &gi).await;
            let (approved, cancelled) = tokio::join!(
                approve(&server, &it.owner, &pr),
                act(&server, &who, &pr, "cancel_request", json!({}))
            );
            let state = it.state(&server, &pr).await;
            let holds = it.holders(&server, "PROJECT.MEMBER", &it.p()).await.contains(&who.id);
            match state.as_str() {
                "approved" => assert_eq!((approved.status, cancelled.status, holds), (200, 400, true)),
                "canceled" => assert_eq!((approved.status, cancelled.status, holds), (409, 200, false)),
                other => panic!("{other}"),
            }
        }
    }

    async fn of_many_that_ask_at_once_one_is_the_first(server: Server) {
        let it = Organisation::new(&server).await;
        let invitations = [it.gi_c(&server).await, it.gi_c(&server).await];
        let all = join_all(
            invitations.iter().cycle().take(6).map(|gi| submit(&server, &it.user, gi))
        ).await;
        let accepted = all.iter().filter(|answered| answered.status == 200).count();
        assert_eq!(accepted, 1);
        let listed = it.user.get(&server, REQUESTS).await;
        assert_eq!(texts(&listed.json, "uuid").len(), 1);
    }

    async fn projects_of_one_name_are_made_once_at_once(server: Server) {
        let it = Organisation::new(&server).await;
        let more = json!({"auto_approve": true, "auto_create_project": true,
            "project_name_template": "shared"});
        let gi = it.invitation(&server, ("PROJECT.ADMIN", &it.c()), more).await;
        let people = [&it.owner, &it.manager, &it.admin, &it.user];
        let all = join_all(people.map(|who| submit(&server, who, &gi))).await;
        assert!(all.iter().all(|answered| answered.status == 200), "{all:?}");
        let created = all.iter().filter(|answered| answered.json["project_created"] == true);
        assert_eq!(created.count(), 1);
        assert_eq!(it.projects(&server).await.len(), 2);
    }

    async fn nothing_is_left_of_a_customer(server: Server) {
        let it = Organisation::new(&server).await;
        let role = it.role_id(&server, "CUSTOMER.OWNER").await;
        for round in 0..4 {
            let body = json!({"name": format!("D{round}")});
            let doomed = made(&it.staff, &server, "/api/customers/", body).await;
            let d = format!("/api/customers/{doomed}/");
            let more = json!({"allow_multiple_requests": true});
            let gi = it.invitation(&server, ("CUSTOMER.OWNER", &d), more).await;
            let making = json!({"auto_approve": true, "allow_multiple_requests": true});
            let at_once = it.invitation(&server, ("CUSTOMER.SUPPORT", &d), making).await;
            let offer = json!({"role": role, "scope": d});
            let asking = [&gi, &at_once, &gi, &at_once, &gi];
            let asking = join_all(asking.map(|gi| submit(&server, &it.user, gi)));
            let offering = join_all((0..4).map(|_| it.staff.post(&server, INVITATIONS, offer.clone())));
            let delete = it.staff.call(&server, "DELETE", &d, None);
            let (deleted, asked, offered) = tokio::join!(delete, asking, offering);
            assert_eq!(deleted.status, 204, "{}", deleted.text);
            for answered in asked.iter().chain(&offered) {
                assert!([200, 201, 400, 404].contains(&answered.status), "{}", answered.text);
            }
            assert_eq!(server.orphans().await, [""; 0]);
        }
    }
}
