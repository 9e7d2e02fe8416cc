//! One thing that one user has to do.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::corrective::{self, CorrectiveAction};
use super::due;
use super::silence::Silence;
use super::urgency::Urgency;
use crate::directory::scope::Scope;
use crate::id::{ProjectId, TodoId, UserId};
use crate::json::Json;
use crate::time::Instant;
use crate::violation::{Rule, Violation, Violations};

/// The most characters of a title, a name or a key.
pub const LONGEST_TITLE: usize = 255;
/// The most characters of an action type.
pub const LONGEST_ACTION_TYPE: usize = 100;
/// The most characters of a description.
pub const LONGEST_DESCRIPTION: usize = 10_000;
/// The most corrective actions of one.
pub const MOST_ACTIONS: usize = 50;

/// Something that a user has to do. There is one for a user, an action type and an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// Its id.
    pub id: TodoId,
    /// Who has to do it.
    pub user_id: UserId,
    /// What kind of thing it is; its provider goes by the same name.
    pub action_type: String,
    /// What it is about, in the words of whoever asked for it.
    pub object_id: String,
    /// What is to be done.
    pub matter: Matter,
    /// Whether its user wants to see it.
    pub silence: Silence,
    /// When it was first asked for.
    pub created_at: Instant,
    /// When it was last refreshed, silenced or unsilenced.
    pub updated_at: Instant,
}

/// What is to be done, as a provider says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// In a few words.
    pub title: String,
    /// In more words; perhaps empty.
    pub description: String,
    /// How urgent it is.
    pub urgency: Urgency,
    /// Until when.
    pub due_at: Option<Instant>,
    /// What the object is called.
    pub object_name: String,
    /// What kind of object it is.
    pub object_type: String,
    /// Where its user finds more; perhaps empty.
    pub route_name: String,
    /// With which parameters: an object.
    pub route_params: Json,
    /// What it has to do with.
    pub surroundings: Surroundings,
    /// What can be done about it by those who may.
    pub corrective_actions: Vec<CorrectiveAction>,
}

/// What a to-do has to do with in the marketplace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The project.
    pub project: Thing,
    /// The customer.
    pub organization: Thing,
    /// The offering.
    pub offering: Thing,
    /// What kind of offering.
    pub offering_type: String,
    /// The resource.
    pub resource: Thing,
    /// What kind of order; perhaps empty.
    pub order_type: String,
}

/// Something that has a name and an id, if it is there at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thing {
    /// Its name; empty when there is none.
    pub name: String,
    /// Its id.
    pub id: Option<Uuid>,
}

/// How many to-dos somebody has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// In all.
    pub total: i64,
    /// By urgency.
    pub by_urgency: BTreeMap<Urgency, i64>,
    /// By action type, of those that there are.
    pub by_type: BTreeMap<String, i64>,
    /// Those whose time has passed.
    pub overdue: i64,
}

impl Todo {
    /// Days until it is due.
    #[must_use]
    pub fn days_until_due(&self, now: Instant) -> Option<i64> {
        self.matter.due_at.map(|due_at| due::days_until(due_at, now))
    }

    /// The project that it is about, if it is about one.
    #[must_use]
    pub fn project(&self) -> Option<Scope> {
        let id = self.matter.surroundings.project.id?;
        Some(Scope::Project(ProjectId::from_uuid(id)))
    }

    /// The corrective action of this label, to the letter.
    #[must_use]
    pub fn corrective_action(&self, label: &str) -> Option<&CorrectiveAction> {
        self.matter.corrective_actions.iter().find(|action| action.label == label)
    }
}

impl Tally {
    /// Counts so many of one type and urgency.
    pub fn add(&mut self, action_type: &str, urgency: Urgency, count: i64, overdue: i64) {
        self.total += count;
        self.overdue += overdue;
        *self.by_urgency.entry(urgency).or_default() += count;
        match self.by_type.get_mut(action_type) {
            Some(known) => *known += count,
            None => drop(self.by_type.insert(action_type.to_owned(), count)),
        }
    }

