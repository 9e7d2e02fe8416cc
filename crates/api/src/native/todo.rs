//! `/api/v1/todos`: to-dos that other systems push (`native.md` §4).

use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::request::Parts;
use docket_domain::violation::Rule;
use docket_domain::violation::Violation;
use docket_service::Answer;
use docket_service::providers::kept;
use docket_service::todos::push::{self, Audience, Errand, Push, Ran};
use docket_wire::native::problem::ProblemDetails;
use docket_wire::native::todo::{
    BatchAnswer, ErrandBody, PushBody, TodoRows, read_batch, read_push,
};
use docket_wire::native::webhook::RotatedSecret;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::Body;
use super::problem::Problem;
use super::reply::Reply;
use super::webhook_secret;
use crate::auth::Member;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(put, delete))
        .routes(routes!(batch))
        .routes(routes!(rotate_secret))
}

/// What a to-do is about, by the path: the type and the id in the caller's words.
#[derive(Debug)]
struct Matter {
    action_type: String,
    external_id: String,
}

impl FromRequestParts<App> for Matter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let refused = |name| Problem::invalid(&[Violation::named(name, Rule::CouldNotConvert)]);
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|_| refused("externalId"))?;
        let text = |wanted: &'static str| {
            let found = params.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.to_owned()).ok_or_else(|| refused(wanted))
        };
        Ok(Self { action_type: text("actionType")?, external_id: text("externalId")? })
    }
}

/// Asks something of exactly these users. Who had to do it and is not named any more need not;
/// silences stay.
#[utoipa::path(put, path = "/api/v1/todos/{actionType}/{externalId}", tag = "To-dos",
    security(("key" = []), ("bearer" = [])),
    params(("actionType" = String, Path), ("externalId" = String, Path)),
    request_body(content = serde_json::Value, description = "`userIds` or `emails`, `title`, and \
        perhaps `description`, `urgency` (without it, by `dueAt`), `dueAt`, `relatedObjectName`, \
        `relatedObjectType`, `routeName`, `routeParams`, `project`, `organization`, `offering`, \
        `resource`, `correctiveActions`."),
    responses((status = 200, body = TodoRows), (status = 201, body = TodoRows),
        (status = 400, body = ProblemDetails), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails)))]
async fn put(
    State(app): State<App>,
    Member(caller): Member,
    matter: Matter,
    Body(body): Body,
) -> Result<Reply, Problem> {
    let said = read_push(&body, app.ctx.now()).map_err(|wrong| Problem::invalid(&wrong))?;
    let errand = put_errand(matter.action_type, matter.external_id, said);
    Ok(Reply::from(push::one(&app.ctx, &caller, errand, |ran| kept_rows(ran)).await?))
}

/// The matter is settled: nobody has to do it any more. What was done about it is still known.
#[utoipa::path(delete, path = "/api/v1/todos/{actionType}/{externalId}", tag = "To-dos",
    security(("key" = []), ("bearer" = [])),
    params(("actionType" = String, Path), ("externalId" = String, Path)),
    responses((status = 204), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails)))]
async fn delete(
    State(app): State<App>,
    Member(caller): Member,
    matter: Matter,
) -> Result<Reply, Problem> {
    let Matter { action_type, external_id: object_id } = matter;
    let errand = Errand::Delete { action_type, object_id };
    let gone = |_: &Vec<Ran>| Answer::new(204, Vec::new());
    Ok(Reply::from(push::one(&app.ctx, &caller, errand, gone).await?))
}

/// Up to 1,000 puts and deletes, all of them or none. Of several about one matter the last counts.
#[utoipa::path(post, path = "/api/v1/todos/batch", tag = "To-dos",
    security(("key" = []), ("bearer" = [])),
    request_body(content = serde_json::Value, description = "`items`: objects of `op` (`put` or \
        `delete`), `actionType`, `externalId` and, to put, the members of a single one."),
    responses((status = 200, body = BatchAnswer), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails)))]
async fn batch(
    State(app): State<App>,
    Member(caller): Member,
    Body(body): Body,
) -> Result<Reply, Problem> {
    let errands = read_batch(&body, app.ctx.now()).map_err(|wrong| Problem::invalid(&wrong))?;
    let errands =
        errands.into_iter().map(|ErrandBody { action_type, external_id, push }| match push {
            Some(said) => put_errand(action_type, external_id, said),
            None => Errand::Delete { action_type, object_id: external_id },
        });
    let errands = errands.collect();
    Ok(Reply::from(push::many(&app.ctx, &caller, errands, |ran| all_rows(ran)).await?))
}

/// Gives all action types without a provider another secret, with which calls of their callbacks are
/// signed. For a day they are signed by the one before, too.
#[utoipa::path(post, path = "/api/v1/todos/rotate-secret", tag = "To-dos",
    security(("key" = []), ("bearer" = [])),
    responses((status = 200, body = RotatedSecret), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails)))]
async fn rotate_secret(State(app): State<App>, Member(caller): Member) -> Result<Reply, Problem> {
    let rotated = kept::rotate_shared(&app.ctx, &caller, webhook_secret::render).await?;
    Ok(Reply::from(rotated))
}

fn put_errand(action_type: String, object_id: String, said: PushBody) -> Errand {
    let audience = Audience { users: said.users, emails: said.emails };
    Errand::Put(Box::new(Push { action_type, object_id, audience, matter: said.matter }))
}

fn rows(ran: &Ran) -> TodoRows<'_> {
    TodoRows { items: ran.todos.iter().map(Into::into).collect() }
}

fn kept_rows(ran: &[Ran]) -> Answer {
    let Some(first) = ran.first() else { return Answer::new(200, Vec::new()) };
    let status = if first.is_new { 201 } else { 200 };
    Answer::new(status, serde_json::to_vec(&rows(first)).unwrap_or_default())
}

fn all_rows(ran: &[Ran]) -> Answer {
    let answer = BatchAnswer { items: ran.iter().map(rows).collect() };
    Answer::new(200, serde_json::to_vec(&answer).unwrap_or_default())
}
