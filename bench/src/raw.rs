//! The store's own limit: the rows that one request to the server leaves behind, written straight
//! into the tables of the same database without any server.

mod postgres;
mod sqlite;

use std::sync::Arc;
use std::time::Duration;

use docket_domain::id;
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::chance::Chance;
use crate::engine::{self, Engine};
use crate::load::Measured;

/// What the engine gives to a row by itself.
const GIVEN: &str = "position";

/// Rows that were left behind, and how such are written.
#[derive(Debug, Clone, Copy)]
struct Left {
    table: &'static str,
    /// Which of its rows they are, by an id.
    condition: &'static str,
    /// The columns that were written, of a row that was there before; none of a new row.
    changed: &'static [&'static str],
}

const ACTION: Left = new("action", "id = $1");
const END: Left = new("pending_end", "action_id = $1");
const GRANT: Left = new("role_grant", "user_id = $1");
const EVENT: Left = new("outbox", "subject_id = $1");
const DECISION: Left = Left {
    changed: &[
        "state",
        "reviewer_id",
        "reviewer_name",
        "reviewer_username",
        "reviewed_at",
        "review_comment",
        "updated_at",
    ],
    ..new("permission_request", "id = $1")
};

/// Whatever was told of the last request to the server that told of this subject.
macro_rules! same_request {
    () => {
        "request_id = (SELECT request_id FROM outbox WHERE subject_id = $1
            ORDER BY position DESC LIMIT 1)"
    };
}
const EVENTS: Left = new("outbox", same_request!());
const RECORDS: Left = new("audit_record", same_request!());

const fn new(table: &'static str, condition: &'static str) -> Left {
    Left { table, condition, changed: &[] }
}

/// A row as it was read: its columns, and the id in each that holds one.
type Ids = Vec<(String, Option<Uuid>)>;

/// A way to write what one request left behind, for others than it was about.
#[derive(Debug)]
pub(crate) enum Raw {
    Sqlite(sqlite::Template),
    Postgres(postgres::Template),
}

/// What a column is given.
#[derive(Debug, Clone)]
enum Part<T> {
    /// What it was given then.
    Same(T),
    /// The id with this place among those that differ.
    Id(usize),
}

/// Which ids differ from one time to the next: those of whom it is about, and those of new rows.
#[derive(Debug, Clone)]
struct Differing {
    known: Vec<Uuid>,
    given: usize,
}

/// Whom the next rows are about; nobody when there is nobody left.
pub(crate) type About = Arc<dyn Fn(&mut Chance) -> Option<Vec<Uuid>> + Send + Sync>;

impl Raw {
    /// How the rows of an action are written, for other actionees.
    pub(crate) async fn of_take(url: &str, action: Uuid, actionee: Uuid) -> anyhow::Result<Self> {
        let rows = [(ACTION, action), (END, action), (RECORDS, action), (EVENTS, action)];
        Self::learn(url, &rows, &[actionee]).await
    }

    /// How the rows of an approval are written, for other requests and requesters.
    pub(crate) async fn of_approval(
        url: &str,
        request: Uuid,
        requester: Uuid,
    ) -> anyhow::Result<Self> {
        let rows = [(DECISION, request), (GRANT, requester), (RECORDS, request), (EVENTS, request)];
        Self::learn(url, &rows, &[request, requester]).await
    }

    /// How the event of an action is written.
    pub(crate) async fn of_event(url: &str, action: Uuid) -> anyhow::Result<Self> {
        Self::learn(url, &[(EVENT, action)], &[]).await
    }

    async fn learn(url: &str, rows: &[(Left, Uuid)], given: &[Uuid]) -> anyhow::Result<Self> {
        Ok(match Engine::of(url) {
            Engine::Sqlite => Self::Sqlite(sqlite::Template::of(engine::path(url), rows, given)?),
            Engine::Postgres => Self::Postgres(postgres::Template::of(url, rows, given).await?),
        })
    }

    /// Writes them so many times, all in one transaction.
    pub(crate) async fn write(&self, count: u64, round: u64) -> anyhow::Result<()> {
        let now = Instant::from_millis(crate::clock::now());
        let mut chance = Chance::of(2_000, round);
        let mut ids: Vec<Uuid> = (0..count).map(|_| id::at(now, chance.ten())).collect();
        // Ids follow the order of the log, but for what happens in the same instant.
        ids.sort_unstable();
        match self {
            Self::Sqlite(raw) => raw.write_all(ids),
            Self::Postgres(raw) => raw.write_all(ids).await,
        }
    }

    /// Writes them until the time is up, for this many clients at once.
    pub(crate) async fn drive(
        &self,
        clients: u64,
        duration: Duration,
        round: u64,
        about: About,
    ) -> anyhow::Result<Measured> {
        let topic = 1_000 + round;
        match self {
            Self::Sqlite(raw) => raw.drive(clients, duration, topic, about).await,
            Self::Postgres(raw) => raw.drive(clients, duration, topic, about).await,
        }
    }
}

impl Differing {
    fn new(given: &[Uuid]) -> Self {
        Self { known: given.to_vec(), given: given.len() }
    }

    /// Takes note of a new row: each has an id of its own.
    fn note(&mut self, left: Left, ids: &Ids) {
        let own = ids.iter().find(|(column, _)| column == "id").and_then(|(_, id)| *id);
        self.known.extend(own.filter(|_| left.changed.is_empty()));
    }

    fn place(&self, id: Option<Uuid>) -> Option<usize> {
        self.known.iter().position(|known| Some(*known) == id)
    }

    /// The ids of the next time.
    fn next(&self, about: Vec<Uuid>, chance: &mut Chance) -> Vec<Uuid> {
        let now = Instant::from_millis(crate::clock::now());
        let mut ids = about;
        ids.extend((self.given..self.known.len()).map(|_| id::at(now, chance.ten())));
        ids
    }
}

impl Left {
    fn select(self) -> String {
        format!("SELECT * FROM {} WHERE {}", self.table, self.condition)
    }

    /// The columns that are written, out of all; the key of a row that is changed is the last.
    fn written<'c>(self, all: impl IntoIterator<Item = &'c str>) -> Vec<String> {
        if self.changed.is_empty() {
            return all.into_iter().filter(|name| *name != GIVEN).map(str::to_owned).collect();
        }
        self.changed.iter().chain(&["id"]).map(|name| (*name).to_owned()).collect()
    }

    fn statement(self, columns: &[String]) -> String {
        let table = self.table;
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        match columns.split_last() {
            Some((_, columns)) if !self.changed.is_empty() => {
                let sets: Vec<String> = columns
                    .iter()
                    .zip(&places)
                    .map(|(column, place)| format!("{column} = {place}"))
                    .collect();
                format!("UPDATE {table} SET {} WHERE id = ${}", sets.join(", "), places.len())
            }
            _ => format!(
                "INSERT INTO {table} ({}) VALUES ({})",
                columns.join(", "),
                places.join(", ")
            ),
        }
    }
}