    /// How many of this urgency.
    #[must_use]
    pub fn of(&self, urgency: Urgency) -> i64 {
        self.by_urgency.get(&urgency).copied().unwrap_or_default()
    }
}

impl Thing {
    /// Something of this name and id.
    #[must_use]
    pub fn new(name: impl Into<String>, id: Uuid) -> Self {
        Self { name: name.into(), id: Some(id) }
    }
}

impl Matter {
    /// Whether it can be asked for.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.require_text("title", self.title.trim(), LONGEST_TITLE);
        let texts = [
            ("description", &self.description, LONGEST_DESCRIPTION),
            ("relatedObjectName", &self.object_name, LONGEST_TITLE),
            ("relatedObjectType", &self.object_type, LONGEST_TITLE),
            ("routeName", &self.route_name, LONGEST_TITLE),
        ];
        for (field, text, most) in texts {
            if text.chars().count() > most {
                violations.push(Violation::body(field, Rule::TooLong(most)));
            }
        }
        if self.corrective_actions.len() > MOST_ACTIONS {
            violations.push(Violation::body("correctiveActions", Rule::TooMany(MOST_ACTIONS)));
        }
        violations.extend(corrective::check(&self.corrective_actions));
        violations.into_result()
    }
}

/// What is wrong with an action type: it stands in paths, in events and in statistics.
#[must_use]
pub fn check_action_type(text: &str) -> Option<Rule> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    if text.is_empty() {
        Some(Rule::Blank)
    } else if text.chars().count() > LONGEST_ACTION_TYPE {
        Some(Rule::TooLong(LONGEST_ACTION_TYPE))
    } else if text.chars().all(is_plain) {
        None
    } else {
        Some(Rule::Invalid)
    }
}

/// What is wrong with the id of an object in the words of whoever asks.
#[must_use]
pub fn check_object_id(text: &str) -> Option<Rule> {
    if text.trim().is_empty() {
        Some(Rule::Blank)
    } else if text.chars().count() > LONGEST_TITLE {
        Some(Rule::TooLong(LONGEST_TITLE))
    } else if text.contains('\0') {
        Some(Rule::Invalid)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matter(title: &str) -> Matter {
        Matter {
            title: title.to_owned(),
            description: String::new(),
            urgency: Urgency::Low,
            due_at: None,
            object_name: String::new(),
            object_type: String::new(),
            route_name: String::new(),
            route_params: Json::empty_object(),
            surroundings: Surroundings::default(),
            corrective_actions: Vec::new(),
        }
    }

    #[test]
    fn a_title_is_all_it_takes() {
        assert_eq!(matter("Sign the contract").check(), Ok(()));
        assert_eq!(matter(" ").check(), Err(vec![Violation::body("title", Rule::Blank)]));
        let long = Matter { description: "x".repeat(10_001), ..matter(&"t".repeat(256)) };
        assert_eq!(long.check().unwrap_err().len(), 2);
    }

    #[test]
    fn an_action_type_is_a_plain_word() {
        assert_eq!(check_action_type("expense-report.v2"), None);
        assert_eq!(check_action_type(""), Some(Rule::Blank));
        assert_eq!(check_action_type("a/b"), Some(Rule::Invalid));
        assert_eq!(check_action_type(&"a".repeat(101)), Some(Rule::TooLong(100)));
        assert_eq!(check_object_id("INV 2026/17 §3"), None);
        assert_eq!(check_object_id(" "), Some(Rule::Blank));
    }

    #[test]
    fn a_tally_adds_up() {
        let mut tally = Tally::default();
        tally.add("a", Urgency::High, 2, 1);
        tally.add("b", Urgency::High, 3, 0);
        tally.add("a", Urgency::Low, 1, 1);
        assert_eq!((tally.total, tally.overdue), (6, 2));
        assert_eq!([tally.of(Urgency::High), tally.of(Urgency::Medium)], [5, 0]);
        assert_eq!(tally.by_type, BTreeMap::from([("a".to_owned(), 3), ("b".to_owned(), 3)]));
    }
}
