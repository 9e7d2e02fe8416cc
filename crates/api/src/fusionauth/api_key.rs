//! `/api/api-key` (`fusionauth.md` §4.7).

use axum::extract::State;
use docket_domain::id::ApiKeyId;
use docket_service::keys::{self, NewKey, ShownKey};
use docket_service::{Answer, Caller, Error};
use docket_wire::fusionauth::api_key::{ApiKeyResponse, details, new_key};
use docket_wire::fusionauth::problem::Naming;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id};
use super::patch::Patch;
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::KeyManager;
use crate::description::{CHANGED, GIVEN};
use crate::state::App;

const ENVELOPE: &str = "apiKey";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(
        find,
        create_with_id,
        update,
        patch,
        delete
    ))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "apiKeyId" })
}

fn response(shown: &ShownKey) -> ApiKeyResponse {
    ApiKeyResponse::new(&shown.key, shown.secret.as_ref())
}

fn render(shown: &ShownKey) -> Answer {
    answer(&response(shown))
}

async fn make(app: &App, caller: &Caller, id: Option<ApiKeyId>, body: &Body) -> Outcome {
    let (details, fixed) =
        new_key(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let command = NewKey {
        details,
        tenant_id: fixed.tenant_id,
        key_manager: false,
        retrievable: fixed.retrievable,
        secret: fixed.secret,
        source: body.beside("sourceKeyId")?,
    };
    let made = keys::create(&app.ctx, caller, id, command, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Makes a key.
#[utoipa::path(post, path = "/api/api-key", tag = "API keys", security(("key" = [])),
    request_body(content = ApiKeyResponse, description = GIVEN),
    responses((status = 200, body = ApiKeyResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, KeyManager(caller): KeyManager, body: Body) -> Outcome {
    make(&app, &caller, None, &body).await
}

/// Makes a key with an id of the caller's choice.
#[utoipa::path(post, path = "/api/api-key/{apiKeyId}", tag = "API keys", security(("key" = [])),
    params(("apiKeyId" = uuid::Uuid, Path)),
    request_body(content = ApiKeyResponse, description = GIVEN),
    responses((status = 200, body = ApiKeyResponse), (status = 400), (status = 401)))]
async fn create_with_id(
    State(app): State<App>,
    KeyManager(caller): KeyManager,
    Id(id): Id<ApiKeyId>,
    body: Body,
) -> Outcome {
    make(&app, &caller, Some(id), &body).await
}

/// A key, with its secret where that may be read again.
#[utoipa::path(get, path = "/api/api-key/{apiKeyId}", tag = "API keys", security(("key" = [])),
    params(("apiKeyId" = uuid::Uuid, Path)),
    responses((status = 200, body = ApiKeyResponse), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, KeyManager(_): KeyManager, Id(id): Id<ApiKeyId>) -> Outcome {
    let shown = keys::find(&app.ctx, id).await.map_err(problem)?;
    Ok(Reply::json(&response(&shown)))
}

/// Replaces what a key may do.
#[utoipa::path(put, path = "/api/api-key/{apiKeyId}", tag = "API keys", security(("key" = [])),
    params(("apiKeyId" = uuid::Uuid, Path)),
    request_body(content = ApiKeyResponse, description = GIVEN),
    responses((status = 200, body = ApiKeyResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update(
    State(app): State<App>,
    KeyManager(caller): KeyManager,
    Id(id): Id<ApiKeyId>,
    body: Body,
) -> Outcome {
    let parsed = details(body.envelope(ENVELOPE)?);
    let revise = move |_: &ShownKey| parsed.clone().map_err(Error::from);
    let updated = keys::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Changes what a key may do in part.
#[utoipa::path(patch, path = "/api/api-key/{apiKeyId}", tag = "API keys", security(("key" = [])),
    params(("apiKeyId" = uuid::Uuid, Path)),
    request_body(content = ApiKeyResponse, description = CHANGED),
    responses((status = 200, body = ApiKeyResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn patch(
    State(app): State<App>,
    KeyManager(caller): KeyManager,
    Id(id): Id<ApiKeyId>,
    patch: Patch,
) -> Outcome {
    let revise = move |current: &ShownKey| {
        let object = patch.apply(&response(current), ENVELOPE)?;
        details(&object).map_err(Error::from)
    };
    let updated = keys::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Deletes a key; it lets nobody in any more.
#[utoipa::path(delete, path = "/api/api-key/{apiKeyId}", tag = "API keys",
    security(("key" = [])),
    params(("apiKeyId" = uuid::Uuid, Path)),
    responses((status = 200), (status = 401), (status = 404)))]
async fn delete(
    State(app): State<App>,
    KeyManager(caller): KeyManager,
    Id(id): Id<ApiKeyId>,
) -> Outcome {
    let deleted = keys::delete(&app.ctx, &caller, id, nothing).await;
    deleted.map(Reply::from).map_err(problem)
}
