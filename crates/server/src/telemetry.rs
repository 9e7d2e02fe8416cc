//! Logs for people or for machines, and metrics for Prometheus.

pub(crate) mod process;

use std::io::IsTerminal;

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// Upper ends, in seconds: fine where requests are answered from memory, coarse where a disk or a
/// client is slow.
const SECONDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// From here on log lines go to the standard error.
pub(crate) fn start_logs(log: &Log) -> anyhow::Result<()> {
    let levels: Targets = log.level.parse().context("the log level is not one")?;
    let for_people = match log.format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let lines = fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(levels);
    if for_people {
        registry.with(lines.with_ansi(std::io::stderr().is_terminal())).try_init()?;
    } else {
        registry.with(lines.json().flatten_event(true).with_span_list(false)).try_init()?;
    }
    Ok(())
}

/// From here on metrics are kept; the handle renders them.
pub(crate) fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder()?;
    metrics::describe_counter!("docket_http_requests_total", "Requests answered.");
    metrics::describe_histogram!(
        "docket_http_request_seconds",
        metrics::Unit::Seconds,
        "From a request's header to its answer."
    );
    metrics::describe_histogram!(
        "docket_action_end_lateness_seconds",
        metrics::Unit::Seconds,
        "From when an action's end was due until it was told."
    );
    metrics::describe_counter!("docket_nats_events_total", "Events that the broker has taken.");
    metrics::describe_gauge!("docket_connections", "Connections that are open.");
    process::describe();
    Ok(handle)
}
