//! `/api/system/audit-log` (`fusionauth.md` §4.11).

use axum::extract::State;
use docket_domain::journal::AuditEntry;
use docket_service::{Caller, Error, audit_log};
use docket_wire::fusionauth::audit_log::{
    AuditLogResponse, AuditLogSearchResponse, details, search,
};
use docket_wire::fusionauth::problem::Naming;
use docket_wire::fusionauth::search::Criteria;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::reply::{Outcome, Problem, Reply, answer};
use crate::auth::Key;
use crate::description::{GIVEN, SEARCHED};
use crate::state::App;

const ENVELOPE: &str = "auditLog";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(search_by_query, search_by_body))
        .routes(routes!(find))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "auditLogId" })
}

fn render(entry: &AuditEntry) -> docket_service::Answer {
    answer(&AuditLogResponse::from(entry))
}

/// Writes an entry. What is done through this API is not written here by itself.
#[utoipa::path(post, path = "/api/system/audit-log", tag = "Audit log", security(("key" = [])),
    request_body(content = AuditLogResponse, description = GIVEN),
    responses((status = 200, body = AuditLogResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let written = audit_log::create(&app.ctx, &caller, details, render).await;
    written.map(Reply::from).map_err(problem)
}

/// An entry.
#[utoipa::path(get, path = "/api/system/audit-log/{auditLogId}", tag = "Audit log",
    security(("key" = [])), params(("auditLogId" = i64, Path)),
    responses((status = 200, body = AuditLogResponse), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, Key(caller): Key, Id(id): Id<i64>) -> Outcome {
    let entry = audit_log::find(&app.ctx, &caller, id).await.map_err(problem)?;
    Ok(Reply::json(&AuditLogResponse::from(&entry)))
}

/// The entries that match, the newest first.
#[utoipa::path(get, path = "/api/system/audit-log/search", tag = "Audit log",
    security(("key" = [])),
    params(("user" = Option<String>, Query), ("message" = Option<String>, Query),
        ("reason" = Option<String>, Query), ("newValue" = Option<String>, Query),
        ("oldValue" = Option<String>, Query), ("start" = Option<i64>, Query),
        ("end" = Option<i64>, Query), ("tenantId" = Option<uuid::Uuid>, Query),
        ("startRow" = Option<i64>, Query), ("numberOfResults" = Option<i64>, Query),
        ("orderBy" = Option<String>, Query)),
    responses((status = 200, body = AuditLogSearchResponse), (status = 400), (status = 401)))]
async fn search_by_query(State(app): State<App>, Key(caller): Key, params: Params) -> Outcome {
    found(&app, &caller, &params.criteria()).await
}

/// The entries that match, the newest first; the criteria are in `search`.
#[utoipa::path(post, path = "/api/system/audit-log/search", tag = "Audit log",
    security(("key" = [])),
    request_body(content = serde_json::Value, description = SEARCHED),
    responses((status = 200, body = AuditLogSearchResponse), (status = 400), (status = 401)))]
async fn search_by_body(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    found(&app, &caller, &body.criteria()?).await
}

async fn found(app: &App, caller: &Caller, criteria: &Criteria) -> Outcome {
    let (search, paging) = search(criteria).map_err(Error::from).map_err(problem)?;
    let page = audit_log::search(&app.ctx, caller, &search, &paging).await.map_err(problem)?;
    Ok(Reply::json(&AuditLogSearchResponse::from(&page)))
}
