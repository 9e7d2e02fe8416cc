//! Refusals of use cases, in words for the command line.

use docket_domain::violation::{Field, Rule, Violation};
use docket_service::{Error, Refusal};

/// The error of a use case; what broke which rule is in the text.
pub(crate) fn told(error: Error) -> anyhow::Error {
    match error {
        Error::Refused(refusal) => anyhow::anyhow!(refusal_in_words(&refusal)),
        Error::Unavailable(_) | Error::Overtaken => error.into(),
    }
}

fn refusal_in_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(violations) => in_words(violations),
        Refusal::NotFound(noun) => format!("there is no such {}", noun.name()),
        other => format!("refused: {other:?}"),
    }
}

/// Which member breaks which rule.
pub(crate) fn in_words(violations: &[Violation]) -> String {
    let sentences = violations.iter().map(|Violation { field, rule }| match field {
        Field::Body(name) | Field::Named(name) => format!("{name} {rule}"),
        Field::Id => format!("the id {rule}"),
        Field::Whole if *rule == Rule::TenantRequired => {
            "there are several tenants: name one with --tenant".to_owned()
        }
        Field::Whole => rule.to_string(),
    });
    sentences.collect::<Vec<_>>().join("; ")
}
