//! Which to-dos are looked at, and in which order (`waldur.md` §4.3).

use super::asked::Todo;
use super::urgency::Urgency;
use crate::id::UserId;
use crate::time::Instant;

/// Conditions that must all hold; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TodoFilter {
    /// Of this action type.
    pub action_type: Option<String>,
    /// Of this urgency.
    pub urgency: Option<Urgency>,
    /// Whether those out of sight are among them.
    pub includes_silenced: bool,
    /// Whether they are silenced for good.
    pub silenced: Option<bool>,
    /// Whether their time has passed; what is never due is not overdue.
    pub overdue: Option<bool>,
    /// Due until then.
    pub due_until: Option<Instant>,
    /// First asked for then or later.
    pub created_from: Option<Instant>,
    /// First asked for until then.
    pub created_until: Option<Instant>,
}

/// What to-dos can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TodoSort {
    /// Urgency by meaning.
    Urgency,
    /// When they are due; never comes last.
    DueDate,
    /// When they were first asked for.
    Created,
    /// When they last changed.
    Modified,
    /// The action type.
    ActionType,
}

impl TodoSort {
    /// The sort of this name in the contract.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "urgency" => Some(Self::Urgency),
            "due_date" => Some(Self::DueDate),
            "created" => Some(Self::Created),
            "modified" => Some(Self::Modified),
            "action_type" => Some(Self::ActionType),
            _ => None,
        }
    }
}

impl TodoFilter {
    /// Whether a to-do is one of them.
    #[must_use]
    pub fn admits(&self, todo: &Todo, now: Instant) -> bool {
        let due_at = todo.matter.due_at;
        let is_overdue = due_at.is_some_and(|due| due < now);
        self.action_type.as_ref().is_none_or(|wanted| *wanted == todo.action_type)
            && self.urgency.is_none_or(|wanted| wanted == todo.matter.urgency)
            && (self.includes_silenced || !todo.silence.is_in_force(now))
            && self.silenced.is_none_or(|wanted| wanted == todo.silence.forever)
            && self.overdue.is_none_or(|wanted| wanted == is_overdue)
            && self.due_until.is_none_or(|until| due_at.is_some_and(|due| due <= until))
            && self.created_from.is_none_or(|from| todo.created_at >= from)
            && self.created_until.is_none_or(|until| todo.created_at <= until)
    }
}

/// Whose to-dos somebody looks at who may have named a user; nothing when they see none of theirs.
/// To-dos are private: staff see those of another user when they name them, and nobody else does
/// (`waldur.md` §4).
#[must_use]
pub fn looked_at(caller: UserId, staff: bool, named: Option<UserId>) -> Option<UserId> {
    match named {
        None => Some(caller),
        Some(named) if staff || named == caller => Some(named),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn to_dos_are_private() {
        let [own, other] = [1, 2].map(|n| UserId::from_uuid(Uuid::from_u128(n)));
        assert_eq!(looked_at(own, false, None), Some(own));
        assert_eq!(looked_at(own, true, None), Some(own), "staff see their own, unless they ask");
        assert_eq!(looked_at(own, true, Some(other)), Some(other));
        assert_eq!(looked_at(own, false, Some(other)), None);
        assert_eq!(looked_at(own, false, Some(own)), Some(own));
    }
}
