//! One webhook's queue: its calls wait for each other, never for those of another.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use docket_domain::id::WebhookId;
use docket_domain::time::Instant;
use docket_service::Context;
use docket_service::deliveries::Made;
use docket_service::dispatch::Job;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use crate::stop::Stop;
use crate::webhook::Sender;

/// Calls of one webhook at once.
pub(crate) const AT_ONCE: usize = 16;
/// Calls of one webhook that this node takes on, those under way included.
pub(crate) const ROOM: usize = 256;
/// With so many left, more are asked for.
const HUNGRY: usize = ROOM / 2;

/// What an endpoint says to the deliverer.
#[derive(Debug)]
pub(crate) enum Word {
    /// A call was made.
    Made(Box<Made>),
    /// A call will not be made by this node.
    Released(Job),
}

/// The queue of one webhook.
#[derive(Debug)]
pub(crate) struct Endpoint {
    jobs: mpsc::UnboundedSender<Job>,
    taken: Arc<AtomicUsize>,
}

impl Endpoint {
    /// A queue, and a task that empties it.
    pub(crate) fn start(
        ctx: Context,
        sender: Arc<Sender>,
        words: mpsc::Sender<Word>,
        hungry: mpsc::UnboundedSender<WebhookId>,
        stop: Stop,
    ) -> Self {
        let (jobs, waiting) = mpsc::unbounded_channel();
        let taken = Arc::new(AtomicUsize::new(0));
        let line = Line { ctx, sender, words, hungry, taken: Arc::clone(&taken) };
        tokio::spawn(line.run(waiting, stop));
        Self { jobs, taken }
    }

    /// How many calls can be taken on.
    pub(crate) fn room(&self) -> usize {
        ROOM.saturating_sub(self.taken.load(Ordering::Relaxed))
    }

    /// Takes a call on.
    pub(crate) fn push(&self, job: Job) {
        self.taken.fetch_add(1, Ordering::Relaxed);
        // The task ends only when this end of the queue does.
        drop(self.jobs.send(job));
    }
}

/// The other end of the queue.
struct Line {
    ctx: Context,
    sender: Arc<Sender>,
    words: mpsc::Sender<Word>,
    hungry: mpsc::UnboundedSender<WebhookId>,
    taken: Arc<AtomicUsize>,
}

impl Line {
    /// Makes the calls until the queue is given up. Then those under way are finished, and what
    /// still waits is released.
    async fn run(self, mut waiting: mpsc::UnboundedReceiver<Job>, mut stop: Stop) {
        let mut calls = FuturesUnordered::new();
        // The last version of the webhook that said that it is gone.
        let mut gone: Option<Instant> = None;
        loop {
            tokio::select! {
                biased;
                () = stop.asked() => break,
                Some(made) = calls.next(), if !calls.is_empty() => {
                    gone = gone.max(self.finished(made).await);
                }
                job = waiting.recv(), if calls.len() < AT_ONCE => match job {
                    // Whoever is gone is not called again until somebody saves it; what waits is given
                    // up all together.
                    Some(job) if gone >= Some(job.hook.webhook.updated_at) => self.leave(None),
                    // The lease is too short by now: whoever comes next makes the call.
                    Some(job) if !self.is_in_time(&job) => self.leave(Some(job.hook.webhook.id)),
                    Some(job) => calls.push(self.sender.send(&self.ctx, job)),
                    None => break,
                },
            }
        }
        waiting.close();
        while let Ok(job) = waiting.try_recv() {
            self.say(Word::Released(job)).await;
        }
        while let Some(made) = calls.next().await {
            self.finished(made).await;
        }
    }

    /// Whether the lease lasts long enough for the call.
    fn is_in_time(&self, job: &Job) -> bool {
        self.ctx.now().plus_millis(job.hook.webhook.longest_call()) <= job.leased_until
    }

    /// A call was made; the answer is of when the webhook was that says that it is gone for good.
    async fn finished(&self, made: Made) -> Option<Instant> {
        let webhook = &made.job.hook.webhook;
        let (id, gone) = (webhook.id, made.outcome.is_gone().then_some(webhook.updated_at));
        self.say(Word::Made(Box::new(made))).await;
        self.leave(Some(id));
        gone
    }

    /// One place in the queue is free; with many free ones, more is asked for.
    fn leave(&self, webhook: Option<WebhookId>) {
        let before = self.taken.fetch_sub(1, Ordering::Relaxed);
        if let Some(id) = webhook
            && before == HUNGRY
        {
            // Nobody hears it when the server ends.
            self.hungry.send(id).unwrap_or_default();
        }
    }

    async fn say(&self, word: Word) {
        // The recorder ends after all lines have.
        drop(self.words.send(word).await);
    }
}
