//! `/api/application` (`fusionauth.md` §4.5).

use axum::body::Bytes;
use axum::extract::State;
use docket_domain::directory::Application;
use docket_domain::id::{ApplicationId, ApplicationRoleId};
use docket_service::applications::{self, New};
use docket_service::{Answer, Caller, Error};
use docket_wire::fusionauth::application::{
    ApplicationResponse, ApplicationsResponse, details, is_active,
};
use docket_wire::fusionauth::problem::Naming;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::patch::Patch;
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::Key;
use crate::description::{CHANGED, GIVEN};
use crate::state::App;

const ENVELOPE: &str = "application";

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
    Problem::new(error, Naming { envelope: ENVELOPE, id: "applicationId" })
}

fn render(application: &Application) -> Answer {
    answer(&ApplicationResponse::from(application))
}

/// Makes ids for new roles.
fn role_ids(app: &App) -> impl Fn() -> ApplicationRoleId + Clone + Send + Sync + 'static {
    let (ctx, now) = (app.ctx.clone(), app.ctx.now());
    move || ctx.id(now, ApplicationRoleId::from_uuid)
}

async fn make(app: &App, caller: &Caller, id: Option<ApplicationId>, body: &Body) -> Outcome {
    let object = body.envelope(ENVELOPE)?;
    let details = details(object, &[], role_ids(app)).map_err(Error::from).map_err(problem)?;
    let new = New { id, active: is_active(object), details };
    let made = applications::create(&app.ctx, caller, new, render).await;
    made.map(Reply::from).map_err(problem)
}

/// The open applications by name, or with `inactive=true` the closed ones.
#[utoipa::path(get, path = "/api/application", tag = "Applications", security(("key" = [])),
    params(("inactive" = Option<bool>, Query)),
    responses((status = 200, body = ApplicationsResponse), (status = 400), (status = 401)))]
async fn list(State(app): State<App>, Key(caller): Key, params: Params) -> Outcome {
    let active = !params.boolean("inactive")?.unwrap_or(false);
    let list = applications::list(&app.ctx, caller.scope, active).await.map_err(problem)?;
    Ok(Reply::json(&ApplicationsResponse::from(list.as_slice())))
}

/// Makes an application.
#[utoipa::path(post, path = "/api/application", tag = "Applications", security(("key" = [])),
    request_body(content = ApplicationResponse, description = GIVEN),
    responses((status = 200, body = ApplicationResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    make(&app, &caller, None, &body).await
}

/// Makes an application with an id of the caller's choice.
#[utoipa::path(post, path = "/api/application/{applicationId}", tag = "Applications",
    security(("key" = [])), params(("applicationId" = uuid::Uuid, Path)),
    request_body(content = ApplicationResponse, description = GIVEN),
    responses((status = 200, body = ApplicationResponse), (status = 400), (status = 401)))]
async fn create_with_id(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<ApplicationId>,
    body: Body,
) -> Outcome {
    make(&app, &caller, Some(id), &body).await
}

/// An application.
#[utoipa::path(get, path = "/api/application/{applicationId}", tag = "Applications",
    security(("key" = [])), params(("applicationId" = uuid::Uuid, Path)),
    responses((status = 200, body = ApplicationResponse), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, Key(caller): Key, Id(id): Id<ApplicationId>) -> Outcome {
    let found = applications::find(&app.ctx, caller.scope, id).await.map_err(problem)?;
    Ok(Reply::json(&ApplicationResponse::from(&found)))
}

/// Replaces an application, or with `reactivate=true` opens it again.
#[utoipa::path(put, path = "/api/application/{applicationId}", tag = "Applications",
    security(("key" = [])),
    params(("applicationId" = uuid::Uuid, Path), ("reactivate" = Option<bool>, Query)),
    request_body(content = ApplicationResponse, description = GIVEN),
    responses((status = 200, body = ApplicationResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<ApplicationId>,
    params: Params,
    body: Bytes,
) -> Outcome {
    let updated = if params.boolean("reactivate")?.unwrap_or(false) {
        applications::reactivate(&app.ctx, &caller, id, render).await
    } else {
        let parsed: Value = Body::parse(&body)?.envelope(ENVELOPE)?.clone();
        let new_id = role_ids(&app);
        let revise = move |current: &Application| {
            details(&parsed, &current.details.roles, &new_id).map_err(Error::from)
        };
        applications::update(&app.ctx, &caller, id, revise, render).await
    };
    updated.map(Reply::from).map_err(problem)
}

/// Changes an application in part.
#[utoipa::path(patch, path = "/api/application/{applicationId}", tag = "Applications",
    security(("key" = [])), params(("applicationId" = uuid::Uuid, Path)),
    request_body(content = ApplicationResponse, description = CHANGED),
    responses((status = 200, body = ApplicationResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn patch(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<ApplicationId>,
    patch: Patch,
) -> Outcome {
    let new_id = role_ids(&app);
    let revise = move |current: &Application| {
        let object = patch.apply(&ApplicationResponse::from(current), ENVELOPE)?;
        details(&object, &current.details.roles, &new_id).map_err(Error::from)
    };
    let updated = applications::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Closes an application, or with `hardDelete=true` deletes it for good.
#[utoipa::path(delete, path = "/api/application/{applicationId}", tag = "Applications",
    security(("key" = [])),
    params(("applicationId" = uuid::Uuid, Path), ("hardDelete" = Option<bool>, Query)),
    responses((status = 200), (status = 400), (status = 401), (status = 404)))]
async fn delete(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<ApplicationId>,
    params: Params,
) -> Outcome {
    let gone = if params.boolean("hardDelete")?.unwrap_or(false) {
        applications::delete(&app.ctx, &caller, id, nothing).await
    } else {
        applications::deactivate(&app.ctx, &caller, id, nothing).await
    };
    gone.map(Reply::from).map_err(problem)
}
