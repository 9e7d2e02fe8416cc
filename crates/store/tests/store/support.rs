//! A database for each test, on the engine it asks for, gone when the test ends.
//!
//! Invariant: a test whose engine is missing fails. One that skipped would be green for nothing.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};

use docket_store::migrate::Migration;
use docket_store::{Db, Options};
use futures_util::FutureExt;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// Makes a test of a function from [`Db`], once for each engine.
macro_rules! on_both_engines {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident) $body:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn check($db: docket_store::Db) $body

            #[tokio::test]
            async fn on_sqlite() {
                $crate::support::with_sqlite(async |place| {
                    check(place.migrated(MIGRATIONS).await).await;
                })
                .await;
            }

            #[tokio::test]
            async fn on_postgres() {
                $crate::support::with_postgres(async |place| {
                    check(place.migrated(MIGRATIONS).await).await;
                })
                .await;
            }
        }
    )*};
}
pub(crate) use on_both_engines;

/// An empty database.
pub(crate) struct Place {
    pub(crate) url: String,
}

impl Place {
    pub(crate) async fn open(&self) -> Db {
        self.open_with(&Options::default()).await
    }

    pub(crate) async fn open_with(&self, options: &Options) -> Db {
        Db::open(&self.url, options).await.unwrap()
    }

    pub(crate) async fn migrated(&self, migrations: &'static [Migration]) -> Db {
        let db = self.open().await;
        db.migrate_with(migrations).await.unwrap();
        db
    }
}

/// Runs the test on an empty file.
pub(crate) async fn with_sqlite(test: impl AsyncFnOnce(&Place)) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("docket.db");
    test(&Place { url: format!("sqlite://{}", file.display()) }).await;
}

/// Runs the test on an empty database of the cluster, and drops it whether the test passed or not.
pub(crate) async fn with_postgres(test: impl AsyncFnOnce(&Place)) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("docket_store_{}_{number}", std::process::id());
    let cluster = cluster_url();
    let admin = connect(&cluster).await;
    // A run that was killed may have left one of this name.
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
    admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    let place = Place { url: database_url(&cluster, &name) };
    let outcome = AssertUnwindSafe(test(&place)).catch_unwind().await;
    admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// A connection of the driver's own, past the face.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by scripts/test where the cluster is"
)]
fn cluster_url() -> String {
    std::env::var("DOCKET_TEST_POSTGRES").expect(
        "DOCKET_TEST_POSTGRES is not set; scripts/test starts a PostgreSQL cluster and sets it",
    )
}

/// The URL of another database of the same cluster.
fn database_url(cluster: &str, name: &str) -> String {
    let (address, query) = cluster.split_once('?').unwrap_or((cluster, ""));
    let (server, _) = address.rsplit_once('/').unwrap();
    if query.is_empty() { format!("{server}/{name}") } else { format!("{server}/{name}?{query}") }
}
