//! An empty database is furnished, and what was made up for it is shown, once.

use std::time::Duration;

use anyhow::bail;
use axum::Router;
use docket_domain::id::TenantId;
use docket_service::Context;
use docket_service::bootstrap::{self, Furnished, Kickstart};

use crate::config;
use crate::kickstart::Plan;
use crate::output::say;

/// How long a node waits for another one that is running the kickstart.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Furnishes the database if it is empty, and does then what the kickstart file asks for.
pub(crate) async fn run(
    ctx: &Context,
    router: &Router,
    kickstart: Option<&std::path::Path>,
) -> anyhow::Result<()> {
    let mut settings = config::bootstrap_settings();
    // Mistakes in the file must show before anything is written.
    let plan = match kickstart {
        Some(path) => Some(Plan::read(path, || ctx.id(ctx.now(), std::convert::identity))?),
        None => None,
    };
    settings.kickstart = plan.is_some();
    settings.tenant_id = plan.as_ref().map(|plan| TenantId::from_uuid(plan.tenant_id));
    let Some(furnished) = bootstrap::run(ctx, &settings).await? else {
        return if kickstart.is_some() { others_are_done(ctx).await } else { warn(ctx).await };
    };
    show(&settings, &furnished);
    if let Some(plan) = plan {
        plan.carry_out(ctx, router, &furnished.api_key).await?;
        bootstrap::finish_kickstart(ctx).await?;
    }
    Ok(())
}

fn show(settings: &bootstrap::Settings, furnished: &Furnished) {
    if settings.api_key.is_some() && settings.admin_password.is_some() {
        return;
    }
    say("This database is new. What was made up for it is shown this once:");
    if settings.api_key.is_none() {
        say(format_args!("  API key   {}", furnished.api_key));
    }
    if settings.admin_password.is_none() {
        let name = settings.admin_email.as_deref().unwrap_or("admin");
        say(format_args!("  user      {name}"));
        say(format_args!("  password  {}", furnished.admin_password));
    }
}

/// The database is not empty: somebody else may be running the kickstart at this moment, or may
/// have failed at it.
async fn others_are_done(ctx: &Context) -> anyhow::Result<()> {
    let waiting = async {
        while bootstrap::kickstart(ctx).await? == Kickstart::Begun {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(done) => {
            done?;
            tracing::info!("the database is not empty, so there is nothing to kickstart");
            Ok(())
        }
        Err(_) => bail!(
            "a kickstart of this database was begun and not finished: start again with an empty \
             database, or without a kickstart file to go on with what is there"
        ),
    }
}

async fn warn(ctx: &Context) -> anyhow::Result<()> {
    if bootstrap::kickstart(ctx).await? == Kickstart::Begun {
        tracing::warn!("a kickstart of this database was begun and not finished");
    }
    Ok(())
}
