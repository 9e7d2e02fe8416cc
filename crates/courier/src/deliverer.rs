//! Telling webhooks: fans events out, hands calls to the endpoints, and keeps what came of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use docket_domain::id::WebhookId;
use docket_service::dispatch::{Dispatcher, Job, Render};
use docket_service::{Context, Error, deliveries};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::endpoint::{Endpoint, ROOM, Word};
use crate::stop::Stop;
use crate::webhook::Sender;

/// How often is looked for what is due: for another try, or left behind by another node.
const POLL: Duration = Duration::from_secs(1);
/// Outcomes kept in one unit of work.
const BATCH: usize = 256;
/// The pause before something is tried again because the store did not answer.
const PAUSE: Duration = Duration::from_millis(200);

/// Tells webhooks until the server ends; calls under way are finished first.
pub(crate) async fn run(ctx: Context, sender: Arc<Sender>, render: Render, stop: Stop) {
    let (words, outcomes) = mpsc::channel(BATCH);
    let recorder = tokio::spawn(record(ctx.clone(), outcomes));
    let (hungry, appetite) = mpsc::unbounded_channel();
    let deliverer =
        Deliverer { ctx, sender, render, words, hungry, endpoints: HashMap::new(), stop };
    deliverer.run(appetite).await;
    // It ends when the last endpoint has said its last word.
    drop(recorder.await);
}

struct Deliverer {
    ctx: Context,
    sender: Arc<Sender>,
    render: Render,
    words: mpsc::Sender<Word>,
    hungry: mpsc::UnboundedSender<WebhookId>,
    endpoints: HashMap<WebhookId, Endpoint>,
    stop: Stop,
}

impl Deliverer {
    async fn run(mut self, mut appetite: mpsc::UnboundedReceiver<WebhookId>) {
        let mut stop = self.stop.clone();
        let mut dispatcher = tokio::select! {
            () = stop.asked() => return,
            dispatcher = open(&self.ctx) => dispatcher,
        };
        let mut grown = self.ctx.log.stable();
        // What another life of this node left behind may have been read already.
        grown.mark_changed();
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                () = stop.asked() => break,
                _ = grown.changed() => self.fan_out(&mut dispatcher).await,
                Some(webhook) = appetite.recv() => self.claim(&mut dispatcher, webhook).await,
                _ = poll.tick() => self.look_for_due(&mut dispatcher).await,
            };
            if let Err(error) = done {
                tracing::warn!(?error, "webhooks could not be told; it will be tried again");
                // What was not looked at is looked at again.
                grown.mark_changed();
                tokio::select! {
                    () = stop.asked() => break,
                    () = sleep(PAUSE) => {}
                }
            }
        }
        if let Err(error) = dispatcher.close(&self.ctx).await {
            tracing::debug!(?error, "how far the events were looked at could not be kept");
        }
    }

    /// Looks at all events that have come, and hands on the calls that follow.
    async fn fan_out(&mut self, dispatcher: &mut Dispatcher) -> Result<(), Error> {
        loop {
            let rooms = self.endpoints.iter().map(|(id, endpoint)| (*id, endpoint.room()));
            let mut room: HashMap<WebhookId, usize> = rooms.collect();
            let jobs = dispatcher.step(&self.ctx, self.render, &mut room, ROOM).await?;
            let Some(jobs) = jobs else { return Ok(()) };
            for job in jobs {
                self.hand_on(job);
            }
        }
    }

    /// Takes on what is due for every webhook for which something is.
    async fn look_for_due(&mut self, dispatcher: &mut Dispatcher) -> Result<(), Error> {
        let directory = dispatcher.directory(&self.ctx).await?;
        self.endpoints.retain(|id, _| directory.hook(*id).is_some());
        for webhook in deliveries::webhooks_due(&self.ctx).await? {
            self.claim(dispatcher, webhook).await?;
        }
        Ok(())
    }

    async fn claim(&mut self, dispatcher: &mut Dispatcher, id: WebhookId) -> Result<(), Error> {
        let directory = dispatcher.directory(&self.ctx).await?;
        let Some(hook) = directory.hook(id) else { return Ok(()) };
        let room = self.endpoints.get(&id).map_or(ROOM, Endpoint::room);
        if room > 0 {
            for job in deliveries::claim(&self.ctx, hook, room).await? {
                self.hand_on(job);
            }
        }
        Ok(())
    }

    fn hand_on(&mut self, job: Job) {
        let (sender, words) = (&self.sender, &self.words);
        let endpoint = self.endpoints.entry(job.hook.webhook.id).or_insert_with(|| {
            Endpoint::start(
                self.ctx.clone(),
                Arc::clone(sender),
                words.clone(),
                self.hungry.clone(),
                self.stop.clone(),
            )
        });
        endpoint.push(job);
    }
}

async fn open(ctx: &Context) -> Dispatcher {
    loop {
        match Dispatcher::open(ctx).await {
            Ok(dispatcher) => return dispatcher,
            Err(error) => tracing::warn!(?error, "webhooks cannot be told yet"),
        }
        sleep(PAUSE).await;
    }
}

/// Keeps outcomes, as many as there are in one go, until nobody is left to tell any.
async fn record(ctx: Context, mut words: mpsc::Receiver<Word>) {
    let mut heard = Vec::with_capacity(BATCH);
    while words.recv_many(&mut heard, BATCH).await > 0 {
        let (mut made, mut released) = (Vec::new(), Vec::new());
        for word in heard.drain(..) {
            match word {
                Word::Made(outcome) => made.push(*outcome),
                Word::Released(job) => released.push(job),
            }
        }
        while !made.is_empty() {
            match deliveries::record(&ctx, made.clone()).await {
                Ok(()) => break,
                Err(error) => tracing::warn!(?error, "what came of calls could not be kept yet"),
            }
            if words.is_closed() {
                // The server ends: when the leases end, the calls are made again.
                return;
            }
            sleep(PAUSE).await;
        }
        if !released.is_empty()
            && let Err(error) = deliveries::release(&ctx, released).await
        {
            tracing::debug!(?error, "calls that were not made are due when their leases end");
        }
    }
}
