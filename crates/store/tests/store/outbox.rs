//! Who reads the log is to know who still writes it.

use docket_store::outbox;

use crate::support::{connect, with_postgres};

/// Only `PostgreSQL` has transactions that are under way beside one another. One may have begun last,
/// so that none behind it has ended.
#[tokio::test]
async fn a_transaction_that_began_last_is_under_way() {
    with_postgres(async |place| {
        let db = place.open().await;
        let mut writer = connect(&place.url).await;
        let transaction = writer.transaction().await.unwrap();
        let begun = "SELECT pg_current_xact_id()::text::bigint";
        let number: i64 = transaction.query_one(begun, &[]).await.unwrap().get(0);

        let noticed = outbox::snapshot(&mut db.reader()).await.unwrap();
        assert!(noticed.next > number, "{noticed:?} does not bound {number}");
        let later = outbox::snapshot(&mut db.reader()).await.unwrap();
        assert!(later.oldest_running <= number, "{later:?} says that {number} has ended");

        transaction.rollback().await.unwrap();
        db.close().await;
    })
    .await;
}
