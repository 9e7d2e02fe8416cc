//! The command line: what can be asked of the binary, with an example of each.

#![expect(clippy::doc_markdown, reason = "these comments are what --help prints")]

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};
use docket_domain::id::TenantId;

/// Everything in force between a platform and its users: bans, warnings, mutes and their history,
/// behind FusionAuth's user actioning API.
#[derive(Debug, Parser)]
#[command(name = "docket", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  docket demo                            look around in a server full of made-up people
  docket serve                           serve on 127.0.0.1:9011 with ./docket.db
  docket serve --database postgres://docket@localhost/docket
  docket config > docket.toml            write every setting into a file, to be changed
  docket key create --name \"my app\"

`docket <command> --help` says more about each.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API until SIGTERM or SIGINT
    ///
    /// Brings the database up to date first. An empty one is furnished with the tenant Default, a
    /// super key and the staff user `admin`, from DOCKET_BOOTSTRAP_API_KEY,
    /// DOCKET_BOOTSTRAP_ADMIN_EMAIL and DOCKET_BOOTSTRAP_ADMIN_PASSWORD; what is not given is made
    /// up and printed once.
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// Serve a throwaway database full of made-up people
    ///
    /// Some sixty users, definitions in three languages and three months of actions, in a temporary
    /// folder that is deleted at the end. Prints the key, the password and what to try.
    #[command(after_help = "Examples:\n  docket demo\n  docket demo --listen 127.0.0.1:8080")]
    Demo(Demo),
    /// Bring the database up to date, and end
    ///
    /// `docket serve` does the same at its start; several may do so at once.
    #[command(after_help = "Example:\n  docket migrate --database postgres://docket@db/docket")]
    Migrate(Place),
    /// Print every setting with its default, as a commented file
    #[command(after_help = "Example:\n  docket config > docket.toml")]
    Config,
    /// Make, list and revoke API keys
    Key {
        #[command(subcommand)]
        command: Key,
    },
    /// Make users
    User {
        #[command(subcommand)]
        command: User,
    },
}

const SERVE_EXAMPLES: &str = "\
Examples:
  docket serve
  docket serve --listen 0.0.0.0:9011 --database sqlite:///var/lib/docket/docket.db
  docket serve --config /etc/docket.toml
  DOCKET_DATABASE_URL=postgres://docket@db/docket docket serve --kickstart kickstart.json";

/// Where the settings and the data are.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Place {
    /// The database: sqlite://path or postgres://user@host/name [default: sqlite://docket.db]
    #[arg(long, env = "DOCKET_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// The file with the settings [default: docket.toml, when it is there]
    #[arg(long, env = "DOCKET_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address and port to listen on [default: 127.0.0.1:9011]
    #[arg(long, env = "DOCKET_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
    /// The NATS broker to which every event is published [default: none]
    #[arg(long, env = "DOCKET_EVENTS_NATS", value_name = "URL", hide_env_values = true)]
    pub(crate) nats: Option<String>,
    /// A kickstart file of FusionAuth's kind, run when the database is empty
    #[arg(long, env = "DOCKET_KICKSTART", value_name = "FILE")]
    pub(crate) kickstart: Option<OsString>,
    /// Also serve the bare routes that the benchmark compares with
    #[arg(long, hide = true)]
    pub(crate) bench_routes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The address and port to listen on [default: 127.0.0.1:9011]
    #[arg(long, env = "DOCKET_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Make a key and print it, once
    #[command(after_help = KEY_EXAMPLES)]
    Create(KeyCreate),
    /// List the keys, without their secrets
    #[command(after_help = "Example:\n  docket key list")]
    List(Place),
    /// Revoke a key, by its id or its name
    ///
    /// Servers that are running refuse it within a second.
    #[command(after_help = "Example:\n  docket key revoke \"my app\"")]
    Revoke(KeyRevoke),
}

const KEY_EXAMPLES: &str = "\
Examples:
  docket key create --name \"my app\"
  docket key create --name \"read only\" --allow \"GET /api/user\" --allow \"GET /api/user/action\"
  docket key create --name \"until spring\" --expires 90d
  docket key create --name admin --key-manager --expires 2030-01-01T00:00:00Z";

#[derive(Debug, Args)]
pub(crate) struct KeyCreate {
    /// What to call it; no other key may be called so
    #[arg(long)]
    pub(crate) name: String,
    /// The id of the only tenant that it may see
    #[arg(long, value_name = "ID")]
    pub(crate) tenant: Option<TenantId>,
    /// Let it manage keys
    #[arg(long)]
    pub(crate) key_manager: bool,
    /// When it ends: an instant (2030-01-01T00:00:00Z), or a time from now (12h, 90d, 4w, 1y)
    #[arg(long, value_name = "WHEN")]
    pub(crate) expires: Option<String>,
    /// Methods and an endpoint that it may use; without any it may use all
    #[arg(long, value_name = "METHODS PATH")]
    pub(crate) allow: Vec<String>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct KeyRevoke {
    /// The id or the name of the key
    pub(crate) key: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make a user, and print the password if it was made up
    #[command(after_help = USER_EXAMPLES)]
    Create(UserCreate),
}

const USER_EXAMPLES: &str = "\
Examples:
  docket user create --email kim@example.com --staff
  docket user create --username kim --password-stdin < password.txt";

#[derive(Debug, Args)]
pub(crate) struct UserCreate {
    /// The e-mail address
    #[arg(long, required_unless_present = "username")]
    pub(crate) email: Option<String>,
    /// The user name
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// Let the user run this server
    #[arg(long)]
    pub(crate) staff: bool,
    /// The id of the user's tenant; not needed when there is only one
    #[arg(long, value_name = "ID")]
    pub(crate) tenant: Option<TenantId>,
    /// Read the password from the standard input rather than making one up
    #[arg(long)]
    pub(crate) password_stdin: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}
