//! Extractors that are permissions: a handler that asks for one cannot forget to check.
//!
//! | extractor | lets in |
//! | --- | --- |
//! | [`Key`] | an API key that may use this endpoint with this method |
//! | [`GlobalKey`] | the same, of no tenant: for what all tenants share |
//! | [`KeyManager`] | the same, that may manage keys |
//! | [`MaybeKey`] | anybody; the handler decides what a stranger may do |
//! | [`Member`] | a key as above, or a user's token (`/api/v1` only) |
//! | [`Lasting`] | the same, for an answer that goes on: whether they are still let in can be asked |

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use docket_domain::access::{Method, Principal, TenantScope, tenant_scope};
use docket_domain::id::TenantId;
use docket_domain::violation::{Rule, Violation};
use docket_service::caller::Idempotency;
use docket_service::{Caller, Error, authentication, tenants};

use crate::fusionauth::reply::Problem;
use crate::layer::RequestId;
use crate::state::App;

/// The header that names a tenant.
const TENANT_HEADER: &str = "X-FusionAuth-TenantId";

/// A caller with an API key that may use this endpoint.
#[derive(Debug)]
pub struct Key(pub Caller);

/// A caller with an API key of no tenant.
#[derive(Debug)]
pub struct GlobalKey(pub Caller);

/// A caller with an API key that may manage keys.
#[derive(Debug)]
pub struct KeyManager(pub Caller);

/// Any caller at all.
#[derive(Debug)]
pub struct MaybeKey(pub Caller);

/// A caller with an API key or a user's token.
#[derive(Debug)]
pub struct Member(pub Caller);

/// A member whose answer goes on for longer than they may be let in.
#[derive(Debug)]
pub(crate) struct Lasting {
    /// Who.
    pub(crate) caller: Caller,
    credential: Credential,
}

/// What was presented; it is in no log.
struct Credential(String);

impl FromRequestParts<App> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let principal = key_principal(parts, app).await?.ok_or(Problem::UNAUTHORIZED)?;
        let header = tenant_header(parts, app, &principal).await?;
        caller(parts, principal, header).map(Self)
    }
}

impl FromRequestParts<App> for GlobalKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let principal = key_principal(parts, app).await?.ok_or(Problem::UNAUTHORIZED)?;
        let names_tenant = parts.headers.contains_key(TENANT_HEADER);
        let is_scoped = matches!(&principal, Principal::Key(key) if key.tenant_id.is_some());
        if is_scoped || (names_tenant && !app.settings.lenient_tenant_header) {
            return Err(Problem::UNAUTHORIZED);
        }
        caller(parts, principal, None).map(Self)
    }
}

impl FromRequestParts<App> for KeyManager {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let GlobalKey(caller) = GlobalKey::from_request_parts(parts, app).await?;
        match &caller.principal {
            Principal::Key(key) if key.key_manager => Ok(Self(caller)),
            _ => Err(Problem::UNAUTHORIZED),
        }
    }
}

impl FromRequestParts<App> for MaybeKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let principal = key_principal(parts, app).await?.unwrap_or(Principal::Anonymous);
        let header = tenant_header(parts, app, &principal).await?;
        caller(parts, principal, header).map(Self)
    }
}

impl FromRequestParts<App> for Member {
    type Rejection = crate::native::problem::Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let refused = || crate::native::problem::Problem::unauthorized();
        let presented = credential(parts).ok_or_else(refused)?.to_owned();
        let principal = match authentication::by_key(&app.ctx, &presented).await? {
            Some(Principal::Key(key)) if !may_call(&key.permissions, parts) => None,
            Some(principal) => Some(principal),
            None => authentication::by_token(&app.ctx, &presented).await?,
        };
        let principal = principal.ok_or_else(refused)?;
        if !app.rates.admits(&principal) {
            return Err(crate::native::problem::Problem::too_many());
        }
        caller(parts, principal, None).map(Self).map_err(|_| refused())
    }
}

