//! The settings: what they are called, what they are by default, and that they make sense.
//!
//! A setting comes from the command line, else the environment, else the file, else from here.
//! `docket.default.toml` says the same for people; a test holds the two together.

mod file;
mod mail;
mod organisations;
mod todos;

use std::path::{Path, PathBuf};
use std::time::Duration;

use docket_domain::network::Network;
use docket_service::bootstrap;
use serde::{Deserialize, Serialize};
use tracing_subscriber::filter::LevelFilter;

pub(crate) use file::ConfigError;
pub(crate) use mail::Mail;
pub(crate) use organisations::{Access, Notifications, Site};
pub(crate) use todos::Todos;

use crate::cli::Place;

/// The commented file with every setting and its default.
pub(crate) const DEFAULT_FILE: &str = include_str!("../../../docket.default.toml");
/// The file that is read when none is named and it is there.
const USUAL_FILE: &str = "docket.toml";

/// For how many days events are kept at least.
const FEWEST_DAYS: u32 = 30;

/// All settings.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) listen: String,
    pub(crate) master_key_file: PathBuf,
    pub(crate) lenient_tenant_header: bool,
    pub(crate) database: Database,
    pub(crate) requests: Requests,
    pub(crate) webhooks: Webhooks,
    pub(crate) mail: Mail,
    pub(crate) events: Events,
    pub(crate) log: Log,
    pub(crate) access: Access,
    pub(crate) site: Site,
    pub(crate) notifications: Notifications,
    pub(crate) todos: Todos,
}

/// Where the data are, and how the engines are used.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) write_connections: usize,
    pub(crate) read_connections: usize,
    pub(crate) list_connections: usize,
    pub(crate) acquire_timeout_seconds: u64,
    pub(crate) statement_timeout_seconds: u64,
    pub(crate) busy_timeout_seconds: u64,
    pub(crate) mapped_bytes: u64,
}

/// What callers may take of time and space.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Requests {
    pub(crate) largest_body: usize,
    pub(crate) timeout_seconds: u64,
    pub(crate) header_timeout_seconds: u64,
    pub(crate) reader_timeout_seconds: u64,
    pub(crate) most_connections: usize,
    pub(crate) per_second: u32,
    pub(crate) stop_timeout_seconds: u64,
    pub(crate) address: String,
    pub(crate) trusted_proxies: Vec<String>,
}

/// What webhooks may call.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Webhooks {
    pub(crate) allowed_networks: Vec<String>,
}

/// How long it is known what happened, and where events go besides.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Events {
    pub(crate) kept_days: u32,
    pub(crate) nats: String,
    pub(crate) nats_stream: String,
    pub(crate) nats_certificate: PathBuf,
}

/// What is logged, and how it looks.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) level: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Auto,
    Human,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:9011".to_owned(),
            master_key_file: PathBuf::new(),
            lenient_tenant_header: true,
            database: Database::default(),
            requests: Requests::default(),
            webhooks: Webhooks::default(),
            mail: Mail::default(),
            events: Events::default(),
            log: Log::default(),
            access: Access::default(),
            site: Site::default(),
            notifications: Notifications::default(),
            todos: Todos::default(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite://docket.db".to_owned(),
            write_connections: 24,
            read_connections: 4,
            list_connections: 2,
            acquire_timeout_seconds: 5,
            statement_timeout_seconds: 30,
            busy_timeout_seconds: 5,
            mapped_bytes: 1 << 40,
        }
    }
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            largest_body: 2 * 1024 * 1024,
            timeout_seconds: 30,
            header_timeout_seconds: 30,
            reader_timeout_seconds: 30,
            most_connections: 4096,
            per_second: 0,
            stop_timeout_seconds: 10,
            address: String::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for Events {
    fn default() -> Self {
        Self {
            kept_days: FEWEST_DAYS,
            nats: String::new(),
            nats_stream: "DOCKET".to_owned(),
            nats_certificate: PathBuf::new(),
        }
    }
}

impl Events {
    /// How long events are kept.
    pub(crate) fn kept(&self) -> Duration {
        Duration::from_hours(24 * u64::from(self.kept_days))
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Auto, level: "info".to_owned() }
    }
}

impl Config {
    /// The settings of this start. `place` holds what the command line and the environment said.
    pub(crate) fn read(place: &Place) -> Result<Self, ConfigError> {
        // An empty variable of the environment says nothing.
        let mut config = match place.config.as_deref().filter(|path| !path.is_empty()) {
            Some(path) => file::read(Path::new(path))?,
            None if Path::new(USUAL_FILE).exists() => file::read(Path::new(USUAL_FILE))?,
            None => Self::default(),
        };
        if let Some(url) = place.database.as_ref().filter(|url| !url.is_empty()) {
            config.database.url.clone_from(url);
        }
        if let Some(password) = mail_password() {
            config.mail.password = password;
        }
        Ok(config)
    }

    /// The options of the store.
    pub(crate) fn store_options(&self) -> docket_store::Options {
        let database = &self.database;
        docket_store::Options {
            write_connections: database.write_connections,
            read_connections: database.read_connections,
            list_connections: database.list_connections,
            acquire_timeout: Duration::from_secs(database.acquire_timeout_seconds),
            statement_timeout: Duration::from_secs(database.statement_timeout_seconds),
            busy_timeout: Duration::from_secs(database.busy_timeout_seconds),
            mmap_bytes: database.mapped_bytes.try_into().unwrap_or(i64::MAX),
        }
    }

