//! Measures a release server: loads a large community, asks it the hot questions over loopback,
//! and sets the figures beside those that are to be reached (`docs/develop/benchmark.md`).

mod caller;
mod chance;
mod clock;
mod community;
mod ends;
mod engine;
mod histogram;
mod inbox;
mod load;
mod output;
mod process;
mod question;
mod raw;
mod report;
mod run;
mod seed;
mod server;
mod sink;
mod telling;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The API key that seeding leaves in the database.
const KEY: &str = "docket-bench-key-0123456789abcdef";

/// Loads a database, measures a server on it.
#[derive(Debug, Parser)]
#[command(name = "docket-bench", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill a database that `docket migrate` has just made
    Seed(seed::Seed),
    /// Measure a release server on a seeded database
    Run(run::Run),
    /// Send one request again and again; `run` does that in a process of its own
    #[command(hide = true)]
    Call(caller::Call),
}

fn main() -> ExitCode {
    let Cli { command } = Cli::parse();
    match start(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(format_args!("docket-bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(command: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Seed(seed) => seed::run(&seed).await,
            Command::Run(run) => run::run(&run).await,
            Command::Call(call) => caller::run(&call).await,
        }
    })
}
