//! `/api/users/dashboard-pending-actions/`: what is most urgent, for somebody's first page
//! (`waldur.md` §7.1).

use axum::extract::State;
use docket_domain::page::Paging;
use docket_service::todos::{self, Asking};
use docket_wire::waldur::todo::PendingAction;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Token;
use super::input::Asked;
use super::reply::{Outcome, Reply};
use crate::state::App;

/// How many of them there is room for.
const MOST: i64 = 10;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The caller's most urgent to-dos, ten at most.
#[utoipa::path(get, path = "/api/users/dashboard-pending-actions", tag = "Waldur: user actions",
    security(("token" = [])),
    responses((status = 200, body = Vec<PendingAction>), (status = 401)))]
async fn list(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    if !app.ctx.settings.todos.enabled {
        return Ok(Reply::item(&asked, &[(); 0]));
    }
    let paging = Paging { start: 0, size: MOST, order: Vec::new() };
    let usual = Vec::new();
    let asking = Asking::default();
    let seen = todos::page(&app.ctx, &known.caller, &asking, &usual, &paging).await?;
    let items: Vec<PendingAction<'_>> = seen.value.items.iter().map(Into::into).collect();
    Ok(Reply::item(&asked, &items))
}