    /// The settings of the surfaces.
    pub(crate) fn surfaces(&self, bench_routes: bool) -> docket_api::Settings {
        let address = &self.requests.address;
        let proxies = self.requests.trusted_proxies.iter();
        docket_api::Settings {
            lenient_tenant_header: self.lenient_tenant_header,
            largest_body: self.requests.largest_body,
            request_timeout_millis: self.requests.timeout_seconds.saturating_mul(1_000),
            requests_per_second: self.requests.per_second,
            address: Some(address.clone()).filter(|address| !address.is_empty()),
            trusted_proxies: proxies.filter_map(|network| network.parse().ok()).collect(),
            bench_routes,
        }
    }

    /// What holds in customers and projects.
    pub(crate) fn organisations(&self) -> docket_service::settings::Settings {
        docket_service::settings::Settings {
            access: (&self.access).into(),
            site: (&self.site).into(),
            notifications: (&self.notifications).into(),
            todos: (&self.todos).into(),
        }
    }

    /// What the courier must be told; the networks were checked when the settings were read.
    pub(crate) fn courier(&self) -> docket_courier::Settings {
        let networks = self.webhooks.allowed_networks.iter();
        docket_courier::Settings {
            allowed_networks: networks.filter_map(|network| network.parse().ok()).collect(),
        }
    }

    /// What is wrong with the settings, by key, although each is of the right type.
    fn check(&self) -> Result<(), (&'static str, String)> {
        let positive = [
            ("database.write_connections", self.database.write_connections),
            ("database.read_connections", self.database.read_connections),
            ("database.list_connections", self.database.list_connections),
            ("requests.most_connections", self.requests.most_connections),
            ("requests.largest_body", self.requests.largest_body),
        ];
        if let Some((key, _)) = positive.into_iter().find(|(_, value)| *value == 0) {
            return Err((key, "must be at least 1".to_owned()));
        }
        let times = [
            ("database.acquire_timeout_seconds", self.database.acquire_timeout_seconds),
            ("database.statement_timeout_seconds", self.database.statement_timeout_seconds),
            ("requests.timeout_seconds", self.requests.timeout_seconds),
            ("requests.header_timeout_seconds", self.requests.header_timeout_seconds),
            ("requests.reader_timeout_seconds", self.requests.reader_timeout_seconds),
        ];
        if let Some((key, _)) = times.into_iter().find(|(_, value)| !(1..=86_400).contains(value)) {
            return Err((key, "must be from 1 to 86400".to_owned()));
        }
        let networks = [
            ("webhooks.allowed_networks", &self.webhooks.allowed_networks),
            ("requests.trusted_proxies", &self.requests.trusted_proxies),
        ];
        for (key, network) in
            networks.into_iter().flat_map(|(key, all)| all.iter().map(move |n| (key, n)))
        {
            if let Err(error) = network.parse::<Network>() {
                return Err((key, format!("\"{network}\": {error}")));
            }
        }
        let address = &self.requests.address;
        if !address.is_empty() && !["http://", "https://"].iter().any(|s| address.starts_with(s)) {
            let wrong = format!("\"{address}\" must begin with http:// or https://");
            return Err(("requests.address", wrong));
        }
        self.mail.check()?;
        self.todos.check()?;
        if self.events.kept_days < FEWEST_DAYS {
            return Err(("events.kept_days", format!("must be at least {FEWEST_DAYS}")));
        }
        let level = &self.log.level;
        if !is_level(level) {
            return Err(("log.level", format!("\"{level}\" is not a level, nor a list of them")));
        }
        Ok(())
    }
}

/// Whether this is a level, or levels by target. The filter itself would take a mistyped level for
/// a target.
fn is_level(text: &str) -> bool {
    let mut parts =
        text.split(',').map(|part| part.rsplit_once('=').map_or(part, |(_, level)| level));
    parts.all(|level| level.trim().parse::<LevelFilter>().is_ok())
}

/// What the operator chose for an empty database.
#[expect(clippy::disallowed_methods, reason = "one of the two homes of settings")]
pub(crate) fn bootstrap_settings() -> bootstrap::Settings {
    let given = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    bootstrap::Settings {
        api_key: given("DOCKET_BOOTSTRAP_API_KEY"),
        admin_email: given("DOCKET_BOOTSTRAP_ADMIN_EMAIL"),
        admin_password: given("DOCKET_BOOTSTRAP_ADMIN_PASSWORD"),
        ..bootstrap::Settings::default()
    }
}

/// The master key, when it is given by the environment.
#[expect(clippy::disallowed_methods, reason = "one of the two homes of settings")]
pub(crate) fn master_key() -> Option<String> {
    std::env::var("DOCKET_MASTER_KEY").ok().filter(|value| !value.trim().is_empty())
}

/// The password of the mail server, when it is given by the environment.
#[expect(clippy::disallowed_methods, reason = "one of the two homes of settings")]
fn mail_password() -> Option<String> {
    std::env::var("DOCKET_MAIL_PASSWORD").ok().filter(|value| !value.is_empty())
}

/// A variable of the environment that a kickstart file names.
#[expect(clippy::disallowed_methods, reason = "one of the two homes of settings")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests;
