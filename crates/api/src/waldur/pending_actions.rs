//! `/api/users/dashboard-pending-actions/`: what is most urgent, for somebody's first page
//! (`waldur.md` §7.1).

use axum::extract::State;
use docket_domain::page::{Page, Paging};
use docket_domain::todo::Todo;
use docket_service::dashboard::{self, Counts};
use docket_service::todos::{self, Asking};
use docket_service::{Caller, Error};
use docket_wire::waldur::pending_action::PendingAction;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Token;
use super::input::Asked;
use super::reply::{Outcome, Reply};
use crate::state::App;

/// How many of them there is room for.
const MOST: usize = 10;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The caller's most urgent to-dos, and how many orders and resources of their projects want a look:
/// ten at most, the worst first.
#[utoipa::path(get, path = "/api/users/dashboard-pending-actions", tag = "Waldur: user actions",
    security(("token" = [])),
    responses((status = 200, body = Vec<PendingAction>), (status = 401)))]
async fn list(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let todos = most_urgent(&app, &known.caller).await?;
    // The page is not to stay empty because something could not be counted.
    let counts = dashboard::counts(&app.ctx, &known.caller).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "what wants a look could not be counted");
        Counts::default()
    });
    let mut items: Vec<PendingAction<'_>> = todos.items.iter().map(Into::into).collect();
    items.extend(PendingAction::pending_orders(counts.pending_orders));
    items.extend(PendingAction::erred_resources(counts.erred_resources));
    items.sort_by_key(PendingAction::rank);
    items.truncate(MOST);
    Ok(Reply::item(&asked, &items))
}

/// The first of the caller's to-dos, when users are told of any.
async fn most_urgent(app: &App, caller: &Caller) -> Result<Page<Todo>, Error> {
    if !app.ctx.settings.todos.enabled {
        return Ok(Page { items: Vec::new(), total: 0 });
    }
    let size = i64::try_from(MOST).unwrap_or(i64::MAX);
    let paging = Paging { start: 0, size, order: Vec::new() };
    let seen = todos::page(&app.ctx, caller, &Asking::default(), &Vec::new(), &paging).await?;
    Ok(seen.value)
}
