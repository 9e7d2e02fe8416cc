//! The stream in the broker: what is in it last, and how more is added.

use std::sync::Arc;
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::context::{PublishAckFuture, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, RawMessageErrorKind};
use async_nats::jetstream::{self, stream};
use docket_domain::id::{EventId, TenantId};
use docket_domain::json::Json;
use docket_service::events::KeptEvent;
use docket_wire::native::event::{Change, EventItem};

use crate::nats::{Broker, Failure};

/// How long the broker may take for one answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause before a lost connection is made again, at most.
const RECONNECT: Duration = Duration::from_millis(500);
/// How long the stream keeps events, if it is us who make it: as long as the log.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// The subject of an event is this and its type.
const SUBJECTS: &str = "docket.events";
/// Tells that an event was too large for the broker and came without its data.
const DATA: &str = "Docket-Data";

/// The stream, as this node has seen it.
pub(super) struct Stream {
    context: jetstream::Context,
    kept: stream::Stream,
    name: String,
    /// The number of what is in it last.
    sequence: u64,
}

impl Stream {
    /// Connects, and makes the stream if it is not there. One that is there stays as it is.
    pub(super) async fn open(broker: &Broker) -> Result<Self, Failure> {
        let client = broker
            .options()
            .connection_timeout(PATIENCE)
            .reconnect_delay_callback(
                |attempts| if attempts > 1 { RECONNECT } else { Duration::ZERO },
            )
            .connect(broker.servers())
            .await
            .map_err(async_nats::Error::from)?;
        let mut context = jetstream::new(client);
        context.set_timeout(PATIENCE);
        let wanted = Config {
            name: broker.stream.clone(),
            description: Some("Everything that has happened in Docket, in its order".to_owned()),
            subjects: vec![format!("{SUBJECTS}.>")],
            max_age: KEPT,
            ..Config::default()
        };
        let stream = context.get_or_create_stream(wanted).await.map_err(async_nats::Error::from)?;
        Ok(Self { context, kept: stream, name: broker.stream.clone(), sequence: 0 })
    }

    /// The event that is in the stream last; nothing when there is none, or something else.
    pub(super) async fn last(&mut self) -> Result<Option<EventId>, Failure> {
        let info = self.kept.get_info().await.map_err(async_nats::Error::from)?;
        self.sequence = info.state.last_sequence;
        if info.state.messages == 0 {
            return Ok(None);
        }
        let last = match self.kept.get_raw_message(self.sequence).await {
            Ok(last) => last,
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => return Ok(None),
            Err(error) => return Err(Failure::Broker(error.into())),
        };
        Ok(last.headers.get(NATS_MESSAGE_ID).and_then(|id| id.as_str().parse().ok()))
    }

    /// Publishes events behind the last one. The answer is how many of them the stream has for
    /// certain, and why it was not all.
    pub(super) async fn publish(
        &mut self,
        events: &[Arc<KeptEvent>],
    ) -> (usize, Result<(), Failure>) {
        let mut sent = Vec::with_capacity(events.len());
        let mut unsent = Ok(());
        for (event, before) in events.iter().zip(self.sequence..) {
            match self.send(event, before).await {
                Ok(ack) => sent.push(ack),
                Err(failure) => {
                    unsent = Err(failure);
                    break;
                }
            }
        }
        let mut published = 0;
        for ack in sent {
            match ack.await {
                Ok(ack) => {
                    published += 1;
                    self.sequence = ack.sequence;
                    if ack.duplicate {
                        // It is somewhere in the stream, so the next ones have other neighbours.
                        return (published, Err(Failure::Known));
                    }
                }
                Err(error) => return (published, Err(Failure::Broker(error.into()))),
            }
        }
        (published, unsent)
    }

    /// Sends one event, to be taken if it follows this one in the stream.
    async fn send(&self, event: &KeptEvent, before: u64) -> Result<PublishAckFuture, Failure> {
        let subject = format!("{SUBJECTS}.{}", event.event_type);
        let whole = self.message(event, before, true);
        let refused = match self.context.send_publish(subject.clone(), whole).await {
            Ok(ack) => return Ok(ack),
            Err(refused) => refused,
        };
        if refused.kind() != PublishErrorKind::MaxPayloadExceeded {
            return Err(Failure::Broker(refused.into()));
        }
        // It would never go out, nor would anything behind it.
        tracing::warn!(id = %event.id, "an event was too large for the broker; its data stay here");
        let short = self.message(event, before, false).header(DATA, "left-out");
        let sent = self.context.send_publish(subject, short).await;
        sent.map_err(|error| Failure::Broker(error.into()))
    }

    fn message(&self, event: &KeptEvent, before: u64, with_data: bool) -> PublishMessage {
        let nothing = Json::from_trusted("null");
        let item = EventItem::from(Change {
            id: event.id.uuid(),
            kind: &event.event_type,
            at: event.at,
            tenant_id: event.tenant_id.map(TenantId::uuid),
            subject_id: event.subject_id,
            request_id: &event.request_id,
            data: if with_data { &event.payload } else { &nothing },
        });
        // Nothing in it can fail to be written.
        let text = serde_json::to_string(&item).unwrap_or_default();
        PublishMessage::build()
            .payload(text.into())
            .message_id(event.id.to_string())
            .expected_stream(&self.name)
            .expected_last_sequence(before)
    }
}
