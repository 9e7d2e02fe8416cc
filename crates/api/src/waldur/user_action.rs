//! `/api/user-actions/`: what users have to do (`waldur.md` §4).

use axum::extract::State;
use axum::http::StatusCode;
use docket_domain::event::Noun;
use docket_domain::id::{TodoId, UserId};
use docket_domain::todo::Todo;
use docket_service::todos::execute::{self, Callbacks, Executed};
use docket_service::todos::{self, Asking};
use docket_service::{Answer, Error, Refusal, todo_digest};
use docket_wire::native::todo::{callback, read_callback};
use docket_wire::waldur::todo::{
    self as wire, Executed as Done, Scheduled, Silenced, Status, Summary, UserAction,
    read_action_type, read_asking, read_label, read_silence, read_strict_action_type,
};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::{Staff, Token};
use super::input::{Asked, Body, Id};
use super::problem::Problem;
use super::reply::{Outcome, Reply, answer, answer_with};
use crate::state::App;

/// How other systems are told what to do.
const CALLBACKS: Callbacks = Callbacks { say: callback, hear: read_callback };

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(summary))
        .routes(routes!(silence_all))
        .routes(routes!(update_own))
        .routes(routes!(find))
        .routes(routes!(silence))
        .routes(routes!(unsilence))
        .routes(routes!(execute_one))
        .routes(routes!(update_of))
        .routes(routes!(notify))
}

/// What is asked for of the list, and in which order.
fn asking(app: &App, asked: &Asked) -> Result<(Asking, wire::Asking), Problem> {
    let read = read_asking(asked.filters(), app.ctx.now())?;
    Ok((Asking { user: read.user, filter: read.filter.clone() }, read))
}

/// What the caller has to do; staff may look at somebody else's with `user_uuid`.
#[utoipa::path(get, path = "/api/user-actions", tag = "Waldur: user actions",
    security(("token" = [])),
    params(("action_type" = Option<String>, Query), ("urgency" = Option<String>, Query),
        ("include_silenced" = Option<bool>, Query), ("is_silenced" = Option<bool>, Query),
        ("overdue" = Option<bool>, Query), ("due_within_days" = Option<f64>, Query),
        ("created_after" = Option<String>, Query), ("created_before" = Option<String>, Query),
        ("user_uuid" = Option<uuid::Uuid>, Query), ("o" = Option<String>, Query),
        ("page" = Option<i64>, Query), ("page_size" = Option<i64>, Query)),
    responses((status = 200, body = Vec<UserAction>), (status = 400), (status = 401),
        (status = 404)))]
async fn list(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let (asking, read) = asking(&app, &asked)?;
    let wanted = asked.filters().page();
    let paging = wanted.paging(Vec::new())?;
    let seen = todos::page(&app.ctx, &known.caller, &asking, &read.order, &paging).await?;
    Reply::page(&asked, wanted, &seen.value, |todo| UserAction::new(todo, seen.at))
}

/// How many to-dos there are, by urgency and by type.
#[utoipa::path(get, path = "/api/user-actions/summary", tag = "Waldur: user actions",
    security(("token" = [])), responses((status = 200, body = Summary), (status = 401)))]
async fn summary(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let (asking, _) = asking(&app, &asked)?;
    let tally = todos::tally(&app.ctx, &known.caller, &asking).await?;
    Ok(Reply::item(&asked, &Summary::from(&tally)).counted(tally.total))
}

/// A to-do. One that is silenced is found with `include_silenced=true` only.
#[utoipa::path(get, path = "/api/user-actions/{uuid}", tag = "Waldur: user actions",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = UserAction), (status = 401), (status = 404)))]
async fn find(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<TodoId>,
    asked: Asked,
) -> Outcome {
    let (asking, _) = asking(&app, &asked)?;
    let seen = todos::find(&app.ctx, &known.caller, &asking, id).await?;
    Ok(Reply::item(&asked, &UserAction::new(&seen.value, seen.at)))
}

/// Puts a to-do out of sight, for some days or for good.
#[utoipa::path(post, path = "/api/user-actions/{uuid}/silence", tag = "Waldur: user actions",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "Perhaps `duration_days`, 1 to 365."),
    responses((status = 200, body = Silenced), (status = 400), (status = 401), (status = 404)))]
async fn silence(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<TodoId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let (asking, _) = asking(&app, &asked)?;
    let length = match read_silence(&body) {
        Ok(length) => length,
        Err(mistakes) => {
            // What cannot be seen is not there, whatever is wrong with the body.
            todos::find(&app.ctx, &known.caller, &asking, id).await?;
            return Err(mistakes.into());
        }
    };
    let said = move |_: &Todo| answer(&Silenced::one(length));
    let answer = todos::silence(&app.ctx, &known.caller, &asking, id, length, said).await?;
    Ok(Reply::from(answer))
}

