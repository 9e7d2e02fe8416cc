//! Calling webhooks while somebody waits: before a change that they must agree to, or for a test.

use std::sync::Arc;

use docket_domain::attempt::Outcome;
use futures_util::future::{BoxFuture, FutureExt, ready};

use crate::actions::Told;
use crate::context::Context;
use crate::deliveries::Made;
use crate::dispatch::{Job, Said};

/// Who calls webhooks while somebody waits. No unit of work is open meanwhile.
pub trait Consult: Send + Sync {
    /// Makes all the calls at once, and waits for what comes of them. Each ends within the timeouts
    /// of its webhook.
    fn ask<'a>(&'a self, ctx: &'a Context, jobs: Vec<Job>) -> BoxFuture<'a, Vec<Made>>;

    /// What webhooks are sent about a change of an action.
    fn say(&self, told: &Told) -> Option<Said>;
}

/// Calls nobody, so every call fails: for commands that only work on the store.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Consult for Nobody {
    fn ask<'a>(&'a self, ctx: &'a Context, jobs: Vec<Job>) -> BoxFuture<'a, Vec<Made>> {
        let now = ctx.now();
        let outcome = Outcome::failure("webhooks are not called here");
        let made = jobs.into_iter().map(|job| Made {
            job,
            started_at: now,
            ended_at: now,
            outcome: outcome.clone(),
        });
        ready(made.collect()).boxed()
    }

    fn say(&self, _: &Told) -> Option<Said> {
        None
    }
}

impl Context {
    /// The same context, with somebody who calls webhooks.
    #[must_use]
    pub fn with_consult(mut self, consult: Arc<dyn Consult>) -> Self {
        self.consult = consult;
        self
    }
}
