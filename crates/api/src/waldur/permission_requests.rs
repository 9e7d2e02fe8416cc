//! `/api/user-permission-requests/` (`waldur.md` §8).

use axum::extract::State;
use axum::http::StatusCode;
use docket_domain::id::PermissionRequestId;
use docket_domain::permission::request::SeenRequest;
use docket_service::requests::{self, Comment, RequestRefusal, Verdict};
use docket_service::{Answer, Caller, Error, Refusal};
use docket_wire::waldur::permission_request::{self, Cancelled, PermissionRequest};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Token;
use super::input::{Asked, Body, Id};
use super::problem::Problem;
use super::reply::{Outcome, Reply, answer, nothing};
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read, delete))
        .routes(routes!(approve))
        .routes(routes!(reject))
        .routes(routes!(cancel))
}

/// The requests that the caller sees: the own ones, and those of customers in which they hold a role.
#[utoipa::path(get, path = "/api/user-permission-requests", tag = "Waldur: permission requests",
    security(("token" = [])),
    params(
        ("state" = Option<Vec<String>>, Query, description = "`draft`, `pending`, `approved`, \
            `rejected`, `canceled`; any of several."),
        ("customer_uuid" = Option<uuid::Uuid>, Query), ("invitation" = Option<uuid::Uuid>, Query),
        ("created_by" = Option<uuid::Uuid>, Query),
        ("scope" = Option<String>, Query, description = "The address of a customer or project."),
        ("o" = Option<String>, Query, description = "`created`, `state`, or with a hyphen before."),
        ("page" = Option<i64>, Query), ("page_size" = Option<i64>, Query),
        ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = [PermissionRequest]), (status = 400), (status = 401),
        (status = 404)))]
async fn list(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let mut filters = asked.filters();
    let (wanted, scope, order) = permission_request::wanted(&mut filters);
    let page = filters.page();
    filters.finish()?;
    let paging = page.paging(order)?;
    let found = requests::page(&app.ctx, &known.caller, wanted, scope, &paging).await?;
    Reply::page(&asked, page, &found, |seen| PermissionRequest::new(seen, &asked.origin))
}

/// One request.
#[utoipa::path(get, path = "/api/user-permission-requests/{uuid}",
    tag = "Waldur: permission requests", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = PermissionRequest), (status = 401), (status = 404)))]
async fn read(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<PermissionRequestId>,
    asked: Asked,
) -> Outcome {
    let seen = requests::find(&app.ctx, &known.caller, id).await?;
    Ok(Reply::item(&asked, &PermissionRequest::new(&seen, &asked.origin)))
}

/// Removes a request; only staff do.
#[utoipa::path(delete, path = "/api/user-permission-requests/{uuid}",
    tag = "Waldur: permission requests", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn delete(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<PermissionRequestId>,
) -> Outcome {
    let gone = |(): &()| nothing(StatusCode::NO_CONTENT);
    Ok(Reply::from(requests::delete(&app.ctx, &known.caller, id, gone).await?))
}

/// Gives the requester what they ask for; all of it, or nothing happens.
#[utoipa::path(post, path = "/api/user-permission-requests/{uuid}/approve",
    tag = "Waldur: permission requests", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "`comment`; may be left out."),
    responses((status = 200), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409)))]
async fn approve(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<PermissionRequestId>,
    body: Result<Body, Problem>,
) -> Outcome {
    decide(&app, &known.caller, id, Verdict::Approve, body).await
}

/// Turns a request down.
#[utoipa::path(post, path = "/api/user-permission-requests/{uuid}/reject",
    tag = "Waldur: permission requests", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "`comment`; may be left out."),
    responses((status = 200), (status = 400), (status = 401), (status = 403), (status = 404),
        (status = 409)))]
async fn reject(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<PermissionRequestId>,
    body: Result<Body, Problem>,
) -> Outcome {
    decide(&app, &known.caller, id, Verdict::Reject, body).await
}

async fn decide(
    app: &App,
    caller: &Caller,
    id: PermissionRequestId,
    verdict: Verdict,
    body: Result<Body, Problem>,
) -> Outcome {
    let read = body.and_then(|Body(body)| Ok(permission_request::comment(&body)?));
    let (comment, wrong) = match read {
        Ok(comment) => (comment.map_or(Comment::None, Comment::Said), None),
        Err(wrong) => (Comment::Unreadable, Some(wrong)),
    };
    let done = |(): &()| nothing(StatusCode::OK);
    told(requests::decide(&app.ctx, caller, id, verdict, comment, done).await, wrong)
}

/// Tells what came of it. What is wrong with the body is told where the use case came to it, for
/// other reasons to refuse come first.
pub(super) fn told(outcome: Result<Answer, Error>, wrong: Option<Problem>) -> Outcome {
    match (outcome, wrong) {
        (Err(Error::Refused(Refusal::Request(RequestRefusal::Unreadable))), Some(wrong)) => {
            Err(wrong)
        }
        (outcome, _) => Ok(Reply::from(outcome?)),
    }
}

/// Calls a request off: the requester does, or staff.
#[utoipa::path(post, path = "/api/user-permission-requests/{uuid}/cancel_request",
    tag = "Waldur: permission requests", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = Cancelled), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn cancel(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<PermissionRequestId>,
) -> Outcome {
    let done = |seen: &SeenRequest| answer(&Cancelled::from(seen));
    Ok(Reply::from(requests::cancel(&app.ctx, &known.caller, id, done).await?))
}
