//! One run: several rounds over every path of one engine, and the median of each figure.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::chance::Chance;
use crate::community::Community;
use crate::ends;
use crate::engine::{self, Engine};
use crate::inbox::Inbox;
use crate::load::{self, Asking, Connection, Measured};
use crate::output::note;
use crate::process::{Memory, Process};
use crate::question::Askers;
use crate::raw::{About, Raw};
use crate::report::{Figure, Line, Report, Rest};
use crate::server::{Binary, Server};
use crate::telling::{self, Telling};

/// How long each path is warmed up, once.
const WARM_UP: Duration = Duration::from_millis(500);
/// How long what follows from writes may take.
const PATIENCE: Duration = Duration::from_mins(2);
/// Events that may still change what somebody has to do.
const UNSEEN: &str = "SELECT (SELECT max(position) FROM outbox) - position FROM relay
    WHERE name = 'todos'";
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
    Asked(Asking),
    /// Requests to the server of the small database.
    AskedOfSmall(Asking),
    /// Rows of actions, written past the server.
    Raw,
    /// Rows of approvals, written past the server.
    RawApproved,
    /// Requests that are approved.
    Approved(Asking),
    /// What a webhook is sent, sent by nothing but an HTTP client.
    Called,
    /// Events that a webhook is told of, all there at once.
    Told,
    /// Actions taken at a steady pace, until the webhook hears of them.
    Soon,
}

/// Whom is asked about.
struct Cast {
    askers: Askers,
    inbox: Inbox,
}

/// What is written past the server.
struct Raws {
    take: Raw,
    /// The event of an action of which webhooks were told.
    told: Raw,
    approval: Option<Raw>,
}

