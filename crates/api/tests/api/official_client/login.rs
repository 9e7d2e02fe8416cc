//! Cases 70 to 80 and 91: logging in, and comments about users.

use docket_testkit::on_both_engines;
use fusionauth_rust_client::apis::Error;
use fusionauth_rust_client::apis::configuration::Configuration;
use fusionauth_rust_client::apis::default_api as client;
use fusionauth_rust_client::models::{
    ActionData, LoginRequest, LoginResponse, User, UserComment, UserCommentRequest, UserRequest,
};
use uuid::Uuid;

use super::{
    HOUR, NOBODY, PASSWORD, World, application, caller_with, expect_code, refusal, register, status,
};

/// What a login says.
fn login(password: &str, application: Option<Uuid>) -> LoginRequest {
    LoginRequest {
        login_id: Some("u1@example.com".to_owned()),
        password: Some(password.to_owned()),
        application_id: application,
        ..LoginRequest::new()
    }
}

async fn log_in(
    api: &Configuration,
    request: LoginRequest,
) -> Result<LoginResponse, Error<client::LoginWithIdError>> {
    client::login_with_id(api, None, Some(request)).await
}

/// A login in which nothing is wrong.
fn right() -> LoginRequest {
    login(PASSWORD, None)
}

on_both_engines! {
    async fn case_070_a_ban_refuses_the_login_and_says_so(server: Server) {
        let world = World::new(server).await;
        let ban = world.take(world.for_an_hour(world.ban)).await;
        let (status, body) = refusal(log_in(&world.api, right()).await);
        assert_eq!(status, 409, "{body}");
        let told: LoginResponse = serde_json::from_value(body).unwrap();
        let told = told.actions.unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].action_id, ban.id);
        assert_eq!(told[0].name.as_deref(), Some("Ban"));
        assert_eq!(told[0].expiry, ban.expiry);
        assert_eq!(told[0].actioner_user_id, Some(world.moderator));
    }

    async fn case_071_a_cancelled_ban_lets_in(server: Server) {
        let world = World::new(server).await;
        let id = world.take(world.for_an_hour(world.ban)).await.id.unwrap().to_string();
        assert_eq!(refusal(log_in(&world.api, right()).await).0, 409);
        let cancel = world.changing("never mind", None);
        client::cancel_action_with_id(&world.api, &id, cancel).await.unwrap();
        let entered = log_in(&world.api, right()).await.unwrap();
        assert_eq!(entered.user.unwrap().id, Some(world.user));
        assert!(entered.token.is_some());
    }

    async fn case_072_a_ban_that_is_over_lets_in(server: Server) {
        let world = World::new(server).await;
        world.take(world.for_an_hour(world.ban)).await;
        world.server.clock.advance_millis(HOUR - 1);
        assert_eq!(refusal(log_in(&world.api, right()).await).0, 409);
        world.server.clock.advance_millis(1);
        log_in(&world.api, right()).await.unwrap();
    }

    async fn case_073_what_does_not_prevent_login_does_not(server: Server) {
        let world = World::new(server).await;
        world.take(world.for_an_hour(world.mute)).await;
        log_in(&world.api, right()).await.unwrap();
    }

    async fn case_074_a_ban_may_be_of_one_application(server: Server) {
        let world = World::new(server).await;
        let first = application(&world.api, "A1").await;
        let second = application(&world.api, "A2").await;
        register(&world.api, world.user, first).await;
        let ban = ActionData {
            application_ids: Some(vec![first]),
            ..world.for_an_hour(world.ban)
        };
        world.take(ban).await;
        assert_eq!(refusal(log_in(&world.api, login(PASSWORD, Some(first))).await).0, 409);
        log_in(&world.api, right()).await.unwrap();
        // The client takes 202 for success and does not tell it from 200.
        log_in(&world.api, login(PASSWORD, Some(second))).await.unwrap();
        let body = serde_json::to_value(login(PASSWORD, Some(second))).unwrap();
        assert_eq!(world.server.post("/api/login", body).await.status, 202);
    }

    async fn case_075_a_deactivated_user_is_locked_out(server: Server) {
        let world = World::new(server).await;
        let id = world.user.to_string();
        client::delete_user_with_id(&world.api, &id, None, None, None).await.unwrap();
        assert_eq!(status(log_in(&world.api, right()).await), 423);
        assert_eq!(status(log_in(&world.api, login("wrong password", None)).await), 423);
        let on = client::update_user_with_id(&world.api, &id, None, Some("true"), None).await;
        assert_eq!(on.unwrap().user.unwrap().active, Some(true));
        log_in(&world.api, right()).await.unwrap();
    }

    async fn case_076_an_account_may_be_over(server: Server) {
        let world = World::new(server).await;
        let over = User { expiry: Some(world.after(-HOUR)), ..User::new() };
        let request = UserRequest { user: Some(Box::new(over)), ..UserRequest::new() };
        let id = world.user.to_string();
        client::patch_user_with_id(&world.api, &id, None, Some(request)).await.unwrap();
        assert_eq!(status(log_in(&world.api, right()).await), 410);
    }

    async fn case_077_a_wrong_password_and_no_such_user_are_alike(server: Server) {
        let world = World::new(server).await;
        assert_eq!(status(log_in(&world.api, login("wrong password", None)).await), 404);
        let nobody =
            LoginRequest { login_id: Some("nobody@example.com".to_owned()), ..right() };
        assert_eq!(status(log_in(&world.api, nobody).await), 404);
    }

    async fn case_078_somebody_must_be_named(server: Server) {
        let world = World::new(server).await;
        let blank = LoginRequest { login_id: Some(" ".to_owned()), ..right() };
        expect_code(log_in(&world.api, blank).await, "[blank]", "loginId");
    }

    async fn case_079_a_login_needs_a_key(server: Server) {
        let world = World::new(server).await;
        let stranger = caller_with(&world.server, None).await;
        assert_eq!(status(log_in(&stranger, right()).await), 401);
    }

    async fn case_080_an_address_may_be_undefined(server: Server) {
        let world = World::new(server).await;
        let first = application(&world.api, "A1").await;
        register(&world.api, world.user, first).await;
        let (user, application) = (world.user.to_string(), first.to_string());
        let address = Some("undefined");
        let pinged = client::login_ping_with_id(&world.api, &user, &application, address, None);
        // A success, for the client finds nothing to read in it.
        assert!(matches!(pinged.await, Err(Error::Serde(_))));
        let path = format!("/api/login/{user}/{application}?ipAddress=undefined");
        let raw = world.server.call("PUT", &path, &[], None).await;
        assert_eq!((raw.status, raw.text.as_str()), (200, ""));
    }

    async fn case_091_comments_about_a_user_are_kept(server: Server) {
        let world = World::new(server).await;
        let comment = UserComment {
            comment: Some("Polite on the phone".to_owned()),
            commenter_id: Some(world.moderator),
            user_id: Some(world.user),
            ..UserComment::new()
        };
        let comments = |comment: &UserComment| {
            Some(UserCommentRequest { user_comment: Some(Box::new(comment.clone())) })
        };
        let made = client::comment_on_user_with_id(&world.api, None, comments(&comment)).await;
        let made = *made.unwrap().user_comment.unwrap();
        assert_eq!(made.insert_instant, Some(world.after(0)));
        let id = world.user.to_string();
        let kept = client::retrieve_user_comments_with_id(&world.api, &id, None).await.unwrap();
        assert_eq!(kept.user_comments, Some(vec![made]));
        let strange = UserComment { user_id: Some(NOBODY), ..comment };
        let refused = client::comment_on_user_with_id(&world.api, None, comments(&strange)).await;
        expect_code(refused, "[invalid]", "userComment.userId");
    }
}
