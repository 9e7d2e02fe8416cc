//! Ends: many actions end in one second while others ask the gate.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use tokio::time::{Instant, sleep};

use crate::chance::Chance;
use crate::clock;
use crate::community::Community;
use crate::engine;
use crate::histogram::Histogram;
use crate::load::{self, Ask, Measured, Paced};
use crate::process::Process;
use crate::question::Askers;
use crate::report::{Figure, Line};
use crate::seed;
use crate::server::{Binary, Server};

/// As many actions, unless there are too few users for each to have one.
const ENDS: u64 = 100_000;
/// Questions to the gate in a second.
const PACE: u32 = 1_000;
/// How long the gate is asked as fast as it can, before anything counts.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long the gate is asked before the ends come, at least.
const QUIET: Duration = Duration::from_secs(5);
/// The time for writing the actions and for starting the server, beside that for each action.
const AHEAD: Duration = Duration::from_secs(8);
/// How many actions are written in a second at least.
const WRITTEN_PER_SECOND: u64 = 5_000;
/// How long the ends may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// How many events there were ever.
const EVENTS: &str = "SELECT max(position) FROM outbox";

/// What is measured here.
pub(crate) const LINES: [Line; 3] = [Line::QuietGate, Line::Ends, Line::GateAtEnds];

/// Writes the actions, starts a server, and waits for their end. Nobody else is told of it: telling
/// a webhook is measured by itself.
pub(crate) async fn measure(
    binary: &Binary,
    url: &str,
    community: Community,
    database: Option<Process>,
) -> anyhow::Result<Vec<(Line, Figure)>> {
    let count = ENDS.min(community.users / 10);
    let ahead = AHEAD + QUIET + Duration::from_secs(count / WRITTEN_PER_SECOND);
    let due = clock::now() + i64::try_from(ahead.as_millis())?;
    seed::add_ending(url, community, count, due).await?;
    let server = binary.serve(url).await?;
    let stage = Stage { askers: Askers::choose(community), server, database };
    let gate = stage.gate();
    let ask = Arc::new(move |chance: &mut Chance| Some(gate(chance)));
    load::drive(stage.server.address, 64, WARM_UP, 0, ask).await?;
    let left = Duration::from_millis(u64::try_from(due - clock::now()).unwrap_or_default());
    ensure!(left >= QUIET / 2, "writing {count} actions took too long");
    let before = engine::number(url, EVENTS).await?;
    let (quiet, ()) = stage.pace(0, sleep(left)).await?;
    let started = Instant::now();
    let (busy, told) = stage.pace(1, told(url, before + i64::try_from(count)?)).await?;
    let seconds = (told? - started).as_secs_f64();
    stage.server.stop().await?;
    let measured = Measured { latencies: Histogram::default(), count, seconds };
    // What the gate costs meanwhile is not the ends'.
    let gate = busy.paced.measured.seconds / quiet.paced.measured.seconds;
    let database_cpu = busy.database_cpu.zip(quiet.database_cpu);
    let ends = Figure::of(
        &measured,
        (busy.cpu - quiet.cpu * gate).max(0.0),
        database_cpu.map(|(busy, quiet)| (busy - quiet * gate).max(0.0)),
        1,
    );
    let quiet = Figure::of(&quiet.paced.measured, quiet.cpu, quiet.database_cpu, 1);
    let busy = Figure::of(&busy.paced.measured, 0.0, None, 1);
    Ok(LINES.into_iter().zip([quiet, ends, busy]).collect())
}

/// A server, and who asks it.
struct Stage {
    askers: Askers,
    server: Server,
    database: Option<Process>,
}

/// What a while of asking the gate has cost, whatever else went on.
struct While {
    paced: Paced,
    cpu: f64,
    database_cpu: Option<f64>,
}

impl Stage {
    fn gate(&self) -> Arc<dyn Fn(&mut Chance) -> Ask + Send + Sync> {
        let askers = self.askers.clone();
        Arc::new(move |chance: &mut Chance| askers.gate(chance))
    }

    /// Asks the gate at a steady pace until something has happened.
    async fn pace<T>(
        &self,
        round: u64,
        until: impl Future<Output = T>,
    ) -> anyhow::Result<(While, T)> {
        let (process, database) = (self.server.process()?, self.database);
        let before = (process.cpu()?, database.map(Process::cpu).transpose()?);
        let (paced, happened) =
            load::pace(self.server.address, PACE, round, self.gate(), until).await?;
        let after = (process.cpu()?, database.map(Process::cpu).transpose()?);
        let database_cpu = after.1.zip(before.1).map(|(after, before)| after - before);
        Ok((While { paced, cpu: after.0 - before.0, database_cpu }, happened))
    }
}

/// Waits until there were so many events, and says since when.
async fn told(url: &str, wanted: i64) -> anyhow::Result<Instant> {
    let started = Instant::now();
    let mut events = engine::Watch::open(url, EVENTS).await?;
    loop {
        let now = Instant::now();
        let there = events.number().await?;
        if there >= wanted {
            return Ok(now);
        }
        ensure!(started.elapsed() < PATIENCE, "{} ends were not told", wanted - there);
        sleep(Duration::from_millis(50)).await;
    }
}
