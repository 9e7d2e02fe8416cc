//! `docket user`: users from the command line, where alone staff are made.

use std::io::Read;

use anyhow::{Context as _, ensure};
use docket_domain::access::TenantScope;
use docket_domain::directory::user::Submission;
use docket_domain::directory::{Profile, UserDetails};
use docket_domain::json::Json;
use docket_domain::mail::Secret;
use docket_domain::time::Expiry;
use docket_service::bootstrap::new_secret;
use docket_service::users::{self, New};
use docket_service::{Answer, Caller, Context, tenants};

use crate::cli::{User, UserCreate};
use crate::output::say;
use crate::{refusal, wire_up};

/// Does what the command says.
pub(crate) async fn run(command: User) -> anyhow::Result<()> {
    match command {
        User::Create(options) => create(options).await,
    }
}

async fn create(options: UserCreate) -> anyhow::Result<()> {
    let given = if options.password_stdin { Some(password_from_stdin()?) } else { None };
    let password = given.clone().unwrap_or_else(new_secret);
    let (db, ctx) = wire_up::existing(&options.place).await?;
    let made = make(&ctx, &options, &password).await;
    db.close().await;
    made?;
    if given.is_none() {
        // Alone on its line, as keys are.
        say(password);
    }
    Ok(())
}

async fn make(ctx: &Context, options: &UserCreate, password: &str) -> anyhow::Result<()> {
    let details = UserDetails {
        email: options.email.as_deref().map(|email| email.trim().to_lowercase()),
        username: options.username.as_deref().map(|name| name.trim().to_owned()),
        expiry: Expiry::Never,
        preferred_languages: Vec::new(),
        profile: Profile::default(),
        data: Json::empty_object(),
        password_change_required: false,
    };
    let new = New {
        id: None,
        submission: Submission { details, password: Some(Secret::new(password.to_owned())) },
        chooses_password: false,
        application_id: None,
    };
    let mut caller = Caller::system("docket user create");
    if let Some(tenant) = options.tenant {
        ensure!(tenants::exists(ctx, tenant).await?, "there is no tenant {tenant}");
        caller.scope = TenantScope::One(tenant);
    }
    let done = |_: &_| Answer::new(200, Vec::new());
    let made = if options.staff {
        users::create_staff(ctx, &caller, new, done).await
    } else {
        users::create(ctx, &caller, new, done).await
    };
    made.map(drop).map_err(refusal::told).context("the user cannot be made")
}

/// The first line of the standard input.
fn password_from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("the password cannot be read")?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    ensure!(!password.is_empty(), "there is no password on the standard input");
    Ok(password)
}
