//! The figures, beside those that are to be reached: a table for people, JSON for machines.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::community::Community;
use crate::engine::Engine;
use crate::load::Measured;
use crate::output::say;
use crate::process::Memory;

mod line;

pub(crate) use line::Line;
use line::Target;

/// What was measured on one path.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// Answers in a second.
    pub(crate) per_second: f64,
    /// Microseconds of the server's processor time for an answer.
    pub(crate) cpu_micros: f64,
    /// The same of the database's own processes, where it has any.
    pub(crate) database_cpu_micros: Option<f64>,
    /// Milliseconds that half of the requests took at most.
    pub(crate) half_millis: f64,
    /// Milliseconds that 99 of 100 took at most.
    pub(crate) most_millis: f64,
}

impl Figure {
    /// One round's figures.
    pub(crate) fn of(
        measured: &Measured,
        cpu: f64,
        database_cpu: Option<f64>,
        answers: usize,
    ) -> Self {
        let requests = u32::try_from(measured.count).unwrap_or(u32::MAX);
        let answers = f64::from(requests) * f64::from(u32::try_from(answers).unwrap_or(1));
        let answers = answers.max(1.0);
        Self {
            per_second: answers / measured.seconds,
            cpu_micros: cpu * 1e6 / answers,
            database_cpu_micros: database_cpu.map(|cpu| cpu * 1e6 / answers),
            half_millis: measured.latencies.millis(500),
            most_millis: measured.latencies.millis(990),
        }
    }

    /// The median of each figure over the rounds.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| {
            let mut values: Vec<f64> = rounds.iter().map(figure).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        let has_database = rounds.iter().any(|round| round.database_cpu_micros.is_some());
        Self {
            per_second: of(|round| round.per_second),
            cpu_micros: of(|round| round.cpu_micros),
            database_cpu_micros: has_database
                .then(|| of(|round| round.database_cpu_micros.unwrap_or_default())),
            half_millis: of(|round| round.half_millis),
            most_millis: of(|round| round.most_millis),
        }
    }
}

/// The server without load.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Rest {
    pub(crate) start_seconds: f64,
    pub(crate) idle: Memory,
    pub(crate) after_load: Memory,
    pub(crate) binary_megabytes: f64,
}

/// Everything about one engine.
#[derive(Debug)]
pub(crate) struct Report {
    engine: Engine,
    community: Community,
    figures: Vec<(Line, Figure)>,
    rest: Rest,
}

/// A figure set beside its target.
#[derive(Default)]
struct Judged {
    /// What was compared, in words.
    compared: String,
    target: String,
    reached: Option<bool>,
    by_rate: Option<f64>,
    by_cpu: Option<f64>,
    by_latency: Option<f64>,
}

impl Report {
    pub(crate) fn new(
        engine: Engine,
        community: Community,
        figures: Vec<(Line, Figure)>,
        rest: Rest,
    ) -> Self {
        Self { engine, community, figures, rest }
    }

    fn figure(&self, line: Line) -> Option<&Figure> {
        self.figures.iter().find(|(known, _)| *known == line).map(|(_, figure)| figure)
    }

    fn judge(&self, line: Line, figure: &Figure) -> Judged {
        let all =
            |figure: &Figure| figure.cpu_micros + figure.database_cpu_micros.unwrap_or_default();
        match line.target(self.engine) {
            Target::Yardstick => Judged::default(),
            Target::Micros(most) => Judged {
                target: format!("<= {most} us CPU"),
                reached: Some(figure.cpu_micros <= most),
                ..Judged::default()
            },
            Target::MicrosInAll(most) => Judged {
                target: format!("<= {most} us in all"),
                reached: Some(all(figure) <= most),
                ..Judged::default()
            },
            Target::MicrosAndTimesOf(micros, other, most) => {
                let beside = self.cpu_beside(other, most, all, figure);
                let quick = figure.cpu_micros <= micros;
                Judged {
                    target: format!("<= {micros} us, {most} x"),
                    reached: beside.reached.map_or(Some(quick), |steady| Some(steady && quick)),
                    ..beside
                }
            }
            Target::Rate(least) => Judged {
                target: format!(">= {least}/s"),
                reached: Some(figure.per_second >= least),
                ..Judged::default()
            },
            Target::PartOf(other, least) => {
                let target = format!(">= {least} x");
                let Some(other) = self.figure(other) else {
                    return Judged { target, ..Judged::default() };
                };
                let by_rate = figure.per_second / other.per_second;
                let by_cpu = other.cpu_micros / figure.cpu_micros;
                Judged {
                    compared: format!("{by_rate:.2} x rate, {by_cpu:.2} x CPU"),
                    target,
                    reached: Some(by_rate >= least),
                    by_rate: Some(by_rate),
                    by_cpu: Some(by_cpu),
                    by_latency: None,
                }
            }
            Target::TimesOf(other, most) => self.cpu_beside(other, most, all, figure),
            Target::OwnTimesOf(other, most) => {
                self.cpu_beside(other, most, |figure| figure.cpu_micros, figure)
            }
            Target::SlowerThan(other, most) => {
                let times = self.figure(other).map(|other| figure.most_millis / other.most_millis);
                Judged {
                    compared: times.map_or_else(String::new, |times| format!("{times:.2} x p99")),
                    target: format!("<= {most} x p99"),
                    reached: times.map(|times| times <= most),
                    by_latency: times,
                    ..Judged::default()
                }
            }
        }
    }

