//! Puts the parts together: the database, the context of the use cases, the router.

use std::sync::Arc;

use anyhow::Context as _;
use docket_domain::time::Clock;
use docket_service::Context;
use docket_service::context::SystemClock;
use docket_store::Db;

use crate::config::Config;
use crate::master_key;

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
    Ok(Context::open(db.clone(), vault, clock).await?)
}
