//! Whatever the face can do, done on both engines with the same outcome.

use docket_domain::id::UserId;
use docket_domain::json::Json;
use docket_domain::time::{Expiry, Instant};
use docket_store::error::FOREIGN_KEY;
use docket_store::filter::{Select, pattern};
use docket_store::{Db, DbError, Stmt, params};
use uuid::Uuid;

use crate::support::on_both_engines;
use crate::things::{
    COUNT_THINGS, DELETE_THING, FIND_BY_NAMES, FIND_NAME, FIND_NAMES, INSERT_BELOW, INSERT_COUNTER,
    INSERT_KINDS, INSERT_RETURNING, INSERT_THING, INSERT_WHOLE_THING, LIKE, LOWER, MIGRATIONS,
    READ_CODE, READ_KINDS, RENAME_THINGS, STATEMENTS, UNNAME_THING, count, id, insert, write,
};

/// One value of each kind, any of which may be absent.
type Kinds = (Option<bool>, Expiry, Option<String>, Option<UserId>, Option<Vec<u8>>, Option<Json>);

/// What the database says against a thing like this.
async fn objection(
    db: &Db,
    (number, name, code, height, parent): (
        u128,
        &'static str,
        Option<&'static str>,
        i64,
        Option<u128>,
    ),
) -> String {
    let error = write(db, move |conn| {
        Box::pin(async move {
            let parent = parent.map(id);
            conn.run(&INSERT_WHOLE_THING, params![id(number), name, code, height, parent]).await
        })
    })
    .await
    .unwrap_err();
    match error {
        DbError::Conflict(name) => name,
        error => panic!("not a conflict: {error:?}"),
    }
}

async fn names(db: &Db, select: Select<'_>) -> Vec<String> {
    db.reader().rows(&select).await.unwrap()
}

