//! What the start page of the web client asks for (`waldur.md` §7).

use axum::extract::State;
use docket_service::requests;
use docket_wire::waldur::permission_request::GeneralStats;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Token;
use super::reply::{Outcome, Reply};
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(general_stats))
}

/// How much there is to do for the caller besides to-dos.
#[utoipa::path(get, path = "/api/users/dashboard-general-stats", tag = "Waldur: users",
    security(("token" = [])), responses((status = 200, body = GeneralStats), (status = 401)))]
async fn general_stats(State(app): State<App>, Token(known): Token) -> Outcome {
    let pending = requests::count_to_review(&app.ctx, &known.caller).await?;
    Ok(Reply::json(&GeneralStats {
        pending_permission_requests: pending,
        active_invitations: 0,
        pending_onboarding_applications: 0,
    }))
}
