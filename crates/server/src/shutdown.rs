//! When to stop: the first SIGTERM or SIGINT asks for a stop in good order, the second for one at
//! once.

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Knows whether somebody asked the server to stop.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// Listens for signals from here on.
pub(crate) fn on_signals() -> anyhow::Result<Stop> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be heard")?;
    let (ask, asked) = watch::channel(false);
    tokio::spawn(async move {
        let mut impatient = false;
        loop {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            if impatient {
                std::process::exit(1);
            }
            tracing::info!(signal = name, "stopping");
            ask.send_replace(true);
            impatient = true;
        }
    });
    Ok(Stop(asked))
}

impl Stop {
    /// Waits until somebody asks.
    pub(crate) async fn asked(&self) {
        let mut asked = self.0.clone();
        if asked.wait_for(|asked| *asked).await.is_err() {
            // Nobody is left to ask.
            std::future::pending::<()>().await;
        }
    }
}
