//! Where it happens: two tenants, one whose webhooks must agree and one whose webhook fails at times.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use docket_testkit::{Blank, Engine, HookSink, Received, Respond};
use serde_json::json;
use tempfile::TempDir;

use crate::caller::Caller;
use crate::faults::load::Chance;
use crate::support::{KEY, Server, docket, folder};

/// The ids of the events that an endpoint has answered with a 200.
pub(crate) type Heard = Arc<Mutex<HashSet<String>>>;

/// A tenant and its webhook.
pub(crate) struct Side {
    pub(crate) tenant: String,
    pub(crate) users: Vec<String>,
    /// Whether the webhook is asked before a change.
    pub(crate) asks: bool,
    pub(crate) heard: Heard,
}

pub(crate) struct Scene {
    pub(crate) sides: [Side; 2],
    pub(crate) definition: String,
    pub(crate) database: Blank,
    folder: TempDir,
    #[expect(dead_code, reason = "it answers as long as it is there")]
    sink: HookSink,
}

impl Scene {
    pub(crate) async fn set(engine: Engine, seed: u64) -> Self {
        let (database, folder) = (Blank::create(engine).await, folder());
        let settings = "[webhooks]\nallowed_networks = [\"127.0.0.0/8\"]\n";
        std::fs::write(folder.path().join("docket.toml"), settings).unwrap();
        let server = start(&database, &folder);
        let anywhere = Caller { address: server.address, tenant: String::new() };
        let sink = HookSink::start().await;
        let heard = [Heard::default(), Heard::default()];
        sink.respond_by("/told", told(Arc::clone(&heard[0]), seed));
        sink.respond_by("/asked", asked(Arc::clone(&heard[1])));
        let mute = json!({"name": "Mute", "temporal": true, "sendEndEvent": true});
        let definition = anywhere.made("/api/user-action", "userAction", &mute);
        let sides = [("told", "None"), ("asked", "AbsoluteMajority")].map(|(name, transaction)| {
            let tenant = json!({"name": name, "eventConfiguration": {"events":
                {"user.action": {"enabled": true, "transactionType": transaction}}}});
            let tenant = anywhere.made("/api/tenant", "tenant", &tenant);
            let webhook = json!({"url": sink.url(&format!("/{name}")), "connectTimeout": 1000,
                "readTimeout": 1000, "tenantIds": [tenant],
                "eventsEnabled": {"user.action": true}});
            anywhere.made("/api/webhook", "webhook", &webhook);
            let here = Caller { address: server.address, tenant: tenant.clone() };
            let users = (0..4).map(|place| {
                let user =
                    json!({"username": format!("{name}-{place}"), "password": "long enough"});
                here.made("/api/user", "user", &user)
            });
            (tenant, users.collect(), transaction != "None")
        });
        server.stop();
        let [told, asked] = heard;
        let [first, second] = sides;
        let side = |(tenant, users, asks), heard| Side { tenant, users, asks, heard };
        let sides = [side(first, told), side(second, asked)];
        Self { sides, definition, database, folder, sink }
    }

    /// The server, on what is there.
    pub(crate) fn start(&self) -> Server {
        start(&self.database, &self.folder)
    }

    /// Callers in the two tenants.
    pub(crate) fn callers(&self, server: &Server) -> [Caller; 2] {
        let caller = |side: &Side| Caller { address: server.address, tenant: side.tenant.clone() };
        self.sides.each_ref().map(caller)
    }
}

fn start(database: &Blank, folder: &TempDir) -> Server {
    let mut command = docket(folder.path());
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--database", &database.url])
        .env("DOCKET_MASTER_KEY", "a master key for tests")
        .env("DOCKET_BOOTSTRAP_API_KEY", KEY)
        .env("DOCKET_BOOTSTRAP_ADMIN_PASSWORD", "a password for tests");
    Server::spawn(command)
}

fn event_id(received: &Received) -> String {
    received.header("webhook-id").unwrap().to_owned()
}

/// An endpoint that fails with a quarter of the events, the first time that it hears of them.
fn told(heard: Heard, seed: u64) -> impl Fn(&Received) -> Respond + Send + Sync {
    let failed = Mutex::new((HashSet::new(), Chance::new(seed)));
    move |received| {
        let id = event_id(received);
        let mut failed = failed.lock().unwrap();
        let (failed, chance) = &mut *failed;
        let choice = chance.below(8);
        if choice < 2 && !heard.lock().unwrap().contains(&id) && failed.insert(id.clone()) {
            return if choice == 0 { Respond::Hang } else { Respond::Status(500) };
        }
        heard.lock().unwrap().insert(id);
        Respond::Status(200)
    }
}

/// An endpoint that has a word to say.
fn asked(heard: Heard) -> impl Fn(&Received) -> Respond + Send + Sync {
    move |received| {
        let body = received.json();
        if body["event"]["comment"].as_str().is_some_and(|comment| comment.starts_with("veto")) {
            return Respond::Status(500);
        }
        heard.lock().unwrap().insert(event_id(received));
        Respond::Status(200)
    }
}
