//! `/api/user-group-invitations/` (`waldur.md` §9).

use axum::extract::State;
use axum::http::StatusCode;
use docket_domain::id::InvitationId;
use docket_domain::permission::invitation::SeenInvitation;
use docket_service::invitations::{self, Shown};
use docket_service::requests::{self, MadeProject, Submitted};
use docket_service::{Answer, Caller};
use docket_wire::waldur::invitation::{self, Changed, GroupInvitation, OfferedProject};
use docket_wire::waldur::origin::Origin;
use docket_wire::waldur::permission_request;
use docket_wire::waldur::problem::Detail;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::{MaybeToken, Token};
use super::input::{Asked, Body, Id};
use super::permission_requests::told;
use super::problem::Problem;
use super::reply::{Outcome, Reply, answer, answer_with, nothing};
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, replace, change, delete))
        .routes(routes!(projects))
        .routes(routes!(cancel))
        .routes(routes!(submit))
}

/// The invitations that the caller may manage, and the public ones; strangers see the latter.
#[utoipa::path(get, path = "/api/user-group-invitations", tag = "Waldur: group invitations",
    security((), ("token" = [])),
    params(("customer_uuid" = Option<uuid::Uuid>, Query), ("role_uuid" = Option<uuid::Uuid>, Query),
        ("role_name" = Option<String>, Query),
        ("scope" = Option<String>, Query, description = "The address of a customer or project."),
        ("scope_type" = Option<String>, Query, description = "`customer` or `project`."),
        ("is_active" = Option<bool>, Query), ("is_public" = Option<bool>, Query),
        ("o" = Option<String>, Query, description = "`created` or `-created`."),
        ("page" = Option<i64>, Query), ("page_size" = Option<i64>, Query),
        ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = [GroupInvitation]), (status = 400), (status = 401),
        (status = 404)))]
async fn list(State(app): State<App>, MaybeToken(caller): MaybeToken, asked: Asked) -> Outcome {
    let mut filters = asked.filters();
    let (wanted, scope, order) = invitation::wanted(&mut filters);
    let page = filters.page();
    filters.finish()?;
    let paging = page.paging(order)?;
    let found = invitations::page(&app.ctx, &caller, wanted, scope, &paging).await?;
    Reply::page(&asked, page, &found, |shown| render(shown, &asked.origin))
}

/// One invitation. Whoever has an account and its id sees it; strangers see public ones.
#[utoipa::path(get, path = "/api/user-group-invitations/{uuid}",
    tag = "Waldur: group invitations", security((), ("token" = [])),
    params(("uuid" = uuid::Uuid, Path), ("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = GroupInvitation), (status = 401), (status = 404)))]
async fn read(
    State(app): State<App>,
    MaybeToken(caller): MaybeToken,
    Id(id): Id<InvitationId>,
    asked: Asked,
) -> Outcome {
    let shown = invitations::find(&app.ctx, &caller, id).await?;
    Ok(Reply::item(&asked, &render(&shown, &asked.origin)))
}

fn render(shown: &Shown, origin: &Origin) -> GroupInvitation {
    GroupInvitation::new(&shown.seen, shown.with_creator, origin)
}

/// Offers a role.
#[utoipa::path(post, path = "/api/user-group-invitations", tag = "Waldur: group invitations",
    security(("token" = [])),
    request_body(content = serde_json::Value, description = "As answered, with `scope`, the \
        address of a customer or project; `role` and `scope` must be given."),
    responses((status = 201, body = GroupInvitation), (status = 400), (status = 401),
        (status = 404)))]
async fn create(
    State(app): State<App>,
    Token(known): Token,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    let said = invitation::new(&body)?;
    let origin = asked.origin;
    let made = move |seen: &SeenInvitation| {
        answer_with(StatusCode::CREATED, &GroupInvitation::new(seen, true, &origin))
    };
    Ok(Reply::from(invitations::create(&app.ctx, &known.caller, said, made).await?))
}

/// Changes an active invitation; what is left out stays.
#[utoipa::path(put, path = "/api/user-group-invitations/{uuid}",
    tag = "Waldur: group invitations", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "As for a new one; all may be left \
        out."),
    responses((status = 200, body = Changed), (status = 400), (status = 401), (status = 404)))]
