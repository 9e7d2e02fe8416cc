//! The contract's cases about webhooks (`fusionauth.md` §5) through FusionAuth's own Rust client.

use std::fmt::Debug;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use docket_courier::Courier;
use docket_testkit::{HookSink, Received, Respond, Server, on_both_engines};
use fusionauth_rust_client::apis::Error;
use fusionauth_rust_client::apis::configuration::{ApiKey, Configuration};
use fusionauth_rust_client::apis::default_api as client;
use fusionauth_rust_client::models::{
    ActionData, ActionRequest, ActionResponse, EventConfiguration, EventConfigurationData,
    EventType, Key, KeyAlgorithm, KeyRequest, Tenant, TenantRequest, TransactionType, User,
    UserAction, UserActionEvent, UserActionLog, UserActionOption, UserActionPhase,
    UserActionRequest, UserRequest, Webhook, WebhookRequest, WebhookSignatureConfiguration,
};
use jsonwebtoken::{DecodingKey, Validation};
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::telling::telling;

const HOUR: i64 = 3_600_000;

/// What the cases start from: a tenant that tells of actions, a user, two definitions, a sink.
struct World {
    server: Server,
    courier: Courier,
    api: Configuration,
    sink: HookSink,
    tenant: Uuid,
    user: Uuid,
    /// D2: lasts.
    mute: Uuid,
    /// D3: only happens, with an option.
    reward: Uuid,
}

impl World {
    async fn new(mut server: Server) -> Self {
        let courier = telling(&mut server).await;
        let api_key = Some(ApiKey { prefix: None, key: server.key.clone() });
        let base_path = server.listen().await;
        let api = Configuration { base_path, api_key, ..Configuration::default() };
        let user = User {
            email: Some("u1@example.com".to_owned()),
            password: Some("correct horse".to_owned()),
            preferred_languages: Some(vec!["eo".to_owned()]),
            ..User::new()
        };
        let user = UserRequest { user: Some(Box::new(user)), ..UserRequest::new() };
        let user = *client::create_user(&api, None, Some(user)).await.unwrap().user.unwrap();
        let gold = UserActionOption {
            name: Some("Gold".to_owned()),
            localized_names: Some(json!({"eo": "Oro"})),
        };
        let reward = UserAction { options: Some(vec![gold]), ..UserAction::new() };
        let mute = UserAction { temporal: Some(true), ..UserAction::new() };
        Self {
            tenant: user.tenant_id.unwrap(),
            user: user.id.unwrap(),
            mute: define(&api, "Mute", mute).await,
            reward: define(&api, "Reward", reward).await,
            sink: HookSink::start().await,
            server,
            courier,
            api,
        }
    }

    /// From now on the tenant tells of actions if so many webhooks agree.
    async fn tell(&self, transaction: TransactionType) {
        let data =
            EventConfigurationData { transaction_type: Some(transaction), enabled: Some(true) };
        let events = [("user.action".to_owned(), data)].into();
        let configuration = EventConfiguration { events: Some(events) };
        let tenant = Tenant { event_configuration: Some(Box::new(configuration)), ..Tenant::new() };
        let request = TenantRequest { tenant: Some(Box::new(tenant)), ..TenantRequest::new() };
        let tenant = self.tenant.to_string();
        client::patch_tenant_with_id(&self.api, &tenant, None, Some(request)).await.unwrap();
    }

    /// A global webhook at this path of the sink, which is enabled for actions.
    fn hearing(&self, path: &str) -> Webhook {
        Webhook {
            url: Some(self.sink.url(path)),
            connect_timeout: Some(5_000),
            read_timeout: Some(5_000),
            global: Some(true),
            events_enabled: Some([("user.action".to_owned(), true)].into()),
            ..Webhook::new()
        }
    }

    async fn hook(&self, webhook: Webhook) -> Uuid {
        let request = WebhookRequest { webhook: Some(Box::new(webhook)) };
        let made = client::create_webhook(&self.api, Some(request)).await.unwrap();
        made.webhook.unwrap().id.unwrap()
    }

