//! `/api/users/` (`waldur.md` §10.1, §10.2).

use axum::extract::State;
use docket_domain::id::UserId;
use docket_service::user_tokens::{self, Shown};
use docket_service::{Answer, people};
use docket_wire::waldur::user::{TokenOf, User, UserMe};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::{Staff, Token};
use super::input::{Asked, Id};
use super::reply::{Outcome, Reply, answer};
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(me)).routes(routes!(token)).routes(routes!(refresh_token))
}

/// The caller.
#[utoipa::path(get, path = "/api/users/me", tag = "Waldur: users", security(("token" = [])),
    params(("field" = Option<Vec<String>>, Query)),
    responses((status = 200, body = UserMe), (status = 401)))]
async fn me(State(app): State<App>, Token(known): Token, asked: Asked) -> Outcome {
    let me = people::me(&app.ctx, &known.caller).await?;
    let user = User::new(&me.person, &asked.origin, me.at);
    let token = me.token.as_ref().map(|token| token.reveal());
    Ok(Reply::item(&asked, &UserMe::new(user, token, &me.grants)))
}

/// What there is to know of a user's token.
#[utoipa::path(get, path = "/api/users/{uuid}/token", tag = "Waldur: users",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = TokenOf), (status = 401), (status = 403), (status = 404)))]
async fn token(State(app): State<App>, Staff(known): Staff, Id(id): Id<UserId>) -> Outcome {
    let shown = user_tokens::show(&app.ctx, &known.caller, id).await?;
    Ok(Reply::json(&TokenOf::new(&shown.person, shown.created_at)))
}

/// Gives a user another token.
#[utoipa::path(post, path = "/api/users/{uuid}/refresh_token", tag = "Waldur: users",
    security(("token" = [])), params(("uuid" = uuid::Uuid, Path)),
    responses((status = 200, body = TokenOf), (status = 401), (status = 403), (status = 404)))]
async fn refresh_token(State(app): State<App>, Staff(known): Staff, Id(id): Id<UserId>) -> Outcome {
    let render =
        |shown: &Shown| -> Answer { answer(&TokenOf::new(&shown.person, shown.created_at)) };
    Ok(Reply::from(user_tokens::refresh(&app.ctx, &known.caller, id, render).await?))
}
