//! A mail as bytes for a mail server: its headers, its bodies, its envelope.
//!
//! What stands in a header has come from people. An address is parsed, a text loses everything that
//! could end its line, so nobody can write a header of their own.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use docket_domain::mail::{self, Email};
use docket_service::mails::ClaimedMail;
use lettre::address::{AddressError, Envelope};
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

/// What a mail server is handed.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
}

/// A mail that no mail server could take.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritable {
    #[error("[{0}] is not an address that can be written to")]
    Address(String, #[source] AddressError),
    #[error("the mail cannot be put into words: {0}")]
    Message(#[from] lettre::error::Error),
}

/// Tells automatic replies that nobody would read them.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The mail as bytes. Sent again it is the same: id and date are those of the mail, not of the
/// attempt.
pub(super) fn letter(mail: &ClaimedMail) -> Result<Letter, Unwritable> {
    let Email { message, to, cc, bcc } = &mail.email;
    let from = mail::Address {
        email: message.from_email.clone().unwrap_or_default(),
        name: message.from_name.clone(),
    };
    let from = mailbox(&from)?;
    let id = format!("<{}@{}>", mail.claim.id, from.email.domain());
    let millis = u64::try_from(mail.created_at.millis()).unwrap_or_default();
    let mut builder = Message::builder()
        .from(from)
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
        .message_id(Some(id))
        .subject(one_line(message.subject.as_deref().unwrap_or_default()))
        .header(AutoSubmitted);
    for address in to {
        builder = builder.to(mailbox(address)?);
    }
    for address in cc {
        builder = builder.cc(mailbox(address)?);
    }
    for address in bcc {
        builder = builder.bcc(mailbox(address)?);
    }
    let message = match (message.text.clone(), message.html.clone()) {
        (Some(text), Some(html)) => {
            builder.multipart(MultiPart::alternative_plain_html(text, html))?
        }
        (None, Some(html)) => builder.singlepart(SinglePart::html(html))?,
        (text, None) => builder.singlepart(SinglePart::plain(text.unwrap_or_default()))?,
    };
    Ok(Letter { envelope: message.envelope().clone(), bytes: message.formatted() })
}

fn mailbox(address: &mail::Address) -> Result<Mailbox, Unwritable> {
    let parsed: Result<Address, AddressError> = in_ascii(&address.email).parse();
    let parsed = parsed.map_err(|error| Unwritable::Address(one_line(&address.email), error))?;
    let name = address.name.as_deref().map(one_line).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, parsed))
}

/// The address with its domain as it is looked up (`xn--…`), which every mail server understands.
fn in_ascii(address: &str) -> Cow<'_, str> {
    match address.rsplit_once('@') {
        Some((local, domain)) if !domain.is_ascii() => idna::domain_to_ascii(domain)
            .map_or(address.into(), |domain| format!("{local}@{domain}").into()),
        _ => address.into(),
    }
}

/// The text without what could end a line, and without what readers do not see.
fn one_line(text: &str) -> String {
    let plain =
        |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
    let text: String = text.chars().map(plain).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use docket_domain::directory::MailSettings;
    use docket_domain::id::{MailId, TemplateId};
    use docket_domain::mail::Message;
    use docket_domain::time::Instant;
    use docket_service::mails::Claim;

    use super::*;

    fn mail(subject: &str, name: &str, address: &str) -> ClaimedMail {
        let claim = Claim {
            id: MailId::from_uuid(uuid::Uuid::from_u128(7)),
            template_id: TemplateId::from_uuid(uuid::Uuid::nil()),
            attempts: 1,
        };
        let person = |email: &str| mail::Address { email: email.to_owned(), name: None };
        let message = Message {
            from_email: Some("mods@example.com".to_owned()),
            from_name: Some(name.to_owned()),
            subject: Some(subject.to_owned()),
            html: Some("<p>Grüße</p>\n".to_owned()),
            text: Some(".\nGrüße\n".to_owned()),
        };
        let email = Email {
            message,
            to: vec![person(address)],
            cc: Vec::new(),
            bcc: vec![person("archive@example.com")],
        };
        let created_at = Instant::from_millis(1_767_603_600_000);
        ClaimedMail { claim, created_at, email, server: Arc::new(MailSettings::default()) }
    }

    fn headers(letter: &Letter) -> Vec<String> {
        let text = String::from_utf8(letter.bytes.clone()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        head.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn the_second_sending_is_the_first_one_again() {
        let mail = mail("Hello", "The moderators", "ada@example.com");
        let headers = headers(&letter(&mail).unwrap());
        let id = "Message-ID: <00000000-0000-0000-0000-000000000007@example.com>";
        assert!(headers.iter().any(|header| header == id), "{headers:?}");
        assert!(headers.iter().any(|header| header == "Date: Mon, 05 Jan 2026 09:00:00 +0000"));
        assert!(headers.iter().any(|header| header == "Auto-Submitted: auto-generated"));
        assert!(headers.iter().any(|header| header.contains("multipart/alternative")));
    }

    #[test]
    fn who_reads_along_unnamed_is_on_the_envelope_alone() {
        let letter = letter(&mail("Hello", "x", "ada@example.com")).unwrap();
        let to: Vec<String> = letter.envelope.to().iter().map(ToString::to_string).collect();
        assert_eq!(to, ["ada@example.com", "archive@example.com"]);
        assert!(!String::from_utf8(letter.bytes).unwrap().contains("archive"));
    }

    #[test]
    fn a_domain_of_any_script_can_be_written_to() {
        let letter = letter(&mail("Hello", "x", "ada@bücher.example")).unwrap();
        assert_eq!(letter.envelope.to()[0].to_string(), "ada@xn--bcher-kva.example");
    }

    #[test]
    fn nobody_writes_a_header_of_their_own() {
        for injected in
            ["Hi\r\nBcc: eve@example.com", "Hi\nBcc: eve@example.com\n\nBody", "Hi\rX: y"]
        {
            let letter = letter(&mail(injected, injected, "ada@example.com")).unwrap();
            let headers = headers(&letter);
            let wrong = |header: &&String| header.starts_with("Bcc") || header.starts_with("X:");
            assert_eq!(headers.iter().find(wrong), None);
            assert_eq!(letter.envelope.to().len(), 2);
        }
        for address in
            ["ada@example.com\r\nRCPT TO:<eve@example.com>", "ada", "a b@example.com", ""]
        {
            assert!(letter(&mail("Hi", "x", address)).is_err(), "{address}");
        }
    }
}
