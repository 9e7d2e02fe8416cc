//! The mails of the demo, filled as they would be sent.

use docket_domain::mail::Message;
use docket_domain::text::Locale;
use docket_service::message;
use docket_wire::fusionauth::email_template;
use serde_json::{Value, json};

use super::*;

fn filled(occasion: Occasion, language: &str, variables: &Value) -> Message {
    let template = template(occasion, "x");
    let details = email_template::details(&template["emailTemplate"]).unwrap();
    assert_eq!(details.check(), Ok(()));
    let locale: Locale = language.parse().unwrap();
    let (message, flaws) = message::fill(&details, &[locale], variables);
    assert_eq!(flaws, [], "{occasion:?} {language}");
    message
}

fn rich() -> Value {
    json!({
        "user": {"firstName": "Ada"},
        "tenant": {"name": "Riverside <Forum>"},
        "application": {"name": "Market"},
        "event": {"localizedAction": "Mute", "localizedOption": "First", "comment": "1 < 2",
            "localizedReason": "Too loud", "expiry": 1_767_603_600_000_i64},
    })
}

fn poor() -> Value {
    json!({"user": {}, "tenant": {"name": "Forum"}, "event": {"localizedAction": "Mute"}})
}

#[test]
fn every_mail_can_be_filled_with_much_and_with_little() {
    for (occasion, _) in Occasion::ALL {
        for language in ["en", "de", "fr"] {
            for variables in [rich(), poor()] {
                let message = filled(occasion, language, &variables);
                for part in [message.subject, message.text, message.html] {
                    let part = part.unwrap();
                    assert!(part.contains("Mute") && !part.contains(['$', '@']), "{part}");
                }
            }
        }
    }
}

#[test]
fn a_mail_says_what_why_where_and_until_when() {
    let message = filled(Occasion::Start, "de", &rich());
    let text = message.text.unwrap();
    for stated in [
        "Guten Tag Ada,",
        "Was: Mute (First)",
        "Warum: Too loud",
        "Hinweis: 1 < 2",
        "Wo: Market",
        "Bis: 05.01.2026, 09:00 UTC",
        "von selbst",
    ] {
        assert!(text.contains(stated), "{stated} is not in {text}");
    }
    assert!(!text.contains("\n\n\n"), "{text}");
    let html = message.html.unwrap();
    assert!(html.contains("1 &lt; 2") && html.contains("Riverside &lt;Forum&gt;"), "{html}");
    let endless = filled(Occasion::Start, "fr", &poor()).text.unwrap();
    assert!(endless.contains("Fin: pas encore fixée"), "{endless}");
}
