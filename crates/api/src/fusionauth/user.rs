//! `/api/user` (`fusionauth.md` §4.1).

use axum::body::Bytes;
use axum::extract::State;
use docket_domain::directory::Account;
use docket_domain::directory::user::LoginIdKind;
use docket_domain::id::UserId;
use docket_domain::violation::Rule;
use docket_service::{Answer, Error, users};
use docket_wire::fusionauth::problem::Naming;
use docket_wire::fusionauth::user::{UserResponse, options, submission};
use docket_wire::fusionauth::user_search::for_good;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, OptionalBody, Params};
use super::patch::Patch;
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::Key;
use crate::description::CHANGED;
use crate::state::App;

const ENVELOPE: &str = "user";

const USER_GIVEN: &str = "The `user` with its `password`; beside it, for a new one, perhaps \
    `applicationId` and `sendSetPasswordEmail`.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find_by_login, create)).routes(routes!(
        find,
        create_with_id,
        update,
        patch,
        delete
    ))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "userId" })
}

fn render(account: &Account) -> Answer {
    answer(&UserResponse::from(account))
}

/// What a request says of a new user.
fn new(id: Option<UserId>, body: &Body) -> Result<users::New, Problem> {
    let options = options(&body.0).map_err(Error::from).map_err(problem)?;
    let submission = submission(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    Ok(users::New {
        id,
        submission,
        chooses_password: options.chooses_password,
        application_id: options.application_id,
    })
}

/// A user by e-mail address, by name, or by either.
#[utoipa::path(get, path = "/api/user", tag = "Users", security(("key" = [])),
    params(("email" = Option<String>, Query), ("username" = Option<String>, Query),
        ("loginId" = Option<String>, Query), ("loginIdTypes" = Option<Vec<String>>, Query)),
    responses((status = 200, body = UserResponse), (status = 400), (status = 401), (status = 404)))]
async fn find_by_login(State(app): State<App>, Key(caller): Key, params: Params) -> Outcome {
    let asked = params.list::<LoginIdKind>("loginIdTypes")?;
    let asked = if asked.is_empty() { LoginIdKind::USUAL.to_vec() } else { asked };
    let named = [
        ("email", vec![LoginIdKind::Email]),
        ("username", vec![LoginIdKind::Username]),
        ("loginId", asked),
    ];
    let given = named.iter().find_map(|(name, kinds)| params.text(name).map(|text| (text, kinds)));
    let (login_id, kinds) = given.ok_or_else(|| Problem::named("loginId", Rule::Missing))?;
    let found = users::find_by_login(&app.ctx, caller.scope, login_id, kinds).await;
    Ok(Reply::json(&UserResponse::from(&found.map_err(problem)?)))
}

/// A user.
#[utoipa::path(get, path = "/api/user/{userId}", tag = "Users", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path)),
    responses((status = 200, body = UserResponse), (status = 400), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, Key(caller): Key, Id(id): Id<UserId>) -> Outcome {
    let account = users::find(&app.ctx, caller.scope, id).await.map_err(problem)?;
    Ok(Reply::json(&UserResponse::from(&account)))
}

/// Makes a user.
#[utoipa::path(post, path = "/api/user", tag = "Users", security(("key" = [])),
    request_body(content = UserResponse, description = USER_GIVEN),
    responses((status = 200, body = UserResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    let made = users::create(&app.ctx, &caller, new(None, &body)?, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Makes a user with an id of the caller's choice.
#[utoipa::path(post, path = "/api/user/{userId}", tag = "Users", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path)),
    request_body(content = UserResponse, description = USER_GIVEN),
    responses((status = 200, body = UserResponse), (status = 400), (status = 401)))]
async fn create_with_id(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<UserId>,
    body: Body,
) -> Outcome {
    let made = users::create(&app.ctx, &caller, new(Some(id), &body)?, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Replaces a user, or opens the account again.
#[utoipa::path(put, path = "/api/user/{userId}", tag = "Users", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path), ("reactivate" = Option<bool>, Query)),
    request_body(content = UserResponse, description = USER_GIVEN),
    responses((status = 200, body = UserResponse), (status = 400), (status = 401), (status = 404)))]
async fn update(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<UserId>,
    params: Params,
    body: Bytes,
) -> Outcome {
    let (ctx, caller) = (&app.ctx, &caller);
    let updated = if params.boolean("reactivate")?.unwrap_or(false) {
        users::reactivate(ctx, caller, id, render).await
    } else {
        let parsed = submission(Body::parse(&body)?.envelope(ENVELOPE)?);
        let revise = move |_: &Account| parsed.clone().map_err(Error::from);
        users::update(ctx, caller, id, revise, render).await
    };
    updated.map(Reply::from).map_err(problem)
}

/// Changes a user in part.
#[utoipa::path(patch, path = "/api/user/{userId}", tag = "Users", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path)),
    request_body(content = UserResponse, description = CHANGED),
    responses((status = 200, body = UserResponse), (status = 400), (status = 401), (status = 404)))]
async fn patch(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<UserId>,
    patch: Patch,
) -> Outcome {
    let revise = move |current: &Account| {
        let object = patch.apply(&UserResponse::from(current), ENVELOPE)?;
        submission(&object).map_err(Error::from)
    };
    let updated = users::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Closes the account of a user, or deletes the user for good.
#[utoipa::path(delete, path = "/api/user/{userId}", tag = "Users", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path), ("hardDelete" = Option<bool>, Query)),
    responses((status = 200), (status = 400), (status = 401), (status = 404)))]
async fn delete(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<UserId>,
    params: Params,
    OptionalBody(body): OptionalBody,
) -> Outcome {
    let said = body.as_ref().map_or(Ok(false), for_good).map_err(Error::from).map_err(problem)?;
    let deleted = if params.boolean("hardDelete")?.unwrap_or(said) {
        users::delete(&app.ctx, &caller, id, nothing).await
    } else {
        users::deactivate(&app.ctx, &caller, id, nothing).await
    };
    deleted.map(Reply::from).map_err(problem)
}
