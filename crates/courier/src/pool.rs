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

/// How many are kept for one place: as many as one webhook is called by at once, or each of its calls
/// beyond them would have to dial.
const MOST_IDLE: usize = crate::endpoint::AT_ONCE;

/// The connections that nobody uses at the moment.
#[derive(Clone)]
pub(crate) struct Pool {
    idle: Arc<Mutex<Idle>>,
    longest: Duration,
}

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

impl Default for Pool {
    fn default() -> Self {
        Self { idle: Arc::default(), longest: LONGEST_IDLE }
    }
}

impl Pool {
    /// A connection to there that is still open, as far as one can see.
    pub(crate) fn take(&self, place: &Place) -> Option<Connection> {
        loop {
            let kept = locked(&self.idle).places.get_mut(place)?.pop()?;
            let mut connection = kept.connection;
            if kept.since.elapsed() < self.longest && connection.is_open() {
                return Some(connection);
            }
        }
    }

    /// Keeps the connection for a while.
    pub(crate) fn put(&self, place: Place, connection: Connection) {
        let mut idle = locked(&self.idle);
        let kept = idle.places.entry(place).or_default();
        if kept.len() < MOST_IDLE {
            kept.push(Kept { connection, since: Instant::now() });
        }
        if !idle.is_swept {
            idle.is_swept = true;
            tokio::spawn(sweep(Arc::downgrade(&self.idle), self.longest));
        }
    }
}

/// Drops what has been kept too long, until there is nothing left to look after.
async fn sweep(pool: Weak<Mutex<Idle>>, longest: Duration) {
    loop {
        sleep(longest).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = locked(&pool);
        idle.places.retain(|_, kept| {
            kept.retain(|kept| kept.since.elapsed() < longest);
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    use super::*;

    fn place(port: u16) -> Place {
        Place { is_https: false, host: "a.example".to_owned(), port, certificate: None }
    }

    async fn connection() -> (Connection, DuplexStream) {
        let (ours, theirs) = duplex(64);
        (Connection::open(Box::new(ours)).await.unwrap(), theirs)
    }

    #[tokio::test]
    async fn a_connection_leads_to_its_place_and_is_given_to_one() {
        let pool = Pool::default();
        let (connection, _theirs) = connection().await;
        pool.put(place(80), connection);
        assert!(pool.take(&place(443)).is_none());
        assert!(pool.take(&place(80)).is_some());
        assert!(pool.take(&place(80)).is_none());
    }

    #[tokio::test]
    async fn a_connection_that_was_closed_is_not_given() {
        let pool = Pool::default();
        let (connection, theirs) = connection().await;
        pool.put(place(80), connection);
        drop(theirs);
        assert!(pool.take(&place(80)).is_none());
    }

    #[tokio::test]
    async fn only_so_many_are_kept() {
        let pool = Pool::default();
        let mut others = Vec::new();
        for _ in 0..=MOST_IDLE {
            let (connection, theirs) = connection().await;
            pool.put(place(80), connection);
            others.push(theirs);
        }
        let taken = (0..=MOST_IDLE).filter_map(|_| pool.take(&place(80)));
        assert_eq!(taken.count(), MOST_IDLE);
    }

    #[tokio::test]
    async fn what_is_idle_for_too_long_is_closed_time_and_again() {
        let pool = Pool { longest: Duration::from_millis(20), ..Pool::default() };
        for _ in 0..2 {
            let (connection, mut theirs) = connection().await;
            pool.put(place(80), connection);
            // Nobody asks for it; the other side sees it end all the same.
            assert_eq!(theirs.read(&mut [0; 1]).await.unwrap(), 0);
            assert!(pool.take(&place(80)).is_none());
        }
    }
}
