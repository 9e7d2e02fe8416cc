//! What every handler may reach: concrete, and cheap to clone.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use docket_domain::network::Network;
use docket_service::Context;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::meter::Meters;
use crate::rate::Rates;

/// The state of the application.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What [`App`] holds.
pub struct Inner {
    /// The world of the use cases.
    pub ctx: Context,
    /// How the surfaces behave.
    pub settings: Settings,
    /// Renders `/metrics`.
    pub metrics: PrometheusHandle,
    /// Requests with an idempotency key that are being answered right now.
    pub(crate) running: Mutex<HashSet<[u8; 64]>>,
    /// What is counted of requests.
    pub(crate) meters: Meters,
    /// How often each credential calls.
    pub(crate) rates: Rates,
}

/// How the surfaces behave.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether a global key's tenant header is ignored where there are no tenants (§0.6).
    pub lenient_tenant_header: bool,
    /// The most bytes of a request's body.
    pub largest_body: usize,
    /// How long a request may take, in milliseconds.
    pub request_timeout_millis: u64,
    /// How many requests one credential may make in a second; 0 is without limit.
    pub requests_per_second: u32,
    /// The address by which people reach this server; else it is what each request says.
    pub address: Option<String>,
    /// The networks of proxies that are believed when they tell of callers.
    pub trusted_proxies: Vec<Network>,
    /// Whether to serve the bare routes that the benchmark compares with.
    pub bench_routes: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lenient_tenant_header: true,
            largest_body: 2 * 1024 * 1024,
            request_timeout_millis: 30_000,
            requests_per_second: 0,
            address: None,
            trusted_proxies: Vec::new(),
            bench_routes: false,
        }
    }
}

impl App {
    /// The state of one server.
    #[must_use]
    pub fn new(ctx: Context, settings: Settings, metrics: PrometheusHandle) -> Self {
        let rates = Rates::new(settings.requests_per_second);
        Self(Arc::new(Inner {
            ctx,
            settings,
            metrics,
            running: Mutex::default(),
            meters: Meters::default(),
            rates,
        }))
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}
