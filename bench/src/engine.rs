//! Which engine a database URL names, and a connection to it beside the server's.

use anyhow::Context;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use tokio_postgres::{Client, NoTls, Statement};

use crate::community::Community;
use crate::seed::SETTING;

/// The two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The engine of a database.
    pub(crate) fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }

    /// Its name for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The file of a database.
pub(crate) fn path(url: &str) -> &str {
    url.strip_prefix("sqlite://").unwrap_or(url)
}

/// A connection to the file, set up as the server's are.
pub(crate) fn open(path: &str) -> anyhow::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)
        .with_context(|| format!("{path} cannot be opened"))?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    for (pragma, value) in [("synchronous", 2), ("wal_autocheckpoint", 0), ("cache_size", -16_384)]
    {
        conn.pragma(None, pragma, value, |_| Ok(()))?;
    }
    conn.pragma(None, "mmap_size", 256 * 1_024 * 1_024, |_| Ok(()))?;
    Ok(conn)
}

/// A connection to the server of the database.
pub(crate) async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The one number that a query finds; 0 when it finds none.
pub(crate) async fn number(url: &str, query: &'static str) -> anyhow::Result<i64> {
    Watch::open(url, query).await?.number().await
}

/// A number that is looked at again and again, by a connection that stays open: whoever is measured
/// meanwhile shares the machine with the one who looks.
pub(crate) enum Watch {
    Sqlite(Connection, &'static str),
    Postgres(Client, Statement),
}

impl Watch {
    pub(crate) async fn open(url: &str, query: &'static str) -> anyhow::Result<Self> {
        Ok(match Engine::of(url) {
            Engine::Sqlite => Self::Sqlite(open(path(url))?, query),
            Engine::Postgres => {
                let client = connect(url).await?;
                let statement = client.prepare(query).await?;
                Self::Postgres(client, statement)
            }
        })
    }

    /// The number now; 0 when there is none.
    pub(crate) async fn number(&mut self) -> anyhow::Result<i64> {
        let found: Option<i64> = match self {
            Self::Sqlite(conn, query) => {
                conn.prepare_cached(query)?.query_row([], |row| row.get(0))?
            }
            Self::Postgres(client, statement) => client.query_one(statement, &[]).await?.get(0),
        };
        Ok(found.unwrap_or_default())
    }
}

/// Changes a database in use.
pub(crate) async fn change(url: &str, statements: &str) -> anyhow::Result<()> {
    match Engine::of(url) {
        Engine::Sqlite => open(path(url))?.execute_batch(statements)?,
        Engine::Postgres => connect(url).await?.batch_execute(statements).await?,
    }
    Ok(())
}

/// Has `PostgreSQL` look after the tables that are counted by indexes alone, as it does by itself within
/// a minute of a hundredth of their rows having changed; a round is shorter than that.
pub(crate) async fn keep_house(url: &str) -> anyhow::Result<()> {
    match Engine::of(url) {
        Engine::Sqlite => Ok(()),
        Engine::Postgres => change(url, "VACUUM todo, permission_request").await,
    }
}

/// What a database was seeded with.
pub(crate) async fn community(url: &str) -> anyhow::Result<Community> {
    let text = match Engine::of(url) {
        Engine::Sqlite => open(path(url))?.query_row(
            "SELECT value FROM setting WHERE name = ?1",
            [SETTING],
            |row| row.get::<_, String>(0),
        )?,
        Engine::Postgres => {
            let client = connect(url).await?;
            client.query_one("SELECT value FROM setting WHERE name = $1", &[&SETTING]).await?.get(0)
        }
    };
    serde_json::from_str(&text).context("the database was seeded by another version")
}
