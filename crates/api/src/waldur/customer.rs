//! `/api/customers/` (`waldur.md` §10.3).

use axum::extract::State;
use axum::http::StatusCode;
use docket_domain::directory::CustomerDetails;
use docket_domain::directory::customer::CountedCustomer;
use docket_domain::id::CustomerId;
use docket_service::{Answer, customers};
use docket_wire::waldur::customer::{Customer, CustomerSaid, ORDER, search};
use docket_wire::waldur::origin::Origin;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Token;
use super::input::{Asked, Body, Id};
use super::reply::{Outcome, Reply, answer_with, nothing};
use crate::state::App;

/// What a body may say.
const SAID: &str = "`name`; perhaps `native_name`, `abbreviation`, `description`, `email`, \
    `notification_emails`, `phone_number`, `slug`, and by staff `blocked`, `archived`, \
    `user_email_patterns`, `user_affiliations`, `user_identity_sources`. What is left out stays.";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(find, replace, change, delete))
}

fn render(status: StatusCode, origin: Origin) -> impl Fn(&CountedCustomer) -> Answer {
    move |counted| answer_with(status, &Customer::new(counted, &origin))
}

/// The customers that the caller sees.
#[utoipa::path(get, path = "/api/customers", tag = "Waldur: customers", security(("token" = [])),
    params(("name" = Option<String>, Query), ("name_exact" = Option<String>, Query),
        ("native_name" = Option<String>, Query), ("abbreviation" = Option<String>, Query),
        ("query" = Option<String>, Query), ("archived" = Option<bool>, Query),
        ("blocked" = Option<bool>, Query), ("o" = Option<Vec<String>>, Query),
        ("page" = Option<i64>, Query), ("page_size" = Option<i64>, Query),
        ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = Vec<Customer>), (status = 400), (status = 401),
        (status = 404)))]
async fn list(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let mut filters = asked.filters();
    let (search, order, wanted) = (search(&filters), filters.order(ORDER), filters.page());
    filters.finish()?;
    let paging = wanted.paging(order)?;
    let page = customers::list(&app.ctx, &known.caller, &search, &paging).await?;
    Reply::page(&asked, wanted, &page, |counted| Customer::new(counted, &asked.origin))
}

/// A customer.
#[utoipa::path(get, path = "/api/customers/{uuid}", tag = "Waldur: customers",
    security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = Customer), (status = 401), (status = 404)))]
async fn find(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<CustomerId>,
    asked: Asked,
) -> Outcome {
    let found = customers::find(&app.ctx, &known.caller, id).await?;
    Ok(Reply::item(&asked, &Customer::new(&found, &asked.origin)))
}

/// Makes a customer.
#[utoipa::path(post, path = "/api/customers", tag = "Waldur: customers", security(("token" = [])),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 201, body = Customer), (status = 400), (status = 401), (status = 403)))]
async fn create(
    State(app): State<App>,
    Token(known): Token,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let details = CustomerSaid::read(&body, true)?.details();
    let render = render(StatusCode::CREATED, asked.origin);
    Ok(Reply::from(customers::create(&app.ctx, &known.caller, details, render).await?))
}

/// Changes a customer; its name must be said.
#[utoipa::path(put, path = "/api/customers/{uuid}", tag = "Waldur: customers",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = Customer), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn replace(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<CustomerId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let said = CustomerSaid::read(&body, true)?;
    let revise = move |before: &CustomerDetails| said.over(before);
    let render = render(StatusCode::OK, asked.origin);
    Ok(Reply::from(customers::update(&app.ctx, &known.caller, id, revise, render).await?))
}

/// Changes a customer in part.
#[utoipa::path(patch, path = "/api/customers/{uuid}", tag = "Waldur: customers",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = SAID),
    responses((status = 200, body = Customer), (status = 400), (status = 401), (status = 403),
        (status = 404)))]
async fn change(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<CustomerId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let said = CustomerSaid::read(&body, false)?;
    let revise = move |before: &CustomerDetails| said.over(before);
    let render = render(StatusCode::OK, asked.origin);
    Ok(Reply::from(customers::update(&app.ctx, &known.caller, id, revise, render).await?))
}

/// Deletes a customer that has no projects.
#[utoipa::path(delete, path = "/api/customers/{uuid}", tag = "Waldur: customers",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn delete(State(app): State<App>, Token(known): Token, Id(id): Id<CustomerId>) -> Outcome {
    let gone = |(): &()| nothing(StatusCode::NO_CONTENT);
    Ok(Reply::from(customers::delete(&app.ctx, &known.caller, id, gone).await?))
}
