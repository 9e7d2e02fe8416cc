//! Taking, modifying, cancelling and ending: what follows from each (`fusionauth.md` §3.2, §3.5).

use crate::action::definition::{Definition, DefinitionDetails};
use crate::action::reason::Reason;
use crate::action::taken::{Action, ActionLength, GivenReason, PastState, Wording};
use crate::directory::User;
use crate::id::{ActionId, ApplicationId, EventId, TemplateId, UserId};
use crate::json::Json;
use crate::mail::Email;
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

    /// The phase of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Start, Self::Modify, Self::Cancel, Self::End]
            .into_iter()
            .find(|phase| phase.name() == name)
    }
}

/// What others are told of a change of an action (`fusionauth.md` §4.10), beside the action itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionEvent {
    /// The event's id.
    pub id: EventId,
    /// When it was made.
    pub at: Instant,
    /// What happened; nothing for an instant action, which only happened.
    pub phase: Option<Phase>,
    /// Whether webhooks are told.
    pub broadcast: bool,
    /// Whether webhooks were asked before the commit, and so know already.
    pub asked: bool,
    /// Whether an e-mail goes to the user.
    pub emailed_user: bool,
    /// The template of that e-mail, whether it goes out or not.
    pub template_id: Option<TemplateId>,
    /// That e-mail, for receivers who send it themselves; it is there when the definition says so.
    pub email: Option<Email>,
    /// Whether the receivers are asked to notify the user.
    pub notify_user: bool,
    /// How long the action lasts, in words.
    pub duration: Option<String>,
    /// What the caller told of the request's origin.
    pub info: Option<Json>,
}

/// Whether a phase's e-mail goes out: it was asked for, the definition allows it and has a template
/// for the phase, and the user has an address (§3.8). An instant action has the template of a start.
#[must_use]
pub fn emails_user(
    details: &DefinitionDetails,
    phase: Option<Phase>,
    asked: bool,
    actionee: &User,
) -> bool {
    let template = template(details, phase);
    asked && details.emails_user && template.is_some() && actionee.details.email.is_some()
}

