//! One run: several rounds over every path of one engine, and the median of each figure.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;

use crate::chance::Chance;
use crate::community::Community;
use crate::ends;
use crate::engine::{self, Engine};
use crate::load::{self, Ask, Connection, Measured};
use crate::output::note;
use crate::process::{Memory, Process};
use crate::question::{Askers, BATCH};
use crate::raw::Raw;
use crate::report::{Figure, Line, Report, Rest};
use crate::server::{Binary, Server};
use crate::telling::Telling;

/// How long each path is warmed up, once.
const WARM_UP: Duration = Duration::from_millis(500);
/// How long a server is left alone before its memory at rest is read.
const REST: Duration = Duration::from_secs(2);

/// What to measure, and how thoroughly.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The server's binary
    #[arg(long)]
    server: PathBuf,
    /// The seeded database
    #[arg(long)]
    database: String,
    /// A small seeded database of the same engine, to compare pages of lists with
    #[arg(long)]
    small_database: Option<String>,
    /// The process id of the database's server, to measure it too
    #[arg(long)]
    postgres_pid: Option<u32>,
    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// Seconds for each path in each round
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Measure only paths whose name contains this, or one of several texts with `|` between them
    #[arg(long)]
    only: Option<String>,
    /// The folder that the results are written into
    #[arg(long, default_value = "bench/results")]
    results: PathBuf,
}

/// Something to be measured.
struct Measure {
    line: Line,
    clients: u64,
    work: Work,
}

enum Work {
    /// Requests to the server.
    Asked(Arc<dyn Fn(&mut Chance) -> Ask + Send + Sync>),
    /// Requests to the server of the small database.
    AskedOfSmall(Arc<dyn Fn(&mut Chance) -> Ask + Send + Sync>),
    /// Rows written past the server.
    Raw,
    /// What a webhook is sent, sent by nothing but an HTTP client.
    Called,
    /// Events that a webhook is told of, all there at once.
    Told,
    /// Actions taken at a steady pace, until the webhook hears of them.
    Soon,
}

/// What the rounds need.
struct Bench {
    community: Community,
    askers: Askers,
    server: Server,
    small: Option<Server>,
    raw: Raw,
    telling: Telling,
    database: Option<Process>,
    seconds: Duration,
}

/// Measures and reports.
pub(crate) async fn run(run: &Run) -> anyhow::Result<()> {
    let engine = Engine::of(&run.database);
    folder(&run.results)?;
    let binary = Binary {
        path: run.server.canonicalize().context("there is no such server binary")?,
        folder: std::env::temp_dir(),
        log: run.results.join("server.log"),
    };
    let community = engine::community(&run.database).await?;
    let askers = Askers::choose(community);
    let (server, rest) = at_rest(&binary, &run.database).await?;
    let small = match &run.small_database {
        Some(database) => Some(binary.serve(database).await?),
        None => None,
    };
    let small_askers = match &run.small_database {
        Some(database) => Some(Askers::choose(engine::community(database).await?)),
        None => None,
    };
    let actionee = community.person(community.users / 2).id;
    let telling = Telling::open(&run.database, &server, &askers, actionee).await?;
    let raw = Raw::learn(&run.database, &server, &community, &askers, telling.told).await?;
    let database = run.postgres_pid.map(Process::WithChildren);
    let seconds = Duration::from_secs_f64(run.seconds);
    let mut paths = paths(&askers, small_askers.as_ref());
    paths.retain(|path| run.wants(path.line));
    let bench = Bench { community, askers, server, small, raw, telling, database, seconds };
    for path in &paths {
        if !matches!(path.work, Work::Raw) {
            bench.once(path, WARM_UP, u64::MAX / 2).await?;
        }
    }
    let mut rounds: Vec<Vec<Figure>> = paths.iter().map(|_| Vec::new()).collect();
    for round in 0..run.rounds {
        note(format_args!("{}: round {} of {}", engine.name(), round + 1, run.rounds));
        for (path, figures) in paths.iter().zip(&mut rounds) {
            figures.push(bench.once(path, bench.seconds, round).await?);
        }
    }
    let figures = paths.iter().zip(rounds);
    let mut figures: Vec<(Line, Figure)> =
        figures.map(|(path, figures)| (path.line, Figure::median(&figures))).collect();
    let after: Memory = bench.server.process()?.memory()?;
    bench.telling.close().await?;
    bench.server.stop().await?;
    if let Some(small) = bench.small {
        small.stop().await?;
    }
    if ends::LINES.iter().any(|line| run.wants(*line)) {
        note(format_args!("{}: ends", engine.name()));
        figures.extend(ends::measure(&binary, &run.database, community, database).await?);
    }
    let report = Report::new(engine, community, figures, Rest { after_load: after, ..rest });
    report.print();
    report.write(&run.results)?;
    Ok(())
}

