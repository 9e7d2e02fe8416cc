//! The event log: what the server has to say about itself (`fusionauth.md` §4.12).

use docket_domain::event::Noun;
use docket_domain::journal::{EventEntry, EventKind, EventSearch};
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use docket_store::{Conn, event_log};

use crate::context::Context;
use crate::error::Error;

/// Writes an entry within a unit of work.
pub async fn write(
    conn: &mut Conn,
    at: Instant,
    kind: EventKind,
    message: &str,
) -> Result<(), Error> {
    Ok(event_log::insert(conn, kind, message, at).await?)
}

/// An entry.
pub async fn find(ctx: &Context, id: i64) -> Result<EventEntry, Error> {
    let found = event_log::find(&mut ctx.db.reader(), id).await?;
    found.ok_or(Error::not_found(Noun::EventLog))
}

/// A page of the entries that match.
pub async fn search(
    ctx: &Context,
    search: &EventSearch,
    paging: &Paging,
) -> Result<Page<EventEntry>, Error> {
    Ok(event_log::search(&mut ctx.db.reader(), search, paging).await?)
}