/// The template of a phase's e-mail.
#[must_use]
pub fn template(details: &DefinitionDetails, phase: Option<Phase>) -> Option<TemplateId> {
    match phase {
        None | Some(Phase::Start) => details.templates.start,
        Some(Phase::Modify) => details.templates.modify,
        Some(Phase::Cancel) => details.templates.cancel,
        Some(Phase::End) => details.templates.end,
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

/// What follows when an action's time has come, if anything does: the action as it now is, and what
/// the user shall hear of it. Nothing follows where the definition keeps ends to itself; the action
/// is over all the same (§3.9). An end is no change by somebody, so it leaves no history; and it
/// came when it was due, however late others hear of it.
#[must_use]
pub fn end(
    mut action: Action,
    details: &DefinitionDetails,
    now: Instant,
) -> Option<(Action, Notice)> {
    let ActionLength::Temporal { expiry, cancelled_at: None, end_event_sent: false } =
        action.length
    else {
        return None;
    };
    if !(expiry.is_past(now) && details.sends_end_event) {
        return None;
    }
    action.updated_at = action.end_due_at().unwrap_or(now);
    action.length = ActionLength::Temporal { expiry, cancelled_at: None, end_event_sent: true };
    let notice = Notice { email: action.emails_user_on_end, notify: action.notifies_user_on_end };
    Some((action, notice))
}

fn superseded(action: &Action, now: Instant) -> Result<PastState, NotInProgress> {
    match action.length {
        ActionLength::Temporal { expiry, .. } if action.is_in_progress(now) => Ok(PastState {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::action::definition::tests::details;
    use crate::directory::{Profile, UserDetails};
    use crate::id::{DefinitionId, TenantId};

    const NOW: Instant = Instant::from_millis(1_700_000_000_000);

    fn user(languages: &[&str]) -> User {
        User {
            id: UserId::from_uuid(Uuid::from_u128(1)),
            tenant_id: TenantId::from_uuid(Uuid::from_u128(2)),
            active: true,
            staff: false,
            details: UserDetails {
                email: Some("a@example.com".to_owned()),
                username: None,
                expiry: Expiry::Never,
                preferred_languages: languages.iter().map(|l| l.parse().unwrap()).collect(),
                profile: Profile::default(),
                data: Json::empty_object(),
                password_change_required: false,
            },
            created_at: NOW,
            updated_at: NOW,
            last_login_at: None,
            password_updated_at: None,
        }
    }

    fn definition(details: DefinitionDetails) -> Definition {
        Definition {
            id: DefinitionId::from_uuid(Uuid::from_u128(3)),
            active: true,
            details,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn command(expiry: Option<Expiry>) -> TakeCommand {
        TakeCommand {
            actioner_id: None,
            application_ids: Vec::new(),
            comment: Some("c0".to_owned()),
            option: None,
            expiry,
            notice: Notice::default(),
        }
    }

    fn taken(expiry: Expiry) -> Action {
        let id = ActionId::from_uuid(Uuid::from_u128(4));
        take(id, NOW, &user(&[]), &definition(details("Mute")), None, command(Some(expiry)))
            .unwrap()
    }

    #[test]
    fn what_lasts_needs_an_end_and_what_does_not_has_none() {
        let id = ActionId::from_uuid(Uuid::nil());
        let refused = take(id, NOW, &user(&[]), &definition(details("Mute")), None, command(None));
        assert_eq!(refused.unwrap_err(), [Violation::body("expiry", Rule::Missing)]);
        let instant = definition(DefinitionDetails { temporal: false, ..details("Reward") });
        let action =
            take(id, NOW, &user(&[]), &instant, None, command(Some(Expiry::Never))).unwrap();
        assert_eq!(action.length, ActionLength::Instant);
        assert_eq!(cancel(action, NOW, None, None), Err(NotInProgress));
    }

    #[test]
    fn an_unknown_option_is_refused() {
        let id = ActionId::from_uuid(Uuid::nil());
        let command = TakeCommand { option: Some("Bronze".to_owned()), ..command(None) };
        let reward = definition(DefinitionDetails { temporal: false, ..details("Reward") });
        let refused = take(id, NOW, &user(&[]), &reward, None, command);
        assert_eq!(refused.unwrap_err(), [Violation::body("option", Rule::Invalid)]);
    }

    #[test]
    fn a_duration_counts_from_now_while_it_lasts_and_from_the_start_when_over() {
        let action = taken(Expiry::At(NOW.plus_millis(600_000)));
        let later = NOW.plus_millis(60_000);
        assert_eq!(duration(&action, Phase::Start, NOW).unwrap(), "10 minutes");
        assert_eq!(duration(&action, Phase::Modify, later).unwrap(), "9 minutes");
        let cancelled = cancel(action, later, None, None).unwrap();
        assert_eq!(duration(&cancelled, Phase::Cancel, later).unwrap(), "1 minute");
        assert_eq!(duration(&taken(Expiry::Never), Phase::Start, NOW), None);
    }

    #[test]
    fn an_end_tells_what_was_asked_for_and_leaves_no_history() {
        let end_at = NOW.plus_millis(1_000);
        let asked = Notice { email: true, notify: true };
        let action = Action { emails_user_on_end: true, ..taken(Expiry::At(end_at)) };
        let action = modify(action, NOW, None, Some("c1".to_owned()), Expiry::At(end_at), asked);
        let action = action.unwrap();
        assert_eq!(end(action.clone(), &details("Mute"), end_at.plus_millis(-1)), None);
        let (ended, notice) = end(action.clone(), &details("Mute"), end_at).unwrap();
        assert_eq!(notice, asked);
        assert_eq!(ended.comment.as_deref(), Some("c1"));
        assert_eq!(ended.history, action.history);
        assert_eq!((ended.expiry(), ended.updated_at), (action.expiry(), end_at));
        assert_eq!(duration(&ended, Phase::End, end_at).unwrap(), "1 second");
    }

    /// What somebody may do to an action, some milliseconds after the step before.
    #[derive(Debug, Clone)]
    enum Step {
        Wait,
        Modify(Option<i64>),
        Cancel,
        End,
    }

    fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
        let step = prop_oneof![
            Just(Step::Wait),
            prop::option::of(-500_i64..2_000).prop_map(Step::Modify),
            Just(Step::Cancel),
            Just(Step::End),
        ];
        prop::collection::vec((0_i64..800, step), 0..12)
    }

    proptest! {
        /// Against a model of a few values: until when it lasts, how often it was changed, and
        /// whether its end is still to be told, which it is once unless somebody cancels it or its
        /// definition is quiet.
        #[test]
        fn an_action_follows_its_model(
            first in prop::option::of(-500_i64..2_000),
            steps in steps(),
            tells in any::<bool>(),
        ) {
            let mute = DefinitionDetails { sends_end_event: tells, ..details("Mute") };
            let until = |length: Option<i64>, now: Instant| {
                length.map_or(Expiry::Never, |length| Expiry::At(now.plus_millis(length)))
            };
            let mut now = NOW;
            let mut action = taken(until(first, now));
            let (mut ends, mut changes, mut untold) = (until(first, now), 0_usize, tells);
            for (wait, step) in steps {
                now = now.plus_millis(wait);
                let running = !ends.is_past(now);
                prop_assert_eq!(action.is_active(now), running);
                if matches!(step, Step::End) {
                    let ended = end(action.clone(), &mute, now);
                    prop_assert_eq!(ended.is_some(), untold && !running);
                    if let Some((after, _)) = ended {
                        untold = false;
                        prop_assert_eq!(&after.history, &action.history);
                        prop_assert_eq!(after.state(now), action.state(now));
                        action = after;
                    }
                    continue;
                }
                let outcome = match step {
                    Step::Wait | Step::End => continue,
                    Step::Modify(length) => {
                        let end = until(length, now);
                        let outcome = modify(action.clone(), now, None, None, end, Notice::default());
                        if running { ends = end; }
                        outcome
                    }
                    Step::Cancel => {
                        if running {
                            ends = Expiry::At(now);
                            untold = false;
                        }
                        cancel(action.clone(), now, None, None)
                    }
                };
                prop_assert_eq!(outcome.is_ok(), running);
                if let Ok(after) = outcome {
                    changes += 1;
                    prop_assert_eq!(after.history.last().unwrap().since, action.updated_at);
                    action = after;
                }
                prop_assert_eq!(action.history.len(), changes);
                prop_assert_eq!(action.taken_at, NOW);
            }
        }
    }
}
