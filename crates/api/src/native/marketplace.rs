//! `/api/v1/orders` and `/api/v1/resources`, fed by the marketplace (`native.md` §5).

use axum::extract::State;
use docket_domain::id::{OrderId, ResourceId};
use docket_domain::todo::{Order, Resource};
use docket_service::Answer;
use docket_service::marketplace::{self, Told};
use docket_wire::native::marketplace::{OrderItem, ResourceItem, read_order, read_resource};
use docket_wire::native::problem::ProblemDetails;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id};
use super::problem::Problem;
use super::reply::{Known, Reply};
use crate::auth::Member;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(put_order, find_order, delete_order)).routes(routes!(
        put_resource,
        find_resource,
        delete_resource
    ))
}

fn told<T>(told: &Told<T>, body: Vec<u8>) -> Answer {
    Answer::new(if told.is_new { 201 } else { 200 }, body)
}

fn order(order: &Told<Order>) -> Answer {
    told(order, serde_json::to_vec(&OrderItem::from(&order.value)).unwrap_or_default())
}

fn resource(resource: &Told<Resource>) -> Answer {
    told(resource, serde_json::to_vec(&ResourceItem::from(&resource.value)).unwrap_or_default())
}

/// Tells of an order as it is now.
#[utoipa::path(put, path = "/api/v1/orders/{id}", tag = "Marketplace",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "`state`, `type` (Create, Update, \
        Terminate), `projectId`, `offering` (`name`, `uuid`, `type`), and perhaps `resource` \
        (`name`, `uuid`), `estimatedCost`, `orderedAt`."),
    responses((status = 200, body = OrderItem), (status = 201, body = OrderItem),
        (status = 400, body = ProblemDetails), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails)))]
async fn put_order(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<OrderId>,
    Body(body): Body,
) -> Result<Reply, Problem> {
    let details = read_order(&body, app.ctx.now()).map_err(|wrong| Problem::invalid(&wrong))?;
    Ok(Reply::from(marketplace::put_order(&app.ctx, &caller, id, details, order).await?))
}

/// An order.
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "Marketplace",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = OrderItem), (status = 304),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails),
        (status = 404, body = ProblemDetails)))]
async fn find_order(
    State(app): State<App>,
    Member(caller): Member,
    known: Known,
    Id(id): Id<OrderId>,
) -> Result<Reply, Problem> {
    let found = marketplace::find_order(&app.ctx, &caller, id).await?;
    Ok(Reply::tagged(&OrderItem::from(&found), &known))
}

/// Forgets an order.
#[utoipa::path(delete, path = "/api/v1/orders/{id}", tag = "Marketplace",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
async fn delete_order(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<OrderId>,
) -> Result<Reply, Problem> {
    Ok(Reply::from(
        marketplace::delete_order(&app.ctx, &caller, id, |()| Answer::new(204, Vec::new())).await?,
    ))
}

/// Tells of a resource as it is now.
#[utoipa::path(put, path = "/api/v1/resources/{id}", tag = "Marketplace",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "`name`, `state` (OK, Erred, …), \
        `projectId`, and perhaps `offering` (`name`, `uuid`, `type`, `prepaid`, \
        `expirationReminders`) and `endDate`."),
    responses((status = 200, body = ResourceItem), (status = 201, body = ResourceItem),
        (status = 400, body = ProblemDetails), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails)))]
async fn put_resource(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<ResourceId>,
    Body(body): Body,
) -> Result<Reply, Problem> {
    let details = read_resource(&body).map_err(|wrong| Problem::invalid(&wrong))?;
    Ok(Reply::from(marketplace::put_resource(&app.ctx, &caller, id, details, resource).await?))
}

/// A resource.
#[utoipa::path(get, path = "/api/v1/resources/{id}", tag = "Marketplace",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = ResourceItem), (status = 304),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails),
        (status = 404, body = ProblemDetails)))]
async fn find_resource(
    State(app): State<App>,
    Member(caller): Member,
    known: Known,
    Id(id): Id<ResourceId>,
) -> Result<Reply, Problem> {
    let found = marketplace::find_resource(&app.ctx, &caller, id).await?;
    Ok(Reply::tagged(&ResourceItem::from(&found), &known))
}

/// Forgets a resource.
#[utoipa::path(delete, path = "/api/v1/resources/{id}", tag = "Marketplace",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
async fn delete_resource(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<ResourceId>,
) -> Result<Reply, Problem> {
    Ok(Reply::from(
        marketplace::delete_resource(&app.ctx, &caller, id, |()| Answer::new(204, Vec::new()))
            .await?,
    ))
}
