//! What it takes to be allowed to do something about a to-do (`waldur.md` §4.2).

use crate::access::Viewer;
use crate::directory::scope::Scope;

/// What it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need<'a> {
    /// Nothing: whoever has the to-do may.
    Nothing,
    /// An account that is open.
    OpenAccount,
    /// Running this server.
    Staff,
    /// Permissions, held on exactly this scope.
    Permissions(Scope, Vec<&'a str>),
    /// Nobody may.
    Impossible,
}

impl<'a> Need<'a> {
    /// A permission on the project that a to-do is about; nobody has it where there is no project.
    #[must_use]
    pub fn permission(project: Option<Scope>, permission: &'a str) -> Self {
        match project {
            Some(scope) => Self::Permissions(scope, vec![permission]),
            None => Self::Impossible,
        }
    }

    /// What others have written about permissions, which are those on the project that the to-do is
    /// about. It binds them alone where there is no project.
    #[must_use]
    pub fn as_written(project: Option<Scope>, permissions: &'a [String]) -> Self {
        match project {
            Some(scope) if !permissions.is_empty() => {
                Self::Permissions(scope, permissions.iter().map(String::as_str).collect())
            }
            _ => Self::Nothing,
        }
    }

    /// Whether somebody is and has what it takes.
    #[must_use]
    pub fn is_met_by(&self, viewer: &Viewer) -> bool {
        match self {
            Self::Nothing => true,
            Self::OpenAccount => viewer.active,
            Self::Staff => viewer.active && viewer.staff,
            Self::Permissions(scope, permissions) => {
                permissions.iter().all(|permission| viewer.has_permission(permission, *scope))
            }
            Self::Impossible => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::access::Held;
    use crate::id::{CustomerId, ProjectId, RoleId, UserId};

    fn project(number: u128) -> Scope {
        Scope::Project(ProjectId::from_uuid(Uuid::from_u128(number)))
    }

    /// Somebody who holds permissions on the first project.
    fn holder(permissions: &[&str]) -> Viewer {
        let permissions: BTreeSet<String> = permissions.iter().map(ToString::to_string).collect();
        Viewer {
            id: UserId::from_uuid(Uuid::from_u128(9)),
            active: true,
            staff: false,
            support: false,
            held: vec![Held {
                scope: project(1),
                customer: CustomerId::from_uuid(Uuid::from_u128(2)),
                role: RoleId::from_uuid(Uuid::from_u128(3)),
                permissions: Arc::new(permissions),
            }],
        }
    }

    #[test]
    fn all_that_is_written_must_be_held_on_that_project() {
        let written = ["A".to_owned(), "B".to_owned()];
        let need = Need::as_written(Some(project(1)), &written);
        assert!(need.is_met_by(&holder(&["A", "B", "C"])));
        assert!(!need.is_met_by(&holder(&["A"])));
        assert!(!Need::as_written(Some(project(4)), &written).is_met_by(&holder(&["A", "B"])));
    }

    #[test]
    fn what_is_written_without_a_project_binds_others_and_our_own_rules_nobody_passes() {
        let written = ["A".to_owned()];
        assert_eq!(Need::as_written(None, &written), Need::Nothing);
        assert_eq!(Need::as_written(Some(project(1)), &[]), Need::Nothing);
        assert!(!Need::permission(None, "A").is_met_by(&holder(&["A"])));
        assert!(Need::permission(Some(project(1)), "A").is_met_by(&holder(&["A"])));
    }

    #[test]
    fn closed_accounts_do_only_what_takes_nothing() {
        let staff = Viewer { staff: true, ..holder(&["A"]) };
        let closed = Viewer { active: false, ..staff.clone() };
        let needs = [Need::OpenAccount, Need::Staff, Need::permission(Some(project(4)), "B")];
        for need in needs {
            assert!(need.is_met_by(&staff), "{need:?}");
            assert!(!need.is_met_by(&closed), "{need:?}");
        }
        assert!(Need::Nothing.is_met_by(&closed));
        assert!(!Need::Staff.is_met_by(&holder(&["A"])));
        assert!(!Need::Impossible.is_met_by(&staff));
    }
}
