//! `/api/system/webhook-event-log` and `/api/system/webhook-attempt-log` (`fusionauth.md` §4.9). Keys
//! of one tenant are let in, as to webhooks (OPEN-9): they see that tenant's events.

use axum::extract::State;
use docket_domain::id::{AttemptId, EventId};
use docket_service::{Caller, Error, webhook_log};
use docket_wire::fusionauth::search::Criteria;
use docket_wire::fusionauth::webhook_log::{
    WebhookAttemptLogResponse, WebhookEventLogResponse, WebhookEventLogSearchResponse, search,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::reply::{Outcome, Problem, Reply};
use crate::auth::Key;
use crate::description::SEARCHED;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search_by_query, search_by_body))
        .routes(routes!(find))
        .routes(routes!(find_attempt))
}

/// An event that webhooks were told, with every call.
#[utoipa::path(get, path = "/api/system/webhook-event-log/{webhookEventLogId}",
    tag = "Webhook log", security(("key" = [])),
    params(("webhookEventLogId" = uuid::Uuid, Path)),
    responses((status = 200, body = WebhookEventLogResponse), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, Key(caller): Key, Id(id): Id<EventId>) -> Outcome {
    let found = webhook_log::find(&app.ctx, &caller, id).await.map_err(Problem::unnamed)?;
    Ok(Reply::json(&WebhookEventLogResponse::new(&found.event, &found.attempts)))
}

/// A call of a webhook.
#[utoipa::path(get, path = "/api/system/webhook-attempt-log/{webhookAttemptLogId}",
    tag = "Webhook log", security(("key" = [])),
    params(("webhookAttemptLogId" = uuid::Uuid, Path)),
    responses((status = 200, body = WebhookAttemptLogResponse), (status = 401), (status = 404)))]
async fn find_attempt(State(app): State<App>, Key(caller): Key, Id(id): Id<AttemptId>) -> Outcome {
    let found = webhook_log::find_attempt(&app.ctx, &caller, id).await;
    Ok(Reply::json(&WebhookAttemptLogResponse::from(&found.map_err(Problem::unnamed)?)))
}

/// The events that match, the newest first; those of the last hour where no time is named.
#[utoipa::path(get, path = "/api/system/webhook-event-log/search", tag = "Webhook log",
    security(("key" = [])),
    params(("start" = Option<i64>, Query), ("end" = Option<i64>, Query),
        ("event" = Option<String>, Query, description = "anywhere in what is sent"),
        ("eventType" = Option<String>, Query),
        ("eventResult" = Option<String>, Query, description = "Running, Succeeded, Failed"),
        ("startRow" = Option<i64>, Query), ("numberOfResults" = Option<i64>, Query),
        ("orderBy" = Option<String>, Query)),
    responses((status = 200, body = WebhookEventLogSearchResponse), (status = 400),
        (status = 401)))]
async fn search_by_query(State(app): State<App>, Key(caller): Key, params: Params) -> Outcome {
    found(&app, &caller, &params.criteria()).await
}

/// The events that match, the newest first; the criteria are in `search`.
#[utoipa::path(post, path = "/api/system/webhook-event-log/search", tag = "Webhook log",
    security(("key" = [])),
    request_body(content = serde_json::Value, description = SEARCHED),
    responses((status = 200, body = WebhookEventLogSearchResponse), (status = 400),
        (status = 401)))]
async fn search_by_body(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    found(&app, &caller, &body.criteria()?).await
}

async fn found(app: &App, caller: &Caller, criteria: &Criteria) -> Outcome {
    let (search, paging) = search(criteria).map_err(Error::from).map_err(Problem::unnamed)?;
    let page = webhook_log::search(&app.ctx, caller, search, &paging).await;
    let page = page.map_err(Problem::unnamed)?;
    let items = page.items.iter().map(|logged| (&logged.event, logged.attempts.as_slice()));
    Ok(Reply::json(&WebhookEventLogSearchResponse::new(items, page.total)))
}
