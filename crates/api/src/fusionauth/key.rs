//! `/api/key`: keys that sign what webhooks are sent (`fusionauth.md` §4.9).

use axum::extract::State;
use docket_domain::id::WebhookKeyId;
use docket_domain::webhook_key::WebhookKey;
use docket_service::webhook_keys::{self, Brought, NewKey, Wanted};
use docket_service::{Answer, Caller, Error};
use docket_wire::fusionauth::key::{
    BroughtKey, KeyResponse, KeySearchResponse, KeysResponse, WantedKey, name, search,
};
use docket_wire::fusionauth::problem::Naming;
use docket_wire::fusionauth::search::Criteria;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::GlobalKey;
use crate::description::SEARCHED;
use crate::state::App;

const ENVELOPE: &str = "key";
/// Of a body that has a key made.
const WANTED: &str = "`key`: an object of `name`, `algorithm` (HS256 to HS512, RS256 to RS512, ES256 \
    to ES512, Ed25519) and perhaps `length` (RSA's 2048, 3072 or 4096) and `issuer`.";
/// Of a body that brings a key.
const BROUGHT: &str = "`key`: an object of `name`, `algorithm` and either `secret` or `privateKey` \
    or `publicKey` or both (PEM); perhaps also `kid`, `certificate` and `issuer`.";
/// Of a body that renames a key.
const RENAMED: &str = "`key`: an object of `name`; its other members are ignored.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(generate))
        .routes(routes!(generate_with_id))
        .routes(routes!(import))
        .routes(routes!(import_with_id))
        .routes(routes!(search_by_query, search_by_body))
        .routes(routes!(find, update, delete))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "keyId" })
}

fn render_new(made: &NewKey) -> Answer {
    answer(&KeyResponse::new(&made.key, made.secret.as_ref()))
}

fn render(key: &WebhookKey) -> Answer {
    answer(&KeyResponse::new(key, None))
}

/// Every key, by name.
#[utoipa::path(get, path = "/api/key", tag = "Keys", security(("key" = [])),
    responses((status = 200, body = KeysResponse), (status = 401)))]
async fn list(State(app): State<App>, GlobalKey(_): GlobalKey) -> Outcome {
    let keys = webhook_keys::list(&app.ctx).await.map_err(problem)?;
    Ok(Reply::json(&KeysResponse::from(keys.as_slice())))
}

/// A key, without its private part.
#[utoipa::path(get, path = "/api/key/{keyId}", tag = "Keys", security(("key" = [])),
    params(("keyId" = uuid::Uuid, Path)),
    responses((status = 200, body = KeyResponse), (status = 401), (status = 404)))]
async fn find(
    State(app): State<App>,
    GlobalKey(_): GlobalKey,
    Id(id): Id<WebhookKeyId>,
) -> Outcome {
    let key = webhook_keys::find(&app.ctx, id).await.map_err(problem)?;
    Ok(Reply::json(&KeyResponse::new(&key, None)))
}

/// Makes a key; a shared secret is in this answer and in no other.
#[utoipa::path(post, path = "/api/key/generate", tag = "Keys", security(("key" = [])),
    request_body(content = serde_json::Value, description = WANTED),
    responses((status = 200, body = KeyResponse), (status = 400), (status = 401)))]
async fn generate(State(app): State<App>, GlobalKey(caller): GlobalKey, body: Body) -> Outcome {
    make(&app, &caller, None, &body).await
}

/// Makes a key with an id of the caller's choice.
#[utoipa::path(post, path = "/api/key/generate/{keyId}", tag = "Keys", security(("key" = [])),
    params(("keyId" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = WANTED),
    responses((status = 200, body = KeyResponse), (status = 400), (status = 401)))]
async fn generate_with_id(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<WebhookKeyId>,
    body: Body,
) -> Outcome {
    make(&app, &caller, Some(id), &body).await
}

