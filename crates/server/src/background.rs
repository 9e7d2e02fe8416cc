//! A thread for what follows from changes. It has a runtime of its own, so that those who wait for an
//! answer are never behind a batch of ends or of webhooks in one queue: between threads, the system
//! sees to it that each gets its turn.

use anyhow::Context;
use tokio::runtime::{Builder, Runtime};

/// The runtime; what still runs in it when it is dropped is given up.
#[derive(Debug)]
pub(crate) struct Background(Option<Runtime>);

impl Background {
    /// Starts the thread.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("docket-courier")
            .enable_all()
            .build()
            .context("a thread for the courier cannot be started")?;
        Ok(Self(Some(runtime)))
    }

    /// Does something that starts tasks; they run in the background.
    pub(crate) fn inside<T>(&self, start: impl FnOnce() -> T) -> T {
        let _inside = self.0.as_ref().map(Runtime::enter);
        start()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Waiting for it here would hold up the thread of another runtime.
            runtime.shutdown_background();
        }
    }
}
