//! Starts the sending of mails, and waits until it has finished.

use std::time::Duration;

use anyhow::Context as _;
use docket_courier::mail::{Mailer, Options};
use docket_service::Context;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::shutdown::Stop;

/// The mailer at work.
#[derive(Debug)]
pub(crate) struct Working(JoinHandle<()>);

/// Starts it; it works until somebody asks the server to stop.
pub(crate) fn start(ctx: &Context, config: &Config, stop: &Stop) -> anyhow::Result<Working> {
    let mailer = mailer(ctx, config)?;
    let stop = stop.clone();
    Ok(Working(tokio::spawn(mailer.run(async move { stop.asked().await }))))
}

fn mailer(ctx: &Context, config: &Config) -> anyhow::Result<Mailer> {
    let path = &config.mail.trusted_certificates;
    let cannot = || format!("mail.trusted_certificates: {} cannot be used", path.display());
    let trusted_certificates = if path.as_os_str().is_empty() {
        Vec::new()
    } else {
        std::fs::read(path).with_context(cannot)?
    };
    let options = Options {
        timeout: Duration::from_secs(config.mail.timeout_seconds),
        grace: Duration::from_secs(config.requests.stop_timeout_seconds),
        trusted_certificates,
    };
    Mailer::new(ctx.clone(), options).with_context(cannot)
}

impl Working {
    /// Waits until what was begun is done.
    pub(crate) async fn finished(self) {
        if self.0.await.is_err() {
            tracing::warn!("the sending of mails ended before it was told to");
        }
    }
}
