//! `docket serve`: from the settings to a server that answers, and from the signal to its end.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use docket_api::{App, Served};
use docket_courier::Courier;
use docket_courier::webhook::Sender;
use docket_service::Context;
use docket_store::Db;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use crate::background::Background;
use crate::broker::{self, Broker};
use crate::cli::Serve;
use crate::config::Config;
use crate::shutdown::{self, Stop};
use crate::telemetry::{self, process};
use crate::{first_start, housekeeping, listen, mailer, wire_up};

/// Serves until it is told to stop.
pub(crate) async fn run(options: Serve) -> anyhow::Result<()> {
    let mut config = Config::read(&options.place)?;
    if let Some(listen) = given(options.listen) {
        config.listen = listen;
    }
    if let Some(address) = given(options.nats) {
        config.events.nats = address;
    }
    let broker = broker::of(&config.events)?;
    telemetry::start_logs(&config.log)?;
    let metrics = telemetry::start_metrics()?;
    let stop = shutdown::on_signals()?;
    // First of all the address: where it is taken, nothing should be made and shown in vain.
    let listener = bind(&config).await?;
    let db = wire_up::database(&config).await?;
    let start = async {
        let ctx = wire_up::context(&config, &db).await?;
        let (ctx, sender) = docket_courier::consulted(ctx, &config.courier());
        let surfaces = config.surfaces(options.bench_routes);
        let kickstart = options.kickstart.as_deref().filter(|path| !path.is_empty());
        // The operator's own requests may come as fast as they can.
        let unlimited = docket_api::Settings { requests_per_second: 0, ..surfaces.clone() };
        let own = docket_api::router(App::new(ctx.clone(), unlimited, metrics.clone()));
        first_start::run(&ctx, &own, kickstart.map(Path::new)).await?;
        let router = docket_api::router(App::new(ctx.clone(), surfaces, metrics.clone()));
        anyhow::Ok((ctx, sender, router))
    };
    let started = tokio::select! {
        started = start => Some(started),
        () = stop.asked() => None,
    };
    let outcome = match started {
        Some(Ok((ctx, sender, router))) => {
            let config = &config;
            let mailing = true;
            let server = Server { config, ctx, sender, router, metrics, listener, broker, mailing };
            server.run(&stop).await
        }
        Some(Err(error)) => Err(error),
        None => Ok(()),
    };
    close(db).await;
    outcome
}

/// An empty variable of the environment says nothing.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Takes the address of the settings.
pub(crate) async fn bind(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(&config.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", config.listen))
}

/// Everything that is needed to serve.
#[derive(Debug)]
pub(crate) struct Server<'c> {
    pub(crate) config: &'c Config,
    pub(crate) ctx: Context,
    pub(crate) sender: Arc<Sender>,
    pub(crate) router: Served,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) listener: TcpListener,
    pub(crate) broker: Broker,
    /// Whether mails go out; made-up people are written to by nobody.
    pub(crate) mailing: bool,
}

impl Server<'_> {
    /// Serves until it is told to stop and what was begun is finished.
    pub(crate) async fn run(self, stop: &Stop) -> anyhow::Result<()> {
        let background = Background::start()?;
        let mailer = if self.mailing {
            Some(background.inside(|| mailer::start(&self.ctx, self.config, stop))?)
        } else {
            None
        };
        process::started(self.ctx.now());
        housekeeping::start_measuring(self.metrics);
        housekeeping::start_cleaning(self.ctx.clone(), self.config.events.kept());
        if let Ok(address) = self.listener.local_addr() {
            tracing::info!(version = env!("CARGO_PKG_VERSION"), %address, "listening");
        }
        let courier = background.inside(|| {
            let mut courier = Courier::start(&self.ctx, self.sender);
            self.broker.start(&mut courier, &self.ctx);
            courier
        });
        let (log, stopped) = (Arc::clone(&self.ctx.log), stop.clone());
        // Streams have no end of their own; the others are waited for.
        tokio::spawn(async move {
            stopped.asked().await;
            log.close();
        });
        listen::serve(self.listener, self.router, &self.config.requests, stop).await;
        courier.stop().await;
        if let Some(mailer) = mailer {
            mailer.finished().await;
        }
        Ok(())
    }
}

/// Closes the database, so that everything is in its file.
pub(crate) async fn close(db: Db) {
    db.close().await;
    tracing::info!("stopped");
}
