//! What happens after the commit: others are told.
//!
//! Nothing here knows a database. The use cases say what is due and note what became of it; the
//! courier does the part that takes time and may fail.

pub mod call;
mod connection;
mod deliverer;
mod dial;
mod endpoint;
pub mod failure;
pub mod guard;
mod pool;
pub mod resolve;
mod stop;
mod trust;
pub mod webhook;

use std::sync::Arc;

use docket_domain::event::EventType;
use docket_domain::network::Network;
use docket_service::actions::Told;
use docket_service::dispatch::Said;
use docket_service::{Context, events};
use docket_wire::fusionauth::action::WebhookRequest;
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

/// The courier at work.
#[derive(Debug)]
pub struct Courier {
    stopper: stop::Stopper,
    tasks: JoinSet<()>,
}

impl Courier {
    /// Starts everything that follows from a change: the log is followed, webhooks are told.
    #[must_use]
    pub fn start(ctx: &Context, settings: &Settings) -> Self {
        let (stopper, stop) = stop::signal();
        let mut tasks = JoinSet::new();
        let sender = Arc::new(Sender::new(Client::new(Guard::new(&settings.allowed_networks))));
        let (follower, mut stopped) = (ctx.clone(), stop.clone());
        tasks.spawn(async move { events::follow(&follower, stopped.asked()).await });
        tasks.spawn(deliverer::run(ctx.clone(), sender, say, stop));
        Self { stopper, tasks }
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

/// What webhooks are told of a change of an action.
fn say(told: &Told) -> Said {
    let request = WebhookRequest::of_action(&told.action, &told.event);
    Said { event_type: EventType::UserAction, body: request.to_json() }
}
