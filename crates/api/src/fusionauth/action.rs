//! `/api/user/action` (`fusionauth.md` §3).

use axum::extract::State;
use docket_domain::action::Notice;
use docket_domain::id::{ActionId, UserId};
use docket_domain::violation::Rule;
use docket_service::actions::{self, Revise, Take, Telling, Told, Wanted};
use docket_service::{Answer, Caller, Error};
use docket_wire::fusionauth::action::{ActionRequest, ActionResponse, ActionsResponse, Reading};
use docket_wire::fusionauth::problem::Naming;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::reply::{Outcome, Problem, Reply, answer};
use crate::auth::Key;
use crate::state::App;

const TAKEN: &str = "`action`: `actioneeUserId`, `actionerUserId`, `userActionId`, and as the \
    definition wants it `expiry`, `option`, `reasonId`, `applicationIds`, `comment`, `emailUser`, \
    `notifyUser`. Beside it `broadcast` and `eventInfo`.";
const MODIFIED: &str = "`action`: `actionerUserId`, `expiry`, and perhaps `comment`, `emailUser`, \
    `notifyUser`. Beside it `broadcast` and `eventInfo`.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, take)).routes(routes!(find, modify, cancel))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: "action", id: "actionId" })
}

/// Of the shape of the body, whose paths start at the top.
fn request(body: &Body, reading: Reading) -> Result<ActionRequest, Problem> {
    ActionRequest::read(&body.0, reading).map_err(Error::from).map_err(Problem::unnamed)
}

/// The same about an action that there must be: nobody hears of wrong members of a request about
/// none (§0.4).
async fn request_about(
    app: &App,
    caller: &Caller,
    id: ActionId,
    body: &Body,
    reading: Reading,
) -> Result<ActionRequest, Problem> {
    match request(body, reading) {
        Ok(request) => Ok(request),
        Err(refused) => {
            actions::find(&app.ctx, caller.scope, id).await.map_err(problem)?;
            Err(refused)
        }
    }
}

fn render(told: &Told) -> Answer {
    answer(&ActionResponse::of_change(&told.action, &told.event))
}

fn telling(request: &ActionRequest) -> Telling {
    Telling {
        notice: Notice { email: request.email_user, notify: request.notify_user },
        broadcast: request.broadcast,
        info: request.info.clone(),
    }
}

fn revision(request: ActionRequest) -> Revise {
    Revise {
        telling: telling(&request),
        actioner_id: request.actioner_id,
        comment: request.comment,
        expiry: request.expiry,
    }
}

/// Takes an action on a user.
#[utoipa::path(post, path = "/api/user/action", tag = "Actioning users", security(("key" = [])),
    request_body(content = serde_json::Value, description = TAKEN),
    responses((status = 200, body = ActionResponse), (status = 400), (status = 401)))]
async fn take(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    let request = request(&body, Reading::Take)?;
    let command = Take {
        telling: telling(&request),
        actionee_id: request.actionee_id,
        actioner_id: request.actioner_id,
        definition_id: request.definition_id,
        reason_id: request.reason_id,
        application_ids: request.application_ids,
        comment: request.comment,
        option: request.option,
        expiry: request.expiry,
    };
    actions::take(&app.ctx, &caller, command, render).await.map(Reply::from).map_err(problem)
}

/// The actions of a user, newest first.
#[utoipa::path(get, path = "/api/user/action", tag = "Actioning users", security(("key" = [])),
    params(("userId" = uuid::Uuid, Query), ("active" = Option<bool>, Query),
        ("preventingLogin" = Option<bool>, Query)),
    responses((status = 200, body = ActionsResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn list(State(app): State<App>, Key(caller): Key, params: Params) -> Outcome {
    let user: Option<UserId> = params.parsed("userId")?;
    let preventing_login = params.boolean("preventingLogin")?.unwrap_or(false);
    let wanted = match (params.boolean("active")?, preventing_login) {
        (Some(_), true) => return Err(Problem::named("preventingLogin", Rule::Invalid)),
        (None, true) => Wanted::PreventingLogin,
        (Some(true), false) => Wanted::Active,
        (Some(false), false) => Wanted::Inactive,
        (None, false) => Wanted::All,
    };
    let user = user.ok_or_else(|| Problem::named("userId", Rule::Missing))?;
    let actions = actions::list(&app.ctx, caller.scope, user, wanted).await.map_err(problem)?;
    Ok(Reply::json(&ActionsResponse::from(actions.as_slice())))
}

/// An action.
#[utoipa::path(get, path = "/api/user/action/{actionId}", tag = "Actioning users",
    security(("key" = [])), params(("actionId" = uuid::Uuid, Path)),
    responses((status = 200, body = ActionResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn find(State(app): State<App>, Key(caller): Key, Id(id): Id<ActionId>) -> Outcome {
    let action = actions::find(&app.ctx, caller.scope, id).await.map_err(problem)?;
    Ok(Reply::json(&ActionResponse::from(&action)))
}

/// Gives a running action another end and comment.
#[utoipa::path(put, path = "/api/user/action/{actionId}", tag = "Actioning users",
    security(("key" = [])), params(("actionId" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = MODIFIED),
    responses((status = 200, body = ActionResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn modify(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<ActionId>,
    body: Body,
) -> Outcome {
    let command = revision(request_about(&app, &caller, id, &body, Reading::Modify).await?);
    actions::modify(&app.ctx, &caller, id, command, render).await.map(Reply::from).map_err(problem)
}

/// Ends a running action now.
#[utoipa::path(delete, path = "/api/user/action/{actionId}", tag = "Actioning users",
    security(("key" = [])), params(("actionId" = uuid::Uuid, Path)),
    responses((status = 200, body = ActionResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn cancel(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<ActionId>,
    body: Body,
) -> Outcome {
    let command = revision(request_about(&app, &caller, id, &body, Reading::Cancel).await?);
    actions::cancel(&app.ctx, &caller, id, command, render).await.map(Reply::from).map_err(problem)
}
