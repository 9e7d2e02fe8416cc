//! The schema is brought up to date, once, by one, and alike on both engines.

use std::collections::BTreeMap;

use docket_domain::id::{ActionId, EventId};
use docket_domain::time::Instant;
use docket_store::migrate::{MIGRATIONS as EMBEDDED, Migration};
use docket_store::{Db, DbError, Options, action, params, statements};
use uuid::Uuid;

use crate::support::{Place, connect, with_postgres, with_sqlite};
use crate::things::write;

statements! {
    /// What was applied.
    APPLIED = "SELECT name FROM schema_migration ORDER BY number";
    /// How many are in the first table.
    COUNT_A = "SELECT count(*) FROM a";
    /// An action, before actions knew their events and their ends had a table.
    INSERT_OLD_ACTION = "INSERT INTO action (id, tenant_id, actionee_id, definition_id, name,
            localized_name, emails_user_on_end, notifies_user_on_end, end_event_sent, taken_at,
            updated_at)
        VALUES ($1, $1, $1, $1, 'Ban', 'Ban', FALSE, FALSE, FALSE, 1, 1)";
    /// What became of such an action.
    CHANGE_OLD_ACTION = "UPDATE action SET expires_at = $2, cancelled_at = $3, end_settled = $4,
            end_event_sent = $5, updated_at = $6 WHERE id = $1";
    /// The ends that are to be seen to, with their actions.
    PENDING = "SELECT due_at, action_id FROM pending_end ORDER BY due_at";
    /// An event.
    INSERT_OLD_EVENT = "INSERT INTO outbox (id, at, event_type, subject_id, request_id, payload)
        VALUES ($1, 1, 'user.action', $2, '', '{}')";
}

const ONE: &[Migration] = &[Migration {
    number: 1,
    name: "0001_a",
    sqlite: "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY) STRICT; INSERT INTO a VALUES (1);",
    postgres: "CREATE TABLE a (id bigint NOT NULL PRIMARY KEY); INSERT INTO a VALUES (1);",
}];

const TWO: &[Migration] = &[
    Migration { number: 1, name: "0001_a", sqlite: ONE[0].sqlite, postgres: ONE[0].postgres },
    Migration {
        number: 2,
        name: "0002_b",
        sqlite: "INSERT INTO a VALUES (2);",
        postgres: "INSERT INTO a VALUES (2);",
    },
];

const CHANGED: &[Migration] = &[Migration {
    number: 1,
    name: "0001_a",
    sqlite: "CREATE TABLE a (id INTEGER) STRICT;",
    postgres: "CREATE TABLE a (id bigint);",
}];

const BROKEN: &[Migration] = &[
    Migration { number: 1, name: "0001_a", sqlite: ONE[0].sqlite, postgres: ONE[0].postgres },
    Migration {
        number: 2,
        name: "0002_b",
        sqlite: "INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (1);",
        postgres: "INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (1);",
    },
];

const ORPHANING: &[Migration] = &[Migration {
    number: 1,
    name: "0001_orphan",
    sqlite: "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY, of INTEGER REFERENCES a (id)) STRICT;
        INSERT INTO a VALUES (1, 7);",
    postgres: "CREATE TABLE a (id bigint NOT NULL PRIMARY KEY, of bigint REFERENCES a (id));
        INSERT INTO a VALUES (1, 7);",
}];

/// Runs the test on both engines, one after the other.
async fn on_both(test: impl AsyncFn(&Place)) {
    with_sqlite(&test).await;
    with_postgres(&test).await;
}

async fn applied(db: &Db) -> Vec<String> {
    db.reader().all(&APPLIED, params![]).await.unwrap()
}

