//! Taking, modifying and cancelling: what follows from each (`fusionauth.md` §3.2, §3.5).

use crate::action::definition::Definition;
use crate::action::reason::Reason;
use crate::action::taken::{Action, ActionLength, GivenReason, PastState, Wording};
use crate::directory::User;
use crate::id::{ActionId, ApplicationId, UserId};
use crate::time::{Expiry, Instant, duration_in_words};
use crate::violation::{Rule, Violation, Violations};

/// What happened to an action, as its event says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It was taken and lasts.
    Start,
    /// Its length or comment was changed.
    Modify,
    /// It was ended early.
    Cancel,
    /// Its time has come.
    End,
}

impl Phase {
    /// The name in events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Modify => "modify",
            Self::Cancel => "cancel",
            Self::End => "end",
        }
    }
}

/// What a caller says when taking an action, beside its id and the objects it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeCommand {
    /// By whom; nobody when the system acts.
    pub actioner_id: Option<UserId>,
    /// Limited to these applications.
    pub application_ids: Vec<ApplicationId>,
    /// A comment.
    pub comment: Option<String>,
    /// The name of the option chosen.
    pub option: Option<String>,
    /// Until when; must be given when the definition is temporal.
    pub expiry: Option<Expiry>,
    /// What the user shall hear of it.
    pub notice: Notice,
}

/// What the user shall hear of a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notice {
    /// Send the phase's e-mail.
    pub email: bool,
    /// Ask the receivers of the event to notify the user.
    pub notify: bool,
}

/// Takes an action. The definition must be active (the caller looked), the reason is the one that
/// the command's caller named.
pub fn take(
    id: ActionId,
    now: Instant,
    actionee: &User,
    definition: &Definition,
    reason: Option<&Reason>,
    command: TakeCommand,
) -> Result<Action, Vec<Violation>> {
    let mut violations = Violations::new();
    let details = &definition.details;
    let languages = &actionee.details.preferred_languages;
    let chosen = command.option.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let option = chosen.and_then(|name| details.option(name));
    if chosen.is_some() && option.is_none() {
        violations.push(Violation::body("option", Rule::Invalid));
    }
    let length = match (details.temporal, command.expiry) {
        (false, _) => ActionLength::Instant,
        (true, Some(expiry)) => {
            ActionLength::Temporal { expiry, cancelled_at: None, end_event_sent: false }
        }
        (true, None) => {
            violations.push(Violation::body("expiry", Rule::Missing));
            ActionLength::Instant
        }
    };
    violations.into_result()?;
    let mut application_ids = command.application_ids;
    application_ids.sort_unstable();
    application_ids.dedup();
    Ok(Action {
        id,
        tenant_id: actionee.tenant_id,
        definition_id: definition.id,
        actionee_id: actionee.id,
        actioner_id: command.actioner_id,
        application_ids,
        comment: command.comment,
        name: details.name.clone(),
        localized_name: details.localized_names.choose(languages, &details.name).to_owned(),
        option: option.map(|option| Wording {
            text: option.name.clone(),
            localized: option.localized_names.choose(languages, &option.name).to_owned(),
        }),
        reason: reason.map(|reason| GivenReason {
            code: reason.details.code.clone(),
            wording: Wording {
                text: reason.details.text.clone(),
                localized: reason
                    .details
                    .localized_texts
                    .choose(languages, &reason.details.text)
                    .to_owned(),
            },
        }),
        emails_user_on_end: command.notice.email,
        notifies_user_on_end: command.notice.notify,
        length,
        taken_at: now,
        updated_at: now,
        history: Vec::new(),
    })
}

/// Somebody wants to change an action that is not in progress: it is instant, over, or cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the action is not in progress")]
pub struct NotInProgress;

/// Gives a running action another end and comment; its state until now becomes history.
pub fn modify(
    mut action: Action,
    now: Instant,
    actioner_id: Option<UserId>,
    comment: Option<String>,
    until: Expiry,
    notice: Notice,
) -> Result<Action, NotInProgress> {
    let past = superseded(&action, now)?;
    action.history.push(past);
    action.actioner_id = actioner_id;
    action.comment = comment;
    action.length =
        ActionLength::Temporal { expiry: until, cancelled_at: None, end_event_sent: false };
    action.emails_user_on_end = notice.email;
    action.notifies_user_on_end = notice.notify;
    action.updated_at = now;
    Ok(action)
}

/// Ends a running action now; its state until now becomes history and no end event will follow.
pub fn cancel(
    mut action: Action,
    now: Instant,
    actioner_id: Option<UserId>,
    comment: Option<String>,
) -> Result<Action, NotInProgress> {
    let past = superseded(&action, now)?;
    action.history.push(past);
    action.actioner_id = actioner_id;
    action.comment = comment;
    action.length = ActionLength::Temporal {
        expiry: Expiry::At(now),
        cancelled_at: Some(now),
        end_event_sent: false,
    };
    action.updated_at = now;
    Ok(action)
}

fn superseded(action: &Action, now: Instant) -> Result<PastState, NotInProgress> {
    match action.length {
        ActionLength::Temporal { expiry, .. } if action.is_active(now) => Ok(PastState {
            actioner_id: action.actioner_id,
            comment: action.comment.clone(),
            since: action.updated_at,
            expiry,
        }),
        ActionLength::Temporal { .. } | ActionLength::Instant => Err(NotInProgress),
    }
}

/// How long the action lasts in words, for its event: counted from `now` while it starts or is
/// modified, from when it was taken once it is over. Nothing for what has no end (§3.7).
#[must_use]
pub fn duration(action: &Action, phase: Phase, now: Instant) -> Option<String> {
    let end = action.expiry()?.instant()?;
    let from = match phase {
        Phase::Start | Phase::Modify => now,
        Phase::Cancel | Phase::End => action.taken_at,
    };
    Some(duration_in_words(end.millis_since(from)))
}