/// What the rounds need.
struct Bench {
    community: Community,
    cast: Cast,
    url: String,
    server: Server,
    small: Option<Server>,
    raw: Raws,
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
    let cast = Cast::choose(community);
    let (server, rest) = at_rest(&binary, &run.database).await?;
    let small = match &run.small_database {
        Some(database) => Some(binary.serve(database).await?),
        None => None,
    };
    let small_cast = match &run.small_database {
        Some(database) => Some(Cast::choose(engine::community(database).await?)),
        None => None,
    };
    let actionee = community.person(community.users / 2).id;
    let telling = Telling::open(&run.database, &server, &cast.askers, actionee).await?;
    let mut paths = paths(&cast, small_cast.as_ref());
    paths.retain(|path| run.wants(path.line));
    let approves = paths.iter().any(|path| matches!(path.work, Work::RawApproved));
    let raw = Raws::learn(&run.database, &server, &cast, actionee, telling.told, approves).await?;
    let database = run.postgres_pid.map(Process::WithChildren);
    let seconds = Duration::from_secs_f64(run.seconds);
    let url = run.database.clone();
    let bench = Bench { community, cast, url, server, small, raw, telling, database, seconds };
    for path in &paths {
        if !matches!(path.work, Work::Raw | Work::RawApproved) {
            bench.once(path, WARM_UP, u64::MAX / 2).await?;
        }
    }
    let mut rounds: Vec<Vec<Figure>> = paths.iter().map(|_| Vec::new()).collect();
    for round in 0..run.rounds {
        note(format_args!("{}: round {} of {}", engine.name(), round + 1, run.rounds));
        engine::keep_house(&bench.url).await?;
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

/// Waits until everything was seen to that earlier writes may have changed about to-dos, so that the
/// next figure has no part in it.
async fn settled(url: &str) -> anyhow::Result<()> {
    let started = Instant::now();
    while engine::number(url, UNSEEN).await? > 0 {
        ensure!(started.elapsed() < PATIENCE, "what follows from writes takes too long");
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
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
    sleep(REST).await;
    let at_rest = server.process()?.memory()?;
    let rest = Rest {
        start_seconds: starts.get(1).copied().unwrap_or_default(),
        idle: at_rest,
        after_load: at_rest,
        binary_megabytes: binary.megabytes()?,
    };
    Ok((server, rest))
}

impl Cast {
    fn choose(community: Community) -> Self {
        Self { askers: Askers::choose(community), inbox: Inbox::choose(community) }
    }
}

impl Raws {
    /// Has the server take one action, and learns from the database what that wrote; likewise of an
    /// action that webhooks were told of, and of an approval.
    async fn learn(
        url: &str,
        server: &Server,
        cast: &Cast,
        actionee: Uuid,
        told: Uuid,
        approves: bool,
    ) -> anyhow::Result<Self> {
        let mut connection = Connection::open(server.address).await?;
        let taken = connection.ask(cast.askers.take_on(actionee)).await?;
        let action = telling::id(&serde_json::from_slice(&taken)?, "/action/id")?;
        settled(url).await?;
        cast.inbox.reopen(url).await?;
        let approval = match cast.inbox.approve_first().filter(|_| approves) {
            Some((ask, request, requester)) => {
                connection.ask(ask).await.context("the first approval")?;
                Some(Raw::of_approval(url, request, requester).await?)
            }
            None => None,
        };
        Ok(Self {
            take: Raw::of_take(url, action, actionee).await?,
            told: Raw::of_event(url, told).await?,
            approval,
        })
    }
}

/// A question that can always be asked.
macro_rules! always {
    ($askers:expr, $ask:ident) => {{
        let askers = $askers.clone();
        Arc::new(move |chance: &mut Chance| Some(askers.$ask(chance)))
    }};
}

/// A question that can be asked as long as there is something to ask about.
macro_rules! asking {
    ($askers:expr, $ask:ident) => {{
        let askers = $askers.clone();
        Arc::new(move |chance: &mut Chance| askers.$ask(chance))
    }};
}

fn paths(cast: &Cast, small: Option<&Cast>) -> Vec<Measure> {
    let Cast { askers, inbox } = cast;
    let path = |line, clients, work| Measure { line, clients, work };
    let mut paths = vec![
        path(Line::BareGate, 64, Work::Asked(always!(askers, bare_gate))),
        path(Line::Gate, 64, Work::Asked(always!(askers, gate))),
        path(Line::Batch, 64, Work::Asked(always!(askers, batch))),
        path(Line::BareList, 64, Work::Asked(always!(askers, bare_list))),
        path(Line::List, 64, Work::Asked(always!(askers, list))),
        path(Line::RawTake64, 64, Work::Raw),
        path(Line::Take64, 64, Work::Asked(always!(askers, take))),
        path(Line::RawTake256, 256, Work::Raw),
        path(Line::Take256, 256, Work::Asked(always!(askers, take))),
    ];
    if let Some(small) = small {
        let page = Work::AskedOfSmall(always!(small.askers, page));
        paths.push(path(Line::SmallPage, 16, page));
    }
    paths.push(path(Line::Page, 16, Work::Asked(always!(askers, page))));
    paths.push(path(Line::FewPages, 16, Work::Asked(always!(askers, page_of_few))));
    paths.extend(inbox_paths(inbox, small.map(|small| &small.inbox)));
    paths.push(path(Line::BareCall, 16, Work::Called));
    paths.push(path(Line::Delivery, 16, Work::Told));
    paths.push(path(Line::Soon, 32, Work::Soon));
    paths
}

/// What users have to do and decide on.
fn inbox_paths(inbox: &Inbox, small: Option<&Inbox>) -> Vec<Measure> {
    let path = |line, work| Measure { line, clients: 64, work };
    let mut paths = Vec::new();
    if let Some(small) = small {
        paths.push(path(Line::SmallTodos, Work::AskedOfSmall(asking!(small, todos))));
    }
    paths.push(path(Line::Todos, Work::Asked(asking!(inbox, todos))));
    paths.push(path(Line::FewTodos, Work::Asked(asking!(inbox, todos_of_few))));
    paths.push(path(Line::LastTodos, Work::Asked(asking!(inbox, last_todos))));
    paths.push(path(Line::Todo, Work::Asked(asking!(inbox, todo))));
    paths.push(path(Line::Summary, Work::Asked(asking!(inbox, summary))));
    if inbox.has_large() {
        paths.push(path(Line::TodosOfLarge, Work::Asked(always!(inbox, todos_of_large))));
        paths.push(path(Line::SummaryOfLarge, Work::Asked(always!(inbox, summary_of_large))));
    }
    paths.push(path(Line::Silence, Work::Asked(asking!(inbox, silence))));
    paths.push(path(Line::Push, Work::Asked(always!(inbox, push))));
    if let Some(small) = small {
        paths.push(path(Line::SmallRequests, Work::AskedOfSmall(asking!(small, requests))));
    }
    paths.push(path(Line::Requests, Work::Asked(asking!(inbox, requests))));
    paths.push(path(Line::FewRequests, Work::Asked(asking!(inbox, requests_of_few))));
    paths.push(path(Line::RawApprove, Work::RawApproved));
    paths.push(path(Line::Approve, Work::Approved(asking!(inbox, approve))));
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
            Work::Raw | Work::RawApproved => Process::own(),
            _ => server.process()?,
        };
        settled(&self.url).await?;
        if matches!(path.work, Work::RawApproved | Work::Approved(_)) {
            self.cast.inbox.reopen(&self.url).await?;
        }
        let before = self.processor_times(process)?;
        let measured: Measured = match &path.work {
            Work::Asked(ask) | Work::AskedOfSmall(ask) | Work::Approved(ask) => {
                load::drive(server.address, path.clients, time, round, Arc::clone(ask)).await
            }
            Work::Raw => self.raw.take.drive(path.clients, time, round, self.actionees()).await,
            Work::RawApproved => {
                let raw = self.raw.approval.as_ref().context("no approval was learned")?;
                raw.drive(path.clients, time, round, self.cast.inbox.approvals()).await
            }
            Work::Called => return self.telling.bare(time).await,
            Work::Told => self.telling.backlog(&self.raw.told, time, round).await,
            Work::Soon => self.telling.soon(&self.cast.askers, time, round).await,
        }
        .with_context(|| path.line.name())?;
        let after = self.processor_times(process)?;
        Ok(Figure::of(
            &measured,
            after.0 - before.0,
            after.1.zip(before.1).map(|(a, b)| a - b),
            path.line.answers(),
        ))
    }

    /// On whom the next actions are taken.
    fn actionees(&self) -> About {
        let (community, askers) = (self.community, self.cast.askers.clone());
        Arc::new(move |chance: &mut Chance| Some(vec![community.person(askers.younger(chance)).id]))
    }

    fn processor_times(&self, process: Process) -> anyhow::Result<(f64, Option<f64>)> {
        Ok((process.cpu()?, self.database.map(Process::cpu).transpose()?))
    }
}

/// The folder for results, made when it is not there.
fn folder(path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("{} cannot be made", path.display()))
}
