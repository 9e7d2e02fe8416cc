//! `/api/webhook` (`fusionauth.md` §4.9). Keys of one tenant are let in (OPEN-9): they see and
//! change the webhooks that hear of their tenant alone.

use axum::extract::State;
use docket_domain::id::WebhookId;
use docket_domain::webhook::Webhook;
use docket_service::webhooks::{self, NewWebhook};
use docket_service::{Caller, Error};
use docket_wire::fusionauth::problem::Naming;
use docket_wire::fusionauth::search::Criteria;
use docket_wire::fusionauth::webhook::{
    WebhookResponse, WebhookSearchResponse, WebhooksResponse, details, search,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::patch::Patch;
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::Key;
use crate::description::{CHANGED, GIVEN, SEARCHED};
use crate::state::App;

const ENVELOPE: &str = "webhook";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(search_by_query, search_by_body))
        .routes(routes!(find, create_with_id, update, patch, delete))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "webhookId" })
}

fn render_new(made: &NewWebhook) -> docket_service::Answer {
    answer(&WebhookResponse::made(&made.webhook, &made.secret))
}

fn render(webhook: &Webhook) -> docket_service::Answer {
    answer(&WebhookResponse::from(webhook))
}

/// Every webhook, by address.
#[utoipa::path(get, path = "/api/webhook", tag = "Webhooks", security(("key" = [])),
    responses((status = 200, body = WebhooksResponse), (status = 401)))]
async fn list(State(app): State<App>, Key(caller): Key) -> Outcome {
    let webhooks = webhooks::list(&app.ctx, &caller).await.map_err(problem)?;
    Ok(Reply::json(&WebhooksResponse::from(webhooks.as_slice())))
}

/// A webhook.
#[utoipa::path(get, path = "/api/webhook/{webhookId}", tag = "Webhooks", security(("key" = [])),
    params(("webhookId" = uuid::Uuid, Path)),
    responses((status = 200, body = WebhookResponse), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, Key(caller): Key, Id(id): Id<WebhookId>) -> Outcome {
    let webhook = webhooks::find(&app.ctx, &caller, id).await.map_err(problem)?;
    Ok(Reply::json(&WebhookResponse::from(&webhook)))
}

/// Makes a webhook; its secret is in this answer and in no other.
#[utoipa::path(post, path = "/api/webhook", tag = "Webhooks", security(("key" = [])),
    request_body(content = WebhookResponse, description = GIVEN),
    responses((status = 200, body = WebhookResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let made = webhooks::create(&app.ctx, &caller, None, details, render_new).await;
    made.map(Reply::from).map_err(problem)
}

/// Makes a webhook with an id of the caller's choice.
#[utoipa::path(post, path = "/api/webhook/{webhookId}", tag = "Webhooks", security(("key" = [])),
    params(("webhookId" = uuid::Uuid, Path)),
    request_body(content = WebhookResponse, description = GIVEN),
    responses((status = 200, body = WebhookResponse), (status = 400), (status = 401)))]
async fn create_with_id(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<WebhookId>,
    body: Body,
) -> Outcome {
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let made = webhooks::create(&app.ctx, &caller, Some(id), details, render_new).await;
    made.map(Reply::from).map_err(problem)
}

/// Replaces a webhook.
#[utoipa::path(put, path = "/api/webhook/{webhookId}", tag = "Webhooks", security(("key" = [])),
    params(("webhookId" = uuid::Uuid, Path)),
    request_body(content = WebhookResponse, description = GIVEN),
    responses((status = 200, body = WebhookResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<WebhookId>,
    body: Body,
) -> Outcome {
    let parsed = details(body.envelope(ENVELOPE)?);
    let revise = move |_: &Webhook| parsed.clone().map_err(Error::from);
    let updated = webhooks::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Changes a webhook in part.
#[utoipa::path(patch, path = "/api/webhook/{webhookId}", tag = "Webhooks", security(("key" = [])),
    params(("webhookId" = uuid::Uuid, Path)),
    request_body(content = WebhookResponse, description = CHANGED),
    responses((status = 200, body = WebhookResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn patch(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<WebhookId>,
    patch: Patch,
) -> Outcome {
    let revise = move |current: &Webhook| {
        let object = patch.apply(&WebhookResponse::from(current), ENVELOPE)?;
        details(&object).map_err(Error::from)
    };
    let updated = webhooks::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Deletes a webhook for good.
#[utoipa::path(delete, path = "/api/webhook/{webhookId}", tag = "Webhooks", security(("key" = [])),
    params(("webhookId" = uuid::Uuid, Path)),
    responses((status = 200), (status = 401), (status = 404)))]
async fn delete(State(app): State<App>, Key(caller): Key, Id(id): Id<WebhookId>) -> Outcome {
    let deleted = webhooks::delete(&app.ctx, &caller, id, nothing).await;
    deleted.map(Reply::from).map_err(problem)
}

/// The webhooks that match.
#[utoipa::path(get, path = "/api/webhook/search", tag = "Webhooks", security(("key" = [])),
    params(("description" = Option<String>, Query), ("url" = Option<String>, Query),
        ("tenantId" = Option<uuid::Uuid>, Query), ("startRow" = Option<i64>, Query),
        ("numberOfResults" = Option<i64>, Query), ("orderBy" = Option<String>, Query)),
    responses((status = 200, body = WebhookSearchResponse), (status = 400), (status = 401)))]
async fn search_by_query(State(app): State<App>, Key(caller): Key, params: Params) -> Outcome {
    found(&app, &caller, &params.criteria()).await
}

/// The webhooks that match; the criteria are in `search`.
#[utoipa::path(post, path = "/api/webhook/search", tag = "Webhooks", security(("key" = [])),
    request_body(content = serde_json::Value, description = SEARCHED),
    responses((status = 200, body = WebhookSearchResponse), (status = 400), (status = 401)))]
async fn search_by_body(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    found(&app, &caller, &body.criteria()?).await
}

async fn found(app: &App, caller: &Caller, criteria: &Criteria) -> Outcome {
    let (search, paging) = search(criteria).map_err(Error::from).map_err(problem)?;
    let page = webhooks::search(&app.ctx, caller, &search, &paging).await.map_err(problem)?;
    Ok(Reply::json(&WebhookSearchResponse::from(&page)))
}
