//! What a mail server was sent, as a reader sees it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A letter as it arrived.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The number of the connection that it came by, from 1.
    pub connection: u32,
    /// Who had logged in.
    pub username: Option<String>,
    /// Whether the line was encrypted.
    pub encrypted: bool,
    /// Who sends, by the envelope.
    pub from: String,
    /// Who receives, by the envelope.
    pub to: Vec<String>,
    /// The letter itself, headers and bodies.
    pub source: String,
}

impl Letter {
    /// A header, unfolded and decoded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = split(&self.source);
        header(head, name)
    }

    /// The body for readers of plain text.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.part("text/plain")
    }

    /// The body for readers of HTML.
    #[must_use]
    pub fn html(&self) -> Option<String> {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> Option<String> {
        let (head, body) = split(&self.source);
        let content = header(head, "Content-Type")?;
        let Some((_, boundary)) = content.split_once("boundary=\"") else {
            return content.starts_with(kind).then(|| decoded(head, body));
        };
        let boundary = format!("--{}", boundary.split('"').next().unwrap_or_default());
        body.split(boundary.as_str()).find_map(|part| {
            let (head, body) = split(part.trim_start_matches("\r\n"));
            let content = header(head, "Content-Type")?;
            content.starts_with(kind).then(|| decoded(head, body.trim_end_matches("\r\n")))
        })
    }
}

fn split(source: &str) -> (&str, &str) {
    source.split_once("\r\n\r\n").unwrap_or((source, ""))
}

fn header(head: &str, name: &str) -> Option<String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.split("\r\n").find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| words(value.trim()))
    })
}

/// A header's value with its encoded words decoded. Between two of those white space means nothing.
fn words(value: &str) -> String {
    let mut text = String::new();
    let mut after_encoded = false;
    for word in value.split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        let decoded = encoded.and_then(|word| STANDARD.decode(word).ok());
        let in_one = after_encoded && decoded.is_some();
        if !text.is_empty() && !in_one {
            text.push(' ');
        }
        after_encoded = decoded.is_some();
        match decoded {
            Some(bytes) => text.push_str(&String::from_utf8_lossy(&bytes)),
            None => text.push_str(word),
        }
    }
    text
}

fn decoded(head: &str, body: &str) -> String {
    let body = match header(head, "Content-Transfer-Encoding").as_deref() {
        Some("quoted-printable") => unquoted(body),
        Some("base64") => {
            STANDARD.decode(body.replace("\r\n", "")).expect("the body is what it says it is")
        }
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8_lossy(&body).replace("\r\n", "\n")
}

fn unquoted(body: &str) -> Vec<u8> {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut pieces = joined.split('=');
    bytes.extend(pieces.next().unwrap_or_default().bytes());
    for piece in pieces {
        let (code, rest) = piece.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("two digits follow the sign"));
        bytes.extend(rest.bytes());
    }
    bytes
}
