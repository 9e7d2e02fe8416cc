//! A whole server: the real router over a real store, asked without a network or with one.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use docket_api::{App, Served, Settings};
use docket_domain::event::EventType;
use docket_domain::id::ActionId;
use docket_service::Context;
use docket_service::action_mail::{self, Happened};
use docket_service::actions::Told;
use docket_service::dispatch::{Dispatcher, Said};
use docket_service::events;
use docket_service::mails::{self, ClaimedMail};
use docket_service::vault::Vault;
use docket_store::{Db, Options, Stmt, action, outbox, params};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::Value;
use tower::ServiceExt;

use crate::clock::TestClock;
use crate::database::{Database, Engine};

/// What seals the secrets of every test.
const MASTER_KEY: &str = "a master key for tests";

const ORPHANS_TEXT: &str = "
    SELECT 'users' FROM users WHERE tenant_id NOT IN (SELECT id FROM tenant)
    UNION ALL SELECT 'application' FROM application WHERE tenant_id NOT IN (SELECT id FROM tenant)
    UNION ALL SELECT 'api_key' FROM api_key WHERE tenant_id NOT IN (SELECT id FROM tenant)
    UNION ALL SELECT 'registration' FROM registration
        WHERE user_id NOT IN (SELECT id FROM users)
            OR application_id NOT IN (SELECT id FROM application)
    UNION ALL SELECT 'user_term' FROM user_term WHERE user_id NOT IN (SELECT id FROM users)
    UNION ALL SELECT 'todo' FROM todo WHERE user_id NOT IN (SELECT id FROM users)
    UNION ALL SELECT 'silence' FROM silence WHERE user_id NOT IN (SELECT id FROM users)
    UNION ALL SELECT 'execution' FROM execution WHERE user_id NOT IN (SELECT id FROM users)
    UNION ALL SELECT 'user_comment' FROM user_comment WHERE user_id NOT IN (SELECT id FROM users)
    UNION ALL SELECT 'failed_login' FROM failed_login WHERE user_id NOT IN (SELECT id FROM users)
    UNION ALL SELECT 'user_token' FROM user_token WHERE user_id NOT IN (SELECT id FROM users)
    UNION ALL SELECT 'affiliation' FROM affiliation WHERE user_id NOT IN (SELECT id FROM users)
    UNION ALL SELECT 'role_grant' FROM role_grant WHERE user_id NOT IN (SELECT id FROM users)
        OR customer_id NOT IN (SELECT id FROM customer)
    UNION ALL SELECT 'invitation' FROM invitation
        WHERE customer_id NOT IN (SELECT id FROM customer)
    UNION ALL SELECT 'permission_request' FROM permission_request
        WHERE invitation_id NOT IN (SELECT id FROM invitation)
    UNION ALL SELECT 'mail' FROM mail WHERE tenant_id NOT IN (SELECT id FROM tenant)
        OR (user_id IS NOT NULL AND user_id NOT IN (SELECT id FROM users))
    UNION ALL SELECT 'action' FROM action WHERE actionee_id NOT IN (SELECT id FROM users)
        OR definition_id NOT IN (SELECT id FROM definition)
    UNION ALL SELECT 'pending_end' FROM pending_end
        WHERE (due_at, action_id) NOT IN (SELECT expires_at, id FROM action
            WHERE cancelled_at IS NULL AND expires_at IS NOT NULL)
    UNION ALL SELECT 'action_word' FROM action_word WHERE action_id NOT IN (SELECT id FROM action)
    UNION ALL SELECT 'definition' FROM definition
        WHERE start_template_id IS NOT NULL
            AND start_template_id NOT IN (SELECT id FROM email_template)";

/// A server on a database of its own, with a super key and the tenant "Default".
#[derive(Debug)]
pub struct Server {
    /// The router that answers.
    pub router: Served,
    /// The world of its use cases.
    pub ctx: Context,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// A key that may do everything.
    pub key: String,
    /// The database behind it; last, so that it goes last.
    pub database: Database,
}

