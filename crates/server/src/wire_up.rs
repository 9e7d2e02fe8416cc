//! Puts the parts together: the database, the context of the use cases, the router.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use docket_domain::time::Clock;
use docket_service::Context;
use docket_service::context::SystemClock;
use docket_store::Db;

use crate::cli::Place;
use crate::config::Config;
use crate::{master_key, telemetry};

/// The database, brought up to date.
pub(crate) async fn database(config: &Config) -> anyhow::Result<Db> {
    let db = Db::open(&config.database.url, &config.store_options())
        .await
        .context("the database cannot be opened")?;
    let applied = db.migrate().await.context("the database cannot be brought up to date")?;
    if !applied.is_empty() {
        tracing::info!(migrations = applied.join(", "), "the database was brought up to date");
    }
    Ok(db)
}

/// The world of the use cases, with the machine's clock.
pub(crate) async fn context(config: &Config, db: &Db) -> anyhow::Result<Context> {
    let vault = master_key::vault(config, db).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ctx = Context::open(db.clone(), vault, clock).await?.with_settings(config.organisations());
    Ok(match config.mail.server() {
        Some(server) => ctx.with_mail_server(server),
        None => ctx,
    })
}

/// The database of a command that is of no use on a new one, and its context. A mistyped path must
/// not become a database.
pub(crate) async fn existing(place: &Place) -> anyhow::Result<(Db, Context)> {
    let config = Config::read(place)?;
    telemetry::start_logs(&config.log)?;
    if let Some(path) = config.database.url.strip_prefix("sqlite://") {
        ensure!(
            Path::new(path).exists(),
            "there is no database at {path}; `docket serve` makes one"
        );
    }
    let db = database(&config).await?;
    let ctx = context(&config, &db).await?;
    Ok((db, ctx))
}