impl FromRequestParts<App> for Lasting {
    type Rejection = crate::native::problem::Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let Member(caller) = Member::from_request_parts(parts, app).await?;
        let credential = Credential(credential(parts).unwrap_or_default().to_owned());
        Ok(Self { caller, credential })
    }
}

impl Lasting {
    /// Whether the credential is still good for the same as when they were let in.
    pub(crate) async fn is_still_known(&self, app: &App) -> bool {
        let Credential(presented) = &self.credential;
        let found = match authentication::by_key(&app.ctx, presented).await {
            Ok(None) => authentication::by_token(&app.ctx, presented).await,
            found => found,
        };
        found.is_ok_and(|found| found.as_ref() == Some(&self.caller.principal))
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential")
    }
}

/// The credential of a request: the value of `Authorization`, without `Bearer` or `Token`, so that
/// one credential works on every surface.
pub(crate) fn credential(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let bare = match value.split_once(' ') {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token") =>
        {
            rest.trim()
        }
        _ => value,
    };
    Some(bare).filter(|bare| !bare.is_empty())
}

/// The principal of a valid key that may use this endpoint.
async fn key_principal(parts: &Parts, app: &App) -> Result<Option<Principal>, Problem> {
    let Some(presented) = credential(parts) else { return Ok(None) };
    let principal = authentication::by_key(&app.ctx, presented).await.map_err(Problem::unnamed)?;
    if principal.as_ref().is_some_and(|principal| !app.rates.admits(principal)) {
        return Err(Problem::TOO_MANY);
    }
    Ok(principal.filter(|principal| match principal {
        Principal::Key(key) => may_call(&key.permissions, parts),
        _ => true,
    }))
}

fn may_call(permissions: &docket_domain::access::Permissions, parts: &Parts) -> bool {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let method = match parts.method.as_str() {
        // What reads the head of a thing reads the thing.
        "HEAD" => Some(Method::Get),
        name => Method::from_name(name),
    };
    method.is_some_and(|method| permissions.allow(method, endpoint(path)))
}

/// The path of a route without its ids: `/api/user-action` of `/api/user-action/{userActionId}`.
fn endpoint(matched: &str) -> &str {
    matched.find("/{").map_or(matched, |ids| matched.split_at(ids).0)
}

async fn tenant_header(
    parts: &Parts,
    app: &App,
    principal: &Principal,
) -> Result<Option<TenantId>, Problem> {
    let Some(value) = parts.headers.get(TENANT_HEADER) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if matches!(text, "" | "undefined" | "null") {
        return Ok(None);
    }
    let refuse = |rule| Problem::unnamed(Error::from(Violation::named(TENANT_HEADER, rule)));
    let id: TenantId = text.parse().map_err(|_| refuse(Rule::CouldNotConvert))?;
    // Before the look-up: a key of one tenant does not learn which others there are.
    tenant_scope(principal, Some(id)).map_err(|_| Problem::UNAUTHORIZED)?;
    let known = tenants::exists(&app.ctx, id).await.map_err(Problem::unnamed)?;
    if known { Ok(Some(id)) } else { Err(refuse(Rule::Invalid)) }
}

fn caller(
    parts: &Parts,
    principal: Principal,
    header: Option<TenantId>,
) -> Result<Caller, Problem> {
    let scope: TenantScope = tenant_scope(&principal, header).map_err(|_| Problem::UNAUTHORIZED)?;
    let request_id = parts.extensions.get::<RequestId>().map_or_else(|| "".into(), RequestId::text);
    let idempotency = parts.extensions.get::<Idempotency>().cloned();
    Ok(Caller { principal, scope, request_id, on_behalf_of: None, idempotency })
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn an_endpoint_is_its_path_without_ids() {
        assert_eq!(endpoint("/api/user-action/{userActionId}"), "/api/user-action");
        assert_eq!(endpoint("/api/login/{userId}/{applicationId}"), "/api/login");
        assert_eq!(endpoint("/api/user/search"), "/api/user/search");
    }
}
