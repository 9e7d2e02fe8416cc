//! The measured server: started, waited for, stopped.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use crate::load::Connection;
use crate::process::Process;
use crate::question;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// The webhook that is told is on this machine. No mail is written about approvals: nobody is there to
/// take it.
const CONFIG: &str =
    "[webhooks]\nallowed_networks = [\"127.0.0.0/8\"]\n\n[notifications]\nrole_granted = false\n";

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From the start of the process to its first answer.
    pub(crate) started_in: Duration,
}

/// How to start servers.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    pub(crate) path: PathBuf,
    /// Where it runs, so that no settings of anybody's are found.
    pub(crate) folder: PathBuf,
    /// Where what it says goes.
    pub(crate) log: PathBuf,
}

impl Binary {
    /// Starts a server on a database.
    pub(crate) async fn serve(&self, database: &str) -> anyhow::Result<Server> {
        let address = free_address()?;
        let config = self.folder.join("docket-bench.toml");
        std::fs::write(&config, CONFIG)?;
        let log = std::fs::File::options().create(true).append(true).open(&self.log)?;
        let started = Instant::now();
        let child = Command::new(&self.path)
            .args(["serve", "--bench-routes", "--listen", &address.to_string()])
            .args(["--database", database, "--config"])
            .arg(config)
            .env("DOCKET_MASTER_KEY", "a master key for the benchmark")
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", self.path.display()))?;
        let mut server = Server { child, address, started_in: Duration::ZERO };
        server.answers(started).await?;
        server.started_in = started.elapsed();
        Ok(server)
    }

    /// Megabytes of the file.
    pub(crate) fn megabytes(&self) -> anyhow::Result<f64> {
        let kilobytes = u32::try_from(Path::metadata(&self.path)?.len() / 1_000)?;
        Ok(f64::from(kilobytes) / 1e3)
    }
}

impl Server {
    async fn answers(&mut self, started: Instant) -> anyhow::Result<()> {
        while started.elapsed() < PATIENCE {
            if let Ok(mut connection) = Connection::open(self.address).await
                && connection.ask(question::status()).await.is_ok()
            {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended at once: {status}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!("the server does not answer");
    }

    /// Its process.
    pub(crate) fn process(&self) -> anyhow::Result<Process> {
        Ok(Process::Alone(self.child.id().context("the server has ended")?))
    }

    /// Stops it as an operator would.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().context("the server has ended by itself")?;
        Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
        self.child.wait().await?;
        Ok(())
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
