//! `/api/system/event-log` (`fusionauth.md` §4.12).

use axum::extract::State;
use docket_service::{Error, event_log};
use docket_wire::fusionauth::event_log::{EventLogResponse, EventLogSearchResponse, search};
use docket_wire::fusionauth::search::Criteria;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::reply::{Outcome, Problem, Reply};
use crate::auth::GlobalKey;
use crate::description::SEARCHED;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(search_by_query, search_by_body)).routes(routes!(find))
}

/// An entry.
#[utoipa::path(get, path = "/api/system/event-log/{eventLogId}", tag = "Event log",
    security(("key" = [])), params(("eventLogId" = i64, Path)),
    responses((status = 200, body = EventLogResponse), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, GlobalKey(_): GlobalKey, Id(id): Id<i64>) -> Outcome {
    let entry = event_log::find(&app.ctx, id).await.map_err(Problem::unnamed)?;
    Ok(Reply::json(&EventLogResponse::from(&entry)))
}

/// The entries that match, the newest first.
#[utoipa::path(get, path = "/api/system/event-log/search", tag = "Event log",
    security(("key" = [])),
    params(("message" = Option<String>, Query), ("type" = Option<String>, Query),
        ("start" = Option<i64>, Query), ("end" = Option<i64>, Query),
        ("startRow" = Option<i64>, Query), ("numberOfResults" = Option<i64>, Query),
        ("orderBy" = Option<String>, Query)),
    responses((status = 200, body = EventLogSearchResponse), (status = 400), (status = 401)))]
async fn search_by_query(
    State(app): State<App>,
    GlobalKey(_): GlobalKey,
    params: Params,
) -> Outcome {
    found(&app, &params.criteria()).await
}

/// The entries that match, the newest first; the criteria are in `search`.
#[utoipa::path(post, path = "/api/system/event-log/search", tag = "Event log",
    security(("key" = [])),
    request_body(content = serde_json::Value, description = SEARCHED),
    responses((status = 200, body = EventLogSearchResponse), (status = 400), (status = 401)))]
async fn search_by_body(State(app): State<App>, GlobalKey(_): GlobalKey, body: Body) -> Outcome {
    found(&app, &body.criteria()?).await
}

async fn found(app: &App, criteria: &Criteria) -> Outcome {
    let (search, paging) = search(criteria).map_err(Error::from).map_err(Problem::unnamed)?;
    let page = event_log::search(&app.ctx, &search, &paging).await.map_err(Problem::unnamed)?;
    Ok(Reply::json(&EventLogSearchResponse::from(&page)))
}