async fn make(app: &App, caller: &Caller, id: Option<WebhookKeyId>, body: &Body) -> Outcome {
    let read = WantedKey::read(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let WantedKey { name, algorithm, length, issuer } = read;
    let wanted = Wanted { name, algorithm, length, issuer };
    let made = webhook_keys::generate(&app.ctx, caller, id, wanted, render_new).await;
    made.map(Reply::from).map_err(problem)
}

/// Takes over a key that was made elsewhere.
#[utoipa::path(post, path = "/api/key/import", tag = "Keys", security(("key" = [])),
    request_body(content = serde_json::Value, description = BROUGHT),
    responses((status = 200, body = KeyResponse), (status = 400), (status = 401)))]
async fn import(State(app): State<App>, GlobalKey(caller): GlobalKey, body: Body) -> Outcome {
    bring(&app, &caller, None, &body).await
}

/// Takes over a key that was made elsewhere, with an id of the caller's choice.
#[utoipa::path(post, path = "/api/key/import/{keyId}", tag = "Keys", security(("key" = [])),
    params(("keyId" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = BROUGHT),
    responses((status = 200, body = KeyResponse), (status = 400), (status = 401)))]
async fn import_with_id(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<WebhookKeyId>,
    body: Body,
) -> Outcome {
    bring(&app, &caller, Some(id), &body).await
}

async fn bring(app: &App, caller: &Caller, id: Option<WebhookKeyId>, body: &Body) -> Outcome {
    let read = BroughtKey::read(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let brought = Brought {
        name: read.name,
        algorithm: read.algorithm,
        kid: read.kid,
        secret: read.secret,
        private_key: read.private_key,
        public_key: read.public_key,
        certificate: read.certificate,
        issuer: read.issuer,
    };
    let made = webhook_keys::import(&app.ctx, caller, id, brought, render_new).await;
    made.map(Reply::from).map_err(problem)
}

/// Calls a key something else.
#[utoipa::path(put, path = "/api/key/{keyId}", tag = "Keys", security(("key" = [])),
    params(("keyId" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = RENAMED),
    responses((status = 200, body = KeyResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<WebhookKeyId>,
    body: Body,
) -> Outcome {
    let name = name(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let updated = webhook_keys::rename(&app.ctx, &caller, id, name, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Deletes a key for good; one that a webhook names stays.
#[utoipa::path(delete, path = "/api/key/{keyId}", tag = "Keys", security(("key" = [])),
    params(("keyId" = uuid::Uuid, Path)),
    responses((status = 200), (status = 400), (status = 401), (status = 404)))]
async fn delete(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<WebhookKeyId>,
) -> Outcome {
    let deleted = webhook_keys::delete(&app.ctx, &caller, id, nothing).await;
    deleted.map(Reply::from).map_err(problem)
}

/// The keys that match.
#[utoipa::path(get, path = "/api/key/search", tag = "Keys", security(("key" = [])),
    params(("algorithm" = Option<String>, Query), ("name" = Option<String>, Query),
        ("type" = Option<String>, Query, description = "EC, HMAC, OKP, RSA"),
        ("startRow" = Option<i64>, Query), ("numberOfResults" = Option<i64>, Query),
        ("orderBy" = Option<String>, Query)),
    responses((status = 200, body = KeySearchResponse), (status = 400), (status = 401)))]
async fn search_by_query(
    State(app): State<App>,
    GlobalKey(_): GlobalKey,
    params: Params,
) -> Outcome {
    found(&app, &params.criteria()).await
}

/// The keys that match; the criteria are in `search`.
#[utoipa::path(post, path = "/api/key/search", tag = "Keys", security(("key" = [])),
    request_body(content = serde_json::Value, description = SEARCHED),
    responses((status = 200, body = KeySearchResponse), (status = 400), (status = 401)))]
async fn search_by_body(State(app): State<App>, GlobalKey(_): GlobalKey, body: Body) -> Outcome {
    found(&app, &body.criteria()?).await
}

async fn found(app: &App, criteria: &Criteria) -> Outcome {
    let (search, paging) = search(criteria).map_err(Error::from).map_err(problem)?;
    let page = webhook_keys::search(&app.ctx, &search, &paging).await.map_err(problem)?;
    Ok(Reply::json(&KeySearchResponse::from(&page)))
}
