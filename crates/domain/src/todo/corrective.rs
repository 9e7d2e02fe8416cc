//! Corrective actions: what can be done about a to-do (`waldur.md` §4.2).

use super::asked::Todo;
use super::need::Need;
use crate::json::Json;
use crate::violation::{Rule, Violation};
use crate::webhook::is_http_url;

/// The most characters of a label.
pub const LONGEST_LABEL: usize = 255;

/// Something that can be done about a to-do; its label tells it apart from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectiveAction {
    /// What it is called.
    pub label: String,
    /// What kind of doing it is.
    pub category: Category,
    /// How much depends on it.
    pub severity: Severity,
    /// The method by which a program would do it.
    pub method: String,
    /// Whether it is done by the server; else the user is led somewhere.
    pub api_endpoint: bool,
    /// Whether to ask first.
    pub confirmation_required: bool,
    /// What it takes to be allowed to.
    pub permissions_required: Vec<String>,
    /// What else there is to know: an object.
    pub metadata: Json,
    /// Where the user is led.
    pub route_name: Option<String>,
    /// With which parameters: an object.
    pub route_params: Json,
    /// Who does it when it is not Docket itself.
    pub callback_url: Option<String>,
}

macro_rules! names {
    ($(#[$doc:meta])* $kind:ident { $($(#[$of:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $kind { $($(#[$of])* $variant,)* }

        impl $kind {
            /// The name in the contract.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The one of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

names! {
    /// What kind of doing it is.
    Category {
        /// Looking at it.
        View = "view",
        /// Saying yes.
        Approve = "approve",
        /// Saying no.
        Reject = "reject",
        /// Giving it more time.
        Extend = "extend",
        /// Ending it.
        Terminate = "terminate",
        /// Keeping a copy.
        Backup = "backup",
        /// Moving it.
        Migrate = "migrate",
        /// Writing to somebody.
        Contact = "contact",
        /// Handing it to somebody else.
        Escalate = "escalate",
        /// Setting it up.
        Configure = "configure",
        /// Mending it.
        Repair = "repair",
        /// Keeping an eye on it.
        Monitor = "monitor",
    }
}

names! {
    /// How much depends on it.
    Severity {
        /// Nothing changes.
        Safe = "safe",
        /// Little.
        Low = "low",
        /// Something.
        Medium = "medium",
        /// Much.
        High = "high",
        /// It cannot be undone.
        Critical = "critical",
    }
}

impl CorrectiveAction {
    /// One that leads the user somewhere.
    #[must_use]
    pub fn leading(label: &str, category: Category, severity: Severity) -> Self {
        Self {
            label: label.to_owned(),
            category,
            severity,
            method: "GET".to_owned(),
            api_endpoint: false,
            confirmation_required: false,
            permissions_required: Vec::new(),
            metadata: Json::empty_object(),
            route_name: None,
            route_params: Json::empty_object(),
            callback_url: None,
        }
    }

    /// One that the server does, when the user is sure.
    #[must_use]
    pub fn doing(label: &str, category: Category, severity: Severity) -> Self {
        Self {
            method: "POST".to_owned(),
            api_endpoint: true,
            confirmation_required: true,
            ..Self::leading(label, category, severity)
        }
    }

    /// The same, leading there.
    #[must_use]
    pub fn to_route(self, name: &str, params: Json) -> Self {
        Self { route_name: Some(name.to_owned()), route_params: params, ..self }
    }

    /// The same, with more to know.
    #[must_use]
    pub fn knowing(self, metadata: Json) -> Self {
        Self { metadata, ..self }
    }

    /// The same, for those who may.
    #[must_use]
    pub fn for_holders_of(self, permission: &str) -> Self {
        Self { permissions_required: vec![permission.to_owned()], ..self }
    }

    /// Whether the server does it; with any other method the user is led somewhere.
    #[must_use]
    pub fn is_done_here(&self) -> bool {
        self.api_endpoint && ["POST", "PUT", "PATCH"].contains(&self.method.as_str())
    }

    /// What it takes to do it, when nobody knows better than what is written in it.
    #[must_use]
    pub fn needs(&self, todo: &Todo) -> Need<'_> {
        Need::as_written(todo.project(), &self.permissions_required)
    }
}

/// Everything wrong with a list of them, each under its number.
#[must_use]
pub fn check(actions: &[CorrectiveAction]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, action) in actions.iter().enumerate() {
        let mut wrong = |name: &str, rule| {
            violations.push(Violation::body(format!("correctiveActions[{index}].{name}"), rule));
        };
        let label = action.label.trim();
        if label.is_empty() {
            wrong("label", Rule::Blank);
        } else if label.chars().count() > LONGEST_LABEL {
            wrong("label", Rule::TooLong(LONGEST_LABEL));
        } else if actions.iter().take(index).any(|other| other.label == action.label) {
            wrong("label", Rule::Duplicate);
        }
        let is_known = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&action.method.as_str());
        if !is_known {
            wrong("method", Rule::Invalid);
        }
        if action.callback_url.as_deref().is_some_and(|url| !is_http_url(url)) {
            wrong("callbackUrl", Rule::Invalid);
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_something_is_done_here() {
        let doing = CorrectiveAction::doing("Approve", Category::Approve, Severity::Low);
        assert!(doing.is_done_here());
        assert!(!CorrectiveAction { method: "GET".to_owned(), ..doing.clone() }.is_done_here());
        assert!(!CorrectiveAction::leading("Look", Category::View, Severity::Safe).is_done_here());
    }

    #[test]
    fn labels_are_told_apart_and_callers_are_named() {
        let look = CorrectiveAction::leading("Look", Category::View, Severity::Safe);
        assert_eq!(check(std::slice::from_ref(&look)), []);
        let bad =
            CorrectiveAction { label: " ".to_owned(), method: "SEND".to_owned(), ..look.clone() };
        let doing = CorrectiveAction::doing("Do", Category::Repair, Severity::Low);
        let there = CorrectiveAction { callback_url: Some("ftp://x".to_owned()), ..doing.clone() };
        let wrong = check(&[look.clone(), look, bad, doing, there]);
        let fields: Vec<_> = wrong
            .iter()
            .map(|violation| match &violation.field {
                crate::violation::Field::Body(path) => path.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            fields,
            [
                "correctiveActions[1].label",
                "correctiveActions[2].label",
                "correctiveActions[2].method",
                "correctiveActions[4].label",
                "correctiveActions[4].callbackUrl",
            ]
        );
    }

    #[test]
    fn every_kind_is_found_by_its_name() {
        assert_eq!(Category::from_name("terminate"), Some(Category::Terminate));
        assert_eq!(Severity::from_name("critical").map(Severity::name), Some("critical"));
        assert_eq!((Category::from_name("x"), Severity::from_name("x")), (None, None));
    }
}
