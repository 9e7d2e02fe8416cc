//! A kind of action, and what may be said of it (`fusionauth.md` §1).

use std::collections::BTreeSet;

use crate::id::{DefinitionId, TemplateId};
use crate::text::Localized;
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};

/// The most characters that a name may have.
pub const LONGEST_NAME: usize = 191;

/// A kind of action that can be taken on users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its id.
    pub id: DefinitionId,
    /// Whether new actions of this kind may be taken; the ones already taken go on.
    pub active: bool,
    /// What callers say of it.
    pub details: DefinitionDetails,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What callers say of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionDetails {
    /// Unique among all definitions.
    pub name: String,
    /// The name in other languages.
    pub localized_names: Localized,
    /// The variants to choose from, in the order given.
    pub options: Vec<Option>,
    /// Whether an action of this kind lasts until an expiry; otherwise it is instant.
    pub temporal: bool,
    /// Whether an active action of this kind blocks logins.
    pub prevents_login: bool,
    /// Whether the end of an action is told to webhooks and by e-mail.
    pub sends_end_event: bool,
    /// Whether the user may be told by e-mail.
    pub emails_user: bool,
    /// Whether the flag "notify the user" is offered; a hint to user interfaces.
    pub offers_notification: bool,
    /// Whether the rendered e-mail is put into the event.
    pub event_includes_email: bool,
    /// Stored and given back; the tenant's event configuration governs.
    pub transaction: Transaction,
    /// Which e-mail goes out in which phase.
    pub templates: PhaseTemplates,
}

/// A variant of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Option {
    /// Unique within the definition.
    pub name: String,
    /// The name in other languages.
    pub localized_names: Localized,
}

/// The e-mail template of each phase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PhaseTemplates {
    /// When the action is taken.
    pub start: std::option::Option<TemplateId>,
    /// When it is modified.
    pub modify: std::option::Option<TemplateId>,
    /// When it is cancelled.
    pub cancel: std::option::Option<TemplateId>,
    /// When its time has come.
    pub end: std::option::Option<TemplateId>,
}

impl PhaseTemplates {
    /// The templates that are set, each with the member that names it.
    pub fn named(self) -> impl Iterator<Item = (&'static str, TemplateId)> {
        self.slots().into_iter().filter_map(|(name, id)| id.map(|id| (name, id)))
    }

    fn slots(self) -> [(&'static str, std::option::Option<TemplateId>); 4] {
        [
            ("startEmailTemplateId", self.start),
            ("modifyEmailTemplateId", self.modify),
            ("cancelEmailTemplateId", self.cancel),
            ("endEmailTemplateId", self.end),
        ]
    }
}

/// How many webhooks must agree before a change is committed (`fusionauth.md` §4.9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transaction {
    /// None: they are told afterwards.
    #[default]
    None,
    /// At least one.
    Any,
    /// Half of them.
    SimpleMajority,
    /// Two thirds of them.
    SuperMajority,
    /// All of them.
    AbsoluteMajority,
}

impl Transaction {
    /// Every kind with its name in the contract.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::None, "None"),
        (Self::Any, "Any"),
        (Self::SimpleMajority, "SimpleMajority"),
        (Self::SuperMajority, "SuperMajority"),
        (Self::AbsoluteMajority, "AbsoluteMajority"),
    ];

    /// The name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Any => "Any",
            Self::SimpleMajority => "SimpleMajority",
            Self::SuperMajority => "SuperMajority",
            Self::AbsoluteMajority => "AbsoluteMajority",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> std::option::Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

impl DefinitionDetails {
    /// Checks everything that can be seen without looking at other objects, §1.2 and §1.3.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.require_text("name", &self.name, LONGEST_NAME);
        self.check_options(&mut violations);
        if self.prevents_login && !self.temporal {
            violations.push(Violation::body("preventLogin", Rule::Invalid));
        }
        if self.emails_user {
            let needed = if self.temporal { 4 } else { 1 };
            for (name, template) in self.templates.slots().into_iter().take(needed) {
                if template.is_none() {
                    violations.push(Violation::body(name, Rule::Missing));
                }
            }
        }
        violations.into_result()
    }

    fn check_options(&self, violations: &mut Violations) {
        let mut seen = BTreeSet::new();
        for (index, option) in self.options.iter().enumerate() {
            let field = || format!("options[{index}].name");
            if option.name.is_empty() {
                violations.push(Violation::body(field(), Rule::Blank));
            } else if option.name.chars().count() > LONGEST_NAME {
                violations.push(Violation::body(field(), Rule::TooLong(LONGEST_NAME)));
            } else if !seen.insert(option.name.as_str()) {
                violations.push(Violation::body(field(), Rule::Duplicate));
            }
        }
    }

    /// The option of this name.
    #[must_use]
    pub fn option(&self, name: &str) -> std::option::Option<&Option> {
        self.options.iter().find(|option| option.name == name)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn details(name: &str) -> DefinitionDetails {
        DefinitionDetails {
            name: name.to_owned(),
            localized_names: Localized::default(),
            options: Vec::new(),
            temporal: true,
            prevents_login: false,
            sends_end_event: true,
            emails_user: false,
            offers_notification: false,
            event_includes_email: false,
            transaction: Transaction::None,
            templates: PhaseTemplates::default(),
        }
    }

    fn broken(details: &DefinitionDetails) -> Vec<String> {
        let violations = details.check().unwrap_err();
        violations.iter().map(|v| format!("{:?} {:?}", v.field, v.rule)).collect()
    }

    #[test]
    fn only_what_lasts_can_prevent_logins() {
        let ban = DefinitionDetails { prevents_login: true, ..details("Ban") };
        assert!(ban.check().is_ok());
        let instant = DefinitionDetails { temporal: false, ..ban };
        assert_eq!(broken(&instant), [r#"Body("preventLogin") Invalid"#]);
    }

    #[test]
    fn mailing_needs_a_template_for_each_phase_there_is() {
        let mut mute = DefinitionDetails { emails_user: true, ..details("Mute") };
        assert_eq!(broken(&mute).len(), 4);
        mute.temporal = false;
        assert_eq!(broken(&mute), [r#"Body("startEmailTemplateId") Missing"#]);
        mute.templates.start = Some(TemplateId::from_uuid(uuid::Uuid::nil()));
        assert!(mute.check().is_ok());
    }

    #[test]
    fn options_have_names_of_their_own() {
        let option =
            |name: &str| Option { name: name.to_owned(), localized_names: Localized::default() };
        let reward = DefinitionDetails {
            options: vec![option("Gold"), option(""), option("Gold")],
            ..details("Reward")
        };
        assert_eq!(
            broken(&reward),
            [r#"Body("options[1].name") Blank"#, r#"Body("options[2].name") Duplicate"#]
        );
    }

    #[test]
    fn names_and_kinds_of_transaction_go_both_ways() {
        for (kind, name) in Transaction::ALL {
            assert_eq!(kind.name(), name);
            assert_eq!(Transaction::from_name(name), Some(kind));
        }
        assert_eq!(Transaction::from_name("AnyWebhook"), None);
    }
}
