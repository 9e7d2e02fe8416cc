//! The contract's numbered cases (`fusionauth.md` §5) through FusionAuth's own Rust client.
//!
//! The client speaks over a real port, so what it sends and what it can read are its own doing.
//! Where it cannot show a fact (raw bodies, headers, numbers it cannot write), the test asks
//! without it.

#![expect(clippy::unnecessary_wraps, reason = "every body is optional to the client's functions")]

mod actions;
mod changes;
mod definitions;
mod lists;
mod login;
mod tenants;

use std::fmt::Debug;

use docket_testkit::Server;
use fusionauth_rust_client::apis::Error;
use fusionauth_rust_client::apis::configuration::{ApiKey, Configuration};
use fusionauth_rust_client::apis::default_api as client;
use fusionauth_rust_client::models::{
    ActionData, ActionRequest, Application, ApplicationRequest, RegistrationRequest, User,
    UserAction, UserActionLog, UserActionOption, UserActionReason, UserActionReasonRequest,
    UserActionRequest, UserRegistration, UserRequest,
};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const NOBODY: Uuid = Uuid::from_u128(0xdead);

/// A caller with this key.
pub(crate) async fn caller_with(server: &Server, key: Option<&str>) -> Configuration {
    let api_key = key.map(|key| ApiKey { prefix: None, key: key.to_owned() });
    Configuration { base_path: server.listen().await, api_key, ..Configuration::default() }
}

/// A caller who may do everything.
pub(crate) async fn caller(server: &Server) -> Configuration {
    caller_with(server, Some(&server.key)).await
}

/// What a refused call was answered: its status, and its body when that is JSON.
pub(crate) fn refusal<T: Debug, E: Debug>(outcome: Result<T, Error<E>>) -> (u16, Value) {
    match outcome {
        Err(Error::ResponseError(response)) => {
            let body = serde_json::from_str(&response.content).unwrap_or(Value::Null);
            assert_eq!(body.is_null(), response.content.is_empty(), "{}", response.content);
            (response.status.as_u16(), body)
        }
        other => panic!("not a refusal: {other:?}"),
    }
}

/// The status of a refusal without a body.
pub(crate) fn status<T: Debug, E: Debug>(outcome: Result<T, Error<E>>) -> u16 {
    let (status, body) = refusal(outcome);
    assert_eq!(body, Value::Null);
    status
}

/// Fails unless the call was refused for exactly these fields.
pub(crate) fn expect_fields<T: Debug, E: Debug>(outcome: Result<T, Error<E>>, fields: &[&str]) {
    let (status, body) = refusal(outcome);
    assert_eq!(status, 400, "{body}");
    let mut named: Vec<&String> = body["fieldErrors"].as_object().unwrap().keys().collect();
    named.sort_unstable();
    assert_eq!(named, fields, "{body}");
}

/// Fails unless the call was refused for one field, with this code.
pub(crate) fn expect_code<T: Debug, E: Debug>(
    outcome: Result<T, Error<E>>,
    prefix: &str,
    field: &str,
) {
    let (status, body) = refusal(outcome);
    assert_eq!(status, 400, "{body}");
    let errors = body["fieldErrors"].as_object().unwrap();
    assert_eq!(errors.len(), 1, "{body}");
    assert_eq!(errors[field][0]["code"], format!("{prefix}{field}"), "{body}");
}

/// Asks for a definition.
pub(crate) fn asking(definition: UserAction) -> Option<UserActionRequest> {
    Some(UserActionRequest { user_action: Some(Box::new(definition)) })
}

/// Asks for an action.
pub(crate) fn acting(action: ActionData) -> Option<ActionRequest> {
    Some(ActionRequest { action: Some(Box::new(action)), broadcast: None, event_info: None })
}

/// Makes a definition.
pub(crate) async fn define(api: &Configuration, definition: UserAction) -> UserAction {
    let made = client::create_user_action(api, None, asking(definition)).await.unwrap();
    *made.user_action.unwrap()
}

/// A definition that lasts.
pub(crate) fn temporal(name: &str) -> UserAction {
    UserAction { name: Some(name.to_owned()), temporal: Some(true), ..UserAction::new() }
}

/// Makes a user who reads these languages.
pub(crate) async fn user(api: &Configuration, email: &str, languages: &[&str]) -> Uuid {
    let user = User {
        email: Some(email.to_owned()),
        password: Some(PASSWORD.to_owned()),
        preferred_languages: Some(languages.iter().map(|tag| (*tag).to_owned()).collect()),
        ..User::new()
    };
    let request = UserRequest { user: Some(Box::new(user)), ..UserRequest::new() };
    let made = client::create_user(api, None, Some(request)).await.unwrap();
    made.user.unwrap().id.unwrap()
}

