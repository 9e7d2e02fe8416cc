//! An empty database is furnished, and what was made up for it is shown, once.

use std::time::Duration;

use anyhow::bail;
use docket_api::Served;
use docket_domain::directory::api_key::check_key;
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
    router: &Served,
    kickstart: Option<&std::path::Path>,
) -> anyhow::Result<()> {
    let mut settings = config::bootstrap_settings();
    // Mistakes in the file must show before anything is written.
    let plan = match kickstart {
        Some(path) => Some(Plan::read(path, || ctx.id(ctx.now(), std::convert::identity))?),
        None => None,
    };
    if let Some(Err(broken)) = settings.api_key.as_deref().map(check_key) {
        bail!("DOCKET_BOOTSTRAP_API_KEY {}", broken.rule);
    }
    settings.kickstart = plan.is_some();
    settings.tenant_id = plan.as_ref().map(|plan| TenantId::from_uuid(plan.tenant_id));
    let Some(furnished) = bootstrap::run(ctx, &settings).await? else {
        return look_at_what_is_there(ctx, kickstart.is_some()).await;
    };
    show(&settings, &furnished);
    if let Some(plan) = plan {
        let done = plan.carry_out(ctx, router, &furnished.api_key).await;
        if let Err(error) = &done {
            bootstrap::fail_kickstart(ctx, format!("{error:#}")).await?;
        }
        done?;
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

/// The database is not empty: a kickstart may have failed, or be running on another node at this
/// moment. A server that was told to kickstart must not look as if it had.
async fn look_at_what_is_there(ctx: &Context, told_to_kickstart: bool) -> anyhow::Result<()> {
    let unfinished = match kickstart_of_others(ctx, told_to_kickstart).await? {
        Kickstart::None | Kickstart::Finished => {
            if told_to_kickstart {
                tracing::info!("the database is not empty, so there is nothing to kickstart");
            }
            return Ok(());
        }
        Kickstart::Begun => "a kickstart of this database was begun and not finished".to_owned(),
        Kickstart::Failed(why) => format!("a kickstart of this database has failed: {why}"),
    };
    if told_to_kickstart {
        bail!(
            "{unfinished} (start with an empty database; or without a kickstart file, to go on \
             with what is there)"
        );
    }
    tracing::warn!("{unfinished}");
    Ok(())
}

/// How far the kickstart is, after waiting a while for its end if that matters.
async fn kickstart_of_others(ctx: &Context, wait: bool) -> anyhow::Result<Kickstart> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let state = bootstrap::kickstart(ctx).await?;
        if state != Kickstart::Begun || !wait || tokio::time::Instant::now() >= deadline {
            return Ok(state);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
