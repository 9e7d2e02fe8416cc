//! A few connections that everybody reads on at once: queries are sent without waiting for the
//! answers of those before.
//!
//! Invariant: no statement here depends on the one before it, and none writes. So any statement may
//! be asked again on another connection when its own is lost.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use deadpool_postgres::ClientWrapper;
use tokio::sync::Mutex;

use super::connect::Connector;
use crate::error::{DbError, Fault};

/// The connections, taken in turn.
pub(crate) struct Shared {
    connector: Connector,
    slots: Box<[Slot]>,
    turn: AtomicUsize,
}

/// The place of one connection, which is made when first asked for.
#[derive(Default)]
struct Slot {
    client: RwLock<Option<Arc<ClientWrapper>>>,
    /// Held while connecting, so that one does it and the others wait for it.
    connecting: Mutex<Life>,
}

#[derive(Default, PartialEq, Eq)]
enum Life {
    #[default]
    Open,
    Closed,
}

impl Shared {
    pub(crate) fn new(connector: Connector, connections: usize) -> Self {
        let slots = (0..connections.max(1)).map(|_| Slot::default()).collect();
        Self { connector, slots, turn: AtomicUsize::new(0) }
    }

    /// One of the connections.
    pub(crate) async fn client(&self) -> Result<Arc<ClientWrapper>, DbError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let slot = self.slots.get(turn % self.slots.len()).ok_or(Fault::Closed)?;
        match slot.living() {
            Some(client) => Ok(client),
            None => slot.connect(&self.connector).await,
        }
    }

    /// How many connections there are; a server that was started anew has lost them all.
    pub(crate) fn connections(&self) -> usize {
        self.slots.len()
    }

    /// Gives up a connection that is lost, which the driver itself may notice later than its user.
    pub(crate) fn forget(&self, lost: &Arc<ClientWrapper>) {
        for slot in &self.slots {
            let mut client = slot.client.write().unwrap_or_else(PoisonError::into_inner);
            if client.as_ref().is_some_and(|client| Arc::ptr_eq(client, lost)) {
                *client = None;
            }
        }
    }

    /// Gives the connections up; reads that are under way keep theirs until they are answered.
    pub(crate) async fn close(&self) {
        for slot in &self.slots {
            *slot.connecting.lock().await = Life::Closed;
            slot.put(None);
        }
    }
}

impl Slot {
    fn living(&self) -> Option<Arc<ClientWrapper>> {
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner);
        client.as_ref().filter(|client| !client.is_closed()).cloned()
    }

    async fn connect(&self, connector: &Connector) -> Result<Arc<ClientWrapper>, DbError> {
        let life = self.connecting.lock().await;
        if *life == Life::Closed {
            return Err(Fault::Closed.into());
        }
        // Whoever held the lock before may have done it.
        if let Some(client) = self.living() {
            return Ok(client);
        }
        let client = Arc::new(connector.reader().await?);
        self.put(Some(Arc::clone(&client)));
        Ok(client)
    }

    fn put(&self, client: Option<Arc<ClientWrapper>>) {
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = client;
    }
}

/// Asks on one of the connections, and on the next as long as they turn out to be lost. A macro and
/// no function with a closure: the compiler cannot see that what an async closure borrows may cross
/// threads.
macro_rules! ask {
    ($shared:expr, |$client:ident| $query:expr) => {{
        let mut others = $shared.connections();
        loop {
            let $client = $shared.client().await?;
            match $query.await {
                Err($crate::postgres::query::Failed::Engine(error))
                    if others > 0 && $crate::postgres::failure::is_lost(&error) =>
                {
                    others -= 1;
                    $shared.forget(&$client);
                }
                answer => break Ok(answer?),
            }
        }
    }};
}
pub(crate) use ask;
