//! Connections kept for the next call to the same place.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::connection::Connection;
use crate::dial::Place;

/// How long a connection is kept: less than the five seconds after which many servers close theirs,
/// and not so long that a name may have come to stand for somebody else.
const LONGEST_IDLE: Duration = Duration::from_secs(4);

/// How many are kept for one place.
const MOST_IDLE: usize = 8;

/// The connections that nobody uses at the moment.
#[derive(Clone, Default)]
pub(crate) struct Pool(Arc<Mutex<Idle>>);

#[derive(Default)]
struct Idle {
    places: HashMap<Place, Vec<Kept>>,
    is_swept: bool,
}

struct Kept {
    connection: Connection,
    since: Instant,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Pool {
    /// A connection to there that is still open, as far as one can see.
    pub(crate) fn take(&self, place: &Place) -> Option<Connection> {
        loop {
            let kept = locked(&self.0).places.get_mut(place)?.pop()?;
            let mut connection = kept.connection;
            if kept.since.elapsed() < LONGEST_IDLE && connection.is_open() {
                return Some(connection);
            }
        }
    }

    /// Keeps the connection for a while.
    pub(crate) fn put(&self, place: Place, connection: Connection) {
        let mut idle = locked(&self.0);
        let kept = idle.places.entry(place).or_default();
        if kept.len() < MOST_IDLE {
            kept.push(Kept { connection, since: Instant::now() });
        }
        if !idle.is_swept {
            idle.is_swept = true;
            tokio::spawn(sweep(Arc::downgrade(&self.0)));
        }
    }
}

/// Drops what has been kept too long, until there is nothing left to look after.
async fn sweep(pool: Weak<Mutex<Idle>>) {
    loop {
        sleep(LONGEST_IDLE).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = locked(&pool);
        idle.places.retain(|_, kept| {
            kept.retain(|kept| kept.since.elapsed() < LONGEST_IDLE);
            !kept.is_empty()
        });
        if idle.places.is_empty() {
            idle.is_swept = false;
            return;
        }
    }
}

/// A panic between two lines of this file leaves nothing half done.
fn locked(pool: &Mutex<Idle>) -> MutexGuard<'_, Idle> {
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}