    fn cpu_beside(
        &self,
        other: Line,
        most: f64,
        cpu: impl Fn(&Figure) -> f64,
        figure: &Figure,
    ) -> Judged {
        let times = self.figure(other).map(|other| cpu(figure) / cpu(other));
        Judged {
            compared: times.map_or_else(String::new, |times| format!("{times:.2} x CPU")),
            target: format!("<= {most} x CPU"),
            reached: times.map(|times| times <= most),
            by_cpu: times,
            ..Judged::default()
        }
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        say(format_args!(
            "\n{}, {} users, {} actions, {} to-dos, {} requests",
            self.engine.name(),
            self.community.users,
            self.community.actions,
            self.community.todos,
            self.community.requests
        ));
        say(format_args!(
            "{:<34} {:>9} {:>8} {:>8} {:>8} {:>8}  {:<24} {:<14} ",
            "path", "per s", "CPU us", "db us", "p50 ms", "p99 ms", "compared", "target"
        ));
        for (line, figure) in &self.figures {
            let judged = self.judge(*line, figure);
            say(format_args!(
                "{:<34} {:>9.0} {:>8} {:>8} {:>8} {:>8}  {:<24} {:<14} {}",
                line.name(),
                figure.per_second,
                tenths(figure.cpu_micros),
                tenths(figure.database_cpu_micros.unwrap_or_default()),
                hundredths(figure.half_millis),
                hundredths(figure.most_millis),
                judged.compared,
                judged.target,
                verdict(judged.reached)
            ));
        }
        let rest = &self.rest;
        for (name, value, unit, most) in [
            ("start", rest.start_seconds, "s", Some(1.0)),
            ("memory at rest", rest.idle.resident, "MB", Some(60.0)),
            ("  of it not pages of files", rest.idle.private, "MB", None),
            ("memory after the load", rest.after_load.resident, "MB", None),
            ("  of it not pages of files", rest.after_load.private, "MB", None),
            ("binary", rest.binary_megabytes, "MB", Some(30.0)),
        ] {
            let target = most.map_or_else(String::new, |most| format!("<= {most} {unit}"));
            let reached = verdict(most.map(|most| value <= most));
            say(format_args!("{name:<34} {value:>9.2} {unit:<62} {target:<14} {reached}"));
        }
    }

    /// Writes the same as JSON.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let paths: Vec<serde_json::Value> = self
            .figures
            .iter()
            .map(|(line, figure)| {
                let judged = self.judge(*line, figure);
                json!({
                    "path": line.name(),
                    "figure": figure,
                    "byRate": judged.by_rate,
                    "byCpu": judged.by_cpu,
                    "byLatency": judged.by_latency,
                    "target": judged.target,
                    "reached": judged.reached,
                })
            })
            .collect();
        let report = json!({
            "engine": self.engine,
            "community": self.community,
            "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            "at": crate::clock::now(),
            "paths": paths,
            "rest": self.rest,
        });
        let name = format!("{}.json", self.engine.name().to_lowercase());
        std::fs::write(folder.join(name), serde_json::to_vec_pretty(&report)?)?;
        Ok(())
    }
}

/// Nothing is said of what was not measured.
fn tenths(number: f64) -> String {
    if number > 0.0 { format!("{number:.1}") } else { String::new() }
}

fn hundredths(number: f64) -> String {
    if number > 0.0 { format!("{number:.2}") } else { String::new() }
}

fn verdict(reached: Option<bool>) -> &'static str {
    match reached {
        None => "",
        Some(true) => "reached",
        Some(false) => "NOT REACHED",
    }
}
