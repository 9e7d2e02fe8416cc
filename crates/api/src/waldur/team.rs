//! `list_users`, `add_user`, `update_user` and `delete_user` of customers and projects
//! (`waldur.md` §10.4).

use axum::extract::State;
use axum::http::StatusCode;
use docket_domain::directory::Scope;
use docket_domain::id::{CustomerId, ProjectId, RoleId};
use docket_domain::time::Expiry;
use docket_service::teams::{self, BadMembers, Membership, RoleRef, TeamRefusal};
use docket_service::{Answer, Caller};
use docket_wire::waldur::problem::Mistakes;
use docket_wire::waldur::refusal;
use docket_wire::waldur::team::{Member, MemberSaid, ORDER, RoleName, Until, search};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Token;
use super::input::{Asked, Body, Id};
use super::problem::Problem;
use super::reply::{Outcome, Reply, answer_with, nothing};
use crate::state::App;

/// What a body says.
const SAID: &str = "`user` (its uuid), `role` (its name or uuid); perhaps `expiration_time`.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_of_customer))
        .routes(routes!(add_to_customer))
        .routes(routes!(update_in_customer))
        .routes(routes!(delete_from_customer))
        .routes(routes!(list_of_project))
        .routes(routes!(add_to_project))
        .routes(routes!(update_in_project))
        .routes(routes!(delete_from_project))
}

fn role(named: RoleName) -> RoleRef {
    match named {
        RoleName::Id(id) => RoleRef::Id(RoleId::from_uuid(id)),
        RoleName::Name(name) => RoleRef::Name(name),
    }
}

fn membership(scope: Scope, body: &Value) -> Result<Membership, Problem> {
    let MemberSaid { user, role: named, expiry } = MemberSaid::read(body)?;
    Ok(Membership { scope, user, role: role(named), expiry })
}

async fn list(app: &App, caller: &Caller, scope: Scope, asked: &Asked) -> Outcome {
    let mut filters = asked.filters();
    let (search, roles) = search(&mut filters);
    let (order, wanted) = (filters.order(ORDER), filters.page());
    filters.finish()?;
    let (roles, paging) = (roles.into_iter().map(role).collect(), wanted.paging(order)?);
    let page = teams::list(&app.ctx, caller, scope, search, roles, &paging).await?;
    Reply::page(asked, wanted, &page, Member::from)
}

fn until(status: StatusCode) -> impl Fn(&Expiry) -> Answer {
    move |expiry| answer_with(status, &Until::from(*expiry))
}

async fn add(app: &App, caller: &Caller, scope: Scope, body: &Value) -> Outcome {
    let given = membership(scope, body)?;
    Ok(Reply::from(teams::give(&app.ctx, caller, given, until(StatusCode::CREATED)).await?))
}

async fn update(app: &App, caller: &Caller, scope: Scope, body: &Value) -> Outcome {
    let moved = membership(scope, body)?;
    Ok(Reply::from(teams::move_end(&app.ctx, caller, moved, until(StatusCode::OK)).await?))
}

async fn delete(app: &App, caller: &Caller, scope: Scope, body: &Value) -> Outcome {
    let gone = membership(scope, body)?;
    let nothing = |_: &Expiry| nothing(StatusCode::OK);
    Ok(Reply::from(teams::take_back(&app.ctx, caller, gone, nothing).await?))
}

/// Who holds a role on a customer.
#[utoipa::path(get, path = "/api/customers/{uuid}/list_users", tag = "Waldur: customers",
    security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path), ("user" = Option<uuid::Uuid>, Query),
        ("role" = Option<Vec<String>>, Query), ("search_string" = Option<String>, Query),
        ("full_name" = Option<String>, Query), ("native_name" = Option<String>, Query),
        ("username" = Option<String>, Query), ("user_url" = Option<String>, Query),
        ("o" = Option<Vec<String>>, Query), ("page" = Option<i64>, Query),
        ("page_size" = Option<i64>, Query), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = Vec<Member>), (status = 400), (status = 401), (status = 404)))]
async fn list_of_customer(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<CustomerId>,
    asked: Asked,
) -> Outcome {
    list(&app, &known.caller, Scope::Customer(id), &asked).await
}

