//! A real NATS broker for one test.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Where Debian keeps the server, out of the `PATH` of most people.
const DEBIAN: &str = "/usr/sbin/nats-server";

/// A broker with a stream store of its own, on a port of its own. It goes when this does.
#[derive(Debug)]
pub struct NatsServer {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl NatsServer {
    /// A broker that lets everybody in.
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// A broker with more settings, in the format of its settings file. Without a `nats-server` to
    /// run the test fails; it never passes by being skipped.
    pub async fn start_with(settings: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let store = folder.path().join("store");
        let text = format!(
            "host: 127.0.0.1\njetstream {{ store_dir: \"{}\" }}\n{settings}\n",
            store.display()
        );
        std::fs::write(folder.path().join("nats.conf"), text).expect("the settings can be written");
        let (child, port) = run(folder.path(), None).await;
        Self { folder, port, child: Some(child) }
    }

    /// Its host and port.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its folder, in which nobody else writes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().await.expect("it can be killed");
    }

    /// Starts it again where it was.
    pub async fn start_again(&mut self) {
        let (child, _) = run(self.folder.path(), Some(self.port)).await;
        self.child = Some(child);
    }
}

/// A broker that takes connections, and the port on which it does.
async fn run(folder: &Path, port: Option<u16>) -> (Child, u16) {
    let debian = PathBuf::from(DEBIAN);
    let program = if debian.exists() { debian } else { PathBuf::from("nats-server") };
    let port = port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
    let mut child = Command::new(program)
        .args(["--config", "nats.conf", "--port", &port])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("there is a nats-server; scripts/test installs one");
    let stderr = child.stderr.take().expect("its log is a pipe");
    let mut lines = BufReader::new(stderr).lines();
    let (mut listens_on, mut log) = (None, String::new());
    while let Some(line) = lines.next_line().await.expect("its log can be read") {
        if let Some((_, address)) = line.split_once("Listening for client connections on ") {
            listens_on = address.rsplit(':').next().and_then(|port| port.trim().parse().ok());
        }
        let is_ready = line.contains("Server is ready");
        log = format!("{log}{line}\n");
        if is_ready {
            // What it says later is read, so that it never waits for a reader.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (child, listens_on.expect("it said on which port it listens"));
        }
    }
    panic!("nats-server did not start:\n{log}");
}
