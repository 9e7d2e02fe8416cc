//! `/api/user-action-reason` (`fusionauth.md` §2).

use axum::extract::State;
use docket_domain::action::Reason;
use docket_domain::id::ReasonId;
use docket_service::{Error, reasons};
use docket_wire::fusionauth::problem::Naming;
use docket_wire::fusionauth::reason::{
    UserActionReasonResponse, UserActionReasonsResponse, details,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id};
use super::patch::Patch;
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::GlobalKey;
use crate::description::{CHANGED, GIVEN};
use crate::state::App;

const ENVELOPE: &str = "userActionReason";

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
    Problem::new(error, Naming { envelope: ENVELOPE, id: "userActionReasonId" })
}

fn render(reason: &Reason) -> docket_service::Answer {
    answer(&UserActionReasonResponse::from(reason))
}

/// Every reason, by text.
#[utoipa::path(get, path = "/api/user-action-reason", tag = "User action reasons",
    security(("key" = [])),
    responses((status = 200, body = UserActionReasonsResponse), (status = 401)))]
async fn list(State(app): State<App>, GlobalKey(_): GlobalKey) -> Outcome {
    let reasons = reasons::list(&app.ctx).await.map_err(problem)?;
    Ok(Reply::json(&UserActionReasonsResponse::from(reasons.as_slice())))
}

/// A reason.
#[utoipa::path(get, path = "/api/user-action-reason/{userActionReasonId}",
    tag = "User action reasons", security(("key" = [])),
    params(("userActionReasonId" = uuid::Uuid, Path)),
    responses((status = 200, body = UserActionReasonResponse), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, GlobalKey(_): GlobalKey, Id(id): Id<ReasonId>) -> Outcome {
    let reason = reasons::find(&app.ctx, id).await.map_err(problem)?;
    Ok(Reply::json(&UserActionReasonResponse::from(&reason)))
}

/// Makes a reason.
#[utoipa::path(post, path = "/api/user-action-reason", tag = "User action reasons",
    security(("key" = [])),
    request_body(content = UserActionReasonResponse, description = GIVEN),
    responses((status = 200, body = UserActionReasonResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, GlobalKey(caller): GlobalKey, body: Body) -> Outcome {
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let made = reasons::create(&app.ctx, &caller, None, details, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Makes a reason with an id of the caller's choice.
#[utoipa::path(post, path = "/api/user-action-reason/{userActionReasonId}",
    tag = "User action reasons", security(("key" = [])),
    params(("userActionReasonId" = uuid::Uuid, Path)),
    request_body(content = UserActionReasonResponse, description = GIVEN),
    responses((status = 200, body = UserActionReasonResponse), (status = 400), (status = 401)))]
async fn create_with_id(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<ReasonId>,
    body: Body,
) -> Outcome {
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let made = reasons::create(&app.ctx, &caller, Some(id), details, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Replaces a reason.
#[utoipa::path(put, path = "/api/user-action-reason/{userActionReasonId}",
    tag = "User action reasons", security(("key" = [])),
    params(("userActionReasonId" = uuid::Uuid, Path)),
    request_body(content = UserActionReasonResponse, description = GIVEN),
    responses((status = 200, body = UserActionReasonResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<ReasonId>,
    body: Body,
) -> Outcome {
    let parsed = details(body.envelope(ENVELOPE)?);
    let revise = move |_: &Reason| parsed.clone().map_err(Error::from);
    let updated = reasons::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Changes a reason in part.
#[utoipa::path(patch, path = "/api/user-action-reason/{userActionReasonId}",
    tag = "User action reasons", security(("key" = [])),
    params(("userActionReasonId" = uuid::Uuid, Path)),
    request_body(content = UserActionReasonResponse, description = CHANGED),
    responses((status = 200, body = UserActionReasonResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn patch(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<ReasonId>,
    patch: Patch,
) -> Outcome {
    let revise = move |current: &Reason| {
        let object = patch.apply(&UserActionReasonResponse::from(current), ENVELOPE)?;
        details(&object).map_err(Error::from)
    };
    let updated = reasons::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Deletes a reason for good.
#[utoipa::path(delete, path = "/api/user-action-reason/{userActionReasonId}",
    tag = "User action reasons", security(("key" = [])),
    params(("userActionReasonId" = uuid::Uuid, Path)),
    responses((status = 200), (status = 401), (status = 404)))]
async fn delete(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<ReasonId>,
) -> Outcome {
    let deleted = reasons::delete(&app.ctx, &caller, id, nothing).await;
    deleted.map(Reply::from).map_err(problem)
}
