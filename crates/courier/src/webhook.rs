//! One call of a webhook: what is sent, how it is signed, and what came of it.

use std::time::Duration;

use bytes::Bytes;
use docket_domain::attempt::Outcome;
use docket_domain::event::EventType;
use docket_domain::id::EventId;
use docket_domain::webhook::Webhook;
use docket_service::Context;
use docket_service::actions::Told;
use docket_service::consult::Consult;
use docket_service::deliveries::Made;
use docket_service::dispatch::{Job, Said};
use docket_wire::fusionauth::action::WebhookRequest;
use futures_util::future::{BoxFuture, FutureExt, join_all};

use crate::call::{Answer, Call, Client};
use crate::failure::Failure;

/// Makes the calls.
#[derive(Debug)]
pub struct Sender {
    client: Client,
}

impl Sender {
    /// Sends through this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Makes one call. However it goes, it ends within the webhook's timeouts.
    pub async fn send(&self, ctx: &Context, job: Job) -> Made {
        let started_at = ctx.now();
        let call = call(&job.webhook, job.event_id, &job.body, started_at.millis() / 1_000);
        let answer = self.client.call(&call).await;
        let succeeded = if answer.is_success() { "success" } else { "failure" };
        metrics::counter!("docket_delivery_attempts_total", "result" => succeeded).increment(1);
        Made { job, started_at, ended_at: ctx.now(), outcome: outcome(&answer) }
    }
}

impl Consult for Sender {
    fn ask<'a>(&'a self, ctx: &'a Context, jobs: Vec<Job>) -> BoxFuture<'a, Vec<Made>> {
        join_all(jobs.into_iter().map(|job| self.send(ctx, job))).boxed()
    }

    fn say(&self, told: &Told) -> Option<Said> {
        Some(say(told))
    }
}

/// What webhooks are told of a change of an action.
pub(crate) fn say(told: &Told) -> Said {
    let request = WebhookRequest::of_action(&told.action, &told.event);
    Said { event_type: EventType::UserAction, body: request.to_json() }
}

fn call(webhook: &Webhook, event: EventId, body: &str, at_seconds: i64) -> Call {
    let details = &webhook.details;
    let headers = details.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
    let name_and_password = details.username.clone().zip(details.password.clone());
    Call {
        url: details.url.clone(),
        headers: headers.collect(),
        signed: vec![
            ("webhook-id".to_owned(), event.to_string()),
            ("webhook-timestamp".to_owned(), at_seconds.to_string()),
        ],
        basic: name_and_password,
        body: Bytes::copy_from_slice(body.as_bytes()),
        connect_timeout: millis(details.connect_timeout),
        read_timeout: millis(details.read_timeout),
        trusted_certificate: details.ssl_certificate.clone(),
    }
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(millis.try_into().unwrap_or_default())
}

fn is_in_status(error: &Failure) -> bool {
    matches!(error, Failure::Status(_) | Failure::Redirect)
}

fn outcome(answer: &Answer) -> Outcome {
    let excerpt = answer.excerpt();
    Outcome {
        status: answer.status,
        // That the status was not the right one is in the status.
        error: answer.error.as_ref().filter(|error| !is_in_status(error)).map(ToString::to_string),
        answer: (!excerpt.is_empty()).then_some(excerpt),
    }
}
