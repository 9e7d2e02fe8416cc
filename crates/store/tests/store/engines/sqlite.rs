//! One file, one writer, groups.

use std::fs;
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use docket_store::{Conn, Db, DbError, Options, params, statements};
use tokio::time::timeout;
use uuid::Uuid;

use crate::support::with_sqlite;
use crate::things::{
    COUNT_ON, INSERT_COUNTER, INSERT_THING, MIGRATIONS, READ_COUNT, count, id, insert, write,
};

statements! {
    /// Undoes the whole transaction when the thing is there already.
    INSERT_OR_UNDO_ALL = "SELECT",
        sqlite: "INSERT OR ROLLBACK INTO thing (id, name) VALUES ($1, $2)";
    /// How much of the file a reader may have in memory.
    MAPPED_BYTES = "SELECT", sqlite: "PRAGMA mmap_size";
    /// Keeps many bytes.
    INSERT_BYTES = "SELECT", sqlite: "INSERT INTO kind (bytes) VALUES ($1)";
}

/// Holds the writer in a unit, so that everything sent meanwhile becomes one group.
struct Held {
    open: Sender<()>,
    unit: tokio::task::JoinHandle<Result<(), DbError>>,
}

impl Held {
    async fn hold(db: &Db) -> Self {
        let (open, gate) = channel::<()>();
        let (entered, mut is_held) = tokio::sync::mpsc::unbounded_channel();
        let gate: Arc<Mutex<Receiver<()>>> = Arc::new(Mutex::new(gate));
        let db = db.clone();
        let unit = tokio::spawn(async move {
            write(&db, move |_| {
                entered.send(()).unwrap();
                // Blocks the thread, which a unit must never do, and is no await.
                gate.lock().unwrap().recv().unwrap();
                Box::pin(async { Ok(()) })
            })
            .await
        });
        is_held.recv().await.unwrap();
        Self { open, unit }
    }

    async fn let_go(self) {
        self.open.send(()).unwrap();
        self.unit.await.unwrap().unwrap();
    }
}

/// Polls once: the unit is in the queue afterwards.
async fn send<F: Future>(unit: &mut Pin<&mut F>) {
    std::future::poll_fn(|context| {
        assert!(unit.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn units_that_wait_are_committed_together_and_each_keeps_its_own_answer() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let held = Held::hold(&db).await;
        let mut first = pin!(insert(&db, 1, "One"));
        let mut again = pin!(insert(&db, 1, "again"));
        let mut panics = pin!(write::<(), _>(&db, |_| panic!("of a test")));
        let mut last = pin!(insert(&db, 2, "Two"));
        send(&mut first).await;
        send(&mut again).await;
        send(&mut panics).await;
        send(&mut last).await;
        held.let_go().await;
        first.await.unwrap();
        assert!(again.await.unwrap_err().is_conflict_with("thing_pkey"));
        assert!(matches!(panics.await, Err(DbError::Driver(_))));
        last.await.unwrap();
        assert_eq!(count(&db).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_unit_that_fails_halfway_takes_nothing_from_its_neighbours() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let held = Held::hold(&db).await;
        let mut before = pin!(insert(&db, 1, "One"));
        let mut fails = pin!(write(&db, |conn| Box::pin(insert_and_repeat(conn))));
        let mut after = pin!(insert(&db, 3, "Three"));
        send(&mut before).await;
        send(&mut fails).await;
        send(&mut after).await;
        held.let_go().await;
        before.await.unwrap();
        assert!(fails.await.unwrap_err().is_conflict_with("thing_pkey"));
        after.await.unwrap();
        assert_eq!(count(&db).await, 2);
    })
    .await;
}

async fn insert_and_repeat(conn: &mut Conn) -> Result<u64, DbError> {
    conn.run(&INSERT_THING, params![id(2), "Two"]).await?;
    conn.run(&INSERT_THING, params![id(1), "again"]).await
}

#[tokio::test]
async fn when_the_engine_undoes_everything_nobody_in_the_group_is_told_ok() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        insert(&db, 1, "One").await.unwrap();
        let held = Held::hold(&db).await;
        let mut before = pin!(insert(&db, 2, "Two"));
        let mut undoes = pin!(write(&db, |conn| Box::pin(undo_all(conn))));
        let mut after = pin!(insert(&db, 3, "Three"));
        send(&mut before).await;
        send(&mut undoes).await;
        send(&mut after).await;
        held.let_go().await;
        assert!(matches!(before.await, Err(DbError::Unavailable(_))));
        // Its own words say more.
        assert!(undoes.await.unwrap_err().is_conflict_with("thing_pkey"));
        // A savepoint here would have been a transaction of its own, and committed.
        assert!(matches!(after.await, Err(DbError::Unavailable(_))));
        assert_eq!(count(&db).await, 1);
        insert(&db, 4, "Four").await.unwrap();
        assert_eq!(count(&db).await, 2);
    })
    .await;
}