    /// From now on one webhook for each status is asked, and that is what it answers.
    async fn vote(&self, transaction: TransactionType, statuses: &[u16]) -> Vec<Uuid> {
        self.tell(transaction).await;
        let mut hooks = Vec::new();
        for (place, status) in statuses.iter().enumerate() {
            let path = format!("/{place}");
            self.sink.respond(&path, Respond::Status(*status));
            hooks.push(self.hook(self.hearing(&path)).await);
        }
        hooks
    }

    async fn unhook(&self, hooks: Vec<Uuid>) {
        for hook in hooks {
            client::delete_webhook_with_id(&self.api, &hook.to_string()).await.unwrap();
        }
    }

    /// What is said to take this action on the user; what lasts does so for an hour.
    fn on_user(&self, definition: Uuid) -> ActionData {
        let ends = self.server.ctx.now().millis() + HOUR;
        ActionData {
            actionee_user_id: Some(self.user),
            actioner_user_id: Some(self.user),
            user_action_id: Some(definition),
            expiry: (definition == self.mute).then_some(ends),
            ..ActionData::new()
        }
    }

    /// Mutes the user, and whoever hears of it is told.
    async fn mute(&self) -> Result<ActionResponse, Error<client::ActionUserWithIdError>> {
        client::action_user_with_id(&self.api, told(self.on_user(self.mute))).await
    }

    async fn actions(&self) -> usize {
        let user = self.user.to_string();
        let found = client::retrieve_user_actioning(&self.api, Some(&user), None, None);
        found.await.unwrap().actions.unwrap().len()
    }
}

async fn define(api: &Configuration, name: &str, definition: UserAction) -> Uuid {
    let definition = UserAction { name: Some(name.to_owned()), ..definition };
    let request = UserActionRequest { user_action: Some(Box::new(definition)) };
    let made = client::create_user_action(api, None, Some(request)).await.unwrap();
    made.user_action.unwrap().id.unwrap()
}

/// Asks for this, and that it is told.
#[expect(clippy::unnecessary_wraps, reason = "every body is optional to the client's functions")]
fn told(action: ActionData) -> Option<ActionRequest> {
    Some(ActionRequest { action: Some(Box::new(action)), broadcast: Some(true), event_info: None })
}

fn the_action(answer: ActionResponse) -> UserActionLog {
    *answer.action.unwrap()
}

/// The event in a call, as the client's users would read it.
fn event(call: &Received) -> UserActionEvent {
    serde_json::from_value(call.json()["event"].clone()).unwrap()
}

/// Fails unless the webhooks prevented this.
fn expect_prevented<T: Debug, E: Debug>(outcome: Result<T, Error<E>>) {
    let Err(Error::ResponseError(answer)) = outcome else { panic!("not a refusal: {outcome:?}") };
    assert_eq!(answer.status.as_u16(), 504, "{}", answer.content);
    let body: Value = serde_json::from_str(&answer.content).unwrap();
    assert_eq!(body["generalErrors"][0]["code"], "[WebhookTransactionException]");
}

/// Fails unless the call was signed by this key, which `checking` can tell.
fn expect_signed(call: &Received, key: &Key, algorithm: &str, checking: &DecodingKey) {
    let token = call.header("x-fusionauth-signature-jwt").unwrap();
    let mut validation = Validation::new(algorithm.parse().unwrap());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let read = jsonwebtoken::decode::<Value>(token, checking, &validation).unwrap();
    assert_eq!(read.header.kid, key.kid);
    let hash = ring::digest::digest(&ring::digest::SHA256, &call.body);
    assert_eq!(read.claims["request_body_sha256"], STANDARD.encode(hash));
}

