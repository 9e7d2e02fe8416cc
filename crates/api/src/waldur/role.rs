//! `/api/roles/` (`waldur.md` §10.3).

use axum::extract::State;
use axum::http::StatusCode;
use docket_domain::directory::{Role, RoleDetails};
use docket_domain::id::RoleId;
use docket_domain::page::Page;
use docket_service::Answer;
use docket_service::roles::{self, Listed};
use docket_wire::waldur::origin::Origin;
use docket_wire::waldur::role::{ORDER, RoleAnswer, RoleSaid, search};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::{Staff, Token};
use super::input::{Asked, Body, Id};
use super::reply::{Outcome, Reply, answer_with};
use crate::state::App;

/// What a body may say.
const SAID: &str = "`name`, `permissions`, `content_type` (`customer` or `project`); perhaps \
    `description`.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(find, replace, change))
        .routes(routes!(enable))
        .routes(routes!(disable))
}

fn render(status: StatusCode, origin: Origin) -> impl Fn(&Role) -> Answer {
    move |role| answer_with(status, &RoleAnswer::new(role, None, &origin))
}

/// Roles.
#[utoipa::path(get, path = "/api/roles", tag = "Waldur: roles", security(("token" = [])),
    params(("name" = Option<String>, Query), ("content_type" = Option<String>, Query),
        ("is_active" = Option<bool>, Query), ("is_system_role" = Option<bool>, Query),
        ("o" = Option<Vec<String>>, Query), ("page" = Option<i64>, Query),
        ("page_size" = Option<i64>, Query), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = Vec<RoleAnswer>), (status = 400), (status = 401),
        (status = 404)))]
async fn list(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let mut filters = asked.filters();
    let (search, order, wanted) = (search(&mut filters), filters.order(ORDER), filters.page());
    filters.finish()?;
    let paging = wanted.paging(order)?;
    let Listed { page, holders } = match search {
        Some(search) => roles::list(&app.ctx, &known.caller, &search, &paging).await?,
        None => Listed { page: Page { items: Vec::new(), total: 0 }, holders: None },
    };
    Reply::page(&asked, wanted, &page, |role| {
        let holders = holders.as_ref().map(|all| all.get(&role.id).copied().unwrap_or_default());
        RoleAnswer::new(role, holders, &asked.origin)
    })
}

/// A role.
#[utoipa::path(get, path = "/api/roles/{uuid}", tag = "Waldur: roles", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = RoleAnswer), (status = 401), (status = 404)))]
async fn find(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<RoleId>,
    asked: Asked,
) -> Outcome {
    let (role, holders) = roles::find(&app.ctx, &known.caller, id).await?;
    Ok(Reply::item(&asked, &RoleAnswer::new(&role, holders, &asked.origin)))
}

/// Makes a role.
#[utoipa::path(post, path = "/api/roles", tag = "Waldur: roles", security(("token" = [])),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 201, body = RoleAnswer), (status = 400), (status = 401), (status = 403)))]
async fn create(
    State(app): State<App>,
    Staff(known): Staff,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let details = RoleSaid::read(&body, true)?.details();
    let render = render(StatusCode::CREATED, asked.origin);
    Ok(Reply::from(roles::create(&app.ctx, &known.caller, details, render).await?))
}

/// Changes a role; all that a role has must be said.
#[utoipa::path(put, path = "/api/roles/{uuid}", tag = "Waldur: roles", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = RoleAnswer), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn replace(
    State(app): State<App>,
    Staff(known): Staff,
    Id(id): Id<RoleId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let said = RoleSaid::read(&body, true)?;
    let revise = move |before: &RoleDetails| said.over(before);
    let render = render(StatusCode::OK, asked.origin);
    Ok(Reply::from(roles::update(&app.ctx, &known.caller, id, revise, render).await?))
}

/// Changes a role in part.
#[utoipa::path(patch, path = "/api/roles/{uuid}", tag = "Waldur: roles", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = RoleAnswer), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn change(
    State(app): State<App>,
    Staff(known): Staff,
    Id(id): Id<RoleId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let said = RoleSaid::read(&body, false)?;
    let revise = move |before: &RoleDetails| said.over(before);
    let render = render(StatusCode::OK, asked.origin);
    Ok(Reply::from(roles::update(&app.ctx, &known.caller, id, revise, render).await?))
}

/// Lets a role be given again.
#[utoipa::path(post, path = "/api/roles/{uuid}/enable", tag = "Waldur: roles",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = RoleAnswer), (status = 401), (status = 403), (status = 404)))]
async fn enable(
    State(app): State<App>,
    Staff(known): Staff,
    Id(id): Id<RoleId>,
    asked: Asked,
) -> Outcome {
    let render = render(StatusCode::OK, asked.origin);
    Ok(Reply::from(roles::set_active(&app.ctx, &known.caller, id, true, render).await?))
}

/// Lets a role be given to nobody any more.
#[utoipa::path(post, path = "/api/roles/{uuid}/disable", tag = "Waldur: roles",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = RoleAnswer), (status = 401), (status = 403), (status = 404)))]
async fn disable(
    State(app): State<App>,
    Staff(known): Staff,
    Id(id): Id<RoleId>,
    asked: Asked,
) -> Outcome {
    let render = render(StatusCode::OK, asked.origin);
    Ok(Reply::from(roles::set_active(&app.ctx, &known.caller, id, false, render).await?))
}
