//! The limit of the HTTP client: the same requests as a webhook is sent, sent by nothing but that.
//!
//! It is a process of its own, so that its processor time is the client's alone: the endpoint is in
//! the process that measures, for this and for the server alike.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use clap::Args;
use tokio::process::Command;

use crate::load;
use crate::output::say;
use crate::process::Process;
use crate::report::Figure;
use crate::sink::Sample;

/// As many connections as the server has calls of one webhook at once.
const CONNECTIONS: u64 = 16;

/// What to send, where, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Call {
    #[arg(long)]
    address: SocketAddr,
    #[arg(long)]
    sample: PathBuf,
    #[arg(long)]
    seconds: f64,
}

/// Sends, and prints the figure.
pub(crate) async fn run(call: &Call) -> anyhow::Result<()> {
    let sample: Sample = serde_json::from_slice(&std::fs::read(&call.sample)?)?;
    let again = sample.again()?;
    let time = Duration::from_secs_f64(call.seconds);
    let before = Process::own().cpu()?;
    let ask = Arc::new(move |_: &mut _| Some(again.clone()));
    let measured = load::drive(call.address, CONNECTIONS, time, 0, ask).await?;
    let cpu = Process::own().cpu()? - before;
    say(serde_json::to_string(&Figure::of(&measured, cpu, None, 1))?);
    Ok(())
}

/// Has such a process send for a while.
pub(crate) async fn measure(
    address: SocketAddr,
    sample: &Path,
    time: Duration,
) -> anyhow::Result<Figure> {
    let output = Command::new(std::env::current_exe()?)
        .args(["call", "--address", &address.to_string()])
        .args(["--seconds", &time.as_secs_f64().to_string(), "--sample"])
        .arg(sample)
        .kill_on_drop(true)
        .output()
        .await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}
