//! `/api/tenant` (`fusionauth.md` §4.6).

use axum::extract::State;
use docket_domain::directory::Tenant;
use docket_domain::id::TenantId;
use docket_service::{Answer, Caller, Error, tenants};
use docket_wire::fusionauth::problem::Naming;
use docket_wire::fusionauth::search::Criteria;
use docket_wire::fusionauth::tenant::{
    TenantResponse, TenantSearchResponse, TenantsResponse, details,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id, OptionalBody, Params};
use super::patch::Patch;
use super::reply::{Outcome, Problem, Reply, answer, nothing};
use crate::auth::{GlobalKey, Key};
use crate::description::{CHANGED, GIVEN, SEARCHED};
use crate::state::App;

const ENVELOPE: &str = "tenant";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(search, search_by_body))
        .routes(routes!(find, create_with_id, update, patch, delete))
}

fn problem(error: Error) -> Problem {
    Problem::new(error, Naming { envelope: ENVELOPE, id: "tenantId" })
}

fn render(tenant: &Tenant) -> Answer {
    answer(&TenantResponse::from(tenant))
}

async fn make(app: &App, caller: &Caller, id: Option<TenantId>, body: &Body) -> Outcome {
    let source = body.beside("sourceTenantId")?;
    let details = details(body.envelope(ENVELOPE)?).map_err(Error::from).map_err(problem)?;
    let made = tenants::create(&app.ctx, caller, id, details, source, render).await;
    made.map(Reply::from).map_err(problem)
}

/// Every tenant, by name.
#[utoipa::path(get, path = "/api/tenant", tag = "Tenants", security(("key" = [])),
    responses((status = 200, body = TenantsResponse), (status = 401)))]
async fn list(State(app): State<App>, Key(caller): Key) -> Outcome {
    let tenants = tenants::list(&app.ctx, &caller).await.map_err(problem)?;
    Ok(Reply::json(&TenantsResponse::from(tenants.as_slice())))
}

/// Makes a tenant. A key of one tenant cannot: the new one would be beyond its sight.
#[utoipa::path(post, path = "/api/tenant", tag = "Tenants", security(("key" = [])),
    request_body(content = TenantResponse, description = GIVEN),
    responses((status = 200, body = TenantResponse), (status = 400), (status = 401)))]
async fn create(State(app): State<App>, GlobalKey(caller): GlobalKey, body: Body) -> Outcome {
    make(&app, &caller, None, &body).await
}

/// Makes a tenant with an id of the caller's choice.
#[utoipa::path(post, path = "/api/tenant/{tenantId}", tag = "Tenants", security(("key" = [])),
    params(("tenantId" = uuid::Uuid, Path)),
    request_body(content = TenantResponse, description = GIVEN),
    responses((status = 200, body = TenantResponse), (status = 400), (status = 401)))]
async fn create_with_id(
    State(app): State<App>,
    GlobalKey(caller): GlobalKey,
    Id(id): Id<TenantId>,
    body: Body,
) -> Outcome {
    make(&app, &caller, Some(id), &body).await
}

/// A tenant.
#[utoipa::path(get, path = "/api/tenant/{tenantId}", tag = "Tenants", security(("key" = [])),
    params(("tenantId" = uuid::Uuid, Path)),
    responses((status = 200, body = TenantResponse), (status = 401), (status = 404)))]
async fn find(State(app): State<App>, Key(caller): Key, Id(id): Id<TenantId>) -> Outcome {
    let tenant = tenants::find(&app.ctx, &caller, id).await.map_err(problem)?;
    Ok(Reply::json(&TenantResponse::from(&tenant)))
}

/// Replaces a tenant's settings.
#[utoipa::path(put, path = "/api/tenant/{tenantId}", tag = "Tenants", security(("key" = [])),
    params(("tenantId" = uuid::Uuid, Path)),
    request_body(content = TenantResponse, description = GIVEN),
    responses((status = 200, body = TenantResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn update(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<TenantId>,
    body: Body,
) -> Outcome {
    let parsed = details(body.envelope(ENVELOPE)?);
    let revise = move |_: &Tenant| parsed.clone().map_err(Error::from);
    let updated = tenants::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Changes a tenant's settings in part.
#[utoipa::path(patch, path = "/api/tenant/{tenantId}", tag = "Tenants", security(("key" = [])),
    params(("tenantId" = uuid::Uuid, Path)),
    request_body(content = TenantResponse, description = CHANGED),
    responses((status = 200, body = TenantResponse), (status = 400), (status = 401),
        (status = 404)))]
async fn patch(
    State(app): State<App>,
    Key(caller): Key,
    Id(id): Id<TenantId>,
    patch: Patch,
) -> Outcome {
    let revise = move |current: &Tenant| {
        let object = patch.apply(&TenantResponse::from(current), ENVELOPE)?;
        details(&object).map_err(Error::from)
    };
    let updated = tenants::update(&app.ctx, &caller, id, revise, render).await;
    updated.map(Reply::from).map_err(problem)
}

/// Deletes a tenant for good, with everything in it. It is gone when this is answered, whether or
/// not `async` is asked for.
#[utoipa::path(delete, path = "/api/tenant/{tenantId}", tag = "Tenants", security(("key" = [])),
    params(("tenantId" = uuid::Uuid, Path)),
    responses((status = 200), (status = 400), (status = 401), (status = 404)))]
async fn delete(State(app): State<App>, Key(caller): Key, Id(id): Id<TenantId>) -> Outcome {
    let deleted = tenants::delete(&app.ctx, &caller, id, nothing).await;
    deleted.map(Reply::from).map_err(problem)
}

async fn page(app: &App, criteria: &Criteria) -> Outcome {
    let paging = criteria.paging(tenants::ORDERS).map_err(Error::from).map_err(problem)?;
    let page = tenants::search(&app.ctx, criteria.text("name"), &paging).await.map_err(problem)?;
    Ok(Reply::json(&TenantSearchResponse::from(&page)))
}

/// The tenants whose name matches.
#[utoipa::path(get, path = "/api/tenant/search", tag = "Tenants", security(("key" = [])),
    params(("name" = Option<String>, Query), ("startRow" = Option<i64>, Query),
        ("numberOfResults" = Option<i64>, Query), ("orderBy" = Option<String>, Query)),
    responses((status = 200, body = TenantSearchResponse), (status = 400), (status = 401)))]
async fn search(State(app): State<App>, GlobalKey(_): GlobalKey, params: Params) -> Outcome {
    page(&app, &params.criteria()).await
}

/// The tenants whose name matches.
#[utoipa::path(post, path = "/api/tenant/search", tag = "Tenants", security(("key" = [])),
    request_body(content = serde_json::Value, description = SEARCHED),
    responses((status = 200, body = TenantSearchResponse), (status = 400), (status = 401)))]
async fn search_by_body(
    State(app): State<App>,
    GlobalKey(_): GlobalKey,
    OptionalBody(body): OptionalBody,
) -> Outcome {
    page(&app, &Body(body.unwrap_or_default()).criteria()?).await
}
