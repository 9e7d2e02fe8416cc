//! What happens after the commit: others are told.
//!
//! Nothing here knows a database. The use cases say what is due and note what became of it; the
//! courier does the part that takes time and may fail.

pub mod call;
mod connection;
mod deliverer;
mod dial;
mod endpoint;
mod ends;
pub mod failure;
pub mod guard;
pub mod mail;
mod messenger;
#[cfg(feature = "nats")]
pub mod nats;
mod pool;
pub mod provider;
pub mod resolve;
pub mod sign;
mod stop;
mod todos;
mod trust;
pub mod webhook;

use std::sync::Arc;

use docket_domain::network::Network;
use docket_service::{Context, events};
use tokio::task::JoinSet;

use crate::call::Client;
use crate::guard::Guard;
use crate::webhook::Sender;

/// What the courier must be told by the operator.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Networks that may be called although they are not public.
    pub allowed_networks: Vec<Network>,
}

/// A context whose use cases can call webhooks and providers while somebody waits, and the client that
/// they and the courier share.
#[must_use]
pub fn consulted(ctx: Context, settings: &Settings) -> (Context, Arc<Sender>) {
    let sender = Arc::new(Sender::new(Client::new(Guard::new(&settings.allowed_networks))));
    let ctx = ctx.with_consult(Arc::<Sender>::clone(&sender));
    (ctx.with_messenger(Arc::<Sender>::clone(&sender)), sender)
}

/// The courier at work.
#[derive(Debug)]
pub struct Courier {
    stopper: stop::Stopper,
    #[cfg(feature = "nats")]
    stop: stop::Stop,
    tasks: JoinSet<()>,
}

impl Courier {
    /// Starts everything that follows from a change: the log is followed, webhooks are told, and so
    /// are they when an action's time has come; to-dos are kept up to date, and providers asked.
    #[must_use]
    pub fn start(ctx: &Context, sender: Arc<Sender>) -> Self {
        let (stopper, stop) = stop::signal();
        let mut tasks = JoinSet::new();
        let (follower, mut stopped) = (ctx.clone(), stop.clone());
        tasks.spawn(async move { events::follow(&follower, stopped.asked()).await });
        tasks.spawn(ends::run(ctx.clone(), stop.clone()));
        tasks.spawn(todos::run(ctx.clone(), stop.clone()));
        tasks.spawn(provider::run(ctx.clone(), stop.clone()));
        tasks.spawn(todos::grant_wishes(ctx.clone(), stop.clone()));
        tasks.spawn(deliverer::run(ctx.clone(), sender, webhook::say, stop.clone()));
        Self {
            stopper,
            #[cfg(feature = "nats")]
            stop,
            tasks,
        }
    }

    /// Publishes every event to a broker, too.
    #[cfg(feature = "nats")]
    pub fn publish(&mut self, ctx: &Context, broker: nats::Broker) {
        self.tasks.spawn(nats::run(ctx.clone(), broker, self.stop.clone()));
    }

    /// Ends it: nothing new is begun, and what was begun is finished.
    pub async fn stop(mut self) {
        self.stopper.stop();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a part of the courier did not end well");
            }
        }
    }
}