async fn rows(db: &Db) -> i64 {
    db.reader().one(&COUNT_A, params![]).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_is_pending_is_applied_once() {
    on_both(async |place| {
        let db = place.open().await;
        assert_eq!(db.migrate_with(ONE).await.unwrap(), ["0001_a"]);
        assert!(db.migrate_with(ONE).await.unwrap().is_empty());
        assert_eq!(db.migrate_with(TWO).await.unwrap(), ["0002_b"]);
        assert_eq!(applied(&db).await, ["0001_a", "0002_b"]);
        assert_eq!(rows(&db).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_start_together_do_not_fight() {
    on_both(async |place| {
        let nodes: Vec<_> = (0..6)
            .map(|_| {
                let url = place.url.clone();
                tokio::spawn(async move {
                    let db = Db::open(&url, &Options::default()).await.unwrap();
                    db.migrate_with(TWO).await.unwrap().len()
                })
            })
            .collect();
        let mut did = 0;
        for node in nodes {
            did += node.await.unwrap();
        }
        assert_eq!(did, TWO.len());
        assert_eq!(rows(&place.open().await).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_changed_a_missing_and_a_newer_schema_are_refused() {
    on_both(async |place| {
        let db = place.open().await;
        db.migrate_with(TWO).await.unwrap();
        for migrations in [CHANGED, ONE, &TWO[1..]] {
            assert!(matches!(db.migrate_with(migrations).await, Err(DbError::Driver(_))));
        }
        assert_eq!(applied(&db).await, ["0001_a", "0002_b"]);
    })
    .await;
}

#[tokio::test]
async fn a_migration_that_fails_takes_all_that_were_pending_with_it() {
    on_both(async |place| {
        let db = place.open().await;
        assert!(matches!(db.migrate_with(BROKEN).await, Err(DbError::Driver(_))));
        assert!(matches!(db.migrate_with(ORPHANING).await, Err(DbError::Driver(_))));
        // Nothing of either is there, so the first can still be made.
        assert_eq!(db.migrate_with(ONE).await.unwrap(), ["0001_a"]);
        assert_eq!(rows(&db).await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_embedded_schema_is_applied_and_known_afterwards() {
    on_both(async |place| {
        let db = place.open().await;
        assert_eq!(db.migrate().await.unwrap().len(), EMBEDDED.len());
        assert!(db.migrate().await.unwrap().is_empty());
        for stmt in STATEMENTS {
            let is_of_now = ["APPLIED", "INSERT_OLD_EVENT", "PENDING"].contains(&stmt.name());
            assert_eq!(db.plan(*stmt).await.is_ok(), is_of_now, "{}", stmt.name());
        }
    })
    .await;
}

#[tokio::test]
async fn actions_learn_the_events_that_told_of_them_before_they_kept_them() {
    on_both(async |place| {
        let db = place.open().await;
        db.migrate_with(&EMBEDDED[..6]).await.unwrap();
        let [told, untold] = [1, 2].map(Uuid::from_u128);
        // The later event has the smaller id, as after a clock was set back.
        let events = [8, 7].map(Uuid::from_u128);
        write(&db, move |conn| {
            Box::pin(async move {
                for action in [told, untold] {
                    conn.run(&INSERT_OLD_ACTION, params![action]).await?;
                }
                for event in events {
                    conn.run(&INSERT_OLD_EVENT, params![event, told]).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
        db.migrate().await.unwrap();
        let mut conn = db.reader();
        for (id, wanted) in [(told, events.map(EventId::from_uuid).to_vec()), (untold, vec![])] {
            let found = action::find(&mut conn, ActionId::from_uuid(id)).await.unwrap().unwrap();
            assert_eq!(action::events_of(&mut conn, &found).await.unwrap(), wanted);
        }
    })
    .await;
}

#[tokio::test]
async fn the_ends_to_come_get_their_table_and_those_told_are_known() {
    const DAY: i64 = 86_400_000;
    on_both(async |place| {
        let db = place.open().await;
        db.migrate_with(&EMBEDDED[..7]).await.unwrap();
        // For each action: its end, when it was cancelled, whether its end was seen to and told of,
        // when it was changed; then whether its end is pending and when others were told of it.
        let told_late = Instant::from_millis(DAY + 5);
        let actions = [
            (Some(2 * DAY), None, (false, false), 1, true, None),
            (Some(3 * DAY), Some(3 * DAY), (false, false), 3 * DAY, false, None),
            (Some(DAY), None, (true, true), DAY + 5, false, Some(told_late)),
            (Some(DAY), None, (true, false), 1, false, None),
            (Some(i64::MAX), None, (false, false), 1, false, None),
            (None, None, (false, false), 1, false, None),
        ];
        write(&db, move |conn| {
            Box::pin(async move {
                for (number, action) in (1..).zip(actions) {
                    let (expires_at, cancelled_at, (settled, told), updated_at, ..) = action;
                    let id = Uuid::from_u128(number);
                    conn.run(&INSERT_OLD_ACTION, params![id]).await?;
                    let values = params![id, expires_at, cancelled_at, settled, told, updated_at];
                    conn.run(&CHANGE_OLD_ACTION, values).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
        db.migrate().await.unwrap();
        let mut conn = db.reader();
        let mut pending = Vec::new();
        for (number, action) in (1..).zip(actions) {
            let (expires_at, .., is_pending, told_at) = action;
            let id = ActionId::from_uuid(Uuid::from_u128(number));
            let found = action::find(&mut conn, id).await.unwrap().unwrap();
            assert_eq!(found.end_told_at(), told_at, "{number}");
            pending.extend(expires_at.filter(|_| is_pending).map(|end| (end, id.uuid())));
        }
        let rows: Vec<(i64, Uuid)> = conn.all(&PENDING, params![]).await.unwrap();
        assert_eq!(rows, pending);
    })
    .await;
}

/// Tables with their columns, and whether each may be null; indexes with theirs, and whether each
/// is unique.
type Schema = BTreeMap<String, Vec<String>>;

#[tokio::test]
async fn both_engines_have_the_same_tables_columns_and_indexes() {
    let mut on_sqlite = Schema::new();
    with_sqlite(async |place| {
        place.migrated(EMBEDDED).await.close().await;
        on_sqlite = sqlite_schema(place.url.trim_start_matches("sqlite://"));
    })
    .await;
    let mut on_postgres = Schema::new();
    with_postgres(async |place| {
        place.migrated(EMBEDDED).await.close().await;
        on_postgres = postgres_schema(&place.url).await;
    })
    .await;
    // SQLite keeps the rows of to-dos in the order that PostgreSQL has an index for, and so has an
    // index for their key.
    assert!(on_postgres.remove("index todo_inbox").is_some());
    assert!(on_sqlite.remove("index todo_pkey unique").is_some());
    let only = |these: &Schema, those: &Schema| -> Vec<String> {
        these
            .iter()
            .filter(|(name, _)| !those.contains_key(*name))
            .map(|(n, _)| n.clone())
            .collect()
    };
    assert_eq!(only(&on_sqlite, &on_postgres), [""; 0], "only in SQLite");
    assert_eq!(only(&on_postgres, &on_sqlite), [""; 0], "only in PostgreSQL");
    for (name, parts) in &on_sqlite {
        assert_eq!(Some(parts), on_postgres.get(name), "{name}");
    }
}

fn sqlite_schema(path: &str) -> Schema {
    let conn = rusqlite::Connection::open(path).unwrap();
    let read = |text: &str| -> Vec<(String, String)> {
        let mut statement = conn.prepare(text).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    gathered(
        read(
            "SELECT 'table ' || t.name,
                    c.name || iif(c.\"notnull\" OR c.pk > 0, ' not null', '')
             FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             ORDER BY t.name, c.name",
        ),
        // Expressions have no name here; that there is one must be enough.
        read(
            "SELECT 'index ' || i.name || iif(i.\"unique\", ' unique', ''),
                    coalesce(c.name, 'expression')
             FROM sqlite_schema AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c
             WHERE t.type = 'table' AND i.origin = 'c'
             ORDER BY i.name, c.seqno",
        ),
    )
}

async fn postgres_schema(url: &str) -> Schema {
    let client = connect(url).await;
    let read = async |text: &str| -> Vec<(String, String)> {
        let rows = client.query(text, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    gathered(
        read(
            "SELECT 'table ' || table_name,
                    column_name || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
             FROM information_schema.columns WHERE table_schema = 'public'
             ORDER BY table_name COLLATE \"C\", column_name COLLATE \"C\"",
        )
        .await,
        // Those that a primary key or a constraint brings along have no name of ours.
        read(
            "SELECT 'index ' || c.relname || CASE WHEN i.indisunique THEN ' unique' ELSE '' END,
                    coalesce(a.attname::text, 'expression')
             FROM pg_index AS i
             JOIN pg_class AS c ON c.oid = i.indexrelid
             JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'public'
             CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place)
             LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
                 AND k.number > 0
             WHERE NOT EXISTS (SELECT 1 FROM pg_constraint AS o WHERE o.conindid = i.indexrelid
                 AND o.contype IN ('p', 'u'))
             ORDER BY c.relname COLLATE \"C\", k.place",
        )
        .await,
    )
}

fn gathered(columns: Vec<(String, String)>, indexes: Vec<(String, String)>) -> Schema {
    let mut schema = Schema::new();
    for (name, part) in columns.into_iter().chain(indexes) {
        schema.entry(name).or_default().push(part);
    }
    schema
}
