//! `/api/v1/events` (`native.md` §6): the log of every committed change, by page.

use axum::extract::State;
use docket_domain::id::TenantId;
use docket_domain::violation::{Rule, Violation};
use docket_service::events::{self, KeptEvent};
use docket_wire::native::event::{Change, EventItem, EventPage};
use docket_wire::native::problem::ProblemDetails;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cursor::{read_position, write_position};
use super::input::Params;
use super::problem::Problem;
use super::reply::Reply;
use crate::auth::Member;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read))
}

/// The log of events in the order of their commits, behind a cursor or from its beginning.
#[utoipa::path(get, path = "/api/v1/events", tag = "Events",
    security(("key" = []), ("bearer" = [])),
    params(("type" = Option<Vec<String>>, Query, description = "only events of these types"),
        ("limit" = Option<i64>, Query, description = "1 to 500, 50 when absent"),
        ("after" = Option<String>, Query, description = "next or cursor of the page before, or \
            the id of an event of the stream")),
    responses((status = 200, body = EventPage), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails)))]
async fn read(
    State(app): State<App>,
    Member(caller): Member,
    params: Params,
) -> Result<Reply, Problem> {
    let (types, limit) = (types(&params), params.limit()?);
    let after = params.text("after").map(cursor).transpose()?.unwrap_or_default();
    let (events, end) = events::read(&app.ctx, &caller, types, after, limit).await?;
    let full = i64::try_from(events.len()).is_ok_and(|found| found == limit);
    Ok(Reply::json(&EventPage {
        items: events.iter().map(|event| item(event)).collect(),
        next: full.then(|| write_position(end)),
        cursor: write_position(end),
    }))
}

/// The types of events that are wanted; none means any.
pub(super) fn types(params: &Params) -> Vec<String> {
    params.texts("type").map(str::to_owned).collect()
}

/// The position that a cursor of the caller's stands for.
pub(super) fn cursor(text: &str) -> Result<i64, Problem> {
    read_position(text).ok_or_else(|| Problem::invalid(&[Violation::named("after", Rule::Invalid)]))
}

/// An event as it is told.
pub(super) fn item(event: &KeptEvent) -> EventItem<'_> {
    EventItem::from(Change {
        id: event.id.uuid(),
        kind: &event.event_type,
        at: event.at,
        tenant_id: event.tenant_id.map(TenantId::uuid),
        subject_id: event.subject_id,
        request_id: &event.request_id,
        data: &event.payload,
    })
}
