//! One call of a webhook: what is sent, how it is signed, and what came of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use docket_domain::attempt::Outcome;
use docket_domain::event::EventType;
use docket_domain::id::WebhookId;
use docket_domain::time::Instant;
use docket_service::Context;
use docket_service::actions::Told;
use docket_service::consult::Consult;
use docket_service::deliveries::Made;
use docket_service::dispatch::{Job, Said};
use docket_service::webhook_signing::JwtKey;
use docket_wire::fusionauth::action::WebhookRequest;
use futures_util::future::{BoxFuture, FutureExt, join_all};

use crate::call::{Answer, Call, Client, USUAL_ANSWER};
use crate::failure::Failure;
use crate::sign::{self, JwtSigner};

/// Makes the calls.
#[derive(Debug)]
pub struct Sender {
    client: Client,
    signers: Mutex<HashMap<WebhookId, Arc<Signer>>>,
}

/// A key of a webhook, parsed.
#[derive(Debug)]
struct Signer {
    key: JwtKey,
    signer: JwtSigner,
}

impl Sender {
    /// Sends through this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, signers: Mutex::default() }
    }

    /// Who makes the calls.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Makes one call. However it goes, it ends within the webhook's timeouts.
    pub async fn send(&self, ctx: &Context, job: Job) -> Made {
        let started_at = ctx.now();
        let outcome = match self.signed(&job, started_at) {
            Ok(signed) => outcome(&self.client.call(&call(&job, signed)).await),
            Err(why) => Outcome::failure(why),
        };
        let result = if outcome.succeeded() { "success" } else { "failure" };
        metrics::counter!("docket_delivery_attempts_total", "result" => result).increment(1);
        Made { job, started_at, ended_at: ctx.now(), outcome }
    }

    /// The headers by which the webhook knows that the event is ours, and whether it had it before.
    fn signed(&self, job: &Job, now: Instant) -> Result<Vec<(String, String)>, &'static str> {
        let (signing, body) = (&job.hook.signing, job.body.as_bytes());
        let at_seconds = now.millis().div_euclid(1_000);
        let secrets: Vec<_> = signing.secrets(now).cloned().collect();
        let signature = sign::standard_headers(&secrets, job.event_id, at_seconds, body);
        let mut headers = vec![
            ("webhook-id".to_owned(), job.event_id.to_string()),
            ("webhook-timestamp".to_owned(), at_seconds.to_string()),
            ("webhook-signature".to_owned(), signature),
        ];
        if let Some(key) = &signing.jwt {
            let signer = self.signer(job.hook.webhook.id, key).ok_or("its key cannot sign")?;
            let jwt = signer.signer.sign(body).map_err(|_| "its key could not sign")?;
            headers.push((sign::JWT_HEADER.to_owned(), jwt));
        }
        Ok(headers)
    }

    /// The key, parsed once as long as it stays the same.
    fn signer(&self, webhook: WebhookId, key: &JwtKey) -> Option<Arc<Signer>> {
        let mut signers = self.signers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signer) = signers.get(&webhook).filter(|signer| signer.key == *key) {
            return Some(Arc::clone(signer));
        }
        let signer = JwtSigner::new(&key.kid, key.algorithm, &key.private).ok()?;
        let signer = Arc::new(Signer { key: key.clone(), signer });
        signers.insert(webhook, Arc::clone(&signer));
        Some(signer)
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

fn call(job: &Job, signed: Vec<(String, String)>) -> Call {
    let details = &job.hook.webhook.details;
    let headers = details.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
    Call {
        url: details.url.clone(),
        headers: headers.collect(),
        signed,
        basic: details.username.clone().zip(details.password.clone()),
        body: Bytes::copy_from_slice(job.body.as_bytes()),
        connect_timeout: millis(details.connect_timeout),
        read_timeout: millis(details.read_timeout),
        trusted_certificate: details.ssl_certificate.clone(),
        longest_answer: USUAL_ANSWER,
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
