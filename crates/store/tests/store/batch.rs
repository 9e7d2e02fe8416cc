//! What a unit of work leaves to its end.

use docket_store::{Batch, Conn, Db, DbError, own_params, params};

use crate::support::on_both_engines;
use crate::things::{
    DELETE_THING, INSERT_THING, INSERT_THINGS, MIGRATIONS, NAMES_BY_HEIGHT, conn_run, count, id,
    insert, write,
};

/// Adds the thing 1 at once and leaves the thing 2 to the end.
async fn add_two(conn: &mut Conn) -> Result<(), DbError> {
    conn_run(conn, 1, "at once").await?;
    let mut batch = Batch::default();
    batch.push(&INSERT_THING, own_params![id(2), "at the end"]);
    conn.at_end(batch).await
}

/// Leaves nothing but writes to the end.
async fn at_end(db: &Db, things: &'static [(u128, &'static str)]) -> Result<(), DbError> {
    write(db, move |conn| {
        Box::pin(async move {
            let mut batch = Batch::default();
            for (number, name) in things {
                batch.push(&INSERT_THING, own_params![id(*number), *name]);
            }
            conn.at_end(batch).await
        })
    })
    .await
}

/// Leaves things with the numbers from 1 to `last` to the end, every third by a statement of its own.
async fn many_at_end(db: &Db, last: u128) -> Result<(), DbError> {
    write(db, move |conn| {
        Box::pin(async move {
            let mut batch = Batch::default();
            for number in 1..=last {
                let name = format!("thing {number}");
                let height = number.is_multiple_of(2).then(|| i64::try_from(number).unwrap());
                if number.is_multiple_of(3) {
                    batch.push(&INSERT_THING, own_params![id(number), name]);
                } else {
                    batch.push(&INSERT_THINGS, own_params![id(number), name, height]);
                }
            }
            conn.at_end(batch).await
        })
    })
    .await
}

on_both_engines! {
    async fn what_is_left_to_the_end_is_committed_with_the_rest(db) {
        write(&db, |conn| Box::pin(add_two(conn))).await.unwrap();
        assert_eq!(count(&db).await, 2);
    }

    async fn what_was_done_before_is_undone_with_the_end(db) {
        insert(&db, 2, "there already").await.unwrap();
        let refused = write(&db, |conn| Box::pin(add_two(conn))).await.unwrap_err();
        assert!(refused.is_conflict_with("thing_pkey"), "{refused:?}");
        assert_eq!(count(&db).await, 1);
    }

    async fn a_unit_may_do_all_its_work_at_the_end(db) {
        at_end(&db, &[(1, "one"), (2, "two")]).await.unwrap();
        assert_eq!(count(&db).await, 2);
        at_end(&db, &[]).await.unwrap();
    }

    async fn a_write_that_fails_at_the_end_undoes_those_around_it(db) {
        insert(&db, 2, "there already").await.unwrap();
        // A rolled back connection is used again: so often that every one has its turn.
        for _ in 0..30 {
            let refused = at_end(&db, &[(1, "one"), (2, "two"), (3, "three")]).await.unwrap_err();
            assert!(refused.is_conflict_with("thing_pkey"), "{refused:?}");
            assert_eq!(count(&db).await, 1);
        }
    }

    async fn however_much_is_left_to_the_end_all_of_it_happens_or_nothing(db) {
        // More than travels in one go, with the one that fails in the first part, between, and last.
        for there_already in [2, 33, 64, 65, 100] {
            insert(&db, there_already, "there already").await.unwrap();
            let refused = many_at_end(&db, 100).await.unwrap_err();
            assert!(refused.is_conflict_with("thing_pkey"), "{there_already}: {refused:?}");
            assert_eq!(count(&db).await, 1, "{there_already}");
            let delete = write(&db, move |conn| Box::pin(async move {
                conn.run(&DELETE_THING, params![id(there_already)]).await
            }));
            delete.await.unwrap();
        }
        many_at_end(&db, 100).await.unwrap();
        assert_eq!(count(&db).await, 100);
    }

    async fn what_runs_as_one_statement_writes_every_value_where_it_belongs(db) {
        for last in [1, 2, 40] {
            many_at_end(&db, last).await.unwrap();
            let names: Vec<String> =
                db.reader().all(&NAMES_BY_HEIGHT, params![]).await.unwrap();
            let has_height =
                |number: &u128| number.is_multiple_of(2) && !number.is_multiple_of(3);
            let (with, without): (Vec<u128>, Vec<u128>) = (1..=last).partition(has_height);
            let wanted: Vec<String> =
                without.iter().chain(&with).map(|number| format!("thing {number}")).collect();
            assert_eq!(names, wanted);
            for number in 1..=last {
                let delete = write(&db, move |conn| Box::pin(async move {
                    conn.run(&DELETE_THING, params![id(number)]).await
                }));
                delete.await.unwrap();
            }
        }
    }

    async fn what_a_unit_left_to_its_end_is_forgotten_when_it_is_refused(db) {
        let refused = write::<(), _>(&db, |conn| {
            Box::pin(async move {
                let mut batch = Batch::default();
                batch.push(&INSERT_THING, own_params![id(1), "one"]);
                conn.at_end(batch).await?;
                Err(DbError::contradiction("thing", 1))
            })
        });
        assert!(refused.await.is_err());
        assert_eq!(count(&db).await, 0);
    }
}

#[tokio::test]
async fn nothing_is_committed_without_what_could_not_even_be_sent() {
    crate::support::with_postgres(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        let refused = write::<(), _>(&db, |conn| {
            Box::pin(async move {
                conn_run(conn, 1, "one").await?;
                let mut batch = Batch::default();
                // A number is no name: the driver refuses to put it on the way.
                batch.push(&INSERT_THING, own_params![id(2), 2]);
                batch.push(&INSERT_THING, own_params![id(3), "three"]);
                conn.at_end(batch).await
            })
        });
        assert!(matches!(refused.await, Err(DbError::Driver(_))));
        assert_eq!(count(&db).await, 0);
    })
    .await;
}
