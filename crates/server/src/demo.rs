//! `docket demo`: a throwaway server full of made-up people, to look around in.
//!
//! The database is filled through the API, request by request, with a clock that is set back to
//! the day on which each thing happened.

mod act;
mod clock;
mod mails;
mod matters;
mod people;
mod rules;
mod settle;
mod story;

use std::sync::Arc;

use anyhow::Context as _;
use docket_api::App;
use docket_domain::time::Clock;
use docket_service::context::SystemClock;
use docket_service::todos::refresh;
use docket_service::vault::Vault;
use docket_service::{Context, bootstrap};
use docket_store::Db;

use crate::broker::Broker;
use crate::cli::Demo;
use crate::config::{self, Config};
use crate::in_process::Client;
use crate::output::say;
use crate::serve::{self, Server};
use crate::{shutdown, telemetry};
use clock::MovableClock;
use settle::Settled;

/// Everybody's password but the administrator's.
const PASSWORD: &str = "docket-demo";

/// Fills a database in a temporary folder and serves it until told to stop.
pub(crate) async fn run(options: Demo) -> anyhow::Result<()> {
    let mut config = Config::default();
    if let Some(listen) = options.listen.filter(|listen| !listen.is_empty()) {
        config.listen = listen;
    }
    telemetry::start_logs(&config.log)?;
    let metrics = telemetry::start_metrics()?;
    let stop = shutdown::on_signals()?;
    let listener = serve::bind(&config).await?;
    let address = listener.local_addr()?;
    let folder = tempfile::Builder::new().prefix("docket-demo-").tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("docket.db").display());
    let db = Db::open(&url, &config.store_options()).await?;
    let outcome = tokio::select! {
        filled = fill(&config, &db, &metrics) => filled.context("the demo cannot be set up").map(Some),
        () = stop.asked() => Ok(None),
    };
    let mut served = Ok(());
    if let Ok(Some(filled)) = &outcome {
        filled.invite(&format!("http://{address}"));
        let (ctx, sender) = docket_courier::consulted(filled.ctx.clone(), &config.courier());
        let surfaces = config.surfaces(false);
        let router = docket_api::router(App::new(ctx.clone(), surfaces, metrics.clone()));
        let (config, broker, mailing) = (&config, Broker::none(), false);
        let server = Server { config, ctx, sender, router, metrics, listener, broker, mailing };
        served = server.run(&stop).await;
    }
    serve::close(db).await;
    outcome.and(served)
}

/// A database that is ready to be shown.
struct Filled {
    ctx: Context,
    api_key: String,
    admin: String,
    admin_password: String,
    settled: Settled,
}

async fn fill(
    config: &Config,
    db: &Db,
    metrics: &metrics_exporter_prometheus::PrometheusHandle,
) -> anyhow::Result<Filled> {
    db.migrate().await?;
    let master_key = Vault::new_master_key();
    let clock = Arc::new(MovableClock::behind(&SystemClock));
    let told: Arc<dyn Clock> = Arc::<MovableClock>::clone(&clock);
    let past = Context::open(db.clone(), Vault::new(&master_key)?, told).await?;
    let mut chosen = config::bootstrap_settings();
    let admin = chosen.admin_email.get_or_insert_with(|| "admin@example.com".to_owned()).clone();
    let furnished = bootstrap::run(&past, &chosen).await?.context("the database is not empty")?;
    let router = docket_api::router(App::new(past, config.surfaces(false), metrics.clone()));
    let client = Client::new(router, furnished.api_key.clone());
    let staff = ("admin", furnished.admin_password.as_str());
    let settled = settle::settle(&client, &clock, staff).await?;
    let vault = Vault::new(&master_key)?;
    let ctx = Context::open(db.clone(), vault, Arc::new(SystemClock)).await?;
    // Inboxes are full when they are shown, not a moment later.
    for person in &settled.people {
        refresh::user(&ctx, *person, None).await?;
    }
    let bootstrap::Furnished { api_key, admin_password } = furnished;
    Ok(Filled { ctx, api_key, admin, admin_password, settled })
}

impl Filled {
    /// Says where it is and what to try.
    fn invite(&self, url: &str) {
        let Self { api_key, admin, admin_password, settled, .. } = self;
        let Settled { banned, welcome, people, actions } = settled;
        let people = people.len();
        let owner = matters::OWNER;
        let token = format!("{{\"username\":\"{owner}\",\"password\":\"{PASSWORD}\"}}");
        let login = format!("{{\"loginId\":\"{}\",\"password\":\"{PASSWORD}\"}}", story::BANNED);
        say(format_args!(
            "Docket is running with {people} made-up people, {actions} actions, and three \
             organisations. All of it is
deleted when it ends (Ctrl-C). No mail goes out.

  URL       {url}
  API key   {api_key}
  admin     {admin}, password {admin_password}
  others    password {PASSWORD}

Who is kept out at the moment?
  curl -s -H 'Authorization: {api_key}' '{url}/api/v1/actions?preventsLogin=true&state=active'

May this user in? And this one?
  curl -s -H 'Authorization: {api_key}' '{url}/api/v1/gate?userId={welcome}'
  curl -s -H 'Authorization: {api_key}' '{url}/api/v1/gate?userId={banned}'

What does the second one see at the login? (409, and why)
  curl -si -H 'Authorization: {api_key}' -H 'Content-Type: application/json' -d '{login}' '{url}/api/login'

What has {owner} to do? (first a token, then the inbox)
  curl -s -H 'Content-Type: application/json' -d '{token}' '{url}/api-auth/password/'
  curl -s -H 'Authorization: Token <the token>' '{url}/api/user-actions/'
"
        ));
    }
}
