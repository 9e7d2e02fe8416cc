//! `/api/user-action` (`fusionauth.md` §1).

use axum::body::Bytes;
use axum::extract::State;
use docket_domain::action::Definition;
use docket_domain::id::DefinitionId;
use docket_service::{Error, definitions};
use docket_wire::fusionauth::definition::{UserActionResponse, UserActionsResponse, details};
use docket_wire::fusionauth::problem::Naming;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::patch::Patch;
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::GlobalKey;
use crate::description::{CHANGED, GIVEN};
use crate::state::App;

const ENVELOPE: &str = "userAction";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(
        find,
        create_with_id,
        update,
        patch,
        delete
    ))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "userActionId" })
}

fn render(definition: &Definition) -> docket_service::Answer {
    answer(&UserActionResponse::from(definition))
}

/// The active definitions by name, or the inactive ones.
#[utoipa::path(get, path = "/api/user-action", tag = "User actions", security(("key" = [])),
    params(("inactive" = Option<bool>, Query)),
    responses((status = 200, body = UserActionsResponse), (status = 400), (status = 401)))]
async fn list(State(app): State<App>, GlobalKey(_): GlobalKey, params: Params) -> Outcome {
    let inactive = params.boolean("inactive")?.unwrap_or(false);
    let definitions = definitions::list(&app.ctx, !inactive).await.map_err(problem)?;
    Ok(Reply::json(&UserActionsResponse::from(definitions.as_slice())))
}

/// A definition.
#[utoipa::path(get, path = "/api/user-action/{userActionId}",
    tag = "User actions", security(("key" = [])),
    params(("userActionId" = uuid::Uuid, Path)),
    responses((status = 200, body = UserActionResponse), (status = 401), (status = 404)))]
async fn find(
    State(app): State<App>,
    GlobalKey(_): GlobalKey,
    Id(id): Id<DefinitionId>,
) -> Outcome {
    let definition = definitions::find(&app.ctx, id).await.map_err(problem)?;
    Ok(Reply::json(&UserActionResponse::from(&definition)))
}

/// Makes a definition.
#[utoipa::path(post, path = "/api/user-action", tag = "User actions",
    security(("key" = [])),
    request_body(content = UserActionResponse, description = GIVEN),
    responses((status = 200, body = UserActionResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, GlobalKey(caller): GlobalKey, body: Body) -> Outcome {
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let made = definitions::create(&app.ctx, &caller, None, details, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Makes a definition with an id of the caller's choice.
#[utoipa::path(post, path = "/api/user-action/{userActionId}",
    tag = "User actions", security(("key" = [])),
    params(("userActionId" = uuid::Uuid, Path)),
    request_body(content = UserActionResponse, description = GIVEN),
    responses((status = 200, body = UserActionResponse), (status = 400), (status = 401)))]
async fn create_with_id(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<DefinitionId>,
    body: Body,
) -> Outcome {
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let made = definitions::create(&app.ctx, &caller, Some(id), details, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Replaces a definition, or switches it on again.
#[utoipa::path(put, path = "/api/user-action/{userActionId}", tag = "User actions",
    security(("key" = [])),
    params(("userActionId" = uuid::Uuid, Path), ("reactivate" = Option<bool>, Query)),
    request_body(content = UserActionResponse, description = GIVEN),
    responses((status = 200, body = UserActionResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<DefinitionId>,
    params: Params,
    body: Bytes,
) -> Outcome {
    let (ctx, caller) = (&app.ctx, &caller);
    let updated = if params.boolean("reactivate")?.unwrap_or(false) {
        definitions::set_active(ctx, caller, id, true, render).await
    } else {
        let parsed = details(Body::parse(&body)?.envelope(ENVELOPE)?);
        let revise = move |_: &Definition| parsed.clone().map_err(Error::from);
        definitions::update(ctx, caller, id, revise, render).await
    };
    updated.map(Reply::from).map_err(problem)
}

/// Changes a definition in part.
#[utoipa::path(patch, path = "/api/user-action/{userActionId}",
    tag = "User actions", security(("key" = [])),
    params(("userActionId" = uuid::Uuid, Path)),
    request_body(content = UserActionResponse, description = CHANGED),
    responses((status = 200, body = UserActionResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn patch(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<DefinitionId>,
    patch: Patch,
) -> Outcome {
    let revise = move |current: &Definition| {
        let object = patch.apply(&UserActionResponse::from(current), ENVELOPE)?;
        details(&object).map_err(Error::from)
    };
    let updated = definitions::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Switches a definition off, or deletes it and its actions for good.
#[utoipa::path(delete, path = "/api/user-action/{userActionId}", tag = "User actions",
    security(("key" = [])),
    params(("userActionId" = uuid::Uuid, Path), ("hardDelete" = Option<bool>, Query)),
    responses((status = 200), (status = 400), (status = 401), (status = 404)))]
async fn delete(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<DefinitionId>,
    params: Params,
) -> Outcome {
    let done = if params.boolean("hardDelete")?.unwrap_or(false) {
        definitions::delete(&app.ctx, &caller, id, nothing).await
    } else {
        definitions::set_active(&app.ctx, &caller, id, false, nothing).await
    };
    done.map(Reply::from).map_err(problem)
}
