//! Whether somebody who names an account and a password gets in, and what too many wrong passwords
//! lead to (`fusionauth.md` §4.4, §4.6).

use crate::action::Block;
use crate::directory::{Lockout, User};
use crate::id::ApplicationId;
use crate::time::Instant;

/// What is known when somebody tries to log in.
#[derive(Debug, Clone)]
pub struct Attempt<'a> {
    /// The account.
    pub user: &'a User,
    /// Whether the password is the account's.
    pub password_matches: bool,
    /// What the login is for.
    pub application_id: Option<ApplicationId>,
    /// The active actions that prevent logins, newest first.
    pub blocks: Vec<Block>,
}

/// What comes of an [`Attempt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The account is closed. Said even to those who do not know the password, as the original
    /// does.
    Closed,
    /// The account's time is over; said to everybody as well.
    Expired,
    /// The password is not the account's.
    WrongPassword,
    /// These actions prevent the login. Said only to those who know the password: what a user was
    /// punished for is no stranger's business.
    Blocked(Vec<Block>),
    /// A new password must be chosen first.
    PasswordChange,
    /// Come in.
    Welcome,
}

/// Why an account is shut whatever the password.
#[must_use]
pub fn is_shut(user: &User, now: Instant) -> Option<Verdict> {
    if !user.active {
        Some(Verdict::Closed)
    } else if user.details.expiry.is_past(now) {
        Some(Verdict::Expired)
    } else {
        None
    }
}

/// Judges an attempt, in the order of the contract.
#[must_use]
pub fn judge(attempt: Attempt<'_>, now: Instant) -> Verdict {
    let Attempt { user, password_matches, application_id, mut blocks } = attempt;
    if let Some(shut) = is_shut(user, now) {
        return shut;
    }
    blocks.retain(|block| block.stops(application_id));
    if !password_matches {
        Verdict::WrongPassword
    } else if !blocks.is_empty() {
        Verdict::Blocked(blocks)
    } else if user.details.password_change_required {
        Verdict::PasswordChange
    } else {
        Verdict::Welcome
    }
}

/// The wrong passwords that one user was tried with of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub attempts: i64,
    /// Since when they are counted.
    pub since: Instant,
}

impl Lockout {
    /// One more wrong password: counted with those before it, or anew when the first of them is
    /// too long ago.
    #[must_use]
    pub fn count(&self, before: Option<Failures>, now: Instant) -> Failures {
        let window = self.window_seconds.saturating_mul(1_000);
        match before.filter(|before| now.millis_since(before.since) < window) {
            Some(Failures { attempts, since }) => {
                Failures { attempts: attempts.saturating_add(1), since }
            }
            None => Failures { attempts: 1, since: now },
        }
    }

    /// Whether that was one wrong password too many.
    #[must_use]
    pub const fn is_reached(&self, failures: Failures) -> bool {
        failures.attempts >= self.attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{Profile, UserDetails};
    use crate::id::{ActionId, DefinitionId, TenantId, UserId};
    use crate::json::Json;
    use crate::time::Expiry;
    use uuid::Uuid;

    const NOW: Instant = Instant::from_millis(1_700_000_000_000);

    fn user() -> User {
        User {
            id: UserId::from_uuid(Uuid::nil()),
            tenant_id: TenantId::from_uuid(Uuid::nil()),
            active: true,
            staff: false,
            details: UserDetails {
                email: Some("a@example.com".to_owned()),
                username: None,
                expiry: Expiry::Never,
                preferred_languages: Vec::new(),
                profile: Profile::default(),
                data: Json::empty_object(),
                password_change_required: true,
            },
            created_at: NOW,
            updated_at: NOW,
            last_login_at: None,
            password_updated_at: None,
        }
    }

    fn block(application_ids: Vec<ApplicationId>) -> Block {
        Block {
            action_id: ActionId::from_uuid(Uuid::nil()),
            definition_id: DefinitionId::from_uuid(Uuid::nil()),
            actioner_id: None,
            name: "Ban".to_owned(),
            localized_name: "Ban".to_owned(),
            option: None,
            reason: None,
            started_at: NOW,
            expiry: Expiry::Never,
            application_ids,
        }
    }

    #[test]
    fn each_obstacle_comes_before_those_behind_it() {
        let mut user = user();
        user.active = false;
        user.details.expiry = Expiry::At(NOW);
        let mut wrong = false;
        let mut blocks = vec![block(Vec::new())];
        let mut verdicts = Vec::new();
        for remove in 0..6 {
            let attempt = Attempt {
                user: &user,
                password_matches: wrong,
                application_id: None,
                blocks: blocks.clone(),
            };
            verdicts.push(judge(attempt, NOW));
            match remove {
                0 => user.active = true,
                1 => user.details.expiry = Expiry::Never,
                2 => wrong = true,
                3 => blocks.clear(),
                _ => user.details.password_change_required = false,
            }
        }
        assert_eq!(
            verdicts,
            [
                Verdict::Closed,
                Verdict::Expired,
                Verdict::WrongPassword,
                Verdict::Blocked(vec![block(Vec::new())]),
                Verdict::PasswordChange,
                Verdict::Welcome,
            ]
        );
    }

    #[test]
    fn a_block_of_one_application_stops_no_login_to_another() {
        let [a, b] = [1, 2].map(|n| ApplicationId::from_uuid(Uuid::from_u128(n)));
        let mut user = user();
        user.details.password_change_required = false;
        let verdict = |application_id| {
            let blocks = vec![block(vec![a])];
            judge(Attempt { user: &user, password_matches: true, application_id, blocks }, NOW)
        };
        assert!(matches!(verdict(Some(a)), Verdict::Blocked(_)));
        assert_eq!(verdict(Some(b)), Verdict::Welcome);
        assert_eq!(verdict(None), Verdict::Welcome);
    }

    #[test]
    fn failures_are_counted_within_a_window() {
        let lockout = Lockout { attempts: 2, window_seconds: 60, ..Lockout::default() };
        let first = lockout.count(None, NOW);
        assert!(!lockout.is_reached(first));
        let second = lockout.count(Some(first), NOW.plus_millis(59_999));
        assert_eq!(second, Failures { attempts: 2, since: NOW });
        assert!(lockout.is_reached(second));
        let late = NOW.plus_millis(60_000);
        assert_eq!(lockout.count(Some(second), late), Failures { attempts: 1, since: late });
    }
}
