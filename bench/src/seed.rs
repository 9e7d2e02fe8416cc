//! Fills an empty, migrated database with the community, as fast as the engine takes it.

mod organisations;
mod people;
mod postgres;
mod rows;
mod sqlite;
mod tenant;
mod todos;

use anyhow::bail;
use clap::Args;

use crate::community::Community;
use crate::engine::{self, Engine};
use crate::output::say;

/// The setting that remembers what a database was seeded with.
pub(crate) const SETTING: &str = "bench.community";

/// The mail that tells users of what they have to do would otherwise be written to thousands of them
/// when the server starts.
const QUIET: &str = "UPDATE task SET next_run_at = 9000000000000000";

/// What to load, and where.
#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// The database, by its URL; `docket migrate` has made it
    #[arg(long)]
    database: String,
    /// How many users
    #[arg(long, default_value_t = 1_000_000)]
    users: u64,
    /// How many actions; twice the users when not given
    #[arg(long)]
    actions: Option<u64>,
    /// How many to-dos, in hundreds; as many as users when not given
    #[arg(long)]
    todos: Option<u64>,
    /// How many permission requests, in hundreds; one for twenty users when not given
    #[arg(long)]
    requests: Option<u64>,
}

/// Loads the community.
pub(crate) async fn run(seed: &Seed) -> anyhow::Result<()> {
    let actions = seed.actions.unwrap_or(seed.users * 2);
    if seed.users < 100 || !seed.users.is_multiple_of(10) || actions < seed.users {
        bail!("at least 100 users, a multiple of ten, and no fewer actions than users");
    }
    let todos = seed.todos.unwrap_or(seed.users / 100 * 100);
    let requests = seed.requests.unwrap_or(seed.users / 2_000 * 100);
    if !todos.is_multiple_of(100) || !requests.is_multiple_of(100) {
        bail!("to-dos and requests come in hundreds");
    }
    if todos / 100 > seed.users / 2 || requests > seed.users / 2 {
        bail!("two users for each hundred to-dos and for each request at least");
    }
    let community =
        Community { users: seed.users, actions, todos, requests, now: crate::clock::now() };
    let started = tokio::time::Instant::now();
    match seed.database.split_once("://") {
        Some(("sqlite", path)) => sqlite::load(path, &community)?,
        Some(("postgres" | "postgresql", _)) => postgres::load(&seed.database, &community).await?,
        _ => bail!("a database is sqlite://path or postgres://user@host/name"),
    }
    engine::change(&seed.database, QUIET).await?;
    let seconds = started.elapsed().as_secs_f64();
    say(format_args!(
        "{} users, {actions} actions, {todos} to-dos and {requests} requests in {seconds:.1} s",
        seed.users
    ));
    Ok(())
}

/// Adds actions that all end in the second that begins at `due`.
pub(crate) async fn add_ending(
    url: &str,
    community: Community,
    count: u64,
    due: i64,
) -> anyhow::Result<()> {
    let filled = people::ending(community, count, due);
    match Engine::of(url) {
        Engine::Sqlite => sqlite::add(engine::path(url), filled),
        Engine::Postgres => postgres::add(url, filled).await,
    }
}