impl Run {
    fn wants(&self, line: Line) -> bool {
        let mut named = self.only.iter().flat_map(|only| only.split('|'));
        self.only.is_none() || named.any(|part| line.name().contains(part))
    }
}

/// Starts a server three times; the last one stays.
async fn at_rest(binary: &Binary, database: &str) -> anyhow::Result<(Server, Rest)> {
    let mut starts = Vec::new();
    for _ in 0..2 {
        let server = binary.serve(database).await?;
        starts.push(server.started_in.as_secs_f64());
        server.stop().await?;
    }
    let server = binary.serve(database).await?;
    starts.push(server.started_in.as_secs_f64());
    starts.sort_by(f64::total_cmp);
    // Something was asked, so that what a first request makes is counted.
    Connection::open(server.address).await?.ask(crate::question::status()).await?;
    tokio::time::sleep(REST).await;
    let at_rest = server.process()?.memory()?;
    let rest = Rest {
        start_seconds: starts.get(1).copied().unwrap_or_default(),
        idle: at_rest,
        after_load: at_rest,
        binary_mebibytes: binary.mebibytes()?,
    };
    Ok((server, rest))
}

fn paths(askers: &Askers, small: Option<&Askers>) -> Vec<Measure> {
    macro_rules! asked {
        ($askers:expr, $ask:ident) => {{
            let askers = $askers.clone();
            Arc::new(move |chance: &mut Chance| askers.$ask(chance))
        }};
    }
    let path = |line, clients, work| Measure { line, clients, work };
    let mut paths = vec![
        path(Line::BareGate, 64, Work::Asked(asked!(askers, bare_gate))),
        path(Line::Gate, 64, Work::Asked(asked!(askers, gate))),
        path(Line::Batch, 64, Work::Asked(asked!(askers, batch))),
        path(Line::BareList, 64, Work::Asked(asked!(askers, bare_list))),
        path(Line::List, 64, Work::Asked(asked!(askers, list))),
        path(Line::RawTake64, 64, Work::Raw),
        path(Line::Take64, 64, Work::Asked(asked!(askers, take))),
        path(Line::RawTake256, 256, Work::Raw),
        path(Line::Take256, 256, Work::Asked(asked!(askers, take))),
    ];
    if let Some(small) = small {
        paths.push(path(Line::SmallPage, 16, Work::AskedOfSmall(asked!(small, page))));
    }
    paths.push(path(Line::Page, 16, Work::Asked(asked!(askers, page))));
    paths.push(path(Line::BareCall, 16, Work::Called));
    paths.push(path(Line::Delivery, 16, Work::Told));
    paths.push(path(Line::Soon, 32, Work::Soon));
    paths
}

impl Bench {
    /// Measures one path once.
    async fn once(&self, path: &Measure, time: Duration, round: u64) -> anyhow::Result<Figure> {
        let server = match (&path.work, &self.small) {
            (Work::AskedOfSmall(_), Some(small)) => small,
            _ => &self.server,
        };
        // Of rows written past the server, this process is the one that does the work.
        let process = match path.work {
            Work::Raw => Process::own(),
            _ => server.process()?,
        };
        let before = self.processor_times(process)?;
        let measured: Measured = match &path.work {
            Work::Asked(ask) | Work::AskedOfSmall(ask) => {
                load::drive(server.address, path.clients, time, round, Arc::clone(ask)).await
            }
            Work::Raw => {
                self.raw.drive(path.clients, time, round, self.community, &self.askers).await
            }
            Work::Called => return self.telling.bare(time).await,
            Work::Told => self.telling.backlog(&self.raw, time, round).await,
            Work::Soon => self.telling.soon(&self.askers, time, round).await,
        }
        .with_context(|| path.line.name())?;
        let after = self.processor_times(process)?;
        let answers = if path.line == Line::Batch { BATCH } else { 1 };
        Ok(Figure::of(
            &measured,
            after.0 - before.0,
            after.1.zip(before.1).map(|(a, b)| a - b),
            answers,
        ))
    }

    fn processor_times(&self, process: Process) -> anyhow::Result<(f64, Option<f64>)> {
        Ok((process.cpu()?, self.database.map(Process::cpu).transpose()?))
    }
}

/// The folder for results, made when it is not there.
fn folder(path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("{} cannot be made", path.display()))
}