async fn undo_all(conn: &mut Conn) -> Result<u64, DbError> {
    conn.run(&INSERT_OR_UNDO_ALL, params![id(1), "again"]).await
}

#[tokio::test]
async fn a_unit_whose_caller_went_away_before_its_turn_is_not_run() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let held = Held::hold(&db).await;
        {
            let mut abandoned = pin!(insert(&db, 1, "One"));
            send(&mut abandoned).await;
        }
        held.let_go().await;
        insert(&db, 2, "Two").await.unwrap();
        assert_eq!(count(&db).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_unit_that_awaits_something_else_is_refused_and_undone() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let refused = write(&db, |conn| {
            Box::pin(async move {
                conn.run(&INSERT_THING, params![id(1), "One"]).await?;
                std::future::pending::<()>().await;
                Ok(())
            })
        });
        assert!(matches!(refused.await, Err(DbError::Driver(_))));
        assert_eq!(count(&db).await, 0);
        insert(&db, 2, "Two").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn closing_finishes_what_is_queued() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let held = Held::hold(&db).await;
        let mut queued = pin!(insert(&db, 1, "One"));
        send(&mut queued).await;
        let mut closing = pin!(db.close());
        send(&mut closing).await;
        held.let_go().await;
        queued.await.unwrap();
        closing.await;
        assert_eq!(count(&place.open().await).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_openers_of_one_file_take_turns() {
    with_sqlite(async |place| {
        let one = place.migrated(MIGRATIONS).await;
        let other = place.open().await;
        write(&one, |conn| {
            Box::pin(async move { conn.run(&INSERT_COUNTER, params![1_i64]).await })
        })
        .await
        .unwrap();
        let tasks: Vec<_> = [one.clone(), other.clone()]
            .into_iter()
            .map(|db| {
                tokio::spawn(async move {
                    for _ in 0..50 {
                        write(&db, |conn| {
                            Box::pin(async move { conn.run(&COUNT_ON, params![1_i64]).await })
                        })
                        .await
                        .unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        for db in [one, other] {
            let total: Option<i64> = db.reader().one(&READ_COUNT, params![1_i64]).await.unwrap();
            assert_eq!(total, Some(100));
        }
    })
    .await;
}

#[tokio::test]
async fn a_writer_that_cannot_get_the_lock_says_so_and_goes_on() {
    with_sqlite(async |place| {
        let options = Options { busy_timeout: Duration::from_millis(20), ..Options::default() };
        place.migrated(MIGRATIONS).await.close().await;
        let db = place.open_with(&options).await;
        let other = rusqlite::Connection::open(place.url.trim_start_matches("sqlite://")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(matches!(insert(&db, 1, "One").await, Err(DbError::Unavailable(_))));
        // Reads do not wait for writes.
        assert_eq!(count(&db).await, 0);
        other.execute_batch("ROLLBACK").unwrap();
        insert(&db, 1, "One").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_log_is_copied_into_the_file_while_the_writer_goes_on() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let file = place.url.trim_start_matches("sqlite://").to_owned();
        let before = fs::metadata(&file).unwrap().len();
        let mut units = 0;
        while fs::metadata(&file).unwrap().len() < before + 4 * 1024 * 1024 {
            assert!(units < 100, "nothing was copied");
            let bytes = vec![7; 1024 * 1024];
            write(&db, move |conn| {
                let bytes = bytes.clone();
                Box::pin(async move { conn.run(&INSERT_BYTES, params![&bytes]).await })
            })
            .await
            .unwrap();
            units += 1;
        }
    })
    .await;
}

#[tokio::test]
async fn the_little_that_is_left_in_the_log_is_copied_in_the_end() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let file = place.url.trim_start_matches("sqlite://").to_owned();
        let name = "found in the file itself";
        insert(&db, 1, name).await.unwrap();
        let is_there =
            || fs::read(&file).unwrap().windows(name.len()).any(|at| at == name.as_bytes());
        let copied = async {
            while !is_there() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(30), copied).await.expect("it is copied without more writes");
    })
    .await;
}

#[tokio::test]
async fn the_file_is_in_memory_only_while_nothing_is_committed() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let in_memory = async || {
            let bytes: Option<i64> = db.reader().one(&MAPPED_BYTES, params![]).await.unwrap();
            bytes.unwrap()
        };
        for (number, name) in [(1, "a change"), (2, "another")] {
            insert(&db, number, name).await.unwrap();
            assert_eq!(in_memory().await, 0);
            let rested = async {
                while in_memory().await == 0 {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            timeout(Duration::from_secs(30), rested).await.expect("it is, when nobody writes");
            assert_eq!(in_memory().await, Options::default().mmap_bytes);
        }
    })
    .await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_reads_lock_is_locked_already_while_nothing_happens() {
    use std::os::unix::fs::MetadataExt as _;

    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let index = format!("{}-shm", place.url.trim_start_matches("sqlite://"));
        // The kernel's list of locks: kind, how, whose, of which file, from which byte to which. Readers
        // of a log that is copied whole lock the byte 123 (SQLite's `WAL_READ_LOCK(0)`).
        let file = format!(":{} 123 123", fs::metadata(&index).unwrap().ino());
        let lock = |line: &str| line.contains("READ") && line.ends_with(&file);
        let is_held = || fs::read_to_string("/proc/locks").unwrap().lines().any(lock);
        for (number, name) in [(1, "a change"), (2, "another")] {
            insert(&db, number, name).await.unwrap();
            let held = async {
                while !is_held() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            timeout(Duration::from_secs(30), held).await.expect("it is, when nobody writes");
        }
        let unlocked = async {
            for number in 3.. {
                insert(&db, number, format!("one of many, {number}").leak()).await.unwrap();
                if !is_held() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(30), unlocked).await.expect("the log is copied nonetheless");
    })
    .await;
}

#[tokio::test]
async fn a_mistyped_url_is_an_error_and_makes_no_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("docket.db");
    let path = path.display();
    for url in [
        format!("sqlit://{path}"),
        format!("sqlite:{path}"),
        format!("sqlite://{path}?mode=ro"),
        format!("{path}"),
        "sqlite://".to_owned(),
        "mysql://localhost/docket".to_owned(),
    ] {
        assert!(
            matches!(Db::open(&url, &Options::default()).await, Err(DbError::Driver(_))),
            "{url}"
        );
    }
    let nowhere = format!("sqlite://{path}/missing/docket.db");
    let opened = Db::open(&nowhere, &Options::default()).await;
    assert!(matches!(opened, Err(DbError::Unavailable(_))));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_thread_reads_while_one_writes() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let readers: Vec<_> = (0..8)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    let mut last = 0;
                    while last < 100 {
                        let now = count(&db).await;
                        assert!(now >= last, "a reader went back in time");
                        last = now;
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        let names: Vec<String> = (0..100).map(|number| format!("n{number}")).collect();
        for (number, name) in (0..).zip(names) {
            write(&db, move |conn| {
                let name = name.clone();
                Box::pin(async move {
                    conn.run(&INSERT_THING, params![Uuid::from_u128(number), &name]).await
                })
            })
            .await
            .unwrap();
        }
        for reader in readers {
            reader.await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn statements_of_one_engine_can_be_planned_there() {
    with_sqlite(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        for stmt in STATEMENTS {
            db.plan(*stmt).await.unwrap();
        }
    })
    .await;
}
