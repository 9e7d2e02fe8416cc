//! Reads that are asked together: each is answered as if it had been alone.

use docket_store::{Batch, Db, DbError, Stmt, own_params, params};
use futures_util::FutureExt;
use futures_util::future::{join, join_all};

use crate::support::on_both_engines;
use crate::things::{INSERT_THINGS, LOWER_THINGS, MIGRATIONS, SHARE_OF_SIXTY, id, write};

/// As many as several questions.
const MANY: i64 = 100;

/// Adds so many things, each higher than the one before.
async fn add_things(db: &Db, many: i64) {
    let add = move |number| own_params![id(number), format!("thing {number}"), number_of(number)];
    write(db, move |conn| {
        Box::pin(async move {
            let mut batch = Batch::default();
            for number in 1..=u128::try_from(many).unwrap() {
                batch.push(&INSERT_THINGS, add(number));
            }
            conn.at_end(batch).await
        })
    })
    .await
    .unwrap();
}

fn number_of(id: u128) -> i64 {
    id.try_into().unwrap()
}

async fn ask<T>(db: &Db, stmt: &'static Stmt, value: i64) -> Result<Vec<T>, DbError>
where
    T: docket_store::FromRow,
{
    db.reader().gather(stmt, params![value]).await
}

fn names_below(height: i64) -> Vec<String> {
    (1..height).rev().map(|number| format!("thing {number}")).collect()
}

on_both_engines! {
    async fn everybody_gets_their_own_rows_in_order(db) {
        add_things(&db, 20).await;
        let asked = (1..=MANY).map(|number| ask::<String>(&db, &LOWER_THINGS, number % 21));
        let answers = join_all(asked).await;
        for (number, answer) in (1..).zip(answers) {
            assert_eq!(answer.unwrap(), names_below(number % 21), "{number}");
        }
    }

    async fn statements_do_not_mix(db) {
        add_things(&db, 20).await;
        let names = join_all((1..=20).map(|number| ask::<String>(&db, &LOWER_THINGS, number)));
        let shares = join_all((1..=20).map(|number| ask::<i64>(&db, &SHARE_OF_SIXTY, number)));
        let (names, shares) = join(names, shares).await;
        for (number, (names, shares)) in (1..).zip(names.into_iter().zip(shares)) {
            assert_eq!(names.unwrap(), names_below(number), "{number}");
            assert_eq!(shares.unwrap(), [60 / number], "{number}");
        }
    }

    async fn what_cannot_be_answered_concerns_one_alone(db) {
        let asked = (0..MANY).map(|number| ask::<i64>(&db, &SHARE_OF_SIXTY, number));
        for (number, answer) in (0..).zip(join_all(asked).await) {
            match answer {
                Ok(shares) => assert_eq!(shares, [60 / number], "{number}"),
                Err(error) => assert_eq!(number, 0, "{error:?}"),
            }
        }
    }

    async fn who_goes_takes_nobody_along(db) {
        let mut gone = Vec::new();
        for number in 1..=MANY {
            let db = db.clone();
            let mut asked = Box::pin(async move { ask::<i64>(&db, &SHARE_OF_SIXTY, number).await });
            let _answered = asked.as_mut().now_or_never();
            gone.push(asked);
        }
        let stay = gone.split_off(50);
        drop(gone);
        let answers = join_all((1..=MANY).map(|number| ask::<i64>(&db, &SHARE_OF_SIXTY, number)));
        drop(stay);
        for (number, answer) in (1..).zip(answers.await) {
            assert_eq!(answer.unwrap(), [60 / number], "{number}");
        }
    }
}

/// Who waits for others when the database is closed is told so. `SQLite` lets everybody read on.
#[tokio::test]
async fn who_asks_a_closed_database_is_told_so() {
    crate::support::with_postgres(async |place| {
        let db = place.migrated(MIGRATIONS).await;
        db.close().await;
        let asked = (1..=MANY).map(|number| ask::<i64>(&db, &SHARE_OF_SIXTY, number));
        let answers = join_all(asked).await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(DbError::Unavailable(_)))));
    })
    .await;
}
