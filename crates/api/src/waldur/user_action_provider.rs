//! `/api/user-action-providers/`: who knows what users have to do (`waldur.md` §5.2).

use axum::extract::State;
use docket_domain::event::Noun;
use docket_domain::page::Page;
use docket_domain::todo::Provider as Kept;
use docket_service::Error;
use docket_service::providers::kept;
use docket_wire::waldur::provider::Provider;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::{Known, Staff};
use super::input::{Asked, Number};
use super::problem::Problem;
use super::reply::{Outcome, Reply};
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(find))
}

/// Those that have been asked; before that they are not shown.
async fn asked_providers(app: &App, known: &Known) -> Result<Vec<Kept>, Problem> {
    let mut providers = kept::list(&app.ctx, &known.caller).await?;
    providers.retain(|provider| provider.last_run_at.is_some());
    Ok(providers)
}

/// Every provider that has been asked; for staff.
#[utoipa::path(get, path = "/api/user-action-providers", tag = "Waldur: user actions",
    security(("token" = [])),
    params(("page" = Option<i64>, Query), ("page_size" = Option<i64>, Query)),
    responses((status = 200, body = Vec<Provider>), (status = 401), (status = 403),
        (status = 404)))]
async fn list(State(app): State<App>, Staff(known): Staff, asked: Asked) -> Outcome {
    let wanted = asked.filters().page();
    let paging = wanted.paging(Vec::new())?;
    let all = asked_providers(&app, &known).await?;
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let whole = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let items = all.into_iter().skip(whole(paging.start)).take(whole(paging.size)).collect();
    let page = Page { items, total };
    Reply::page(&asked, wanted, &page, Provider::from)
}

/// A provider; for staff.
#[utoipa::path(get, path = "/api/user-action-providers/{id}", tag = "Waldur: user actions",
    security(("token" = [])), params(("id" = i64, Path)),
    responses((status = 200, body = Provider), (status = 401), (status = 403), (status = 404)))]
async fn find(
    State(app): State<App>,
    Staff(known): Staff,
    Number(id): Number,
    asked: Asked,
) -> Outcome {
    let all = asked_providers(&app, &known).await?;
    let found = all.iter().find(|provider| provider.number == id);
    let found = found.ok_or(Problem::from(Error::not_found(Noun::Provider)))?;
    Ok(Reply::item(&asked, &Provider::from(found)))
}
