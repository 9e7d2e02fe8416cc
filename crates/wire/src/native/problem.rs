//! Problem details, RFC 9457 (`native.md` §1).

use docket_domain::violation::{Field, Rule, Violation};
use serde::Serialize;

/// The body of every error.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ProblemDetails {
    /// What kind of problem, as a relative address.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What to do about it.
    detail: String,
    /// The id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// What is wrong with which member.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
}

/// What is wrong with one member.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// A JSON pointer into the body, or the name of a parameter after `#`.
    pointer: String,
    /// For programs.
    code: &'static str,
    /// For people.
    message: String,
}

impl ProblemDetails {
    /// A problem without field errors.
    #[must_use]
    pub fn new(status: u16, kind: &str, title: &str, detail: &str) -> Self {
        Self {
            kind: format!("/problems/{kind}"),
            title: title.to_owned(),
            status,
            detail: detail.to_owned(),
            instance: None,
            errors: Vec::new(),
        }
    }

    /// Adds what is wrong with members.
    pub fn add(&mut self, violations: &[Violation]) {
        self.errors.extend(violations.iter().map(|Violation { field, rule }| FieldProblem {
            pointer: match field {
                Field::Body(path) => pointer(path),
                Field::Named(name) => format!("#{name}"),
                Field::Id => "#id".to_owned(),
                Field::Whole => String::new(),
            },
            code: code(*rule),
            message: rule.to_string(),
        }));
    }

    /// Names the request.
    pub fn set_instance(&mut self, request_id: &str) {
        self.instance = Some(request_id.to_owned());
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// `checks[0].userId` as `/checks/0/userId`.
fn pointer(path: &str) -> String {
    let escaped = path.replace('~', "~0").replace('/', "~1");
    format!("/{}", escaped.replace("].", "/").replace(['.', '['], "/").replace(']', ""))
}

const fn code(rule: Rule) -> &'static str {
    match rule {
        Rule::Blank => "blank",
        Rule::Missing => "missing",
        Rule::Duplicate => "duplicate",
        Rule::Invalid => "invalid",
        Rule::CouldNotConvert => "could-not-convert",
        Rule::Unsupported => "unsupported",
        Rule::InUse => "in-use",
        Rule::NotEmail => "not-email",
        Rule::TooLong(_) => "too-long",
        Rule::TooMany(_) => "too-many",
        Rule::TooShort(_) => "too-short",
        Rule::TenantRequired => "tenant-required",
        Rule::InvalidJson => "invalid-json",
    }
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn paths_become_pointers() {
        assert_eq!(pointer("checks[0].userId"), "/checks/0/userId");
        assert_eq!(pointer("names[de]"), "/names/de");
        assert_eq!(pointer("a/b"), "/a~1b");
    }
}
