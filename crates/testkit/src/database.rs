//! A database of its own for each test, gone when the test is.

use docket_store::{Db, Options};
use tempfile::TempDir;

/// The two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in a folder of its own.
    Sqlite,
    /// A database in the cluster that `DOCKET_TEST_POSTGRES` names.
    Postgres,
}

/// A migrated database.
#[derive(Debug)]
pub struct Database {
    /// The store.
    pub db: Db,
    /// Where it is.
    pub url: String,
    #[expect(dead_code, reason = "the database goes when this does")]
    blank: Blank,
}

/// A database with nothing in it, not even tables.
#[derive(Debug)]
pub struct Blank {
    /// Where it is.
    pub url: String,
    held: Held,
}

#[derive(Debug)]
enum Held {
    Folder(#[expect(dead_code, reason = "the folder goes when this does")] TempDir),
    Name { admin: String, name: String },
}

impl Database {
    /// A new, migrated database.
    pub async fn create(engine: Engine) -> Self {
        let blank = Blank::create(engine).await;
        let options = Options::default();
        let db = Db::open(&blank.url, &options).await.expect("the database opens");
        db.migrate().await.expect("the database migrates");
        Self { db, url: blank.url.clone(), blank }
    }
}

impl Blank {
    /// A new database. Without a `PostgreSQL` to make it in the test fails; it never passes by being
    /// skipped.
    pub async fn create(engine: Engine) -> Self {
        let (url, held) = match engine {
            Engine::Sqlite => {
                let folder = TempDir::new().expect("a temporary folder can be made");
                let url = format!("sqlite://{}", folder.path().join("docket.db").display());
                (url, Held::Folder(folder))
            }
            Engine::Postgres => {
                let admin = admin_url();
                let name = format!("docket_test_{}", unique());
                admin_run(&admin, &format!("CREATE DATABASE {name}")).await;
                (with_database(&admin, &name), Held::Name { admin, name })
            }
        };
        Self { url, held }
    }
}

impl Drop for Blank {
    fn drop(&mut self) {
        let Held::Name { admin, name } = &self.held else { return };
        let (admin, name) = (admin.clone(), name.clone());
        // The test's runtime is going away; the clean-up gets one of its own.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime can be made");
            runtime.block_on(admin_run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")));
        });
        let dropped = dropped.join().is_ok() || std::thread::panicking();
        assert!(dropped, "the test database cannot be dropped");
    }
}

#[expect(clippy::disallowed_methods, reason = "the one setting of the tests")]
fn admin_url() -> String {
    std::env::var("DOCKET_TEST_POSTGRES")
        .expect("DOCKET_TEST_POSTGRES names a PostgreSQL to test with; scripts/test starts one")
}

#[expect(clippy::disallowed_methods, reason = "a name that no other test has")]
fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

fn with_database(admin: &str, name: &str) -> String {
    let (base, query) = admin.split_once('?').map_or((admin, None), |(b, q)| (b, Some(q)));
    let (server, _) = base.rsplit_once('/').expect("the URL names a database");
    query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
}

async fn admin_run(admin: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(admin, tokio_postgres::NoTls)
        .await
        .expect("DOCKET_TEST_POSTGRES can be reached");
    let running = tokio::spawn(connection);
    client.batch_execute(statement).await.expect("a test database can be made and dropped");
    drop(client);
    drop(running.await);
}
