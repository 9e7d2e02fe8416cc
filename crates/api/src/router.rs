//! The table of all routes, and the document that describes them.

use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use crate::layer::Served;
use crate::state::App;
use crate::{bench, description, docs, fusionauth, layer, native, ops, waldur};

/// The document before the routes are in it.
#[derive(Debug, OpenApi)]
#[openapi(info(
    title = "Docket",
    description = "Everything in force between a platform and its users."
))]
struct Document;

/// Every route, with its layers.
#[must_use]
pub fn router(app: App) -> Served {
    let (routes, document) = surfaces().split_for_parts();
    let routes = routes.merge(ops::routes(&document)).merge(docs::routes());
    let is_measured = app.settings.bench_routes;
    let routes = layer::wrap(routes, app);
    layer::serve(if is_measured { routes.merge(bench::routes()) } else { routes })
}

/// The description of every surface, as `/api/openapi.json` gives it.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    surfaces().split_for_parts().1
}

fn surfaces() -> OpenApiRouter<App> {
    let mut document = Document::openapi();
    let components = document.components.get_or_insert_default();
    let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("Authorization")));
    components.add_security_scheme("key", key);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let token = ApiKey::Header(ApiKeyValue::with_description("Authorization", "`Token <key>`"));
    components.add_security_scheme("token", SecurityScheme::ApiKey(token));
    let mut surfaces = OpenApiRouter::with_openapi(document)
        .merge(fusionauth::routes())
        .merge(native::routes())
        .merge(waldur::routes());
    description::complete(surfaces.get_openapi_mut());
    surfaces
}