on_both_engines! {
    async fn case_055_a_broadcast_is_told(server: Server) {
        let world = World::new(server).await;
        world.hook(world.hearing("/hook")).await;
        let action = the_action(world.mute().await.unwrap());
        let received = world.sink.wait_for(1).await;
        let event = event(&received[0]);
        assert_eq!(event.r#type, Some(EventType::UserAction));
        assert_eq!(event.phase, Some(UserActionPhase::Start));
        assert_eq!(event.action_id, action.id);
        assert_eq!(event.action.as_deref(), Some("Mute"));
        assert_eq!(event.actionee_user_id, Some(world.user));
        assert_eq!(event.tenant_id, Some(world.tenant));
        assert_eq!(event.application_ids, Some(vec![]));
        assert_eq!(event.expiry, action.expiry);
        assert!(event.id.is_some() && event.localized_duration.is_some());
        // What the client has no name for.
        assert_eq!(received[0].json()["event"]["linkedObjectId"], world.user.to_string());
        world.courier.stop().await;
    }

    async fn case_056_and_057_what_is_told_to_nobody(server: Server) {
        let world = World::new(server).await;
        world.hook(world.hearing("/hook")).await;
        let deaf = [("user.action".to_owned(), false)].into();
        world.hook(Webhook { events_enabled: Some(deaf), ..world.hearing("/deaf") }).await;
        world.hook(Webhook { global: Some(false), ..world.hearing("/nobodys") }).await;
        for broadcast in [None, Some(false)] {
            let action = told(world.on_user(world.mute));
            let action = action.map(|action| ActionRequest { broadcast, ..action });
            client::action_user_with_id(&world.api, action).await.unwrap();
        }
        let action = the_action(world.mute().await.unwrap());
        let received = world.sink.wait_for(1).await;
        assert_eq!(event(&received[0]).action_id, action.id);
        assert_eq!(world.sink.received().len(), 1);
        world.courier.stop().await;
    }

    async fn case_058_changes_are_told(server: Server) {
        let world = World::new(server).await;
        world.hook(world.hearing("/hook")).await;
        let action = the_action(world.mute().await.unwrap());
        let id = action.id.unwrap().to_string();
        let change = |comment: &str, expiry| told(ActionData {
            actioner_user_id: Some(world.user),
            comment: Some(comment.to_owned()),
            expiry,
            ..ActionData::new()
        });
        let later = action.expiry.map(|expiry| expiry + HOUR);
        // Calls are made side by side: waited for one by one, they come in order.
        world.sink.wait_for(1).await;
        client::modify_action_with_id(&world.api, &id, change("c2", later)).await.unwrap();
        world.sink.wait_for(2).await;
        client::cancel_action_with_id(&world.api, &id, change("c3", None)).await.unwrap();
        let events: Vec<_> = world.sink.wait_for(3).await.iter().map(event).collect();
        let phases: Vec<_> = events.iter().map(|event| event.phase.unwrap()).collect();
        assert_eq!(
            phases,
            [UserActionPhase::Start, UserActionPhase::Modify, UserActionPhase::Cancel]
        );
        assert_eq!((events[1].comment.as_deref(), events[1].expiry), (Some("c2"), later));
        assert_eq!(events[2].comment.as_deref(), Some("c3"));
        assert!(events.iter().all(|event| event.action_id == action.id));
        world.courier.stop().await;
    }

    async fn case_059_what_does_not_last_has_no_phase(server: Server) {
        let world = World::new(server).await;
        world.hook(world.hearing("/hook")).await;
        let gold = ActionData { option: Some("Gold".to_owned()), ..world.on_user(world.reward) };
        client::action_user_with_id(&world.api, told(gold)).await.unwrap();
        let event = event(&world.sink.wait_for(1).await[0]);
        assert_eq!((event.phase, event.expiry, event.localized_duration), (None, None, None));
        assert_eq!(event.localized_option.as_deref(), Some("Oro"));
        world.courier.stop().await;
    }

    async fn case_063_one_that_must_agree_and_does_not_prevents_it(server: Server) {
        let world = World::new(server).await;
        world.vote(TransactionType::AbsoluteMajority, &[200, 500]).await;
        expect_prevented(world.mute().await);
        assert_eq!(world.actions().await, 0);
        assert_eq!(world.sink.received().len(), 2);
        world.courier.stop().await;
    }

    async fn case_064_to_066_so_many_must_agree(server: Server) {
        let world = World::new(server).await;
        let mut taken = 0;
        for (transaction, statuses, agreed) in [
            (TransactionType::Any, &[200, 500][..], true),
            (TransactionType::SimpleMajority, &[200, 500], true),
            (TransactionType::SuperMajority, &[200, 200, 500], true),
            (TransactionType::SimpleMajority, &[200, 500, 500], false),
            (TransactionType::None, &[500], true),
        ] {
            let hooks = world.vote(transaction, statuses).await;
            let outcome = world.mute().await;
            if agreed {
                outcome.unwrap();
                taken += 1;
            } else {
                expect_prevented(outcome);
            }
            assert_eq!(world.actions().await, taken, "{transaction:?}, {statuses:?}");
            world.unhook(hooks).await;
        }
        world.courier.stop().await;
    }

    async fn case_068_signed_by_keys_of_every_kind(server: Server) {
        let world = World::new(server).await;
        let wanted = |algorithm, name: &str| Key {
            algorithm: Some(algorithm),
            name: Some(name.to_owned()),
            length: (algorithm == KeyAlgorithm::Rs256).then_some(2_048),
            ..Key::new()
        };
        let request = |key: Key| Some(KeyRequest { key: Some(Box::new(key)) });
        let mut keys = Vec::new();
        for (algorithm, name) in [
            (KeyAlgorithm::Hs256, "HS256"), (KeyAlgorithm::Rs256, "RS256"),
            (KeyAlgorithm::Es256, "ES256"), (KeyAlgorithm::Ed25519, "EdDSA"),
        ] {
            let made = client::generate_key(&world.api, request(wanted(algorithm, name))).await;
            keys.push((name, *made.unwrap().key.unwrap()));
        }
        let secret = Key {
            secret: Some("correct horse".to_owned()),
            ..wanted(KeyAlgorithm::Hs512, "Brought secret")
        };
        let halves = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let pair = Key {
            private_key: Some(halves.serialize_pem()),
            public_key: Some(halves.public_key_pem()),
            kid: Some("pair".to_owned()),
            ..wanted(KeyAlgorithm::Ed25519, "Brought pair")
        };
        for (name, key) in [("HS512", secret), ("EdDSA", pair)] {
            let made = client::import_key(&world.api, request(key)).await;
            keys.push((name, *made.unwrap().key.unwrap()));
        }
        for (place, (name, key)) in keys.iter().enumerate() {
            let path = format!("/{place}");
            let signature =
                WebhookSignatureConfiguration { signing_key_id: key.id, enabled: Some(true) };
            let signature_configuration = Some(Box::new(signature));
            world.hook(Webhook { signature_configuration, ..world.hearing(&path) }).await;
            world.mute().await.unwrap();
            let call = &world.sink.wait_for_at(&path, 1).await[0];
            let pem = key.public_key.as_deref().unwrap_or_default().as_bytes();
            let checking = match *name {
                "RS256" => DecodingKey::from_rsa_pem(pem).unwrap(),
                "ES256" => DecodingKey::from_ec_pem(pem).unwrap(),
                "EdDSA" => DecodingKey::from_ed_pem(pem).unwrap(),
                _ => DecodingKey::from_secret(key.secret.as_deref().unwrap().as_bytes()),
            };
            expect_signed(call, key, name, &checking);
        }
        world.courier.stop().await;
    }

    async fn case_069_headers_and_basic_authentication_go_with_it(server: Server) {
        let world = World::new(server).await;
        let guarded = Webhook {
            headers: Some(json!({"X-Forum": "yes"})),
            http_authentication_username: Some("ada".to_owned()),
            http_authentication_password: Some("lovelace".to_owned()),
            ..world.hearing("/hook")
        };
        world.hook(guarded).await;
        world.mute().await.unwrap();
        let received = world.sink.wait_for(1).await;
        assert_eq!(received[0].header("x-forum"), Some("yes"));
        let pair = format!("Basic {}", STANDARD.encode("ada:lovelace"));
        assert_eq!(received[0].header("authorization"), Some(pair.as_str()));
        world.courier.stop().await;
    }
}
