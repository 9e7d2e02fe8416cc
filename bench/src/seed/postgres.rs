//! Loads a `PostgreSQL` database by `COPY`; indexes are made afterwards.

use std::fmt::Write as _;
use std::pin::pin;

use anyhow::Context;
use bytes::Bytes;
use futures_util::SinkExt;
use tokio_postgres::Client;

use super::rows::{Cell, Filled, LARGE, Row, Table, small};
use crate::community::Community;
use crate::engine;

/// Text sent in one piece.
const PIECE: usize = 256 * 1_024;

/// Loads the community into the database.
pub(crate) async fn load(url: &str, community: &Community) -> anyhow::Result<()> {
    let client = engine::connect(url).await?;
    client.batch_execute("SET maintenance_work_mem = '512MB'").await?;
    let indexes = take_indexes(&client).await.context("has `docket migrate` been run?")?;
    for (table, rows) in small(community) {
        copy(&client, table, rows.into_iter()).await?;
    }
    for large in LARGE {
        copy(&client, large.table(), large.rows(community)).await?;
    }
    for index in indexes {
        client.batch_execute(&index).await?;
    }
    client.batch_execute("VACUUM ANALYZE").await?;
    client.batch_execute("CHECKPOINT").await?;
    Ok(())
}

/// Adds rows to a database in use.
pub(crate) async fn add(url: &str, filled: Vec<Filled>) -> anyhow::Result<()> {
    let client = engine::connect(url).await?;
    for (table, rows) in filled {
        copy(&client, table, rows.into_iter()).await?;
    }
    client.batch_execute("CHECKPOINT").await?;
    Ok(())
}

/// Drops the indexes of the large tables; the answer is how to make them again.
async fn take_indexes(client: &Client) -> anyhow::Result<Vec<String>> {
    let tables: Vec<&str> = LARGE.iter().map(|large| large.table().name).collect();
    let found = client
        .query(
            "SELECT indexname::text, indexdef FROM pg_indexes
             WHERE schemaname = current_schema() AND tablename::text = ANY($1)
                AND indexname::text NOT IN (SELECT conname::text FROM pg_constraint)",
            &[&tables],
        )
        .await?;
    let mut definitions = Vec::new();
    for row in found {
        client.batch_execute(&format!("DROP INDEX {}", row.get::<_, String>(0))).await?;
        definitions.push(row.get(1));
    }
    Ok(definitions)
}

async fn copy(
    client: &Client,
    table: Table,
    rows: impl Iterator<Item = Row>,
) -> anyhow::Result<()> {
    let statement = format!("COPY {} ({}) FROM STDIN", table.name, table.columns.join(", "));
    let mut sink = pin!(client.copy_in::<_, Bytes>(&statement).await?);
    let mut text = String::with_capacity(PIECE + 4_096);
    for row in rows {
        put_row(&mut text, &row);
        if text.len() >= PIECE {
            sink.send(Bytes::from(std::mem::replace(
                &mut text,
                String::with_capacity(PIECE + 4_096),
            )))
            .await?;
        }
    }
    sink.send(Bytes::from(text)).await?;
    sink.finish().await?;
    Ok(())
}

/// A row in the text format. No text of ours holds what that format would have to escape.
fn put_row(text: &mut String, row: &Row) {
    for (place, cell) in row.iter().enumerate() {
        if place > 0 {
            text.push('\t');
        }
        // Writing to a String cannot fail.
        let _ = match cell {
            Cell::Null => write!(text, "\\N"),
            Cell::Bool(value) => write!(text, "{value}"),
            Cell::Int(value) => write!(text, "{value}"),
            Cell::Text(value) => write!(text, "{value}"),
            Cell::Id(value) => write!(text, "{value}"),
            Cell::Bytes(value) => {
                text.push_str("\\\\x");
                value.iter().try_for_each(|byte| write!(text, "{byte:02x}"))
            }
        };
    }
    text.push('\n');
}
