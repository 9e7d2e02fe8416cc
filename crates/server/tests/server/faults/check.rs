//! What must be true afterwards.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use docket_store::{Db, Options, Stmt, params};
use serde_json::Value;
use uuid::Uuid;

use crate::caller::{Caller, until_nothing};
use crate::faults::load::{Known, State, now};
use crate::faults::scene::Scene;

/// The leases of the last kill must end, and what failed then is tried again.
const PATIENCE: Duration = Duration::from_secs(90);

static EVENTS: Stmt = Stmt::new(
    "FAULT_EVENTS",
    "SELECT id, payload::text FROM outbox WHERE event_type = 'user.action'",
    "SELECT id, payload FROM outbox WHERE event_type = 'user.action'",
);
static ACTIONS: Stmt = Stmt::new(
    "FAULT_ACTIONS",
    "SELECT id, expires_at, cancelled_at, coalesce(comment, ''), coalesce(history::text, '')
        FROM action",
    "SELECT id, expires_at, cancelled_at, coalesce(comment, ''), coalesce(history, '')
        FROM action",
);
static DELIVERIES: Stmt = Stmt::new(
    "FAULT_DELIVERIES",
    "SELECT event_id, state, attempts, tries_left FROM delivery",
    "SELECT event_id, state, attempts, tries_left FROM delivery",
);
static WAITING: Stmt = Stmt::new(
    "FAULT_WAITING",
    "SELECT count(*) FROM delivery WHERE due_at IS NOT NULL",
    "SELECT count(*) FROM delivery WHERE due_at IS NOT NULL",
);

type Action = (Uuid, Option<i64>, Option<i64>, String, String);

/// Every acknowledged change is there; one that was under way may be.
pub(crate) fn acknowledged(callers: &[Caller; 2], known: &[Known]) {
    for known in known {
        let path = format!("/api/user/action/{}", known.id);
        let action = &callers[known.side].ask("GET", &path, None)["action"];
        let is = |state: &State| {
            action["comment"] == state.comment.as_str()
                && state.expiry.is_none_or(|expiry| action["expiry"] == expiry)
        };
        let is_known = is(&known.sure) || known.maybe.as_ref().is_some_and(is);
        assert!(is_known, "{action} is not {known:?}");
    }
}

/// What the database says.
struct Found {
    /// The tenant of each event and what it says, by its id.
    events: HashMap<String, Value>,
    actions: Vec<Action>,
    /// State, attempts made and left.
    deliveries: HashMap<String, (String, i64, i64)>,
    waiting: i64,
}

impl Found {
    async fn look(db: &Db) -> Self {
        let mut conn = db.reader();
        let events: Vec<(Uuid, String)> = conn.all(&EVENTS, params![]).await.unwrap();
        let deliveries: Vec<(Uuid, String, i64, i64)> =
            conn.all(&DELIVERIES, params![]).await.unwrap();
        let events = events
            .into_iter()
            .map(|(id, text)| (id.to_string(), serde_json::from_str(&text).unwrap()));
        Self {
            events: events.collect(),
            actions: conn.all(&ACTIONS, params![]).await.unwrap(),
            deliveries: deliveries
                .into_iter()
                .map(|(id, state, made, left)| (id.to_string(), (state, made, left)))
                .collect(),
            waiting: conn.one(&WAITING, params![]).await.unwrap().unwrap_or(0),
        }
    }

    /// How often each action was told to have ended.
    fn ends(&self) -> HashMap<String, usize> {
        let mut ends = HashMap::new();
        for event in self.events.values().filter(|event| event["phase"] == "end") {
            let id = event["action"]["id"].as_str().unwrap().to_owned();
            *ends.entry(id).or_default() += 1;
        }
        ends
    }

    /// The actions that have come to their end by themselves.
    fn ended(&self) -> HashSet<String> {
        let ended = self.actions.iter().filter(|(_, expires_at, cancelled_at, ..)| {
            cancelled_at.is_none() && expires_at.is_some_and(|at| at <= now())
        });
        ended.map(|(id, ..)| id.to_string()).collect()
    }

    /// What there is to say of an event that was not heard.
    fn about(&self, id: &str) -> String {
        let (event, delivery) = (&self.events[id], self.deliveries.get(id));
        format!("{id} {} {} {delivery:?}", event["phase"], event["action"]["comment"])
    }

    /// The events of a tenant.
    fn of_tenant(&self, tenant: &str) -> HashSet<String> {
        let events = self.events.iter();
        let events = events.filter(|(_, event)| event["action"]["tenantId"] == tenant);
        events.map(|(id, _)| id.clone()).collect()
    }
}

/// Waits until everything that follows from what happened has followed, and sees that it is neither
/// more nor less. The answer is how much it was.
pub(crate) async fn everything_followed(scene: &Scene) -> String {
    let db = Db::open(&scene.database.url, &Options::default()).await.unwrap();
    until_nothing(PATIENCE, async || {
        let found = Found::look(&db).await;
        let ends = found.ends();
        let endless = found.ended().iter().filter(|id| !ends.contains_key(*id)).count();
        let unheard = scene.sides.each_ref().map(|side| {
            let heard = side.heard.lock().unwrap().clone();
            let unheard =
                found.of_tenant(&side.tenant).into_iter().filter(|id| !heard.contains(id));
            unheard.map(|id| found.about(&id)).collect::<Vec<_>>()
        });
        let is_left =
            endless > 0 || unheard.iter().any(|left| !left.is_empty()) || found.waiting > 0;
        is_left.then(|| {
            format!(
                "{endless} ends are missing, {} deliveries wait, not heard were {unheard:#?}",
                found.waiting
            )
        })
    })
    .await;
    let found = Found::look(&db).await;
    assert_eq!(found.ends().into_keys().collect::<HashSet<_>>(), found.ended());
    let doubled: Vec<_> = found.ends().into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(doubled.is_empty(), "ended more than once: {doubled:?}");
    for (id, _, _, comment, history) in &found.actions {
        assert!(!comment.contains("veto") && !history.contains("veto"), "{id}: {comment}");
    }
    for (id, event) in &found.events {
        assert!(!event.to_string().contains("\"veto"), "{id} tells of what was vetoed");
    }
    let [told, _] = &scene.sides;
    let of_nothing = told.heard.lock().unwrap().difference(&found.of_tenant(&told.tenant)).count();
    assert_eq!(of_nothing, 0, "events were told of what did not happen");
    let figures = format!(
        "{} actions, {} events, {} ends",
        found.actions.len(),
        found.events.len(),
        found.ends().len()
    );
    db.close().await;
    figures
}
