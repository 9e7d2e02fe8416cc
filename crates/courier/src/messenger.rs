//! Messages for which somebody waits: a provider is asked, another system does something about a
//! to-do (`native.md` §4, §5). They are signed as what webhooks are sent, and pass the same guard.

use std::time::Duration;

use bytes::Bytes;
use docket_service::messenger::{Message, Messenger, Response};
use futures_util::future::{BoxFuture, FutureExt};
use tokio::time::timeout;

use crate::call::Call;
use crate::failure::Failure;
use crate::sign;
use crate::webhook::Sender;

impl Messenger for Sender {
    fn post(&self, message: Message) -> BoxFuture<'_, Response> {
        async move {
            let within =
                Duration::from_millis(message.within_millis.try_into().unwrap_or_default());
            let call = call(message, within);
            // The call's own timeouts are two, for the connection and for the answer.
            let Ok(answer) = timeout(within, self.client().call(&call)).await else {
                return Response::failure(Failure::ReadTimeout.to_string());
            };
            if let Some(failure) = &answer.error {
                return Response::failure(failure.to_string());
            }
            if answer.is_cut {
                return Response::failure("the answer is too long");
            }
            Response { body: answer.body.to_vec(), error: None }
        }
        .boxed()
    }
}

fn call(message: Message, within: Duration) -> Call {
    let at_seconds = message.at.millis().div_euclid(1_000);
    let signature = sign::standard_headers(&message.secrets, message.id, at_seconds, &message.body);
    Call {
        url: message.url,
        headers: Vec::new(),
        signed: vec![
            ("webhook-id".to_owned(), message.id.to_string()),
            ("webhook-timestamp".to_owned(), at_seconds.to_string()),
            ("webhook-signature".to_owned(), signature),
        ],
        basic: None,
        body: Bytes::from(message.body),
        connect_timeout: within,
        read_timeout: within,
        trusted_certificate: None,
        longest_answer: message.longest_answer,
    }
}