async fn replace(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<InvitationId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    update(&app, &known.caller, id, asked.origin, &body).await
}

/// Changes an active invitation; what is left out stays.
#[utoipa::path(patch, path = "/api/user-group-invitations/{uuid}",
    tag = "Waldur: group invitations", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "As for a new one; all may be left \
        out."),
    responses((status = 200, body = Changed), (status = 400), (status = 401), (status = 404)))]
async fn change(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<InvitationId>,
    asked: Asked,
    Body(body): Body,
) -> Outcome {
    update(&app, &known.caller, id, asked.origin, &body).await
}

async fn update(
    app: &App,
    caller: &Caller,
    id: InvitationId,
    origin: Origin,
    body: &serde_json::Value,
) -> Outcome {
    let said = invitation::change(body)?;
    let changed =
        move |seen: &SeenInvitation| answer(&Changed::new(&seen.invitation.details, &origin));
    Ok(Reply::from(invitations::update(&app.ctx, caller, id, said, changed).await?))
}

/// Removes an invitation that was called off, and the requests for it.
#[utoipa::path(delete, path = "/api/user-group-invitations/{uuid}",
    tag = "Waldur: group invitations", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    responses((status = 204), (status = 400), (status = 401), (status = 404)))]
async fn delete(State(app): State<App>, Token(known): Token, Id(id): Id<InvitationId>) -> Outcome {
    let gone = |(): &()| nothing(StatusCode::NO_CONTENT);
    Ok(Reply::from(invitations::delete(&app.ctx, &known.caller, id, gone).await?))
}

/// The projects of the customer that an invitation is for.
#[utoipa::path(get, path = "/api/user-group-invitations/{uuid}/projects",
    tag = "Waldur: group invitations", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = [OfferedProject]), (status = 401), (status = 404)))]
async fn projects(
    State(app): State<App>,
    Token(_): Token,
    Id(id): Id<InvitationId>,
    asked: Asked,
) -> Outcome {
    let projects = invitations::projects(&app.ctx, id).await?;
    let projects = projects.ok_or(Problem::Bare(StatusCode::NOT_FOUND))?;
    let render = |id| OfferedProject::new(id, &asked.origin);
    Ok(Reply::json(&projects.into_iter().map(render).collect::<Vec<_>>()))
}

/// Calls an invitation off. What was asked for stays asked for.
#[utoipa::path(post, path = "/api/user-group-invitations/{uuid}/cancel",
    tag = "Waldur: group invitations", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = Detail), (status = 400), (status = 401), (status = 404)))]
async fn cancel(State(app): State<App>, Token(known): Token, Id(id): Id<InvitationId>) -> Outcome {
    let done =
        |(): &()| answer(&Detail { detail: "Invitation has been successfully canceled.".into() });
    Ok(Reply::from(invitations::cancel(&app.ctx, &known.caller, id, done).await?))
}

/// Asks for what an invitation offers.
#[utoipa::path(post, path = "/api/user-group-invitations/{uuid}/submit_request",
    tag = "Waldur: group invitations", security(("token" = [])),
    params(("uuid" = uuid::Uuid, Path)),
    request_body(content = serde_json::Value, description = "`project_name` and \
        `project_description`, which count where the invitation allows them; may be left out."),
    responses((status = 200, body = permission_request::Submitted), (status = 400), (status = 401),
        (status = 404)))]
async fn submit(
    State(app): State<App>,
    Token(known): Token,
    Id(id): Id<InvitationId>,
    body: Result<Body, Problem>,
) -> Outcome {
    let read = body.and_then(|Body(body)| Ok(permission_request::wishes(&body)?));
    let (wishes, wrong) = match read {
        Ok(wishes) => (Some(wishes), None),
        Err(wrong) => (None, Some(wrong)),
    };
    told(requests::submit(&app.ctx, &known.caller, id, wishes, submitted).await, wrong)
}

fn submitted(submitted: &Submitted) -> Answer {
    let Submitted { id, scope, scope_name, approved, project } = submitted;
    let project = project.map(|MadeProject { id, created }| (id, created));
    answer(&permission_request::Submitted::new(*id, (*scope, scope_name), *approved, project))
}
