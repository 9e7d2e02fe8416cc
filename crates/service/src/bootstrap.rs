//! What must exist before the API is of use: a tenant, a super key, somebody who runs the server
//! (`fusionauth.md` §0.10).

use std::fmt;

use docket_domain::access::Permissions;
use docket_domain::directory::{
    ApiKey, ApiKeyDetails, Lockout, MailSettings, Profile, Tenant, TenantDetails, User, UserDetails,
};
use docket_domain::id::{ApiKeyId, TenantId, UserId};
use docket_domain::json::Json;
use docket_domain::time::Expiry;
use docket_store::{api_key, setting, tenant, user};

use crate::context::{Context, chance};
use crate::error::Error;
use crate::{password, vault};

/// What the operator chose; the rest is made up.
#[derive(Clone, Default)]
pub struct Settings {
    /// The super key.
    pub api_key: Option<String>,
    /// The e-mail address of the staff user `admin`.
    pub admin_email: Option<String>,
    /// The password of the staff user `admin`.
    pub admin_password: Option<String>,
    /// The id of the tenant.
    pub tenant_id: Option<TenantId>,
    /// Whether requests of the operator follow; see [`Kickstart`].
    pub kickstart: bool,
}

/// How far the operator's first requests to an empty store have come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kickstart {
    /// There never were any.
    None,
    /// They have begun; whether they still run or their server is gone, nobody can tell.
    Begun,
    /// One of them was refused, for this reason; those before it were granted.
    Failed(String),
    /// All of them were granted.
    Finished,
}

/// The settings that remember it. The first is written together with the tenant, so that a store
/// that was left half furnished is known by it.
const KICKSTART_BEGUN: &str = "kickstart.begun";
const KICKSTART_FAILED: &str = "kickstart.failed";
const KICKSTART_FINISHED: &str = "kickstart.finished";

/// What was made up, to be shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct Furnished {
    /// The super key.
    pub api_key: String,
    /// The password of `admin`.
    pub admin_password: String,
}

/// Says nothing of the secrets, so that they cannot end in a log; the same below.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings")
    }
}

impl fmt::Debug for Furnished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Furnished")
    }
}

/// A secret of 32 random bytes, as text that survives any shell.
#[must_use]
pub fn new_secret() -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, chance::<32>())
}

/// Furnishes an empty database; `None` when it already has a tenant. Roles that a database of an
/// older version does not have are made all the same.
pub async fn run(ctx: &Context, settings: &Settings) -> Result<Option<Furnished>, Error> {
    crate::roles::seed(ctx).await?;
    let now = ctx.now();
    let furnished = Furnished {
        api_key: settings.api_key.clone().unwrap_or_else(new_secret),
        admin_password: settings.admin_password.clone().unwrap_or_else(new_secret),
    };
    let password_hash = password::hash(furnished.admin_password.clone()).await?;
    let tenant = Tenant {
        id: settings.tenant_id.unwrap_or_else(|| ctx.id(now, TenantId::from_uuid)),
        details: TenantDetails {
            name: "Default".to_owned(),
            issuer: "Default".to_owned(),
            events: std::collections::BTreeMap::default(),
            lockout: Lockout::default(),
            mail: MailSettings::default(),
            requires_authentication: true,
            data: Json::empty_object(),
        },
        created_at: now,
        updated_at: now,
    };
    let admin = User {
        id: ctx.id(now, UserId::from_uuid),
        tenant_id: tenant.id,
        active: true,
        staff: true,
        details: UserDetails {
            email: settings.admin_email.as_deref().map(str::to_lowercase),
            username: Some("admin".to_owned()),
            expiry: Expiry::Never,
            preferred_languages: Vec::new(),
            profile: Profile::default(),
            data: Json::empty_object(),
            password_change_required: false,
        },
        created_at: now,
        updated_at: now,
        last_login_at: None,
        password_updated_at: Some(now),
    };
    let key = ApiKey {
        id: ctx.id(now, ApiKeyId::from_uuid),
        tenant_id: None,
        key_manager: true,
        retrievable: false,
        details: ApiKeyDetails {
            name: Some("Super key".to_owned()),
            permissions: Permissions::default(),
            expiry: Expiry::Never,
            attributes: Json::empty_object(),
        },
        created_at: now,
        updated_at: now,
    };
    let hash = vault::hash(furnished.api_key.as_bytes());
    let kickstart = settings.kickstart;
    let made = ctx
        .db
        .write(move |conn| {
            let (tenant, admin, key) = (tenant.clone(), admin.clone(), key.clone());
            let password_hash = password_hash.clone();
            Box::pin(async move {
                if !tenant::claim_empty(conn).await? {
                    return Ok::<_, Error>(false);
                }
                tenant::insert(conn, &tenant, None).await?;
                user::insert(conn, &admin, Some(&password_hash)).await?;
                api_key::insert(conn, &key, &hash, None).await?;
                if kickstart {
                    setting::keep(conn, KICKSTART_BEGUN, &now.to_string()).await?;
                }
                Ok(true)
            })
        })
        .await?;
    Ok(made.then_some(furnished))
}

/// How far the kickstart of this store has come.
pub async fn kickstart(ctx: &Context) -> Result<Kickstart, Error> {
    let mut reader = ctx.db.reader();
    if setting::find(&mut reader, KICKSTART_BEGUN).await?.is_none() {
        return Ok(Kickstart::None);
    }
    if setting::find(&mut reader, KICKSTART_FINISHED).await?.is_some() {
        return Ok(Kickstart::Finished);
    }
    let failed = setting::find(&mut reader, KICKSTART_FAILED).await?;
    Ok(failed.map_or(Kickstart::Begun, Kickstart::Failed))
}

/// Remembers that every request of the kickstart was granted.
pub async fn finish_kickstart(ctx: &Context) -> Result<(), Error> {
    keep(ctx, KICKSTART_FINISHED, ctx.now().to_string()).await
}

/// Remembers that the kickstart was given up, and why.
pub async fn fail_kickstart(ctx: &Context, why: String) -> Result<(), Error> {
    keep(ctx, KICKSTART_FAILED, why).await
}

async fn keep(ctx: &Context, name: &'static str, text: String) -> Result<(), Error> {
    ctx.db
        .write(move |conn| {
            let text = text.clone();
            Box::pin(async move {
                setting::keep(conn, name, &text).await?;
                Ok(())
            })
        })
        .await
}