/// What a server answered.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null when it is empty or something else.
    pub json: Value,
}

impl Server {
    /// A new server.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, Settings::default()).await
    }

    /// A new server with settings of the test's own.
    pub async fn start_with(engine: Engine, settings: Settings) -> Self {
        let database = Database::create(engine).await;
        let clock = Arc::new(TestClock::default());
        let vault = Vault::new(MASTER_KEY).expect("the key is long enough");
        let ctx = Context::open(database.db.clone(), vault, Arc::<TestClock>::clone(&clock))
            .await
            .expect("the context opens");
        let key = "the-super-key-of-the-tests".to_owned();
        docket_service::bootstrap::run(
            &ctx,
            &docket_service::bootstrap::Settings {
                api_key: Some(key.clone()),
                admin_email: Some("admin@example.com".to_owned()),
                admin_password: Some("a password for tests".to_owned()),
                ..docket_service::bootstrap::Settings::default()
            },
        )
        .await
        .expect("the database can be furnished");
        // A recorder of its own: the global one can be set once a process only.
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let router = docket_api::router(App::new(ctx.clone(), settings, metrics));
        Self { router, ctx, clock, key, database }
    }

    /// The world of another node on the same database, by the same clock.
    pub async fn another_node(&self) -> Context {
        let db = Db::open(&self.database.url, &Options::default()).await;
        let vault = Vault::new(MASTER_KEY).expect("the key is long enough");
        Context::open(db.expect("the database opens"), vault, Arc::<TestClock>::clone(&self.clock))
            .await
            .expect("the context opens")
    }

    /// From now on its use cases live in this world, as its courier does.
    pub fn with_context(&mut self, ctx: Context) {
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        self.router = docket_api::router(App::new(ctx.clone(), Settings::default(), metrics));
        self.ctx = ctx;
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the body can be read").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answered { status: parts.status.as_u16(), headers: parts.headers, text, json }
    }

    /// Sends a request with the super key, headers and perhaps a JSON body.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answered {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            request = request.header("Authorization", &self.key);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(value) => {
                request = request.header("Content-Type", "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).expect("the request is well formed")).await
    }

    /// GET with the super key.
    pub async fn get(&self, path: &str) -> Answered {
        self.call("GET", path, &[], None).await
    }

    /// POST with the super key.
    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.call("POST", path, &[], Some(&body)).await
    }

    /// PUT with the super key.
    pub async fn put(&self, path: &str, body: Value) -> Answered {
        self.call("PUT", path, &[], Some(&body)).await
    }

    /// PATCH with the super key.
    pub async fn patch(&self, path: &str, body: Value) -> Answered {
        self.call("PATCH", path, &[], Some(&body)).await
    }

    /// DELETE with the super key.
    pub async fn delete(&self, path: &str) -> Answered {
        self.call("DELETE", path, &[], None).await
    }

    /// The type and the payload of every event, in the order of their instants.
    pub async fn events(&self) -> Vec<(String, String)> {
        static EVENTS: Stmt = Stmt::new(
            "EVENTS",
            "SELECT event_type, payload::text FROM outbox ORDER BY at, id",
            "SELECT event_type, payload FROM outbox ORDER BY at, id",
        );
        let mut conn = self.database.db.reader();
        conn.all(&EVENTS, params![]).await.expect("the events can be read")
    }

    /// Has the mails written that follow from the last event about an action, and gives those that
    /// are due.
    pub async fn mails_about(&self, action: &str) -> Vec<ClaimedMail> {
        let id = ActionId::from_uuid(action.parse().expect("the id is one"));
        let conn = &mut self.database.db.reader();
        let action = action::find(conn, id).await.expect("the action is read");
        let action = action.expect("there is an action");
        let mut ids = action::events_of(conn, &action).await.expect("the ids are read");
        let last = ids.pop().expect("an event tells of it");
        let events = outbox::by_ids(conn, &[last]).await;
        let event = events.expect("the events can be read").pop().expect("there is an event");
        let happened = Happened { id: event.id, at: event.at, payload: &event.payload };
        let composed = action_mail::compose(&self.ctx, happened).await.expect("a mail is composed");
        let (now, composed) = (self.ctx.now(), Arc::new([composed]));
        let kept = self.ctx.db.write(move |conn| {
            let composed = Arc::clone(&composed);
            Box::pin(async move { action_mail::keep(conn, now, composed.as_slice()).await })
        });
        kept.await.expect("what was composed is kept");
        self.due_mails().await
    }

    /// Has everything written that follows from what has happened so far, and gives the mails that
    /// are due.
    pub async fn mails_that_follow(&self) -> Vec<ClaimedMail> {
        static LAST: Stmt = Stmt::new(
            "LAST",
            "SELECT coalesce(max(position), 0) FROM outbox",
            "SELECT coalesce(max(position), 0) FROM outbox",
        );
        let last: Option<i64> =
            self.database.db.reader().one(&LAST, params![]).await.expect("the log can be read");
        // Elsewhere transactions may be under way that keep the log from being read to its end.
        let mut stable = self.ctx.log.stable();
        let seen = async move { drop(stable.wait_for(|seen| Some(*seen) >= last).await) };
        events::follow(&self.ctx, seen).await;
        let unheard = |_: &Told| Said { event_type: EventType::Test, body: String::new() };
        let mut dispatcher = Dispatcher::open(&self.ctx).await.expect("the log can be read");
        let mut room = HashMap::new();
        loop {
            let step = dispatcher.step(&self.ctx, unheard, &mut room, 0).await;
            if step.expect("the log can be read").is_none() {
                break;
            }
        }
        dispatcher.close(&self.ctx).await.expect("the mark can be kept");
        self.due_mails().await
    }

    /// The mails that are due; they are claimed and will not be due again soon.
    pub async fn due_mails(&self) -> Vec<ClaimedMail> {
        mails::claim(&self.ctx, 10_000, 60_000).await.expect("mails can be claimed")
    }

    /// The tables with rows whose tenant, user, application or definition is gone, each once a row.
    pub async fn orphans(&self) -> Vec<String> {
        static ORPHANS: Stmt = Stmt::new("ORPHANS", ORPHANS_TEXT, ORPHANS_TEXT);
        let mut conn = self.database.db.reader();
        conn.all(&ORPHANS, params![]).await.expect("the orphans can be read")
    }

    /// Makes it unknown who gave a user roles.
    pub async fn forget_givers(&self, user: uuid::Uuid) {
        static FORGET_GIVERS: Stmt = Stmt::new(
            "FORGET_GIVERS",
            "UPDATE role_grant SET granted_by = NULL, granted_by_name = NULL WHERE user_id = $1",
            "UPDATE role_grant SET granted_by = NULL, granted_by_name = NULL WHERE user_id = ?1",
        );
        let forgotten = self.database.db.write(move |conn| {
            Box::pin(async move { conn.run(&FORGET_GIVERS, params![user]).await })
        });
        forgotten.await.expect("the grants can be changed");
    }

    /// The key and the user of every audit record about this type of event, in the order of their
    /// instants.
    pub async fn actors(&self, event_type: &str) -> Vec<(Option<uuid::Uuid>, Option<uuid::Uuid>)> {
        static ACTORS: Stmt = Stmt::new(
            "ACTORS",
            "SELECT key_id, user_id FROM audit_record WHERE event_type = $1 ORDER BY at, id",
            "SELECT key_id, user_id FROM audit_record WHERE event_type = $1 ORDER BY at, id",
        );
        let mut conn = self.database.db.reader();
        conn.all(&ACTORS, params![event_type]).await.expect("the audit records can be read")
    }

    /// Serves over the network too, for clients of other makers; the address is the answer.
    pub async fn listen(&self) -> String {
        let listener =
            tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port can be had");
        let address = listener.local_addr().expect("the listener has an address");
        let router = axum::ServiceExt::into_make_service(self.router.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }
}
