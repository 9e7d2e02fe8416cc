//! The binary: reads the command line, does what it asks for, and says why when it could not.

mod background;
mod broker;
mod cli;
mod config;
mod demo;
mod first_start;
mod housekeeping;
mod in_process;
mod key;
mod kickstart;
mod listen;
mod mailer;
mod master_key;
mod output;
mod patience;
mod refusal;
mod serve;
mod shutdown;
mod telemetry;
mod user;
mod wire_up;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::cli::{Cli, Command, Place};
use crate::config::Config;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long threads that are still at work may delay the end of the process.
const FAREWELL: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let Cli { command } = Cli::parse();
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        match command {
            Command::Serve(options) => serve::run(options).await,
            Command::Demo(options) => demo::run(options).await,
            Command::Migrate(place) => migrate(&place).await,
            Command::Config => {
                output::say(config::DEFAULT_FILE.trim_end());
                Ok(())
            }
            Command::Key { command } => key::run(command).await,
            Command::User { command } => user::run(command).await,
        }
    });
    runtime.shutdown_timeout(FAREWELL);
    outcome
}

async fn migrate(place: &Place) -> anyhow::Result<()> {
    let config = Config::read(place)?;
    telemetry::start_logs(&config.log)?;
    let db = wire_up::database(&config).await?;
    db.close().await;
    output::say("The database is up to date.");
    Ok(())
}
