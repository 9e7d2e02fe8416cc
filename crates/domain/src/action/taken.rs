//! One definition taken on one user, and the states it went through.

use crate::id::{ActionId, ApplicationId, DefinitionId, EventId, TenantId, UserId};
use crate::time::{Expiry, Instant};

/// One action taken on one user.
///
/// Names, option and reason are copies in the words of the moment: renaming or deleting a
/// definition or a reason later changes no action (`fusionauth.md` §2, §3.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its id; it sorts by the instant it was taken at.
    pub id: ActionId,
    /// The actionee's tenant.
    pub tenant_id: TenantId,
    /// What kind of action it is.
    pub definition_id: DefinitionId,
    /// On whom.
    pub actionee_id: UserId,
    /// By whom it was last taken, modified or cancelled; nobody when the system did it.
    pub actioner_id: Option<UserId>,
    /// The applications it is limited to, ascending; none means everywhere.
    pub application_ids: Vec<ApplicationId>,
    /// The last comment.
    pub comment: Option<String>,
    /// The definition's name.
    pub name: String,
    /// The definition's name for the actionee.
    pub localized_name: String,
    /// The option chosen.
    pub option: Option<Wording>,
    /// The reason given.
    pub reason: Option<GivenReason>,
    /// Whether the end is told to the user by e-mail.
    pub emails_user_on_end: bool,
    /// Whether the event of the end asks to notify the user.
    pub notifies_user_on_end: bool,
    /// How long it lasts.
    pub length: ActionLength,
    /// When it was taken.
    pub taken_at: Instant,
    /// When it was last taken, modified, cancelled or ended.
    pub updated_at: Instant,
    /// The states before this one, oldest first.
    pub history: Vec<PastState>,
}

/// A text and what it reads for the actionee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// The text itself.
    pub text: String,
    /// The text in the actionee's language.
    pub localized: String,
}

/// The reason given for an action, as it read then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenReason {
    /// For machines.
    pub code: String,
    /// For people.
    pub wording: Wording,
}

/// How long an action lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionLength {
    /// It only happened.
    Instant,
    /// It lasts.
    Temporal {
        /// Until then.
        expiry: Expiry,
        /// Since when somebody has ended it early; its expiry is the same instant.
        cancelled_at: Option<Instant>,
        /// Whether its end was told to others.
        end_event_sent: bool,
    },
}

/// A state that an action was in before somebody changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastState {
    /// Who had brought it into that state.
    pub actioner_id: Option<UserId>,
    /// With which comment.
    pub comment: Option<String>,
    /// Since when.
    pub since: Instant,
    /// Until when it was to last.
    pub expiry: Expiry,
}

/// Where an action stands, seen at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// In force.
    Active,
    /// Its time has come.
    Expired,
    /// Somebody ended it early.
    Cancelled,
    /// It only happened.
    Instant,
}

impl State {
    /// Every state with its name in the API.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Active, "active"),
        (Self::Expired, "expired"),
        (Self::Cancelled, "cancelled"),
        (Self::Instant, "instant"),
    ];

    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Instant => "instant",
        }
    }
}

impl Action {
    /// Where it stands at `now`: a function of the clock, never of whether any job has run.
    #[must_use]
    pub fn state(&self, now: Instant) -> State {
        match self.length {
            ActionLength::Instant => State::Instant,
            ActionLength::Temporal { cancelled_at: Some(_), .. } => State::Cancelled,
            ActionLength::Temporal { expiry, .. } if expiry.is_past(now) => State::Expired,
            ActionLength::Temporal { .. } => State::Active,
        }
    }

    /// Whether it is in force at `now`.
    #[must_use]
    pub fn is_active(&self, now: Instant) -> bool {
        self.state(now) == State::Active
    }

    /// When it ends; `None` for an instant action.
    #[must_use]
    pub const fn expiry(&self) -> Option<Expiry> {
        match self.length {
            ActionLength::Instant => None,
            ActionLength::Temporal { expiry, .. } => Some(expiry),
        }
    }

    /// Whether somebody may still change it: it is in force at `now`, and nobody was told of its end,
    /// as another node may have done whose clock is ahead.
    #[must_use]
    pub fn is_in_progress(&self, now: Instant) -> bool {
        self.is_active(now) && self.end_told_at().is_none()
    }

    /// When its end is due, or was: at its instant, or with the change that moved that into the past.
    /// `None` when it has no end, or was ended early.
    #[must_use]
    pub fn end_due_at(&self) -> Option<Instant> {
        match self.length {
            ActionLength::Temporal { expiry, cancelled_at: None, .. } => {
                expiry.instant().map(|expiry| expiry.max(self.updated_at))
            }
            ActionLength::Temporal { .. } | ActionLength::Instant => None,
        }
    }

    /// The same when others were told of that end, which is then the last that happened to it.
    #[must_use]
    pub fn end_told_at(&self) -> Option<Instant> {
        match self.length {
            ActionLength::Temporal { end_event_sent: true, .. } => self.end_due_at(),
            ActionLength::Temporal { .. } | ActionLength::Instant => None,
        }
    }

    /// The event that told of its end, when that was told.
    #[must_use]
    pub fn end_event(&self) -> Option<EventId> {
        self.end_told_at().map(|at| EventId::of_end(self.id, at))
    }
}
