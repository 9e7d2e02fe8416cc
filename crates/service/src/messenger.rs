//! Messages to other systems for which somebody waits: asking a provider, and having something done
//! about a to-do (`native.md` §4, §5). Use cases know neither HTTP nor the formats; they are handed
//! who carries messages, and who writes and reads them.

use std::sync::Arc;

use docket_domain::id::EventId;
use docket_domain::mail::Secret;
use docket_domain::time::Instant;
use futures_util::future::{BoxFuture, FutureExt, ready};

use crate::context::Context;

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Whereto.
    pub url: String,
    /// Its id, by which a receiver knows it.
    pub id: EventId,
    /// When it was written.
    pub at: Instant,
    /// What it is signed with, the present secret first.
    pub secrets: Vec<Secret>,
    /// The JSON.
    pub body: Vec<u8>,
    /// How long all of it may take, in milliseconds.
    pub within_millis: i64,
    /// The most bytes of an answer; of a longer one only the beginning comes back.
    pub longest_answer: usize,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The body, when the answer was a success.
    pub body: Vec<u8>,
    /// Why it was none, for people.
    pub error: Option<String>,
}

impl Response {
    /// Nothing came back.
    #[must_use]
    pub fn failure(why: impl Into<String>) -> Self {
        Self { body: Vec::new(), error: Some(why.into()) }
    }
}

/// Who carries messages. No unit of work is open meanwhile.
pub trait Messenger: Send + Sync {
    /// Carries one message and brings back the answer.
    fn post(&self, message: Message) -> BoxFuture<'_, Response>;
}

/// Carries nothing: for commands that only work on the store.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Messenger for Nobody {
    fn post(&self, _: Message) -> BoxFuture<'_, Response> {
        ready(Response::failure("nobody is called here")).boxed()
    }
}

impl Context {
    /// The same context, with somebody who carries messages.
    #[must_use]
    pub fn with_messenger(mut self, messenger: Arc<dyn Messenger>) -> Self {
        self.messenger = messenger;
        self
    }
}
