//! Connections that are shared, pooled, lost and thrown away.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use docket_store::{Conn, Db, DbError, Options, params, statements};
use tokio::sync::{Barrier, Notify};

use crate::support::{Place, connect, with_postgres};
use crate::things::{
    COUNT_ON, INSERT_COUNTER, INSERT_THING, MIGRATIONS, READ_COUNT, count, id, insert, write,
};

statements! {
    /// Fails as a transaction does that cannot be put in order with another.
    NOT_SERIALIZABLE = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$", sqlite: "";
    /// Never ends by itself.
    SLEEP = "SELECT pg_sleep(600)::text", sqlite: "";
    /// Reads a setting of the connection.
    SETTING = "SELECT current_setting($1)", sqlite: "";
    /// Which connection this is.
    BACKEND = "SELECT pg_backend_pid()", sqlite: "";
}

/// One connection for units of work, so that the next borrower gets the one just given back.
async fn narrow(place: &Place) -> Db {
    let options = Options {
        write_connections: 1,
        read_connections: 1,
        acquire_timeout: Duration::from_millis(500),
        ..Options::default()
    };
    let db = place.open_with(&options).await;
    db.migrate_with(MIGRATIONS).await.unwrap();
    db
}

async fn kill_all_others(place: &Place) {
    let admin = connect(&place.url).await;
    admin
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
            &[],
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn what_an_abandoned_unit_did_is_never_committed_by_the_next() {
    with_postgres(async |place| {
        let db = narrow(place).await;
        let inserted = Arc::new(Notify::new());
        let signal = Arc::clone(&inserted);
        let unit = write::<(), _>(&db, move |conn| {
            let signal = Arc::clone(&signal);
            Box::pin(async move {
                conn.run(&INSERT_THING, params![id(1), "abandoned"]).await?;
                signal.notify_one();
                std::future::pending().await
            })
        });
        // The caller goes away between the first statement and the commit.
        tokio::select! {
            _ = unit => panic!("the unit came to an end"),
            () = inserted.notified() => {}
        }
        insert(&db, 2, "kept").await.unwrap();
        assert_eq!(count(&db).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_connection_is_used_again_when_its_unit_ended_well_or_was_rolled_back() {
    with_postgres(async |place| {
        let db = narrow(place).await;
        let backend = || write(&db, |conn| Box::pin(conn_backend(conn)));
        let first = backend().await.unwrap();
        assert_eq!(backend().await.unwrap(), first);
        let refused = write::<(), _>(&db, |conn| {
            Box::pin(async move {
                conn.run(&INSERT_THING, params![id(1), "One"]).await?;
                Err(DbError::contradiction("thing", "refused"))
            })
        });
        refused.await.unwrap_err();
        assert_eq!(backend().await.unwrap(), first);
        let panicked = write::<(), _>(&db, |conn| {
            Box::pin(async move {
                conn.run(&INSERT_THING, params![id(1), "One"]).await?;
                panic!("of a test")
            })
        });
        panicked.await.unwrap_err();
        assert_ne!(backend().await.unwrap(), first);
        assert_eq!(count(&db).await, 0);
    })
    .await;
}

async fn conn_backend(conn: &mut Conn) -> Result<i32, DbError> {
    Ok(conn.one(&BACKEND, params![]).await?.unwrap())
}

#[tokio::test]
async fn a_unit_the_engine_gave_up_is_run_again() {
    with_postgres(async |place| {
        let db = narrow(place).await;
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let unit = write(&db, move |conn| {
            let run = counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                conn.run(&INSERT_THING, params![id(1), "One"]).await?;
                if run == 0 {
                    conn.run(&NOT_SERIALIZABLE, params![]).await?;
                }
                Ok(run)
            })
        });
        assert_eq!(unit.await.unwrap(), 1);
        assert_eq!(count(&db).await, 1);

        let counted = Arc::clone(&runs);
        let hopeless = write(&db, move |conn| {
            counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { conn.run(&NOT_SERIALIZABLE, params![]).await })
        });
        assert!(matches!(hopeless.await, Err(DbError::Unavailable(_))));
        assert_eq!(runs.load(Ordering::Relaxed), 2 + 5);
    })
    .await;
}

#[tokio::test]
async fn two_units_that_lock_each_other_out_both_succeed() {
    with_postgres(async |place| {
        let url = format!("{}?options=-c%20deadlock_timeout%3D10ms", place.url);
        let place = Place { url };
        let db = place.migrated(MIGRATIONS).await;
        write(&db, |conn| {
            Box::pin(async move {
                conn.run(&INSERT_COUNTER, params![1_i64]).await?;
                conn.run(&INSERT_COUNTER, params![2_i64]).await
            })
        })
        .await
        .unwrap();
        let both_hold_one = Arc::new(Barrier::new(2));
        let count_both = |first: i64, second: i64| {
            let barrier = Arc::clone(&both_hold_one);
            let runs = AtomicU32::new(0);
            write(&db, move |conn| {
                let barrier =
                    (runs.fetch_add(1, Ordering::Relaxed) == 0).then(|| Arc::clone(&barrier));
                Box::pin(async move {
                    conn.run(&COUNT_ON, params![first]).await?;
                    if let Some(barrier) = barrier {
                        barrier.wait().await;
                    }
                    conn.run(&COUNT_ON, params![second]).await
                })
            })
        };
        let (one, other) = tokio::join!(count_both(1, 2), count_both(2, 1));
        one.unwrap();
        other.unwrap();
        for counter in [1_i64, 2] {
            let total: Option<i64> = db.reader().one(&READ_COUNT, params![counter]).await.unwrap();
            assert_eq!(total, Some(2));
        }
    })
    .await;
}

#[tokio::test]
async fn lost_connections_are_replaced_without_anybody_noticing() {
    with_postgres(async |place| {
        let db = narrow(place).await;
        insert(&db, 1, "One").await.unwrap();
        assert_eq!(count(&db).await, 1);
        kill_all_others(place).await;
        assert_eq!(count(&db).await, 1);
        insert(&db, 2, "Two").await.unwrap();

        // In the midst of a unit, which then starts again.
        let place_url = place.url.clone();
        let runs = AtomicU32::new(0);
        let unit = write(&db, move |conn| {
            let first = runs.fetch_add(1, Ordering::Relaxed) == 0;
            let place = Place { url: place_url.clone() };
            Box::pin(async move {
                conn.run(&INSERT_THING, params![id(3), "Three"]).await?;
                if first {
                    kill_all_others(&place).await;
                }
                conn.run(&INSERT_THING, params![id(4), "Four"]).await
            })
        });
        unit.await.unwrap();
        assert_eq!(count(&db).await, 4);
    })
    .await;
}

#[tokio::test]
async fn statements_and_waits_are_limited_in_time() {
    with_postgres(async |place| {
        let options = Options {
            write_connections: 1,
            acquire_timeout: Duration::from_millis(100),
            statement_timeout: Duration::from_millis(100),
            ..Options::default()
        };
        let db = place.open_with(&options).await;
        let slept = db.reader().one::<String>(&SLEEP, params![]).await;
        assert!(matches!(slept, Err(DbError::Unavailable(_))));
        let held = Arc::new(Notify::new());
        let signal = Arc::clone(&held);
        let holding = write::<(), _>(&db, move |conn| {
            let signal = Arc::clone(&signal);
            Box::pin(async move {
                conn_backend(conn).await?;
                signal.notify_one();
                std::future::pending().await
            })
        });
        let waiting = async {
            held.notified().await;
            write(&db, |conn| Box::pin(conn_backend(conn))).await
        };
        tokio::select! {
            _ = holding => panic!("the unit came to an end"),
            waited = waiting => assert!(matches!(waited, Err(DbError::Unavailable(_)))),
        }
    })
    .await;
}

#[tokio::test]
async fn short_reads_are_not_held_up_by_one_another_or_by_lists() {
    with_postgres(async |place| {
        let db = narrow(place).await;
        let reads = (0..100).map(|_| {
            let mut conn = db.reader();
            async move { conn.one::<i32>(&BACKEND, params![]).await.unwrap().unwrap() }
        });
        let backends = futures_util::future::join_all(reads).await;
        assert!(backends.iter().all(|backend| *backend == backends[0]));
        let list = docket_store::Select::new("SELECT pg_backend_pid()");
        let lists: Vec<i32> = db.reader().rows(&list).await.unwrap();
        assert_ne!(lists[0], backends[0]);
    })
    .await;
}

#[tokio::test]
async fn an_answer_nobody_waits_for_does_not_confuse_the_others() {
    with_postgres(async |place| {
        let db = narrow(place).await;
        for _ in 0..10 {
            let mut abandoned = db.reader();
            let mut kept = db.reader();
            tokio::select! {
                biased;
                _ = abandoned.one::<i32>(&BACKEND, params![]) => {}
                () = std::future::ready(()) => {}
            }
            let setting: Option<String> =
                kept.one(&SETTING, params!["application_name"]).await.unwrap();
            assert_eq!(setting.as_deref(), Some("docket"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_socket_in_the_file_system_is_a_host_too() {
    with_postgres(async |place| {
        let client = connect(&place.url).await;
        let setting = |name: &'static str| {
            let client = &client;
            async move {
                let rows = client.query("SELECT current_setting($1)", &[&name]).await.unwrap();
                rows[0].get::<_, String>(0)
            }
        };
        let folder = setting("unix_socket_directories").await.replace('/', "%2F");
        let port = setting("port").await;
        let user = client.query_one("SELECT current_user::text", &[]).await.unwrap();
        let user: String = user.get(0);
        let (_, name) = place.url.rsplit_once('/').unwrap();
        let name = name.split('?').next().unwrap();
        let url = format!("postgres:///{name}?host={folder}&port={port}&user={user}");
        Db::open(&url, &Options::default()).await.unwrap().health().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_not_trusted_when_tls_is_asked_for() {
    with_postgres(async |place| {
        let url = format!("{}?sslmode=require", place.url);
        let opened = Db::open(&url, &Options::default()).await;
        assert!(matches!(opened, Err(DbError::Unavailable(_))));
        let nobody = Db::open("postgres://nobody@127.0.0.1:1/x", &Options::default()).await;
        assert!(matches!(nobody, Err(DbError::Unavailable(_))));
        let nonsense = Db::open("postgres://h/x?sslmode=perhaps", &Options::default()).await;
        assert!(matches!(nonsense, Err(DbError::Driver(_))));
    })
    .await;
}

#[tokio::test]
async fn statements_of_one_engine_can_be_planned_there() {
    with_postgres(async |place| {
        let db = place.open().await;
        for stmt in STATEMENTS.iter().filter(|stmt| stmt.name() != "NOT_SERIALIZABLE") {
            db.plan(*stmt).await.unwrap();
        }
    })
    .await;
}
