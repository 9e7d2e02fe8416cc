//! Sends mails: claims those that are due, hands them to their mail servers, records what came of it.
//!
//! Any number of nodes may do so at once. A mail whose outcome cannot be recorded is sent again when
//! its lease ends, with the same `Message-ID`: twice is better than never.

mod letter;
mod line;

use std::sync::Arc;
use std::time::Duration;

use docket_domain::mail::SendOutcome;
use docket_service::mails::{self, ClaimedMail};
use docket_service::{Context, Error};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

pub use line::BadCertificate;
use line::Lines;

/// How many mails are sent at once.
const MOST_AT_ONCE: usize = 8;
/// How often to look for mails of which no word came: other nodes' and those to be tried again.
const LOOKING: Duration = Duration::from_secs(1);
/// How much longer than an attempt its lease lasts.
const LEASE_SLACK: Duration = Duration::from_mins(1);

/// How mails are sent.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long one attempt may take, from looking up the server to its last answer.
    pub timeout: Duration,
    /// How long attempts may take to finish when it is time to stop.
    pub grace: Duration,
    /// Certificates to trust beside the well-known ones, as PEM; empty for none.
    pub trusted_certificates: Vec<u8>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            grace: Duration::from_secs(10),
            trusted_certificates: Vec::new(),
        }
    }
}

/// Sends mails until it is told to stop.
#[derive(Debug)]
pub struct Mailer {
    ctx: Context,
    lines: Arc<Lines>,
    options: Options,
}

impl Mailer {
    /// A mailer; an error when the trusted certificates cannot be read.
    pub fn new(ctx: Context, options: Options) -> Result<Self, BadCertificate> {
        let lines = Arc::new(Lines::new(&options.trusted_certificates)?);
        Ok(Self { ctx, lines, options })
    }

    /// Sends until `stop` is ready; then what was begun is finished, if it does not take too long.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut attempts = JoinSet::new();
        let mut looks = tokio::time::interval(LOOKING);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = std::pin::pin!(stop);
        loop {
            for mail in self.claim(MOST_AT_ONCE.saturating_sub(attempts.len())).await {
                let (ctx, lines) = (self.ctx.clone(), Arc::clone(&self.lines));
                attempts.spawn(attempt(ctx, lines, self.options.timeout, mail));
            }
            let has_room = attempts.len() < MOST_AT_ONCE;
            tokio::select! {
                () = &mut stop => break,
                // There is room for another.
                Some(_) = attempts.join_next() => {}
                () = self.ctx.nudge.of_mails(), if has_room => {}
                _ = looks.tick(), if has_room => {}
            }
        }
        let finished = async { while attempts.join_next().await.is_some() {} };
        if tokio::time::timeout(self.options.grace, finished).await.is_err() {
            tracing::warn!("mails were being sent when the time to stop was over");
        }
        self.lines.hang_up().await;
    }

    async fn claim(&self, most: usize) -> Vec<ClaimedMail> {
        if most == 0 {
            return Vec::new();
        }
        let lease = (self.options.timeout + LEASE_SLACK).as_millis();
        let lease = i64::try_from(lease).unwrap_or(i64::MAX);
        mails::claim(&self.ctx, most, lease).await.unwrap_or_else(|error| {
            warn(&error, "mails cannot be claimed");
            Vec::new()
        })
    }
}

/// One attempt to send one mail.
async fn attempt(ctx: Context, lines: Arc<Lines>, limit: Duration, mail: ClaimedMail) {
    let ClaimedMail { claim, server, .. } = &mail;
    let outcome = match letter::letter(&mail) {
        Ok(letter) => {
            let sending = lines.send(server, &letter, ctx.now());
            tokio::time::timeout(limit, sending).await.unwrap_or_else(|_| {
                let (host, seconds) = (&server.host, limit.as_secs());
                SendOutcome::Later(format!("{host} was not done after {seconds} s"))
            })
        }
        Err(unwritable) => SendOutcome::Bounced(unwritable.to_string()),
    };
    let name = match &outcome {
        SendOutcome::Sent => "sent",
        SendOutcome::Later(_) => "later",
        SendOutcome::Bounced(_) => "bounced",
    };
    metrics::counter!("docket_mail_attempts_total", "outcome" => name).increment(1);
    if let SendOutcome::Later(why) | SendOutcome::Bounced(why) = &outcome {
        tracing::info!(mail = %claim.id, attempt = claim.attempts, why, "a mail was not sent");
    }
    if let Err(error) = mails::record(&ctx, *claim, outcome).await {
        warn(&error, "the outcome of a mail cannot be recorded; it may be sent twice");
    }
}

fn warn(error: &Error, message: &str) {
    let source = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(error = %error, source, "{message}");
}