/// Brings an own to-do back into sight.
#[utoipa::path(post, path = "/api/user-actions/{uuid}/unsilence", tag = "Waldur: user actions",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = Status), (status = 401), (status = 404)))]
async fn unsilence(State(app): State<App>, Token(known): Token, Id(id): Id<TodoId>) -> Outcome {
    let said = |(): &()| answer(&Status::UNSILENCED);
    match todos::unsilence(&app.ctx, &known.caller, id, said).await {
        Ok(answer) => Ok(Reply::from(answer)),
        Err(Error::Refused(Refusal::NotFound(Noun::Todo))) => {
            Err(Problem::Detail(StatusCode::NOT_FOUND, "Action not found".into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Puts everything out of sight that the same query would list.
#[utoipa::path(post, path = "/api/user-actions/bulk_silence", tag = "Waldur: user actions",
    security(("token" = [])),
    request_body(content = serde_json::Value, description = "Perhaps `duration_days`, 1 to 365."),
    responses((status = 200, body = Silenced), (status = 400), (status = 401)))]
async fn silence_all(
    State(app): State<App>,
    Token(known): Token,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let (asking, _) = asking(&app, &asked)?;
    let length = read_silence(&body)?;
    let said = move |count: &usize| answer(&Silenced::many(*count, length));
    Ok(Reply::from(todos::silence_all(&app.ctx, &known.caller, &asking, length, said).await?))
}

/// Has the caller's to-dos looked at anew; everybody's, when staff ask.
#[utoipa::path(post, path = "/api/user-actions/update_actions", tag = "Waldur: user actions",
    security(("token" = [])),
    request_body(content = serde_json::Value, description = "Perhaps `provider_action_type`."),
    responses((status = 202, body = Scheduled), (status = 401)))]
async fn update_own(State(app): State<App>, Token(known): Token, Body(body): Body) -> Outcome {
    let action_type = read_action_type(&body);
    todos::ask_for_update(&app.ctx, &known.caller, action_type.clone()).await?;
    Ok(accepted(&Scheduled::update(None, action_type.as_deref())))
}

/// Has a user's to-dos looked at anew.
#[utoipa::path(post, path = "/api/users/{uuid}/update_actions", tag = "Waldur: user actions",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "Perhaps `provider_action_type`."),
    responses((status = 202, body = Scheduled), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn update_of(
    State(app): State<App>,
    Staff(known): Staff,
    Id(id): Id<UserId>,
    Body(body): Body,
) -> Outcome {
    let action_type = read_strict_action_type(&body)?;
    let of = todos::ask_for_update_of(&app.ctx, &known.caller, id, action_type.clone()).await?;
    Ok(accepted(&Scheduled::update(Some(&of), action_type.as_deref())))
}

/// Writes to a user about what there is to do, however little.
#[utoipa::path(post, path = "/api/users/{uuid}/send_notification", tag = "Waldur: user actions",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 202, body = Scheduled), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn notify(State(app): State<App>, Staff(known): Staff, Id(id): Id<UserId>) -> Outcome {
    let to = todo_digest::write_to(&app.ctx, &known.caller, id).await?;
    let to = to.ok_or(Problem::Business("User does not have an email address.".into()))?;
    Ok(accepted(&Scheduled::notification(&to)))
}

fn accepted(scheduled: &Scheduled) -> Reply {
    Reply::from(answer_with(StatusCode::ACCEPTED, scheduled))
}

/// Does something about a to-do.
#[utoipa::path(post, path = "/api/user-actions/{uuid}/execute_action",
    tag = "Waldur: user actions", security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "`action_label`."),
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 404),
        (status = 500)))]
async fn execute_one(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<TodoId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let (asking, _) = asking(&app, &asked)?;
    let label = read_label(&body)?;
    let done =
        execute::execute(&app.ctx, &known.caller, &asking, id, &label, CALLBACKS, executed).await?;
    Ok(Reply::from(done))
}

fn executed(executed: &Executed) -> Answer {
    match executed {
        Executed::Done(outcome) => answer(&Done::from(outcome)),
        Executed::Unknown => {
            let error = json!({"error": "Action not found or not permitted"});
            answer_with(StatusCode::NOT_FOUND, &error)
        }
        Executed::Failed(why) => {
            answer_with(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "error": why }))
        }
    }
}
