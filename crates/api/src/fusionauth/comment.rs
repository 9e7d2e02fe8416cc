//! `/api/user/comment` (`fusionauth.md` §4.2).

use axum::extract::State;
use docket_domain::directory::Comment;
use docket_domain::id::UserId;
use docket_service::{Answer, Caller, Error, comments};
use docket_wire::fusionauth::comment::{
    self, UserCommentResponse, UserCommentSearchResponse, UserCommentsResponse, submitted,
};
use docket_wire::fusionauth::problem::Naming;
use docket_wire::fusionauth::search::Criteria;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, Params};
use super::reply::{Outcome, Problem, Reply, answer};
use crate::auth::Key;
use crate::description::{GIVEN, SEARCHED};
use crate::state::App;

const ENVELOPE: &str = "userComment";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(list_about))
        .routes(routes!(search, search_by_body))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "userId" })
}

fn render(comment: &Comment) -> Answer {
    answer(&UserCommentResponse::from(comment))
}

/// Makes a comment about a user.
#[utoipa::path(post, path = "/api/user/comment", tag = "User comments", security(("key" = [])),
    request_body(content = UserCommentResponse, description = GIVEN),
    responses((status = 200, body = UserCommentResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    let submitted = submitted(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let new = comments::New {
        user_id: submitted.user_id,
        commenter_id: submitted.commenter_id,
        text: submitted.text,
    };
    let made = comments::create(&app.ctx, &caller, new, render).await;
    made.map(Reply::from).map_err(problem)
}

/// The comments about a user, oldest first.
#[utoipa::path(get, path = "/api/user/comment/{userId}", tag = "User comments",
    security(("key" = [])), params(("userId" = uuid::Uuid, Path)),
    responses((status = 200, body = UserCommentsResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn list_about(State(app): State<App>, Key(caller): Key, Id(id): Id<UserId>) -> Outcome {
    let comments = comments::list_about(&app.ctx, caller.scope, id).await.map_err(problem)?;
    Ok(Reply::json(&UserCommentsResponse::from(comments.as_slice())))
}

async fn page(app: &App, caller: &Caller, criteria: &Criteria) -> Outcome {
    let (wanted, paging) = comment::search(criteria).map_err(Error::from).map_err(problem)?;
    let page = comments::search(&app.ctx, caller.scope, wanted, paging).await.map_err(problem)?;
    Ok(Reply::json(&UserCommentSearchResponse::from(&page)))
}

/// A page of comments.
#[utoipa::path(get, path = "/api/user/comment/search", tag = "User comments",
    security(("key" = [])),
    params(("comment" = Option<String>, Query), ("commenterId" = Option<uuid::Uuid>, Query),
        ("userId" = Option<uuid::Uuid>, Query), ("tenantId" = Option<uuid::Uuid>, Query),
        ("orderBy" = Option<String>, Query), ("startRow" = Option<i64>, Query),
        ("numberOfResults" = Option<i64>, Query)),
    responses((status = 200, body = UserCommentSearchResponse), (status = 400), (status = 401)))]
async fn search(State(app): State<App>, Key(caller): Key, params: Params) -> Outcome {
    page(&app, &caller, &params.criteria()).await
}

/// A page of comments.
#[utoipa::path(post, path = "/api/user/comment/search", tag = "User comments",
    security(("key" = [])),
    request_body(content = serde_json::Value, description = SEARCHED),
    responses((status = 200, body = UserCommentSearchResponse), (status = 400), (status = 401)))]
async fn search_by_body(State(app): State<App>, Key(caller): Key, body: Body) -> Outcome {
    page(&app, &caller, &body.criteria()?).await
}
