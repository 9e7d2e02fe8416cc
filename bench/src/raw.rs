//! The store's own limit: the rows that one action leaves behind, written straight into the tables
//! of the same database without any server.

mod postgres;
mod sqlite;

use std::time::Duration;

use docket_domain::id;
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::chance::Chance;
use crate::community::Community;
use crate::engine::{self, Engine};
use crate::load::{Connection, Measured};
use crate::question::Askers;
use crate::server::Server;
use crate::telling;

/// What the engine gives to a row by itself.
const GIVEN: &str = "position";

/// A way to write what an action leaves behind.
#[derive(Debug)]
pub(crate) enum Raw {
    Sqlite(sqlite::Template),
    Postgres(postgres::Template),
}

/// What differs from one action to the next.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    action: Uuid,
    actionee: Uuid,
    audit: Uuid,
    event: Uuid,
}

impl Written {
    fn on(community: &Community, number: u64, chance: &mut Chance) -> Self {
        let person = community.person(number);
        let now = Instant::from_millis(crate::clock::now());
        let mut id = || id::at(now, chance.ten());
        let (action, audit, event) = (id(), id(), id());
        Self { action, actionee: person.id, audit, event }
    }
}

impl Raw {
    /// Has the server take one action, and learns from the database what that wrote; likewise of an
    /// action that webhooks were told of.
    pub(crate) async fn learn(
        url: &str,
        server: &Server,
        community: &Community,
        askers: &Askers,
        told: Uuid,
    ) -> anyhow::Result<Self> {
        let actionee = community.person(community.users / 2).id;
        let answer = Connection::open(server.address).await?.ask(askers.take_on(actionee)).await?;
        let quiet = telling::id(&serde_json::from_slice(&answer)?, "/action/id")?;
        Ok(match Engine::of(url) {
            Engine::Sqlite => Self::Sqlite(sqlite::Template::of(engine::path(url), quiet, told)?),
            Engine::Postgres => Self::Postgres(postgres::Template::of(url, quiet, told).await?),
        })
    }

    /// Writes this many events of which webhooks are to be told, all in one transaction.
    pub(crate) async fn tell(&self, count: u64, round: u64) -> anyhow::Result<()> {
        let now = Instant::from_millis(crate::clock::now());
        let mut chance = Chance::of(2_000, round);
        let mut ids: Vec<Uuid> = (0..count).map(|_| id::at(now, chance.ten())).collect();
        // Ids follow the order of the log, but for what happens in the same instant.
        ids.sort_unstable();
        match self {
            Self::Sqlite(raw) => raw.tell(ids),
            Self::Postgres(raw) => raw.tell(ids).await,
        }
    }

    /// Writes such rows until the time is up, for this many clients at once.
    pub(crate) async fn drive(
        &self,
        clients: u64,
        duration: Duration,
        round: u64,
        community: Community,
        askers: &Askers,
    ) -> anyhow::Result<Measured> {
        let topic = 1_000 + round;
        match self {
            Self::Sqlite(raw) => raw.drive(clients, duration, topic, community, askers).await,
            Self::Postgres(raw) => raw.drive(clients, duration, topic, community, askers).await,
        }
    }
}
