//! Cases 3 to 24: definitions and reasons.

use docket_testkit::on_both_engines;
use fusionauth_rust_client::apis::default_api as client;
use fusionauth_rust_client::models::{
    EmailTemplate, EmailTemplateRequest, TransactionType, UserAction, UserActionOption,
    UserActionReason, UserActionReasonRequest,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    NOBODY, World, asking, caller, caller_with, define, expect_code, expect_fields, refusal,
    status, temporal,
};

fn named(name: &str) -> UserAction {
    UserAction { name: Some(name.to_owned()), ..UserAction::new() }
}

fn because(code: Option<&str>, text: Option<&str>) -> Option<UserActionReasonRequest> {
    let reason = UserActionReason {
        code: code.map(str::to_owned),
        text: text.map(str::to_owned),
        ..UserActionReason::new()
    };
    Some(UserActionReasonRequest { user_action_reason: Some(Box::new(reason)) })
}

on_both_engines! {
    async fn case_001_nobody_gets_in_without_a_key(server: Server) {
        let stranger = caller_with(&server, None).await;
        assert_eq!(status(client::retrieve_user_action(&stranger, None, None).await), 401);
        assert_eq!(status(client::retrieve_user_action_reason(&stranger).await), 401);
        assert_eq!(status(client::action_user_with_id(&stranger, None).await), 401);
    }

    async fn case_002_a_wrong_key_is_no_key(server: Server) {
        let stranger = caller_with(&server, Some("wrong")).await;
        assert_eq!(status(client::retrieve_user_action(&stranger, None, None).await), 401);
    }

    async fn case_003_and_004_a_new_definition_has_these_defaults(server: Server) {
        let made = define(&caller(&server).await, named("X")).await;
        assert_eq!(made.active, Some(true));
        assert_eq!((made.temporal, made.prevent_login), (Some(false), Some(false)));
        assert_eq!(made.send_end_event, Some(true));
        assert_eq!(made.options, Some(vec![]));
        assert_eq!(made.transaction_type, Some(TransactionType::None));
        assert!(made.insert_instant.is_some());
        assert_eq!(made.insert_instant, made.last_update_instant);
    }

    async fn case_005_and_006_an_id_of_ones_own_can_be_had_once(server: Server) {
        let api = caller(&server).await;
        let id = NOBODY.to_string();
        let made = client::create_user_action_with_id(&api, &id, None, asking(named("X"))).await;
        assert_eq!(made.unwrap().user_action.unwrap().id, Some(NOBODY));
        let again = client::create_user_action_with_id(&api, &id, None, asking(named("Y"))).await;
        expect_code(again, "[duplicate]", "userActionId");
    }

    async fn case_007_and_008_a_name_is_needed_and_belongs_to_one(server: Server) {
        let api = caller(&server).await;
        let blank = client::create_user_action(&api, None, asking(named("  "))).await;
        expect_code(blank, "[blank]", "userAction.name");
        define(&api, named("X")).await;
        let same = client::create_user_action(&api, None, asking(named("X"))).await;
        expect_code(same, "[duplicate]", "userAction.name");
    }

    async fn case_009_only_what_lasts_prevents_login(server: Server) {
        let api = caller(&server).await;
        let definition = UserAction { prevent_login: Some(true), ..named("X") };
        let refused = client::create_user_action(&api, None, asking(definition)).await;
        expect_code(refused, "[invalid]", "userAction.preventLogin");
    }

    async fn case_010_mail_about_what_lasts_needs_four_templates(server: Server) {
        let api = caller(&server).await;
        let definition = UserAction { user_emailing_enabled: Some(true), ..temporal("X") };
        let refused = client::create_user_action(&api, None, asking(definition)).await;
        expect_fields(refused, &[
            "userAction.cancelEmailTemplateId",
            "userAction.endEmailTemplateId",
            "userAction.modifyEmailTemplateId",
            "userAction.startEmailTemplateId",
        ]);
    }

    async fn case_011_mail_about_an_instant_needs_one_template(server: Server) {
        let api = caller(&server).await;
        let template = EmailTemplate {
            name: Some("Rewarded".to_owned()),
            default_subject: Some("You are rewarded".to_owned()),
            default_text_template: Some("Well done".to_owned()),
            default_html_template: Some("<p>Well done</p>".to_owned()),
            ..EmailTemplate::new()
        };
        let request = EmailTemplateRequest { email_template: Some(Box::new(template)) };
        let made = client::create_email_template(&api, None, Some(request)).await.unwrap();
        let template = made.email_template.unwrap().id;
        let definition = UserAction {
            user_emailing_enabled: Some(true),
            start_email_template_id: template,
            ..named("X")
        };
        assert_eq!(define(&api, definition).await.start_email_template_id, template);
    }

    async fn case_012_a_template_must_exist(server: Server) {
        let api = caller(&server).await;
        let definition = UserAction { start_email_template_id: Some(NOBODY), ..named("X") };
        let refused = client::create_user_action(&api, None, asking(definition)).await;
        expect_code(refused, "[invalid]", "userAction.startEmailTemplateId");
    }

    async fn case_013_an_option_has_a_name(server: Server) {
        let api = caller(&server).await;
        let option = UserActionOption { name: Some(" ".to_owned()), localized_names: None };
        let definition = UserAction { options: Some(vec![option]), ..named("X") };
        let refused = client::create_user_action(&api, None, asking(definition)).await;
        expect_code(refused, "[blank]", "userAction.options[0].name");
    }

    async fn case_014_nothing_is_no_definition(server: Server) {
        let api = caller(&server).await;
        // Given nothing, this client sends `null`; only a request of our own has no body at all.
        let (refused, body) = refusal(client::create_user_action(&api, None, None).await);
        assert_eq!((refused, &body["generalErrors"][0]["code"]), (400, &json!("[missing]")));
        let empty = server.call("POST", "/api/user-action", &[], None).await;
        assert_eq!((empty.status, &empty.json["generalErrors"][0]["code"]), (400, &json!("[missing]")));
    }

    async fn case_015_what_is_switched_off_is_in_a_list_of_its_own(server: Server) {
        let api = caller(&server).await;
        let off = define(&api, named("Off")).await.id.unwrap();
        let on = define(&api, named("On")).await.id.unwrap();
        client::delete_user_action_with_id(&api, &off.to_string(), None, None).await.unwrap();
        let ids = |definitions: Vec<UserAction>| -> Vec<Uuid> {
            definitions.into_iter().map(|definition| definition.id.unwrap()).collect()
        };
        let active = client::retrieve_user_action(&api, None, None).await.unwrap();
        assert_eq!(ids(active.user_actions.unwrap()), [on]);
        let inactive = client::retrieve_user_action(&api, None, Some("true")).await.unwrap();
        assert_eq!(ids(inactive.user_actions.unwrap()), [off]);
        let found = client::retrieve_user_action_with_id(&api, &off.to_string(), None).await;
        assert_eq!(found.unwrap().user_action.unwrap().active, Some(false));
    }

    async fn case_016_what_is_not_there_is_not_found(server: Server) {
        let api = caller(&server).await;
        let found = client::retrieve_user_action_with_id(&api, &NOBODY.to_string(), None).await;
        assert_eq!(status(found), 404);
    }

    async fn case_017_a_definition_is_switched_off_and_on_again(server: Server) {
        let api = caller(&server).await;
        let id = define(&api, named("X")).await.id.unwrap().to_string();
        client::delete_user_action_with_id(&api, &id, None, None).await.unwrap();
        // This client sends `null` where others send nothing.
        let on = client::update_user_action_with_id(&api, &id, None, Some("true"), None).await;
        assert_eq!(on.unwrap().user_action.unwrap().active, Some(true));
        let path = format!("/api/user-action/{id}");
        let off = server.delete(&path).await;
        assert_eq!((off.status, off.text.as_str()), (200, ""));
        let on = server.call("PUT", &format!("{path}?reactivate=true"), &[], None).await;
        assert_eq!((on.status, &on.json["userAction"]["active"]), (200, &json!(true)));
    }

    async fn case_018_a_definition_goes_for_good_and_its_actions_with_it(server: Server) {
        let world = World::new(server).await;
        let taken = world.take(world.for_an_hour(world.mute)).await.id.unwrap().to_string();
        let (api, id) = (&world.api, world.mute.to_string());
        client::delete_user_action_with_id(api, &id, Some("true"), None).await.unwrap();
        assert_eq!(status(client::retrieve_user_action_with_id(api, &id, None).await), 404);
        assert_eq!(status(client::retrieve_action_with_id(api, &taken).await), 404);
    }

    async fn case_019_a_replacement_clears_what_it_leaves_out(server: Server) {
        let api = caller(&server).await;
        let localized = json!({"eo": "Silentigo"});
        let made =
            define(&api, UserAction { localized_names: Some(localized), ..temporal("Mute") }).await;
        assert!(made.localized_names.is_some());
        server.clock.advance_millis(1);
        let id = made.id.unwrap().to_string();
        let replaced =
            client::update_user_action_with_id(&api, &id, None, None, asking(temporal("Mute")));
        let replaced = replaced.await.unwrap().user_action.unwrap();
        assert_eq!(replaced.localized_names, None);
        assert_eq!((replaced.id, replaced.insert_instant), (made.id, made.insert_instant));
        assert!(replaced.last_update_instant > made.last_update_instant);
    }

    async fn case_020_a_change_in_part_leaves_the_rest(server: Server) {
        let api = caller(&server).await;
        let made = define(&api, UserAction { prevent_login: Some(true), ..temporal("Ban") }).await;
        let id = made.id.unwrap().to_string();
        let changed = client::patch_user_action_with_id(&api, &id, None, asking(named("New")));
        let changed = *changed.await.unwrap().user_action.unwrap();
        let last_update_instant = changed.last_update_instant;
        let expected = UserAction { name: Some("New".to_owned()), last_update_instant, ..made };
        assert_eq!(changed, expected);
    }

    async fn case_021_a_post_can_be_a_patch(server: Server) {
        let api = caller(&server).await;
        let made = define(&api, temporal("Mute")).await;
        let id = made.id.unwrap().to_string();
        let body = json!({"userAction": {"name": "New"}});
        let headers = [("X-HTTP-Method-Override", "PATCH")];
        let path = format!("/api/user-action/{id}");
        assert_eq!(server.call("POST", &path, &headers, Some(&body)).await.status, 200);
        let found = client::retrieve_user_action_with_id(&api, &id, None).await.unwrap();
        let found = found.user_action.unwrap();
        assert_eq!((found.name.as_deref(), found.temporal), (Some("New"), Some(true)));
    }

    async fn case_022_a_slash_at_the_end_means_nothing(server: Server) {
        let api = caller(&server).await;
        // An id that is empty leaves the slash, in this client as in others.
        let made = client::create_user_action_with_id(&api, "", None, asking(named("X"))).await;
        assert_eq!(made.unwrap().user_action.unwrap().name.as_deref(), Some("X"));
    }

    async fn case_023_a_reason_has_a_code_and_a_text(server: Server) {
        let api = caller(&server).await;
        let refused = client::create_user_action_reason(&api, because(None, None)).await;
        expect_fields(refused, &["userActionReason.code", "userActionReason.text"]);
        let refused = client::create_user_action_reason(&api, because(Some("x"), None)).await;
        expect_code(refused, "[blank]", "userActionReason.text");
    }

    async fn case_024_a_reason_is_made_read_changed_and_deleted(server: Server) {
        let api = caller(&server).await;
        let id = NOBODY.to_string();
        let made =
            client::create_user_action_reason_with_id(&api, &id, because(Some("a"), Some("A")));
        assert_eq!(made.await.unwrap().user_action_reason.unwrap().id, Some(NOBODY));
        let replaced =
            client::update_user_action_reason_with_id(&api, &id, because(Some("b"), Some("B")));
        assert_eq!(replaced.await.unwrap().user_action_reason.unwrap().code.as_deref(), Some("b"));
        let changed = client::patch_user_action_reason_with_id(&api, &id, because(None, Some("C")));
        let changed = changed.await.unwrap().user_action_reason.unwrap();
        assert_eq!((changed.code.as_deref(), changed.text.as_deref()), (Some("b"), Some("C")));
        let found = client::retrieve_user_action_reason_with_id(&api, &id).await.unwrap();
        assert_eq!(found.user_action_reason.unwrap(), changed);
        let all = client::retrieve_user_action_reason(&api).await.unwrap();
        assert_eq!(all.user_action_reasons.unwrap().len(), 1);
        client::delete_user_action_reason_with_id(&api, &id).await.unwrap();
        assert_eq!(status(client::retrieve_user_action_reason_with_id(&api, &id).await), 404);
    }
}
