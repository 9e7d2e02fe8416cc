//! A mail template filled for one reader: for each part the translation that suits, or the default.
//!
//! Filling never fails as a whole; each part that could not be filled is named with the reason, so
//! that an operator sees everything wrong with a template at once.

use docket_domain::mail::{Flaw, Message, Part, TemplateDetails};
use docket_domain::text::Locale;
use docket_domain::violation::{Rule, Violation};
use serde_json::Value;

use crate::template;

/// The names of the parts in the contract: of the default and of the map of translations.
const FROM_NAME: Names = ("defaultFromName", "localizedFromNames");
const SUBJECT: Names = ("defaultSubject", "localizedSubjects");
const HTML: Names = ("defaultHtmlTemplate", "localizedHtmlTemplates");
const TEXT: Names = ("defaultTextTemplate", "localizedTextTemplates");

type Names = (&'static str, &'static str);

/// What is wrong with the syntax of any part in any language.
pub(crate) fn check(details: &TemplateDetails) -> Vec<Violation> {
    let from_name = optional(&details.from_name);
    let parts = [
        (FROM_NAME, &from_name),
        (SUBJECT, &details.subject),
        (HTML, &details.html),
        (TEXT, &details.text),
    ];
    let mut violations = Vec::new();
    for ((default, localized), part) in parts {
        if !parses(&part.default) {
            violations.push(Violation::body(default, Rule::Invalid));
        }
        for (locale, _) in part.localized.iter().filter(|(_, text)| !parses(text)) {
            violations.push(Violation::body(format!("{localized}[{locale}]"), Rule::Invalid));
        }
    }
    violations
}

/// The message that results from filling a template with `variables`, an object, for somebody who
/// reads `languages`, and what could not be filled.
#[must_use]
pub fn fill(
    details: &TemplateDetails,
    languages: &[Locale],
    variables: &Value,
) -> (Message, Vec<Flaw>) {
    let mut flaws = Vec::new();
    let mut part = |names: Names, part: &Part<String>| {
        let (path, source) = match part.localized.translation(languages) {
            Some((locale, text)) => (format!("{}[{locale}]", names.1), text),
            None => (names.0.to_owned(), part.default.as_str()),
        };
        if source.is_empty() {
            return None;
        }
        let filled = template::render(source, variables);
        filled.map_err(|error| flaws.push(Flaw { part: path, message: error.to_string() })).ok()
    };
    let message = Message {
        from_email: details.from_email.clone(),
        from_name: part(FROM_NAME, &optional(&details.from_name)),
        subject: part(SUBJECT, &details.subject),
        html: part(HTML, &details.html),
        text: part(TEXT, &details.text),
    };
    (message, flaws)
}

fn optional(part: &Part<Option<String>>) -> Part<String> {
    Part { default: part.default.clone().unwrap_or_default(), localized: part.localized.clone() }
}

fn parses(source: &str) -> bool {
    template::check(source).is_ok()
}

#[cfg(test)]
mod tests {
    use docket_domain::text::Localized;
    use serde_json::json;

    use super::*;

    fn part(default: &str, german: &str) -> Part<String> {
        let localized = Localized::parse("x", [("de", german)]).unwrap();
        Part { default: default.to_owned(), localized }
    }

    fn details() -> TemplateDetails {
        TemplateDetails {
            name: "Ban".to_owned(),
            from_email: None,
            from_name: Part::default(),
            subject: part("Banned, ${user.firstName}", "Gesperrt, ${user.firstName}"),
            html: part("<p>${nobody.name}</p>", "[#if x]"),
            text: part("You are banned.", "Sie sind gesperrt."),
        }
    }

    #[test]
    fn each_part_is_filled_in_the_language_of_the_reader() {
        let german = ["de_AT".parse().unwrap()];
        let (message, flaws) = fill(&details(), &german, &json!({"user": {"firstName": "Ada"}}));
        assert_eq!(message.subject.as_deref(), Some("Gesperrt, Ada"));
        assert_eq!(message.text.as_deref(), Some("Sie sind gesperrt."));
        assert_eq!((message.html, message.from_name), (None, None));
        assert_eq!(flaws.len(), 1);
        assert_eq!(flaws[0].part, "localizedHtmlTemplates[de]");
    }

    #[test]
    fn a_missing_variable_spoils_its_part_alone() {
        let (message, flaws) = fill(&details(), &[], &json!({"user": {"firstName": "Ada"}}));
        assert_eq!(message.subject.as_deref(), Some("Banned, Ada"));
        assert_eq!(flaws.len(), 1);
        assert_eq!(flaws[0].part, "defaultHtmlTemplate");
        assert!(flaws[0].message.contains("nobody"), "{}", flaws[0].message);
    }

    #[test]
    fn broken_syntax_is_found_in_every_language() {
        let broken = check(&details());
        assert_eq!(broken, [Violation::body("localizedHtmlTemplates[de]", Rule::Invalid)]);
    }
}
