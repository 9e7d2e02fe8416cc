//! Units of work that may share a transaction: each is answered as if it had been alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use docket_store::{Batch, Db, DbError, own_params, params};
use futures_util::future::{join, join_all};
use tokio::sync::Notify;

use crate::support::on_both_engines;
use crate::things::{
    FIND_NAME, INSERT_THING, INSERT_THINGS, LOCK_NAME, MIGRATIONS, count, id, insert, write,
};

/// As many as several groups.
const MANY: u128 = 100;

/// Leaves a thing to the end, when a look at it says that it is not there.
async fn add(db: &Db, number: u128) -> Result<(), DbError> {
    db.write_in_group(move |conn| {
        Box::pin(async move {
            let _there: Option<String> = conn.one(&FIND_NAME, params![id(number)]).await?;
            let mut batch = Batch::default();
            let name = format!("thing {number}");
            batch.push(&INSERT_THINGS, own_params![id(number), name, None::<i64>]);
            conn.at_end(batch).await
        })
    })
    .await
}

/// The answers to adding all of them side by side.
async fn add_all(db: &Db, numbers: impl Iterator<Item = u128>) -> Vec<Result<(), DbError>> {
    join_all(numbers.map(|number| add(db, number))).await
}

on_both_engines! {
    async fn all_that_is_answered_is_there(db) {
        let answers = add_all(&db, 1..=MANY).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(count(&db).await, 100);
    }

    async fn what_one_may_not_write_the_others_may(db) {
        insert(&db, 7, "there already").await.unwrap();
        let answers = add_all(&db, 1..=MANY).await;
        for (number, answer) in (1..).zip(&answers) {
            match answer {
                Err(error) => assert!(number == 7 && error.is_conflict_with("thing_pkey")),
                Ok(()) => assert_ne!(number, 7),
            }
        }
        assert_eq!(count(&db).await, 100);
    }

    async fn what_one_refuses_is_not_written(db) {
        let units = (1..=MANY).map(|number| db.write_in_group(move |conn| Box::pin(async move {
            let mut batch = Batch::default();
            batch.push(&INSERT_THING, own_params![id(number), format!("thing {number}")]);
            conn.at_end(batch).await?;
            if number.is_multiple_of(2) { Err(DbError::contradiction("thing", number)) } else { Ok(number) }
        })));
        let answers = join_all(units).await;
        for (number, answer) in (1..).zip(answers) {
            match answer {
                Ok(given) => assert!(given == number && !number.is_multiple_of(2)),
                Err(error) => {
                    assert!(number.is_multiple_of(2), "{error:?}");
                    assert!(matches!(error, DbError::Contradiction { .. }), "{error:?}");
                }
            }
        }
        assert_eq!(count(&db).await, 50);
    }

    async fn who_panics_is_told_so_and_takes_nobody_along(db) {
        let units = (1..=MANY).map(|number| db.write_in_group(move |conn| Box::pin(async move {
            assert_ne!(number, 3, "three is too many");
            let mut batch = Batch::default();
            batch.push(&INSERT_THING, own_params![id(number), format!("thing {number}")]);
            conn.at_end(batch).await
        })));
        let answers = join_all(units).await;
        assert!((1..).zip(&answers).all(|(number, answer)| answer.is_err() == (number == 3)));
        assert_eq!(count(&db).await, 99);
    }

    async fn who_goes_on_after_a_failure_is_not_committed(db) {
        insert(&db, 1, "there already").await.unwrap();
        let unit = db.write_in_group(|conn| Box::pin(async move {
            let failed = conn.run(&INSERT_THING, params![id(1), "one"]).await;
            assert!(failed.is_err());
            let mut batch = Batch::default();
            batch.push(&INSERT_THING, own_params![id(2), "two"]);
            conn.at_end(batch).await
        }));
        assert!(unit.await.is_err());
        assert_eq!(count(&db).await, 1);
    }

    async fn a_closed_database_says_so(db) {
        db.close().await;
        let answers = add_all(&db, 1..=3).await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(DbError::Unavailable(_)))));
    }
}

/// One that waits for a lock holds nobody up for long. `SQLite` has one writer, and no such locks.
#[tokio::test]
async fn who_waits_for_a_lock_waits_alone() {
    crate::support::with_postgres(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        insert(&db, 1, "held").await.unwrap();
        let (held, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (is_held, may_end) = (Arc::clone(&held), Arc::clone(&release));
        let holding = {
            let db = db.clone();
            tokio::spawn(async move {
                write(&db, move |conn| {
                    let (is_held, may_end) = (Arc::clone(&is_held), Arc::clone(&may_end));
                    Box::pin(async move {
                        let _name: Option<String> = conn.one(&LOCK_NAME, params![id(1)]).await?;
                        is_held.notify_one();
                        may_end.notified().await;
                        Ok(())
                    })
                })
                .await
            })
        };
        held.notified().await;
        let was_let_go = AtomicBool::new(false);
        let waiting = async {
            let unit = db.write_in_group(|conn| {
                Box::pin(async move {
                    let name: Option<String> = conn.one(&LOCK_NAME, params![id(1)]).await?;
                    Ok::<_, DbError>(name)
                })
            });
            let name = unit.await.unwrap();
            assert!(was_let_go.load(Ordering::SeqCst), "somebody else held it");
            name
        };
        let others = async {
            let others = tokio::time::timeout(Duration::from_secs(20), add_all(&db, 2..=MANY));
            let others = others.await.expect("the others do not wait for the lock");
            assert!(others.iter().all(Result::is_ok), "{others:?}");
            was_let_go.store(true, Ordering::SeqCst);
            release.notify_one();
        };
        // All of them ask before any group begins, so that some are in one with who waits.
        let (name, ()) = join(waiting, others).await;
        assert_eq!(name.as_deref(), Some("held"));
        holding.await.unwrap().unwrap();
        assert_eq!(count(&db).await, 100);
    })
    .await;
}
