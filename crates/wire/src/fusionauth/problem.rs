//! The Errors object, and the code that each broken rule has there (`fusionauth.md` §0.4).

use std::collections::BTreeMap;

use docket_domain::violation::{Field, Rule, Violation};
use serde::Serialize;

/// The body of a 400.
#[derive(Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = fusionauth::Errors)]
pub struct Errors {
    /// Complaints by the path of the member.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub field_errors: BTreeMap<String, Vec<Complaint>>,
    /// Complaints about the request as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub general_errors: Vec<Complaint>,
}

/// One complaint.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = fusionauth::Complaint)]
pub struct Complaint {
    /// For programs: `[blank]userAction.name`.
    pub code: String,
    /// For people.
    pub message: String,
}

/// How an endpoint names its object: the member of the envelope that holds it, and the parameter
/// that carries its id.
#[derive(Debug, Clone, Copy)]
pub struct Naming {
    /// `userAction`, or empty when members stand at the top.
    pub envelope: &'static str,
    /// `userActionId`.
    pub id: &'static str,
}

impl Errors {
    /// One complaint about the request as a whole.
    #[must_use]
    pub fn general(code: &str, message: &str) -> Self {
        let complaint = Complaint { code: format!("[{code}]"), message: message.to_owned() };
        Self { general_errors: vec![complaint], ..Self::default() }
    }

    /// The violations in this surface's words.
    #[must_use]
    pub fn new(violations: &[Violation], naming: Naming) -> Self {
        let mut errors = Self::default();
        for Violation { field, rule } in violations {
            let path = match field {
                Field::Whole => None,
                Field::Id => Some(naming.id.to_owned()),
                Field::Named(name) => Some(name.clone().into_owned()),
                Field::Body(path) if naming.envelope.is_empty() => Some(path.clone().into_owned()),
                Field::Body(path) => Some(format!("{}.{path}", naming.envelope)),
            };
            let prefix = code(*rule);
            match path {
                Some(path) => {
                    let complaint = Complaint {
                        code: format!("[{prefix}]{path}"),
                        message: format!("[{path}] {rule}."),
                    };
                    errors.field_errors.entry(path).or_default().push(complaint);
                }
                None => errors
                    .general_errors
                    .push(Complaint { code: format!("[{prefix}]"), message: sentence(*rule) }),
            }
        }
        errors
    }
}

fn sentence(rule: Rule) -> String {
    match rule {
        Rule::Missing => "This request needs a JSON body.".to_owned(),
        Rule::InvalidJson => "The body is not the JSON that this endpoint takes.".to_owned(),
        Rule::TenantRequired => {
            "There are several tenants: name one in the header X-FusionAuth-TenantId.".to_owned()
        }
        other => format!("The request {other}."),
    }
}

const fn code(rule: Rule) -> &'static str {
    match rule {
        Rule::Blank => "blank",
        Rule::Missing => "missing",
        Rule::Duplicate => "duplicate",
        // The original has no word for what a server does not do.
        Rule::Invalid | Rule::Unsupported => "invalid",
        Rule::CouldNotConvert => "couldNotConvert",
        Rule::InUse => "inUse",
        Rule::NotEmail => "notEmail",
        Rule::TooLong(_) => "tooLong",
        Rule::TooMany(_) => "tooMany",
        Rule::TooShort(_) => "tooShort",
        Rule::TenantRequired => "TenantIdRequired",
        Rule::InvalidJson => "invalidJSON",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_has_its_own_code() {
        let naming = Naming { envelope: "userAction", id: "userActionId" };
        let errors = Errors::new(
            &[
                Violation::body("options[0].name", Rule::Blank),
                Violation::id(Rule::CouldNotConvert),
                Violation::whole(Rule::Missing),
            ],
            naming,
        );
        let codes: Vec<_> = errors.field_errors.values().flatten().map(|c| &c.code).collect();
        assert_eq!(codes, ["[blank]userAction.options[0].name", "[couldNotConvert]userActionId"]);
        assert_eq!(errors.general_errors[0].code, "[missing]");
    }
}
