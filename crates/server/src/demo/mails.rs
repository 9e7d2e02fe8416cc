//! The mails of the demo: one template for each thing that can happen to an action, in English,
//! German and French.
//!
//! Whoever gets such a mail has just been told what they may not do. So each says what was decided,
//! why, where, until when, and whom to ask, and nothing else; none blames, none threatens. They
//! are good to begin with: `GET /api/email/template` shows them as templates of FusionAuth.

use serde_json::{Map, Value, json};

mod words;

use words::{LANGUAGES, Labels, Speech};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Something that lasts begins.
    Start,
    /// It lasts longer or shorter.
    Modify,
    /// Somebody ended it early.
    Cancel,
    /// Its time is over.
    End,
    /// Something happened, and that was it.
    Notice,
    /// Somebody is thanked.
    Thanks,
}

impl Occasion {
    /// Every occasion with the name of its template.
    pub(super) const ALL: [(Self, &'static str); 6] = [
        (Self::Start, "Action started"),
        (Self::Modify, "Action changed"),
        (Self::Cancel, "Action lifted"),
        (Self::End, "Action ended"),
        (Self::Notice, "Notice"),
        (Self::Thanks, "Thanks"),
    ];

    /// Whether there is something yet to come to an end.
    fn is_running(self) -> bool {
        matches!(self, Self::Start | Self::Modify)
    }
}

/// The template of an occasion, as FusionAuth's API takes it.
pub(super) fn template(occasion: Occasion, name: &str) -> Value {
    let in_all = |part: fn(Occasion, &Labels, &Speech) -> String| -> Map<String, Value> {
        let speak = |labels: &Labels| {
            let speech = labels.speech(occasion);
            (labels.language.to_owned(), part(occasion, labels, &speech).into())
        };
        LANGUAGES.iter().map(speak).collect()
    };
    let english = |texts: &Map<String, Value>| texts.get("en").cloned();
    let (subjects, html, text) = (in_all(subject), in_all(html), in_all(text));
    json!({"emailTemplate": {
        "name": name,
        "fromEmail": "moderation@example.com",
        "defaultFromName": "${tenant.name}",
        "defaultSubject": english(&subjects),
        "defaultHtmlTemplate": english(&html),
        "defaultTextTemplate": english(&text),
        "localizedSubjects": subjects,
        "localizedHtmlTemplates": html,
        "localizedTextTemplates": text,
    }})
}

fn subject(_: Occasion, _: &Labels, speech: &Speech) -> String {
    speech.subject.to_owned()
}

/// What the mail states: a label, when there is something to state, and what.
fn facts(occasion: Occasion, labels: &Labels) -> Vec<(&'static str, &'static str, String)> {
    let what = "${event.localizedAction}[#if event.localizedOption??] \
        (${event.localizedOption})[/#if]";
    let mut facts = vec![
        (labels.what, "true", what.to_owned()),
        (labels.why, "event.localizedReason??", "${event.localizedReason}".to_owned()),
        (labels.note, "event.comment??", "${event.comment}".to_owned()),
        (labels.place, "application??", "${application.name}".to_owned()),
    ];
    if occasion.is_running() {
        let end = format!(
            "[#if event.expiry??]${{event.expiry?number_to_datetime?string(\"{}\")}}\
             [#else]{}[/#if]",
            labels.date, labels.no_end
        );
        facts.push((labels.until, "true", end));
    }
    facts
}

/// The body for readers of plain text.
fn text(occasion: Occasion, labels: &Labels, speech: &Speech) -> String {
    let mut lines = vec![labels.greeting.to_owned(), String::new(), speech.opening.to_owned()];
    lines.push(String::new());
    for (label, condition, value) in facts(occasion, labels) {
        let stated = format!("  {label}: {value}");
        if condition == "true" {
            lines.push(stated);
        } else {
            lines.extend([format!("[#if {condition}]"), stated, "[/#if]".to_owned()]);
        }
    }
    lines.extend([String::new(), speech.closing.to_owned()]);
    if let Some(question) = labels.question(occasion) {
        lines.extend([String::new(), question.to_owned()]);
    }
    lines.extend([String::new(), labels.farewell.to_owned(), "${tenant.name}".to_owned()]);
    lines.join("\n") + "\n"
}

/// The body for readers of HTML: one column that fits a telephone, with its styles in it, for many
/// readers of mail look at nothing else.
fn html(occasion: Occasion, labels: &Labels, speech: &Speech) -> String {
    let row = |(label, condition, value)| {
        let row = format!(
            "<tr><td style=\"{LABEL}\">{label}</td><td style=\"{VALUE}\">{value}</td></tr>"
        );
        match condition {
            "true" => row,
            condition => format!("[#if {condition}]\n{row}\n[/#if]"),
        }
    };
    let rows: Vec<String> = facts(occasion, labels).into_iter().map(row).collect();
    let question = labels.question(occasion);
    let question = question.map(|question| format!("<p style=\"{ASIDE}\">{question}</p>\n"));
    FRAME
        .replace("@language", labels.language)
        .replace("@color", if occasion == Occasion::Thanks { "#2f7d4f" } else { "#3b5bdb" })
        .replace("@headline", speech.headline)
        .replace("@greeting", labels.greeting)
        .replace("@opening", speech.opening)
        .replace("@rows", &rows.join("\n"))
        .replace("@closing", speech.closing)
        .replace("@question\n", &question.unwrap_or_default())
        .replace("@farewell", labels.farewell)
}

const LABEL: &str = "padding:6px 16px 6px 0;color:#5c6370;font-size:14px;vertical-align:top;\
    white-space:nowrap";
const VALUE: &str = "padding:6px 0;font-size:16px;vertical-align:top";
const ASIDE: &str = "margin:0 0 20px;padding:12px 16px;background:#f3f4f7;border-radius:6px;\
    color:#1c2026";

const FRAME: &str = include_str!("mails/frame.html");

#[cfg(test)]
mod tests;
