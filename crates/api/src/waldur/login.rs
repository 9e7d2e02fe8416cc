//! `/api-auth/` (`waldur.md` §10.1).

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use docket_service::Answer;
use docket_service::user_tokens::{self, Login, Outcome as LoginOutcome};
use docket_wire::waldur::login::credentials;
use docket_wire::waldur::problem::Detail;
use docket_wire::waldur::user::TokenKey;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::{MaybeToken, Token};
use super::input::Body;
use super::reply::{Outcome, Reply, answer, answer_with, nothing};
use crate::peer;
use crate::state::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(log_in)).routes(routes!(log_out))
}

/// Every refusal says why; clients show it.
fn render(outcome: &LoginOutcome) -> Answer {
    let detail = match outcome {
        LoginOutcome::Token(token) => return answer(&TokenKey { token: token.reveal() }),
        LoginOutcome::Wrong => "Invalid username/password.".into(),
        LoginOutcome::Closed => "User account is disabled.".into(),
        LoginOutcome::Blocked(blocks) => {
            let names: Vec<&str> =
                blocks.iter().map(|block| block.localized_name.as_str()).collect();
            format!("User account is blocked: {}.", names.join(", ")).into()
        }
        LoginOutcome::PasswordChange => "The password must be changed first.".into(),
        LoginOutcome::LockedOut => "Username is locked out. Try in 10 minutes.".into(),
    };
    answer_with(StatusCode::UNAUTHORIZED, &Detail { detail })
}

/// Gives a user the token, or says why not.
#[utoipa::path(post, path = "/api-auth/password", tag = "Waldur: logins", security((), ("token" = [])),
    request_body(content = serde_json::Value, description = "`username` and `password`."),
    responses((status = 200, body = TokenKey), (status = 400), (status = 401)))]
async fn log_in(
    State(app): State<App>,
    MaybeToken(caller): MaybeToken,
    Client(address): Client,
    Body(body): Body,
) -> Outcome {
    let said = credentials(&body)?;
    let login = Login { username: said.username, password: said.password, address };
    let answer = user_tokens::log_in(&app.ctx, &caller, login, render).await?;
    Ok(Reply::from(answer))
}

/// Takes the caller's token away.
#[utoipa::path(post, path = "/api-auth/logout", tag = "Waldur: logins", security(("token" = [])),
    responses((status = 204), (status = 401)))]
async fn log_out(State(app): State<App>, Token(known): Token) -> Outcome {
    let gone = |(): &()| nothing(StatusCode::NO_CONTENT);
    Ok(Reply::from(user_tokens::log_out(&app.ctx, &known.caller, gone).await?))
}

/// The address of the caller; empty when nobody knows.
struct Client(String);

impl axum::extract::FromRequestParts<App> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(peer::address(parts, app)))
    }
}
