//! What happens from time to time while the server runs.

use std::time::Duration;

use docket_service::{Context, housekeeping};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::telemetry::process;

/// How often what is no longer needed is thrown away.
const CLEANING: Duration = Duration::from_hours(1);
/// How often the process looks at itself.
const MEASURING: Duration = Duration::from_secs(5);

/// Cleans up until the server ends; events are kept for so long.
pub(crate) fn start_cleaning(ctx: Context, kept: Duration) {
    let kept = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    tokio::spawn(async move {
        let mut rounds = tokio::time::interval(CLEANING);
        loop {
            rounds.tick().await;
            match housekeeping::forget_answers(&ctx).await {
                Ok(forgotten) => tracing::debug!(forgotten, "old answers were thrown away"),
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    tracing::warn!(error = format!("{error:#}"), "old answers are still there");
                }
            }
            match housekeeping::forget_mails(&ctx).await {
                Ok(forgotten) => tracing::debug!(forgotten, "old mails were forgotten"),
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    tracing::warn!(error = format!("{error:#}"), "old mails are still there");
                }
            }
            match housekeeping::forget_attempts(&ctx).await {
                Ok(forgotten) => tracing::debug!(forgotten, "old wrong passwords were forgotten"),
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    tracing::warn!(error = format!("{error:#}"), "old wrong passwords stay");
                }
            }
            match housekeeping::forget_events(&ctx, ctx.now().plus_millis(-kept)).await {
                Ok(forgotten) => tracing::debug!(forgotten, "old events were thrown away"),
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    tracing::warn!(error = format!("{error:#}"), "old events are still there");
                }
            }
        }
    });
}

/// Measures until the server ends. Samples of histograms wait in memory until somebody puts them
/// into their buckets, which is done here too, so that a server that nobody scrapes does not grow.
pub(crate) fn start_measuring(metrics: PrometheusHandle) {
    tokio::spawn(async move {
        let mut rounds = tokio::time::interval(MEASURING);
        loop {
            rounds.tick().await;
            metrics.run_upkeep();
            process::measure();
        }
    });
}
