//! `/api/user-action-executions/`: what users did about what they had to do (`waldur.md` §5.1).

use axum::extract::State;
use docket_domain::page::Order;
use docket_service::todos::executions::{self, order_field};
use docket_wire::waldur::execution::{Execution, ORDERS};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Token;
use super::input::{Asked, Number};
use super::reply::{Outcome, Reply};
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(find))
}

/// What the caller did, the newest first.
#[utoipa::path(get, path = "/api/user-action-executions", tag = "Waldur: user actions",
    security(("token" = [])),
    params(("o" = Option<String>, Query), ("page" = Option<i64>, Query),
        ("page_size" = Option<i64>, Query)),
    responses((status = 200, body = Vec<Execution>), (status = 401), (status = 404)))]
async fn list(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let filters = asked.filters();
    let wanted = filters.page();
    let order = filters.lenient_order(ORDERS).into_iter().filter_map(|step| {
        let field = order_field(step.field)?;
        Some(Order { field, ..step })
    });
    let paging = wanted.paging(order.collect())?;
    let page = executions::page(&app.ctx, &known.caller, &paging).await?;
    Reply::page(&asked, wanted, &page, Execution::from)
}

/// One thing that the caller did.
#[utoipa::path(get, path = "/api/user-action-executions/{id}", tag = "Waldur: user actions",
    security(("token" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = Execution), (status = 401), (status = 404)))]
async fn find(
    State(app): State<App>,
    Token(known): Token,
    Number(id): Number,
    asked: Asked,
) -> Outcome {
    let execution = executions::find(&app.ctx, &known.caller, id).await?;
    Ok(Reply::item(&asked, &Execution::from(&execution)))
}
