//! Applications (`fusionauth.md` §4.5).

use docket_domain::directory::{Application, ApplicationDetails, ApplicationRole};
use docket_domain::id::ApplicationRoleId;
use docket_domain::violation::Violation;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar::Document;
use crate::fields::Fields;

/// An application, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = fusionauth::Application)]
pub struct ApplicationBody {
    active: bool,
    #[schema(value_type = Object)]
    data: Document,
    id: Uuid,
    insert_instant: i64,
    last_update_instant: i64,
    login_configuration: LoginConfiguration,
    name: String,
    roles: Vec<Role>,
    state: &'static str,
    tenant_id: Uuid,
}

/// Who may ask for a login, and what comes of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct LoginConfiguration {
    allow_token_refresh: bool,
    generate_refresh_tokens: bool,
    require_authentication: bool,
}

/// A role that registrations may name.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct Role {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    id: Uuid,
    is_default: bool,
    #[serde(rename = "isSuperRole")]
    is_above_all: bool,
    name: String,
}

/// `{"application": …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ApplicationResponse {
    application: ApplicationBody,
}

/// `{"applications": […]}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ApplicationsResponse {
    applications: Vec<ApplicationBody>,
}

impl From<&Application> for ApplicationBody {
    fn from(application: &Application) -> Self {
        let details = &application.details;
        Self {
            active: application.active,
            data: (&details.data).into(),
            id: application.id.uuid(),
            insert_instant: application.created_at.millis(),
            last_update_instant: application.updated_at.millis(),
            login_configuration: LoginConfiguration {
                allow_token_refresh: details.allows_token_refresh,
                generate_refresh_tokens: details.generates_refresh_tokens,
                require_authentication: details.requires_authentication,
            },
            name: details.name.clone(),
            roles: details.roles.iter().map(Role::from).collect(),
            state: if application.active { "Active" } else { "Inactive" },
            tenant_id: application.tenant_id.uuid(),
        }
    }
}

impl From<&ApplicationRole> for Role {
    fn from(role: &ApplicationRole) -> Self {
        Self {
            description: role.description.clone(),
            id: role.id.uuid(),
            is_default: role.is_default,
            is_above_all: role.is_super_role,
            name: role.name.clone(),
        }
    }
}

impl From<&Application> for ApplicationResponse {
    fn from(application: &Application) -> Self {
        Self { application: application.into() }
    }
}

impl From<&[Application]> for ApplicationsResponse {
    fn from(applications: &[Application]) -> Self {
        Self { applications: applications.iter().map(Into::into).collect() }
    }
}

/// Whether the `application` of a request that makes one is to be open.
#[must_use]
pub fn is_active(value: &Value) -> bool {
    Fields::new(value).boolean("active", true)
}

/// Reads the `application` of a request. A role without an id has that of the `present` one of its
/// name, or else a new one.
pub fn details(
    value: &Value,
    present: &[ApplicationRole],
    new_id: impl Fn() -> ApplicationRoleId,
) -> Result<ApplicationDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let name = fields.trimmed("name");
    let roles = fields.objects("roles", |role| {
        let name = role.trimmed("name");
        let known = || present.iter().find(|known| known.name == name).map(|known| known.id);
        ApplicationRole {
            id: role.parsed("id").or_else(known).unwrap_or_else(&new_id),
            description: role.optional("description"),
            is_default: role.boolean("isDefault", false),
            is_super_role: role.boolean("isSuperRole", false),
            name,
        }
    });
    let login = fields.object("loginConfiguration", |login| LoginConfiguration {
        allow_token_refresh: login.boolean("allowTokenRefresh", false),
        generate_refresh_tokens: login.boolean("generateRefreshTokens", false),
        require_authentication: login.boolean("requireAuthentication", true),
    });
    let login = login.unwrap_or(LoginConfiguration {
        allow_token_refresh: false,
        generate_refresh_tokens: false,
        require_authentication: true,
    });
    let details = ApplicationDetails {
        name,
        roles,
        requires_authentication: login.require_authentication,
        allows_token_refresh: login.allow_token_refresh,
        generates_refresh_tokens: login.generate_refresh_tokens,
        data: fields.document("data"),
    };
    fields.finish_checked(details, ApplicationDetails::check)
}
