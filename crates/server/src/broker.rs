//! The broker of the settings, in a binary that was built to know one and in one that was not.

use docket_courier::Courier;
use docket_service::Context;

use crate::config::Events;

/// The broker to which events are published, if there is one.
#[cfg(feature = "nats")]
#[derive(Debug)]
pub(crate) struct Broker(Option<docket_courier::nats::Broker>);

/// There is none.
#[cfg(not(feature = "nats"))]
#[derive(Debug)]
pub(crate) struct Broker;

/// The broker that the settings name.
#[cfg(feature = "nats")]
pub(crate) fn of(events: &Events) -> anyhow::Result<Broker> {
    use anyhow::{Context as _, anyhow};
    use docket_courier::nats::NotAnAddress;

    if events.nats.is_empty() {
        return Ok(Broker(None));
    }
    let path = &events.nats_certificate;
    let certificate = if path.as_os_str().is_empty() {
        None
    } else {
        let read = std::fs::read_to_string(path);
        Some(read.with_context(|| format!("{} cannot be read", path.display()))?)
    };
    let broker =
        docket_courier::nats::Broker::new(&events.nats, &events.nats_stream, certificate.as_ref());
    let broker = broker.map_err(|error| {
        let key = match error {
            NotAnAddress::Address => "nats",
            NotAnAddress::Stream => "nats_stream",
            NotAnAddress::Certificate => "nats_certificate",
        };
        anyhow!("events.{key} {error}")
    })?;
    Ok(Broker(Some(broker)))
}

/// The broker that the settings name, which this binary does not know how to reach.
#[cfg(not(feature = "nats"))]
pub(crate) fn of(events: &Events) -> anyhow::Result<Broker> {
    anyhow::ensure!(events.nats.is_empty(), "events.nats: built without the feature `nats`");
    Ok(Broker)
}

impl Broker {
    /// None at all.
    #[cfg(feature = "nats")]
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// None at all.
    #[cfg(not(feature = "nats"))]
    pub(crate) const fn none() -> Self {
        Self
    }

    /// Has the courier publish to it.
    #[cfg(feature = "nats")]
    pub(crate) fn start(self, courier: &mut Courier, ctx: &Context) {
        if let Some(broker) = self.0 {
            courier.publish(ctx, broker);
        }
    }

    /// Does nothing.
    #[cfg(not(feature = "nats"))]
    #[expect(clippy::unused_self, reason = "there is one in the other binary")]
    pub(crate) fn start(self, _: &mut Courier, _: &Context) {}
}
