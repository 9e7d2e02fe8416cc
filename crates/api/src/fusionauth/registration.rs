//! `/api/user/registration` (`fusionauth.md` §4.1).

use axum::extract::State;
use docket_domain::directory::{Registration, RegistrationDetails};
use docket_domain::id::{ApplicationId, UserId};
use docket_domain::violation::Violation;
use docket_service::registrations::{New, Registered};
use docket_service::{Answer, Caller, Error, registrations};
use docket_wire::fusionauth::problem::Naming;
use docket_wire::fusionauth::registration::{RegistrationResponse, details};
use docket_wire::fusionauth::user::{options, submission};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Ids};
use super::patch::Patch;
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::Key;
use crate::description::{CHANGED, GIVEN};
use crate::state::App;

const ENVELOPE: &str = "registration";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(create_for, update_named_in_body, patch_named_in_body))
        .routes(routes!(find, update, patch, delete))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "userId" })
}

fn render(registration: &Registration) -> Answer {
    answer(&RegistrationResponse::from(registration))
}

fn render_with_user(registered: &Registered) -> Answer {
    answer(&RegistrationResponse::with_user(&registered.registration, &registered.account))
}

async fn register(app: &App, caller: &Caller, user_id: Option<UserId>, body: &Body) -> Outcome {
    let parsed = details(body.envelope(ENVELOPE)?).map_err(Error::from);
    let (application_id, details) = parsed.map_err(problem)?;
    let user = match body.0.get("user").filter(|user| !user.is_null()) {
        Some(_) => Some(submission(body.envelope("user")?).map_err(within_user).map_err(problem)?),
        None => None,
    };
    let options = options(&body.0).map_err(Error::from).map_err(problem)?;
    let chooses_password = options.chooses_password;
    let new = New { user_id, user, chooses_password, application_id, details };
    let made = registrations::create(&app.ctx, caller, new, render_with_user).await;
    made.map(Reply::from).map_err(problem)
}

fn within_user(violations: Vec<Violation>) -> Error {
    Error::from(violations).under("user")
}

/// Makes a user and registers the user for an application.
#[utoipa::path(post, path = "/api/user/registration", tag = "Registrations",
    security(("key" = [])),
    request_body(content = RegistrationResponse,
        description = "The `registration`; with a `user`, that user is made first, else `registration.userId` names one."),
    responses((status = 200, body = RegistrationResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    register(&app, &caller, None, &body).await
}

/// Registers a user for an application; the user is made first when the body says who it is.
#[utoipa::path(post, path = "/api/user/registration/{userId}", tag = "Registrations",
    security(("key" = [])), params(("userId" = uuid::Uuid, Path)),
    request_body(content = RegistrationResponse, description = GIVEN),
    responses((status = 200, body = RegistrationResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn create_for(
    State(app): State<App>,
    Key(caller): Key,
    Id(user): Id<UserId>,
    body: Body,
) -> Outcome {
    register(&app, &caller, Some(user), &body).await
}

/// A registration.
#[utoipa::path(get, path = "/api/user/registration/{userId}/{applicationId}",
    tag = "Registrations", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path), ("applicationId" = uuid::Uuid, Path)),
    responses((status = 200, body = RegistrationResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn find(
    State(app): State<App>,
    Key(caller): Key,
    Ids(user, application): Ids<UserId, ApplicationId>,
) -> Outcome {
    let found = registrations::find(&app.ctx, caller.scope, user, application).await;
    Ok(Reply::json(&RegistrationResponse::from(&found.map_err(problem)?)))
}

/// What a PUT says a registration is to be.
async fn replace(
    app: &App,
    caller: &Caller,
    user: UserId,
    application: Option<ApplicationId>,
    body: &Body,
) -> Outcome {
    let parsed = details(body.envelope(ENVELOPE)?);
    let named = parsed.as_ref().ok().and_then(|(named, _)| *named);
    let revise = move |_: &Registration| read(parsed.clone());
    let which = (user, application.or(named));
    let updated = registrations::update(&app.ctx, caller, which, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

fn read(
    parsed: Result<(Option<ApplicationId>, RegistrationDetails), Vec<Violation>>,
) -> Result<RegistrationDetails, Error> {
    parsed.map(|(_, details)| details).map_err(Error::from)
}

/// Replaces the registration for the application that the body names.
#[utoipa::path(put, path = "/api/user/registration/{userId}", tag = "Registrations",
    security(("key" = [])), params(("userId" = uuid::Uuid, Path)),
    request_body(content = RegistrationResponse, description = GIVEN),
    responses((status = 200, body = RegistrationResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update_named_in_body(
    State(app): State<App>,
    Key(caller): Key,
    Id(user): Id<UserId>,
    body: Body,
) -> Outcome {
    replace(&app, &caller, user, None, &body).await
}

/// Replaces a registration.
#[utoipa::path(put, path = "/api/user/registration/{userId}/{applicationId}",
    tag = "Registrations", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path), ("applicationId" = uuid::Uuid, Path)),
    request_body(content = RegistrationResponse, description = GIVEN),
    responses((status = 200, body = RegistrationResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update(
    State(app): State<App>,
    Key(caller): Key,
    Ids(user, application): Ids<UserId, ApplicationId>,
    body: Body,
) -> Outcome {
    replace(&app, &caller, user, Some(application), &body).await
}

async fn change(
    app: &App,
    caller: &Caller,
    user: UserId,
    application: Option<ApplicationId>,
    patch: Patch,
) -> Outcome {
    let revise = move |current: &Registration| {
        let object = patch.apply(&RegistrationResponse::from(current), ENVELOPE)?;
        read(details(&object))
    };
    let which = (user, application);
    let updated = registrations::update(&app.ctx, caller, which, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Changes the registration for the application that the body names in part.
#[utoipa::path(patch, path = "/api/user/registration/{userId}", tag = "Registrations",
    security(("key" = [])), params(("userId" = uuid::Uuid, Path)),
    request_body(content = RegistrationResponse, description = CHANGED),
    responses((status = 200, body = RegistrationResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn patch_named_in_body(
    State(app): State<App>,
    Key(caller): Key,
    Id(user): Id<UserId>,
    patch: Patch,
) -> Outcome {
    let empty = serde_json::json!({ ENVELOPE: {} });
    let object: Value = patch.apply(&empty, ENVELOPE).map_err(problem)?;
    let (named, _) = details(&object).map_err(Error::from).map_err(problem)?;
    change(&app, &caller, user, named, patch).await
}

/// Changes a registration in part.
#[utoipa::path(patch, path = "/api/user/registration/{userId}/{applicationId}",
    tag = "Registrations", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path), ("applicationId" = uuid::Uuid, Path)),
    request_body(content = RegistrationResponse, description = CHANGED),
    responses((status = 200, body = RegistrationResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn patch(
    State(app): State<App>,
    Key(caller): Key,
    Ids(user, application): Ids<UserId, ApplicationId>,
    patch: Patch,
) -> Outcome {
    change(&app, &caller, user, Some(application), patch).await
}

/// Removes a registration.
#[utoipa::path(delete, path = "/api/user/registration/{userId}/{applicationId}",
    tag = "Registrations", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path), ("applicationId" = uuid::Uuid, Path)),
    responses((status = 200), (status = 400), (status = 401), (status = 404)))]
async fn delete(
    State(app): State<App>,
    Key(caller): Key,
    Ids(user, application): Ids<UserId, ApplicationId>,
) -> Outcome {
    let deleted = registrations::delete(&app.ctx, &caller, user, application, nothing).await;
    deleted.map(Reply::from).map_err(problem)
}
