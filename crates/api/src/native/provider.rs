//! `/api/v1/providers`: systems that Docket asks what users have to do (`native.md` §5).

use axum::extract::State;
use docket_domain::id::ProviderId;
use docket_domain::todo::Provider;
use docket_service::Answer;
use docket_service::providers::kept::{self, NewProvider};
use docket_service::todos::pull::{Ask, Formats, Heard, Preview, Rehearsal};
use docket_service::todos::push::{Audience, Push};
use docket_wire::native::problem::ProblemDetails;
use docket_wire::native::provider::{
    PreviewItem, ProviderItem, ProviderList, Trial, question, read_details, read_page,
};
use docket_wire::native::webhook::RotatedSecret;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::{Body, Id};
use super::problem::Problem;
use super::reply::{Known, Reply};
use super::webhook_secret;
use crate::auth::Member;
use crate::state::App;

/// How providers are asked, and how they answer.
const FORMATS: Formats = Formats { say, hear };

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(find, update, delete))
        .routes(routes!(rotate_secret))
        .routes(routes!(test))
}

/// Every provider, those that are part of Docket among them.
#[utoipa::path(get, path = "/api/v1/providers", tag = "Providers",
    security(("key" = []), ("bearer" = [])),
    responses((status = 200, body = ProviderList), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails)))]
async fn list(State(app): State<App>, Member(caller): Member) -> Result<Reply, Problem> {
    let providers = kept::list(&app.ctx, &caller).await?;
    let items = providers.iter().map(ProviderItem::from).collect();
    Ok(Reply::json(&ProviderList { items, next: None }))
}

/// Registers a provider, and shows its secret this once. It is asked at once.
#[utoipa::path(post, path = "/api/v1/providers", tag = "Providers",
    security(("key" = []), ("bearer" = [])),
    request_body(content = serde_json::Value, description = "`actionType` (unique), `url`, and \
        perhaps `displayName`, `schedule` (cron in UTC), `enabled`, `timeoutSeconds`."),
    responses((status = 201, body = ProviderItem), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails)))]
async fn create(
    State(app): State<App>,
    Member(caller): Member,
    Body(body): Body,
) -> Result<Reply, Problem> {
    let details = read_details(&body).map_err(|wrong| Problem::invalid(&wrong))?;
    Ok(Reply::from(kept::create(&app.ctx, &caller, details, made).await?))
}

fn made(new: &NewProvider) -> Answer {
    let body = ProviderItem::from(&new.provider).with_secret(new.secret.reveal());
    Answer::new(201, serde_json::to_vec(&body).unwrap_or_default())
}

/// A provider.
#[utoipa::path(get, path = "/api/v1/providers/{id}", tag = "Providers",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = ProviderItem), (status = 304),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails),
        (status = 404, body = ProblemDetails)))]
async fn find(
    State(app): State<App>,
    Member(caller): Member,
    known: Known,
    Id(id): Id<ProviderId>,
) -> Result<Reply, Problem> {
    let provider = kept::find(&app.ctx, &caller, id).await?;
    Ok(Reply::tagged(&ProviderItem::from(&provider), &known))
}

/// Changes a provider, but not its action type.
#[utoipa::path(put, path = "/api/v1/providers/{id}", tag = "Providers",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "As for a new one."),
    responses((status = 200, body = ProviderItem), (status = 400, body = ProblemDetails),
        (status = 401, body = ProblemDetails), (status = 403, body = ProblemDetails),
        (status = 404, body = ProblemDetails)))]
async fn update(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<ProviderId>,
    Body(body): Body,
) -> Result<Reply, Problem> {
    let details = read_details(&body).map_err(|wrong| Problem::invalid(&wrong))?;
    Ok(Reply::from(kept::update(&app.ctx, &caller, id, details, changed).await?))
}

fn changed(provider: &Provider) -> Answer {
    Answer::new(200, serde_json::to_vec(&ProviderItem::from(provider)).unwrap_or_default())
}

/// Forgets a provider, and with it what it said.
#[utoipa::path(delete, path = "/api/v1/providers/{id}", tag = "Providers",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
async fn delete(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<ProviderId>,
) -> Result<Reply, Problem> {
    let gone = |(): &()| Answer::new(204, Vec::new());
    Ok(Reply::from(kept::delete(&app.ctx, &caller, id, gone).await?))
}

/// Gives a provider another secret. For a day what it is asked is signed by both.
#[utoipa::path(post, path = "/api/v1/providers/{id}/rotate-secret", tag = "Providers",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = RotatedSecret), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
async fn rotate_secret(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<ProviderId>,
) -> Result<Reply, Problem> {
    let rotated = kept::rotate_secret(&app.ctx, &caller, id, webhook_secret::render).await?;
    Ok(Reply::from(rotated))
}

/// Asks a provider for everything and shows what would change; nothing does.
#[utoipa::path(post, path = "/api/v1/providers/{id}/test", tag = "Providers",
    security(("key" = []), ("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Trial), (status = 401, body = ProblemDetails),
        (status = 403, body = ProblemDetails), (status = 404, body = ProblemDetails)))]
async fn test(
    State(app): State<App>,
    Member(caller): Member,
    Id(id): Id<ProviderId>,
) -> Result<Reply, Problem> {
    let rehearsal = kept::rehearse(&app.ctx, &caller, id, FORMATS).await?;
    Ok(Reply::json(&trial(&rehearsal)))
}

fn trial(rehearsal: &Rehearsal) -> Trial<'_> {
    Trial {
        success: rehearsal.error.is_none(),
        error: rehearsal.error.as_deref(),
        items: rehearsal.items,
        unusable: rehearsal.unusable,
        created: previews(&rehearsal.created),
        updated: previews(&rehearsal.updated),
        resolved: previews(&rehearsal.resolved),
        unchanged: rehearsal.unchanged,
    }
}

fn previews(previews: &[Preview]) -> Vec<PreviewItem<'_>> {
    let items = previews.iter().map(|Preview { user_id, object_id, title }| PreviewItem {
        user_id: user_id.uuid(),
        external_id: object_id,
        title,
    });
    items.collect()
}

fn say(ask: &Ask<'_>) -> Vec<u8> {
    question(ask.action_type, ask.users, ask.cursor)
}

fn hear(
    action_type: &str,
    now: docket_domain::time::Instant,
    body: &[u8],
) -> Result<Heard, String> {
    let page = read_page(body, now)?;
    let items = page.items.into_iter().map(|item| {
        item.map(|(object_id, said)| Push {
            action_type: action_type.to_owned(),
            object_id,
            audience: Audience { users: said.users, emails: said.emails },
            matter: said.matter,
        })
    });
    Ok(Heard { items: items.collect(), next: page.next })
}