/// Gives a role on a customer.
#[utoipa::path(post, path = "/api/customers/{uuid}/add_user", tag = "Waldur: customers",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 201, body = Until), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn add_to_customer(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<CustomerId>,
    Body(body): Body,
) -> Outcome {
    add(&app, &known.caller, Scope::Customer(id), &body).await
}

/// Moves the end of a role on a customer.
#[utoipa::path(post, path = "/api/customers/{uuid}/update_user", tag = "Waldur: customers",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = Until), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn update_in_customer(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<CustomerId>,
    Body(body): Body,
) -> Outcome {
    update(&app, &known.caller, Scope::Customer(id), &body).await
}

/// Takes a role on a customer back.
#[utoipa::path(post, path = "/api/customers/{uuid}/delete_user", tag = "Waldur: customers",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200), (status = 400), (status = 401), (status = 403), (status = 404)))]
async fn delete_from_customer(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<CustomerId>,
    Body(body): Body,
) -> Outcome {
    delete(&app, &known.caller, Scope::Customer(id), &body).await
}

/// Who holds a role on a project.
#[utoipa::path(get, path = "/api/projects/{uuid}/list_users", tag = "Waldur: projects",
    security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path), ("user" = Option<uuid::Uuid>, Query),
        ("role" = Option<Vec<String>>, Query), ("search_string" = Option<String>, Query),
        ("full_name" = Option<String>, Query), ("native_name" = Option<String>, Query),
        ("username" = Option<String>, Query), ("user_url" = Option<String>, Query),
        ("o" = Option<Vec<String>>, Query), ("page" = Option<i64>, Query),
        ("page_size" = Option<i64>, Query), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = Vec<Member>), (status = 400), (status = 401), (status = 404)))]
async fn list_of_project(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<ProjectId>,
    asked: Asked,
) -> Outcome {
    list(&app, &known.caller, Scope::Project(id), &asked).await
}

/// Gives a role on a project.
#[utoipa::path(post, path = "/api/projects/{uuid}/add_user", tag = "Waldur: projects",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 201, body = Until), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn add_to_project(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<ProjectId>,
    Body(body): Body,
) -> Outcome {
    add(&app, &known.caller, Scope::Project(id), &body).await
}

/// Moves the end of a role on a project.
#[utoipa::path(post, path = "/api/projects/{uuid}/update_user", tag = "Waldur: projects",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = Until), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn update_in_project(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<ProjectId>,
    Body(body): Body,
) -> Outcome {
    update(&app, &known.caller, Scope::Project(id), &body).await
}

/// Takes a role on a project back.
#[utoipa::path(post, path = "/api/projects/{uuid}/delete_user", tag = "Waldur: projects",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200), (status = 400), (status = 401), (status = 403), (status = 404)))]
async fn delete_from_project(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<ProjectId>,
    Body(body): Body,
) -> Outcome {
    delete(&app, &known.caller, Scope::Project(id), &body).await
}

/// Why a team is not changed: by field where the rule names one.
impl From<TeamRefusal> for Problem {
    fn from(refused: TeamRefusal) -> Self {
        match refused {
            TeamRefusal::Members(BadMembers { role, user, end }) => {
                let mut mistakes = Mistakes::default();
                for (field, is_wrong, message) in [
                    ("role", role, refusal::NO_ROLE),
                    ("user", user, refusal::NO_USER),
                    ("expiration_time", end, refusal::END_PASSED),
                ] {
                    if is_wrong {
                        mistakes.add(field, message);
                    }
                }
                mistakes.into()
            }
            TeamRefusal::CustomerUnseen => Self::field("customer", refusal::NO_OBJECT),
            TeamRefusal::CustomerUnavailable => Self::whole(refusal::CUSTOMER_UNAVAILABLE),
            TeamRefusal::OwnRole => Self::whole(refusal::OWN_ROLE),
            TeamRefusal::ProjectRemoved => Self::whole(refusal::PROJECT_REMOVED),
            TeamRefusal::UserClosed => Self::whole(refusal::USER_CLOSED),
            TeamRefusal::Grant(error) => Self::whole(refusal::grant(error)),
            TeamRefusal::NotHeld => Self::Business(refusal::NOT_HELD.into()),
        }
    }
}
