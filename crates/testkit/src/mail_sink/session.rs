//! One dialogue with somebody who brings letters (RFC 5321).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{Answer, Encrypted, Letter, Shared, Stage};

/// Anything that a dialogue can go over.
trait Line: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

/// Serves a connection to its end.
pub(super) async fn serve(
    shared: Arc<Shared>,
    connection: u32,
    stream: TcpStream,
    encrypted: Encrypted,
    acceptor: Option<TlsAcceptor>,
) {
    let mut session = Session { shared, connection, username: None, encrypted: false };
    match (encrypted, acceptor) {
        (Encrypted::AtOnce, Some(acceptor)) => {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            session.encrypted = true;
            session.talk(&mut BufReader::new(stream), true, false).await;
        }
        (Encrypted::OnRequest, Some(acceptor)) => {
            let mut line = BufReader::new(stream);
            if session.talk(&mut line, true, true).await == Some(End::StartTls) {
                let Ok(stream) = acceptor.accept(line.into_inner()).await else { return };
                session.encrypted = true;
                session.talk(&mut BufReader::new(stream), false, false).await;
            }
        }
        _ => {
            session.talk(&mut BufReader::new(stream), true, false).await;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    Quit,
    StartTls,
}

struct Session {
    shared: Arc<Shared>,
    connection: u32,
    username: Option<String>,
    encrypted: bool,
}

impl Session {
    /// Talks until one side has enough; nothing when the line was cut.
    async fn talk<L: Line>(
        &mut self,
        line: &mut BufReader<L>,
        greets: bool,
        offers_tls: bool,
    ) -> Option<End> {
        if greets {
            self.say_at(line, Stage::Greeting, "220 sink.example.com").await?;
        }
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let command = read(line).await?;
            let upper = command.to_ascii_uppercase();
            match upper.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" | "HELO" => {
                    let tls = if offers_tls { "250-STARTTLS\r\n" } else { "" };
                    let login = if self.shared.login.is_some() && !offers_tls {
                        "250-AUTH PLAIN LOGIN\r\n"
                    } else {
                        ""
                    };
                    say(line, &format!("250-sink.example.com\r\n{tls}{login}250 8BITMIME")).await?;
                }
                "STARTTLS" if offers_tls => {
                    say(line, "220 Go ahead").await?;
                    return Some(End::StartTls);
                }
                "AUTH" => self.log_in(line, &command).await?,
                "MAIL" if self.shared.login.is_some() && self.username.is_none() => {
                    say(line, "530 5.7.0 Authentication required").await?;
                }
                "MAIL" => {
                    from = address(&command);
                    to.clear();
                    self.say_at(line, Stage::Sender, "250 OK").await?;
                }
                "RCPT" => {
                    to.push(address(&command));
                    self.say_at(line, Stage::Recipient, "250 OK").await?;
                }
                "DATA" => self.take_in(line, &from, &to).await?,
                "NOOP" | "RSET" => say(line, "250 OK").await?,
                "QUIT" => {
                    say(line, "221 Bye").await?;
                    return Some(End::Quit);
                }
                _ => say(line, "502 5.5.2 Not understood").await?,
            }
        }
    }

    async fn take_in<L: Line>(
        &self,
        line: &mut BufReader<L>,
        from: &str,
        to: &[String],
    ) -> Option<()> {
        say(line, "354 End with a dot").await?;
        let mut source = String::new();
        loop {
            let text = read(line).await?;
            if text == "." {
                break;
            }
            source.push_str(text.strip_prefix('.').unwrap_or(&text));
            source.push_str("\r\n");
        }
        if self.shared.answer_at(Stage::Letter).is_none() {
            self.shared.take_in(Letter {
                connection: self.connection,
                username: self.username.clone(),
                encrypted: self.encrypted,
                from: from.to_owned(),
                to: to.to_vec(),
                source,
            });
        }
        self.say_at(line, Stage::Letter, "250 OK, taken").await
    }

    /// `AUTH PLAIN` and `AUTH LOGIN` (RFC 4954).
    async fn log_in<L: Line>(&mut self, line: &mut BufReader<L>, command: &str) -> Option<()> {
        let mut words = command.split(' ').skip(1);
        let given = if words.next()?.eq_ignore_ascii_case("PLAIN") {
            let first = match words.next() {
                Some(first) => first.to_owned(),
                None => ask(line, "334 ").await?,
            };
            let plain = decoded(&first)?;
            let mut parts = plain.split('\0').skip(1).map(str::to_owned);
            (parts.next()?, parts.next()?)
        } else {
            let name = ask(line, "334 VXNlcm5hbWU6").await?;
            let password = ask(line, "334 UGFzc3dvcmQ6").await?;
            (decoded(&name)?, decoded(&password)?)
        };
        if self.shared.login.as_ref() == Some(&given) {
            self.username = Some(given.0);
            self.say_at(line, Stage::Login, "235 2.7.0 Welcome").await
        } else {
            say(line, "535 5.7.8 Wrong username or password").await
        }
    }

    async fn say_at<L: Line>(
        &self,
        line: &mut BufReader<L>,
        stage: Stage,
        usual: &str,
    ) -> Option<()> {
        match self.shared.answer_at(stage) {
            None => say(line, usual).await,
            Some(Answer::Say(answer)) => say(line, &answer).await,
            Some(Answer::Hang) => std::future::pending().await,
        }
    }
}

async fn read<L: Line>(line: &mut BufReader<L>) -> Option<String> {
    let mut bytes = Vec::new();
    line.read_until(b'\n', &mut bytes).await.ok().filter(|read| *read > 0)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Some(text.trim_end_matches(['\r', '\n']).to_owned())
}

async fn say<L: Line>(line: &mut BufReader<L>, answer: &str) -> Option<()> {
    line.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    line.get_mut().flush().await.ok()
}

async fn ask<L: Line>(line: &mut BufReader<L>, question: &str) -> Option<String> {
    say(line, question).await?;
    read(line).await
}

fn decoded(text: &str) -> Option<String> {
    STANDARD.decode(text.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

/// The address between the angle brackets.
fn address(command: &str) -> String {
    let after = command.split_once('<').map_or("", |(_, after)| after);
    after.split('>').next().unwrap_or_default().to_owned()
}
