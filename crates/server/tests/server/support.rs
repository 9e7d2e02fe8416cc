//! Starts the binary, reads what it says, and speaks plain HTTP to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const KEY: &str = "the-super-key-of-the-tests";
const PATIENCE: Duration = Duration::from_mins(1);

/// The binary, with nothing of the tester's own settings.
pub(crate) fn docket(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docket"));
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DOCKET_")) {
        command.env_remove(name);
    }
    command
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    docket(folder).args(arguments).output().unwrap()
}

/// What a command that must succeed says.
pub(crate) fn said(output: &Output) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a command that must fail complains about.
pub(crate) fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    lines: Receiver<String>,
    /// Every line of its log so far.
    pub(crate) log: Vec<String>,
}

impl Server {
    /// A server in this folder, with a key of the tests' own.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = docket(folder);
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        command
            .env("DOCKET_BOOTSTRAP_API_KEY", KEY)
            .env("DOCKET_BOOTSTRAP_ADMIN_PASSWORD", "a password for tests");
        Self::spawn(command)
    }

    /// Whatever serves, from when it says where.
    pub(crate) fn spawn(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (tell, lines) = channel();
        let stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
        let mut server =
            Self { child, address: SocketAddr::from(([0, 0, 0, 0], 0)), lines, log: Vec::new() };
        server.address = server.wait_for("listening")["address"].as_str().unwrap().parse().unwrap();
        server
    }

    /// The first line of the log with this message.
    pub(crate) fn wait_for(&mut self, message: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!("never said \"{message}\", but:\n{}", self.log.join("\n"))
            });
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            self.log.push(line);
            if entry["message"] == message {
                return entry;
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let killed =
            Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(killed.unwrap().success());
    }

    /// The end of the process: its exit code and what it said.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        let mut said = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        (code, said)
    }

    /// Hands every line that it said to `each`, if it is one to try, up to the one that contains
    /// `last`, and ends the server.
    pub(crate) fn try_out(
        mut self,
        last: &str,
        mut each: impl FnMut(&Self, &str) -> Option<()>,
    ) -> String {
        let stdout = self.child.stdout.take().unwrap();
        let mut said = String::new();
        // What it said is followed by an empty line and the silence of a server at work.
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            said.push_str(&line);
            said.push('\n');
            let is_to_try = line.trim_start().starts_with("curl ");
            assert!(!is_to_try || each(&self, &line).is_some(), "not a line to try: {line}");
            if line.contains(last) {
                break;
            }
        }
        self.signal("TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        said
    }

    /// Ends it in good order.
    pub(crate) fn stop(self) -> String {
        self.signal("TERM");
        let (code, said) = self.end();
        assert_eq!(code, Some(0));
        said
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Asks with a key, and perhaps a body.
    pub(crate) fn ask(&self, key: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut stream = self.connect();
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: docket\r\nAuthorization: {key}\r\n\
             Connection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        Answer::read(stream)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(KEY, "GET", path, None)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; of one that did not there is nothing left.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// Reads until the server closes the connection.
    pub(crate) fn read(mut stream: TcpStream) -> Self {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, body: body.to_owned() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
