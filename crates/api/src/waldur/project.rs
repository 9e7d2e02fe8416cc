//! `/api/projects/` (`waldur.md` §10.3).

use axum::extract::State;
use axum::http::StatusCode;
use docket_domain::directory::ProjectDetails;
use docket_domain::directory::project::NamedProject;
use docket_domain::id::ProjectId;
use docket_service::{Answer, projects};
use docket_wire::waldur::origin::Origin;
use docket_wire::waldur::project::{ORDER, Project, ProjectSaid, search};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Token;
use super::input::{Asked, Body, Id};
use super::reply::{Outcome, Reply, answer_with, nothing};
use crate::state::App;

/// What a body may say.
const SAID: &str = "`name`; perhaps `description`, `slug`, `start_date`, `end_date`, and by staff \
    `user_email_patterns`, `user_affiliations`, `user_identity_sources`. What is left out stays.";
/// What a body says of a new project.
const SAID_NEW: &str = "`name`, `customer` (its address), and what a change may say.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(find, replace, change, remove))
}

fn render(status: StatusCode, origin: Origin) -> impl Fn(&NamedProject) -> Answer {
    move |named| answer_with(status, &Project::new(named, &origin))
}

/// The projects that the caller sees.
#[utoipa::path(get, path = "/api/projects", tag = "Waldur: projects", security(("token" = [])),
    params(("customer" = Option<Vec<uuid::Uuid>>, Query), ("name" = Option<String>, Query),
        ("name_exact" = Option<String>, Query), ("query" = Option<String>, Query),
        ("o" = Option<Vec<String>>, Query), ("page" = Option<i64>, Query),
        ("page_size" = Option<i64>, Query), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = Vec<Project>), (status = 400), (status = 401),
        (status = 404)))]
async fn list(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let mut filters = asked.filters();
    let (search, order, wanted) = (search(&mut filters), filters.order(ORDER), filters.page());
    filters.finish()?;
    let paging = wanted.paging(order)?;
    let page = projects::list(&app.ctx, &known.caller, &search, &paging).await?;
    Reply::page(&asked, wanted, &page, |named| Project::new(named, &asked.origin))
}

/// A project.
#[utoipa::path(get, path = "/api/projects/{uuid}", tag = "Waldur: projects",
    security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = Project), (status = 401), (status = 404)))]
async fn find(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<ProjectId>,
    asked: Asked,
) -> Outcome {
    let found = projects::find(&app.ctx, &known.caller, id).await?;
    Ok(Reply::item(&asked, &Project::new(&found, &asked.origin)))
}

/// Makes a project.
#[utoipa::path(post, path = "/api/projects", tag = "Waldur: projects", security(("token" = [])),
    request_body(content = serde_json::Value, description = SAID_NEW),
    responses((status = 201, body = Project), (status = 400), (status = 401), (status = 403)))]
async fn create(
    State(app): State<App>,
    Token(known): Token,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let (customer, said) = ProjectSaid::read_new(&body)?;
    let render = render(StatusCode::CREATED, asked.origin);
    let (ctx, caller) = (&app.ctx, &known.caller);
    Ok(Reply::from(projects::create(ctx, caller, customer, said.details(), render).await?))
}

/// Changes a project; its name must be said.
#[utoipa::path(put, path = "/api/projects/{uuid}", tag = "Waldur: projects",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = Project), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn replace(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<ProjectId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let said = ProjectSaid::read(&body, true)?;
    let revise = move |before: &ProjectDetails| said.over(before);
    let render = render(StatusCode::OK, asked.origin);
    Ok(Reply::from(projects::update(&app.ctx, &known.caller, id, revise, render).await?))
}

/// Changes a project in part.
#[utoipa::path(patch, path = "/api/projects/{uuid}", tag = "Waldur: projects",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = Project), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn change(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<ProjectId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let said = ProjectSaid::read(&body, false)?;
    let revise = move |before: &ProjectDetails| said.over(before);
    let render = render(StatusCode::OK, asked.origin);
    Ok(Reply::from(projects::update(&app.ctx, &known.caller, id, revise, render).await?))
}

/// Removes a project; what was done in it still names it.
#[utoipa::path(delete, path = "/api/projects/{uuid}", tag = "Waldur: projects",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn remove(State(app): State<App>, Token(known): Token, Id(id): Id<ProjectId>) -> Outcome {
    let gone = |(): &()| nothing(StatusCode::NO_CONTENT);
    Ok(Reply::from(projects::remove(&app.ctx, &known.caller, id, gone).await?))
}