/// Makes an application.
pub(crate) async fn application(api: &Configuration, name: &str) -> Uuid {
    let application = Application { name: Some(name.to_owned()), ..Application::new() };
    let request = ApplicationRequest {
        application: Some(Box::new(application)),
        ..ApplicationRequest::new()
    };
    let made = client::create_application(api, None, Some(request)).await.unwrap();
    made.application.unwrap().id.unwrap()
}

/// Registers a user for an application.
pub(crate) async fn register(api: &Configuration, user: Uuid, application: Uuid) {
    let registration =
        UserRegistration { application_id: Some(application), ..UserRegistration::new() };
    let request = RegistrationRequest {
        registration: Some(Box::new(registration)),
        ..RegistrationRequest::new()
    };
    client::register_with_id(api, &user.to_string(), None, Some(request)).await.unwrap();
}

/// What most cases start from: two users, three definitions, a reason.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) api: Configuration,
    /// U1: the actionee, who reads Esperanto before English.
    pub(crate) user: Uuid,
    /// U2: the actioner.
    pub(crate) moderator: Uuid,
    /// D1: lasts and prevents login.
    pub(crate) ban: Uuid,
    /// D2: lasts.
    pub(crate) mute: Uuid,
    /// D3: only happens, with options.
    pub(crate) reward: Uuid,
    /// R1.
    pub(crate) reason: Uuid,
}

impl World {
    pub(crate) async fn new(server: Server) -> Self {
        let api = caller(&server).await;
        let ban = UserAction { prevent_login: Some(true), ..temporal("Ban") };
        let option = |name: &str, esperanto: &str| UserActionOption {
            name: Some(name.to_owned()),
            localized_names: Some(json!({ "eo": esperanto })),
        };
        let reward = UserAction {
            name: Some("Reward".to_owned()),
            options: Some(vec![option("Gold", "Oro"), option("Silver", "Arĝento")]),
            ..UserAction::new()
        };
        let reason = UserActionReason {
            code: Some("TOS".to_owned()),
            text: Some("Broke the rules".to_owned()),
            localized_texts: Some(json!({"eo": "Rompis la regulojn"})),
            ..UserActionReason::new()
        };
        let reason = UserActionReasonRequest { user_action_reason: Some(Box::new(reason)) };
        let reason = client::create_user_action_reason(&api, Some(reason)).await.unwrap();
        Self {
            user: user(&api, "u1@example.com", &["eo", "en"]).await,
            moderator: user(&api, "u2@example.com", &[]).await,
            ban: define(&api, ban).await.id.unwrap(),
            mute: define(&api, temporal("Mute")).await.id.unwrap(),
            reward: define(&api, reward).await.id.unwrap(),
            reason: reason.user_action_reason.unwrap().id.unwrap(),
            server,
            api,
        }
    }

    /// An instant so many milliseconds from the server's present.
    pub(crate) fn after(&self, millis: i64) -> i64 {
        self.server.ctx.now().millis() + millis
    }

    /// What is said when the moderator takes this kind of action on the user.
    pub(crate) fn on_user(&self, definition: Uuid) -> ActionData {
        ActionData {
            actionee_user_id: Some(self.user),
            actioner_user_id: Some(self.moderator),
            user_action_id: Some(definition),
            ..ActionData::new()
        }
    }

    /// The same, until an hour from now.
    pub(crate) fn for_an_hour(&self, definition: Uuid) -> ActionData {
        ActionData { expiry: Some(self.after(HOUR)), ..self.on_user(definition) }
    }

    /// What is said when the moderator changes an action.
    pub(crate) fn changing(&self, comment: &str, expiry: Option<i64>) -> Option<ActionRequest> {
        acting(ActionData {
            actioner_user_id: Some(self.moderator),
            comment: Some(comment.to_owned()),
            expiry,
            ..ActionData::new()
        })
    }

    /// Takes an action.
    pub(crate) async fn take(&self, action: ActionData) -> UserActionLog {
        let taken = client::action_user_with_id(&self.api, acting(action)).await.unwrap();
        assert_eq!(taken.actions, None);
        *taken.action.unwrap()
    }

    /// Reads an action.
    pub(crate) async fn find(&self, id: Uuid) -> UserActionLog {
        let found = client::retrieve_action_with_id(&self.api, &id.to_string()).await.unwrap();
        *found.action.unwrap()
    }

    /// The ids of the user's actions, sorted.
    pub(crate) async fn list(&self, active: Option<&str>, preventing: Option<&str>) -> Vec<Uuid> {
        let user = self.user.to_string();
        let found = client::retrieve_user_actioning(&self.api, Some(&user), active, preventing);
        let actions = found.await.unwrap().actions.unwrap();
        let mut ids: Vec<Uuid> = actions.into_iter().map(|action| action.id.unwrap()).collect();
        ids.sort_unstable();
        ids
    }
}