on_both_engines! {
    async fn every_statement_of_these_tests_can_be_planned(db) {
        for stmt in STATEMENTS {
            db.plan(*stmt).await.unwrap_or_else(|error| panic!("{}: {error:?}", stmt.name()));
        }
        let steps = db.plan(&FIND_NAME).await.unwrap().join("\n");
        let by_key = ["SEARCH thing USING PRIMARY KEY", "Index Scan using thing_pkey"];
        assert!(by_key.iter().any(|step| steps.contains(step)), "{steps}");
    }

    async fn values_come_back_as_they_went_in(db) {
        let json = Json::from_trusted(r#"{"b": 1, "a":[ 2 ], "b": "é"}"#);
        let at = Instant::from_millis(-1);
        let user = UserId::from_uuid(id(u128::MAX));
        let text = "Ünïcode, a tab\t and 'quotes'".to_owned();
        let kinds = json.clone();
        let words = text.clone();
        write(&db, move |conn| {
            let (json, text) = (kinds.clone(), words.clone());
            Box::pin(async move {
                let bytes: &[u8] = &[0, 1, 255];
                conn.run(&INSERT_KINDS, params![true, at, &text, user, bytes, &json]).await?;
                let (none_json, none_bytes) = (None::<Json>, None::<Vec<u8>>);
                conn.run(
                    &INSERT_KINDS,
                    params![
                        None::<bool>,
                        Expiry::Never,
                        None::<String>,
                        None::<UserId>,
                        &none_bytes,
                        &none_json
                    ],
                )
                .await
            })
        })
        .await
        .unwrap();
        let rows: Vec<Kinds> = db.reader().all(&READ_KINDS, params![]).await.unwrap();
        let bytes = Some(vec![0, 1, 255]);
        assert_eq!(
            rows[0],
            (Some(true), Expiry::At(at), Some(text), Some(user), bytes, Some(json))
        );
        assert_eq!(rows[1], (None, Expiry::Never, None, None, None, None));
    }

    async fn conflicts_bear_the_same_names(db) {
        write(&db, |conn| Box::pin(async move {
            conn.run(&INSERT_WHOLE_THING, params![id(1), "One", "1", 1_i64, None::<Uuid>]).await?;
            conn.run(&INSERT_WHOLE_THING, params![id(2), "Two", "2", 1_i64, id(1)]).await
        }))
        .await
        .unwrap();
        assert_eq!(objection(&db, (1, "x", None, 1, None)).await, "thing_pkey");
        assert_eq!(objection(&db, (3, "x", Some("1"), 1, None)).await, "thing_code_key");
        assert_eq!(objection(&db, (3, "ONE", None, 1, None)).await, "thing_by_lower_name");
        assert_eq!(objection(&db, (3, "x", None, 1, Some(1))).await, "thing_by_height_in_parent");
        assert_eq!(objection(&db, (3, "x", None, -1, None)).await, "thing_height_check");
        assert_eq!(objection(&db, (3, "x", None, 1, Some(9))).await, FOREIGN_KEY);

        let unnamed = write(&db, |conn| Box::pin(async move {
            conn.run(&UNNAME_THING, params![id(1)]).await
        }));
        assert!(unnamed.await.unwrap_err().is_conflict_with("thing.name"));
        let pointed_at = write(&db, |conn| Box::pin(async move {
            conn.run(&DELETE_THING, params![id(1)]).await
        }));
        assert!(pointed_at.await.unwrap_err().is_conflict_with(FOREIGN_KEY));
        let counted_twice = write(&db, |conn| Box::pin(async move {
            conn.run(&INSERT_COUNTER, params![7_i64]).await?;
            conn.run(&INSERT_COUNTER, params![7_i64]).await
        }));
        assert!(counted_twice.await.unwrap_err().is_conflict_with("counter_pkey"));
        assert_eq!(count(&db).await, 2);
    }

    async fn a_change_can_give_its_row_back_and_is_checked_to_its_end(db) {
        let kept: Option<(Uuid, String)> = write(&db, |conn| Box::pin(async move {
            conn.one(&INSERT_RETURNING, params![id(1), "One"]).await
        }))
        .await
        .unwrap();
        assert_eq!(kept, Some((id(1), "One".to_owned())));
        let orphan = write(&db, |conn| Box::pin(async move {
            conn.one::<String>(&INSERT_BELOW, params![id(2), "Two", id(9)]).await
        }));
        assert!(orphan.await.unwrap_err().is_conflict_with(FOREIGN_KEY));
        assert_eq!(count(&db).await, 1);
    }

    async fn the_number_of_rows_touched_is_told(db) {
        insert(&db, 1, "A").await.unwrap();
        insert(&db, 2, "B").await.unwrap();
        insert(&db, 3, "C").await.unwrap();
        let touched = write(&db, |conn| Box::pin(async move {
            let two = conn.run(&RENAME_THINGS, params!["B"]).await?;
            let none = conn.run(&RENAME_THINGS, params!["D"]).await?;
            let read = conn.one::<i64>(&COUNT_THINGS, params![]).await?;
            Ok((two, none, read))
        }));
        assert_eq!(touched.await.unwrap(), (2, 0, Some(3)));
    }

    async fn a_unit_sees_what_it_wrote_and_nobody_else_does_before_its_end(db) {
        let other = db.clone();
        let seen = write(&db, move |conn| {
            let mut outside = other.reader();
            Box::pin(async move {
                conn.run(&INSERT_THING, params![id(1), "One"]).await?;
                let inside: Option<i64> = conn.one(&COUNT_THINGS, params![]).await?;
                let outside: Option<i64> = outside.one(&COUNT_THINGS, params![]).await?;
                Ok((inside, outside))
            })
        });
        assert_eq!(seen.await.unwrap(), (Some(1), Some(0)));
        assert_eq!(count(&db).await, 1);
    }

    async fn an_error_leaves_nothing_behind(db) {
        let refused = write(&db, |conn| Box::pin(async move {
            conn.run(&INSERT_THING, params![id(1), "One"]).await?;
            Err::<(), _>(DbError::contradiction("thing", "refused"))
        }));
        assert!(matches!(refused.await, Err(DbError::Contradiction { .. })));
        assert_eq!(count(&db).await, 0);
    }

    async fn a_unit_that_goes_on_after_a_failure_cannot_succeed(db) {
        insert(&db, 1, "One").await.unwrap();
        let brazen = write(&db, |conn| Box::pin(async move {
            conn.run(&INSERT_THING, params![id(2), "Two"]).await?;
            let failed = conn.run(&INSERT_THING, params![id(1), "again"]).await;
            assert!(failed.unwrap_err().is_conflict_with("thing_pkey"));
            let refused = conn.run(&INSERT_THING, params![id(3), "Three"]).await;
            assert!(matches!(refused, Err(DbError::Driver(_))));
            Ok(())
        }));
        assert!(matches!(brazen.await, Err(DbError::Driver(_))));
        assert_eq!(count(&db).await, 1);
    }

    async fn independent_statements_run_in_their_order(db) {
        let ran = write(&db, |conn| Box::pin(async move {
            conn.run_all(&[
                (&INSERT_THING, params![id(1), "One"]),
                (&INSERT_WHOLE_THING, params![id(2), "Two", "2", 2_i64, id(1)]),
                (&INSERT_COUNTER, params![1_i64]),
            ])
            .await?;
            conn.run_all(&[]).await
        }));
        ran.await.unwrap();
        assert_eq!(count(&db).await, 2);
        let failed = write(&db, |conn| Box::pin(async move {
            conn.run_all(&[
                (&INSERT_THING, params![id(3), "Three"]),
                (&INSERT_THING, params![id(1), "again"]),
                (&INSERT_THING, params![id(4), "Four"]),
            ])
            .await
        }));
        assert!(failed.await.unwrap_err().is_conflict_with("thing_pkey"));
        assert_eq!(count(&db).await, 2);
    }

    async fn a_panic_costs_its_unit_and_nothing_else(db) {
        let panicked = write(&db, |conn| Box::pin(async move {
            conn.run(&INSERT_THING, params![id(1), "One"]).await?;
            panic!("of a test");
            #[expect(unreachable_code, reason = "says what the unit would give")]
            Ok(())
        }));
        assert!(matches!(panicked.await, Err(DbError::Driver(_))));
        assert_eq!(count(&db).await, 0);
        insert(&db, 2, "Two").await.unwrap();
        assert_eq!(count(&db).await, 1);
    }

    async fn a_reader_may_not_write(db) {
        let refused = db.reader().run(&INSERT_THING, params![id(1), "One"]).await;
        assert!(matches!(refused, Err(DbError::Driver(_))));
        assert_eq!(count(&db).await, 0);
    }

    async fn a_column_that_is_not_what_it_must_be_is_named(db) {
        insert(&db, 1, "One").await.unwrap();
        let read = db.reader().one::<(Uuid, String)>(&READ_CODE, params![id(1)]).await;
        let DbError::Contradiction { table, row } = read.unwrap_err() else {
            panic!("another error")
        };
        assert_eq!((table.as_str(), row), ("READ_CODE.code", id(1).to_string()));
        // The transaction does not mind.
        write(&db, |conn| Box::pin(async move {
            let read = conn.one::<(Uuid, String)>(&READ_CODE, params![id(1)]).await;
            assert!(matches!(read, Err(DbError::Contradiction { .. })));
            conn.run(&INSERT_THING, params![id(2), "Two"]).await
        }))
        .await
        .unwrap();
        assert_eq!(count(&db).await, 2);
    }

    async fn a_value_of_the_wrong_kind_or_number_is_refused(db) {
        let few = db.reader().one::<String>(&FIND_NAME, params![]).await;
        assert!(matches!(few, Err(DbError::Driver(_))));
        let other = write(&db, |conn| Box::pin(async move {
            conn.run(&INSERT_THING, params!["not an id", "One"]).await
        }));
        assert!(matches!(other.await, Err(DbError::Driver(_))));
    }

    async fn lists_of_values_are_one_value(db) {
        for (number, name) in [(1, "A"), (2, "B"), (3, "C")] {
            insert(&db, number, name).await.unwrap();
        }
        let mut conn = db.reader();
        let ids = vec![UserId::from_uuid(id(3)), UserId::from_uuid(id(1))];
        let found: Vec<String> = conn.all(&FIND_NAMES, params![&ids]).await.unwrap();
        assert_eq!(found, ["A", "C"]);
        let none: Vec<String> = conn.all(&FIND_NAMES, params![Vec::<Uuid>::new()]).await.unwrap();
        assert!(none.is_empty());
        let names = vec!["B".to_owned(), "x".to_owned()];
        let found: Vec<String> = conn.all(&FIND_BY_NAMES, params![&names]).await.unwrap();
        assert_eq!(found, ["B"]);
    }

    async fn a_list_is_filtered_ordered_paged_and_counted(db) {
        for (number, name) in (1..).zip(["Äpfel", "birnen", "Birke", "50%_", "Ast"]) {
            insert(&db, number, name).await.unwrap();
        }
        let all = || Select::new("SELECT name FROM thing").order("id");
        let like = r"lower(name) LIKE {} ESCAPE '\'";
        assert_eq!(names(&db, all().and(like, pattern("BIR*"))).await, ["birnen", "Birke"]);
        assert_eq!(names(&db, all().and(like, pattern("äP"))).await, ["Äpfel"]);
        assert_eq!(names(&db, all().and(like, pattern("%_"))).await, ["50%_"]);
        assert_eq!(names(&db, all().and(like, pattern("*t"))).await, ["Ast"]);
        let some = [id(2), id(5)];
        assert_eq!(names(&db, all().and_any_of("id", some.as_slice())).await, ["birnen", "Ast"]);
        assert_eq!(names(&db, all().and_none_of("id", some.as_slice()).limit(1)).await, ["Äpfel"]);
        assert_eq!(names(&db, all().and("id > {}", id(1)).offset(3)).await, ["Ast"]);
        assert_eq!(names(&db, all().and_fixed("code IS NOT NULL")).await, [""; 0]);
        let after = [id(3).into(), "A".into()];
        assert_eq!(names(&db, all().and_each("(id, name) > ({}, {})", after)).await.len(), 3);

        let mut conn = db.reader();
        let page = all().and("id > {}", id(1)).limit(2).offset(1);
        let (rows, total) = conn.page::<String>(&page).await.unwrap();
        assert_eq!((rows, total), (vec!["Birke".to_owned(), "50%_".to_owned()], 4));
        let counted = page.clone().counted_by("SELECT count(*) FROM thing").offset(9);
        let (rows, total) = conn.page::<String>(&counted).await.unwrap();
        assert_eq!((rows.len(), total), (0, 4));
        let inside = write(&db, |conn| Box::pin(async move {
            conn.run(&INSERT_THING, params![id(6), "Six"]).await?;
            conn.page::<String>(&Select::new("SELECT name FROM thing").order("id").limit(1)).await
        }));
        assert_eq!(inside.await.unwrap(), (vec!["Äpfel".to_owned()], 6));
    }

    async fn text_is_lowered_and_matched_alike(db) {
        let mut conn = db.reader();
        for text in ["ÀÉÎÕÜ", "ΣΊΣΥΦΟΣ", "ЖЁЪ", "I", "ẞß", "Ǆ"] {
            let lower: Option<String> = conn.one(&LOWER, params![text]).await.unwrap();
            assert_eq!(lower.unwrap(), pattern(&format!("*{text}"))[1..]);
        }
        for (pattern, fits) in [("a%", true), ("A%", false), (r"a\%", false)] {
            let matched: Option<bool> = conn.one(&LIKE, params!["abc", pattern]).await.unwrap();
            assert_eq!(matched, Some(fits), "{pattern}");
        }
    }

    async fn a_long_report_holds_nobody_up(db) {
        // One thread: were the report to run on it, the short read could not come first.
        let first = std::sync::Mutex::new(Vec::new());
        let report = async {
            let count: i64 = db
                .report(|conn| Box::pin(async move { conn.one::<i64>(&LONG, params![]).await }))
                .await
                .map_err(|error: DbError| error)
                .unwrap()
                .unwrap();
            first.lock().unwrap().push("report");
            count
        };
        let short = async {
            assert_eq!(count(&db).await, 0);
            first.lock().unwrap().push("short");
        };
        let (counted, ()) = tokio::join!(report, short);
        assert_eq!(counted, 2_000_000);
        assert_eq!(*first.lock().unwrap(), ["short", "report"]);
    }

    async fn health_is_good_until_closed(db) {
        db.health().await.unwrap();
        insert(&db, 1, "One").await.unwrap();
        db.close().await;
        assert!(matches!(insert(&db, 2, "Two").await, Err(DbError::Unavailable(_))));
        assert!(matches!(db.health().await, Err(DbError::Unavailable(_))));
        db.close().await;
    }
}

/// Counts long enough for anything else to be done first.
static LONG: Stmt = Stmt::new(
    "LONG",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)
     SELECT count(*) FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)
     SELECT count(*) FROM n",
);
