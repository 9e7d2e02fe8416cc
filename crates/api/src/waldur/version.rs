//! `/api/version/` (`waldur.md` §10.1).

use docket_wire::waldur::version::Version;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Overseer;
use super::reply::Reply;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(version))
}

/// The version of the API that this server speaks.
#[utoipa::path(get, path = "/api/version", tag = "Waldur: system", security(("token" = [])),
    responses((status = 200, body = Version), (status = 401), (status = 403)))]
async fn version(Overseer: Overseer) -> Reply {
    Reply::json(&Version::CURRENT)
}
