//! `/api/login` (`fusionauth.md` §4.4).

use axum::extract::State;
use axum::http::StatusCode;
use docket_domain::id::{ApplicationId, UserId};
use docket_service::logins::{self, Login, Outcome as LoginOutcome};
use docket_service::{Answer, Caller, Error};
use docket_wire::fusionauth::login::{
    LoginPreventedResponse, LoginResponse, PasswordChangeResponse, login, ping,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Ids};
use super::reply::{Outcome, Problem, Reply, answer_with};
use crate::auth::{Key, MaybeKey};
use crate::state::App;

const LOGIN: &str = "`loginId`, `password`, and perhaps `loginIdTypes`, `applicationId`, `noJWT`, \
    `eventInfo`.";
const PING: &str = "`userId`, and perhaps `applicationId`.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(log_in, ping_by_body))
        .routes(routes!(ping_user))
        .routes(routes!(ping_application))
}

/// Each outcome has a status of its own; those that say why somebody is not let in have no body,
/// but for the actions that prevent the login.
fn render(outcome: &LoginOutcome) -> Answer {
    match outcome {
        LoginOutcome::Unknown => empty(StatusCode::NOT_FOUND),
        LoginOutcome::Closed => empty(StatusCode::LOCKED),
        LoginOutcome::Expired => empty(StatusCode::GONE),
        LoginOutcome::Blocked(blocks) => {
            answer_with(StatusCode::CONFLICT, &LoginPreventedResponse::from(blocks.as_slice()))
        }
        LoginOutcome::PasswordChange(id) => answer_with(
            StatusCode::NON_AUTHORITATIVE_INFORMATION,
            &PasswordChangeResponse::administrative(id),
        ),
        LoginOutcome::Welcome(welcome) => answer_with(
            if welcome.registered { StatusCode::OK } else { StatusCode::ACCEPTED },
            &LoginResponse::new(&welcome.account, welcome.token.as_ref()),
        ),
    }
}

fn empty(status: StatusCode) -> Answer {
    Answer::new(status.as_u16(), Vec::new())
}

/// Lets a user in, or says why not.
#[utoipa::path(post, path = "/api/login", tag = "Login", security(("key" = []), ()),
    request_body(content = serde_json::Value, description = LOGIN),
    responses((status = 200, body = LoginResponse), (status = 202, body = LoginResponse),
        (status = 203, body = PasswordChangeResponse), (status = 400), (status = 401),
        (status = 404), (status = 409, body = LoginPreventedResponse), (status = 410),
        (status = 423)))]
async fn log_in(State(app): State<App>, MaybeKey(caller): MaybeKey, body: Body) -> Outcome {
    let request = login(&body.0).map_err(Error::from).map_err(Problem::unnamed)?;
    let command = Login {
        login_id: request.login_id,
        kinds: request.kinds,
        password: request.password,
        application_id: request.application_id,
        wants_token: request.wants_token,
        info: request.info,
    };
    let answer = logins::log_in(&app.ctx, &caller, command, render).await;
    answer.map(Reply::from).map_err(Problem::unnamed)
}

async fn show_up(
    app: &App,
    caller: &Caller,
    user_id: UserId,
    application_id: Option<ApplicationId>,
) -> Outcome {
    let render =
        |registered: &bool| empty(if *registered { StatusCode::OK } else { StatusCode::ACCEPTED });
    let pinged = logins::ping(&app.ctx, caller, user_id, application_id, render).await;
    pinged.map(Reply::from).map_err(Problem::unnamed)
}

/// A user who is logged in elsewhere shows up.
#[utoipa::path(put, path = "/api/login/{userId}", tag = "Login", security(("key" = [])),
    params(("userId" = uuid::Uuid, Path), ("ipAddress" = Option<String>, Query)),
    responses((status = 200), (status = 400), (status = 401), (status = 404)))]
async fn ping_user(State(app): State<App>, Key(caller): Key, Id(id): Id<UserId>) -> Outcome {
    show_up(&app, &caller, id, None).await
}

/// A user who is logged in elsewhere shows up at an application.
#[utoipa::path(put, path = "/api/login/{userId}/{applicationId}", tag = "Login",
    security(("key" = [])),
    params(("userId" = uuid::Uuid, Path), ("applicationId" = uuid::Uuid, Path),
        ("ipAddress" = Option<String>, Query)),
    responses((status = 200), (status = 202), (status = 400), (status = 401), (status = 404)))]
async fn ping_application(
    State(app): State<App>,
    Key(caller): Key,
    Ids(user_id, application_id): Ids<UserId, ApplicationId>,
) -> Outcome {
    show_up(&app, &caller, user_id, Some(application_id)).await
}

/// A user who is logged in elsewhere shows up; both ids are in the body.
#[utoipa::path(put, path = "/api/login", tag = "Login", security(("key" = [])),
    request_body(content = serde_json::Value, description = PING),
    responses((status = 200), (status = 202), (status = 400), (status = 401), (status = 404)))]
async fn ping_by_body(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    let asked = ping(&body.0).map_err(Error::from).map_err(Problem::unnamed)?;
    show_up(&app, &caller, asked.0, asked.1).await
}
