//! `/api/system/version` (`fusionauth.md` §0.10).

use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::reply::Reply;
use crate::auth::Key;
use crate::state::App;

/// The version of the original whose clients are at home here.
const VERSION: &str = "1.69.0";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(version))
}

/// The version of the API that this server speaks.
#[utoipa::path(get, path = "/api/system/version", tag = "System", security(("key" = [])),
    responses((status = 200, description = "`{\"version\": \"1.69.0\"}`"), (status = 401)))]
async fn version(Key(_): Key) -> Reply {
    Reply::json(&json!({ "version": VERSION }))
}
