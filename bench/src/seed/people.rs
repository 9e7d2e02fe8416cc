//! The rows of users and of the actions taken on them.

use docket_domain::id;
use docket_domain::text::words;
use docket_domain::time::Instant;
use serde_json::json;
use uuid::Uuid;

use super::rows::{Filled, Row, Table, row};
use crate::chance::Chance;
use crate::community::{Community, KINDS, Person, REASONS, TENANT, Taken};

pub(super) const USERS: Table = Table {
    name: "users",
    columns: &[
        "id",
        "tenant_id",
        "active",
        "staff",
        "email",
        "username",
        "username_key",
        "login_key",
        "expires_at",
        "password_change_required",
        "preferred_languages",
        "profile",
        "data",
        "created_at",
        "updated_at",
    ],
};

pub(super) const TERMS: Table = Table { name: "user_term", columns: &["user_id", "term"] };

pub(super) const ACTIONS: Table = Table {
    name: "action",
    columns: &[
        "id",
        "tenant_id",
        "actionee_id",
        "actioner_id",
        "definition_id",
        "reason_id",
        "comment",
        "name",
        "localized_name",
        "reason_code",
        "reason",
        "localized_reason",
        "emails_user_on_end",
        "notifies_user_on_end",
        "expires_at",
        "cancelled_at",
        "taken_at",
        "updated_at",
        "history",
    ],
};

pub(super) const ENDS: Table = Table { name: "pending_end", columns: &["due_at", "action_id"] };

pub(super) const WORDS: Table = Table { name: "action_word", columns: &["action_id", "word"] };

pub(super) fn user(person: &Person) -> Row {
    let languages = if person.german { r#"["de"]"# } else { "[]" };
    let profile =
        json!({"first_name": person.first_name, "last_name": person.last_name}).to_string();
    row![
        person.id,
        TENANT,
        true,
        person.staff,
        person.email.as_str(),
        person.username.as_str(),
        person.username.as_str(),
        person.email.as_str(),
        i64::MAX,
        false,
        languages,
        profile,
        "{}",
        person.joined_at,
        person.joined_at
    ]
}

pub(super) fn terms(person: &Person) -> Vec<Row> {
    let mut terms = [
        person.email.clone(),
        person.username.clone(),
        person.first_name.to_lowercase(),
        person.last_name.to_lowercase(),
    ];
    terms.sort_unstable();
    terms.into_iter().map(|term| row![person.id, term]).collect()
}

/// All actions, in the order in which they were taken.
pub(super) fn actions(community: &Community) -> impl Iterator<Item = Row> {
    let taken_on =
        |number| community.taken(number).into_iter().map(move |taken| (taken.id, number));
    let mut order: Vec<(Uuid, u64)> = (0..community.users).flat_map(taken_on).collect();
    order.sort_unstable();
    order.into_iter().filter_map(|(id, number)| {
        let taken = community.taken(number).into_iter().find(|taken| taken.id == id)?;
        Some(action(&community.person(number), &taken))
    })
}

/// The words of their comments. Only of commented actions: the words of every address would double
/// the database.
pub(super) fn action_words(community: &Community, number: u64) -> Vec<Row> {
    let taken = community.taken(number).into_iter();
    let commented = taken.filter_map(|taken| Some((taken.id, taken.comment?)));
    commented
        .flat_map(|(id, comment)| words([comment]).into_iter().map(move |word| row![id, word]))
        .collect()
}

fn action(person: &Person, taken: &Taken) -> Row {
    let kind = taken.kind;
    let reason = taken.reason.and_then(|place| REASONS.get(place));
    let history = taken.cancelled_at.map(|_| {
        json!([{"by": taken.actioner, "since": taken.at, "until": taken.at + 1}]).to_string()
    });
    row![
        taken.id,
        TENANT,
        person.id,
        taken.actioner,
        kind.id,
        reason.map(|(id, ..)| *id),
        taken.comment,
        kind.name,
        if person.german { kind.german } else { kind.name },
        reason.map(|(_, code, ..)| *code),
        reason.map(|(_, _, text, _)| *text),
        reason.map(|(_, _, text, german)| if person.german { *german } else { *text }),
        false,
        false,
        taken.expires_at,
        taken.cancelled_at,
        taken.at,
        taken.cancelled_at.unwrap_or(taken.at),
        history
    ]
}

/// The ends of the actions on the user with this number that are to come.
pub(super) fn pending_ends(community: &Community, number: u64) -> Vec<Row> {
    let taken = community.taken(number);
    let ends = taken.iter().filter_map(|taken| Some((taken.pending_end(community.now)?, taken.id)));
    ends.map(|(due_at, id)| row![due_at, id]).collect()
}

/// Bans on users of the younger half, one each, that all end in the second that begins then, and
/// their ends.
pub(crate) fn ending(community: Community, count: u64, due: i64) -> Vec<Filled> {
    let (half, now) = (community.users / 2, crate::clock::now());
    let [ban, ..] = KINDS;
    let actioner = community.person(0).id;
    let bans = (0..count).map(|nth| {
        let mut chance = Chance::of(4, nth);
        let ends_at = due + i64::try_from(nth % 1_000).unwrap_or(0);
        let taken = Taken {
            id: id::at(Instant::from_millis(now), chance.ten()),
            actioner,
            kind: ban,
            reason: Some(0),
            comment: None,
            at: now,
            expires_at: Some(ends_at),
            cancelled_at: None,
        };
        let end = row![ends_at, taken.id];
        (action(&community.person(half + nth * half / count), &taken), end)
    });
    let (actions, ends) = bans.unzip();
    vec![(ACTIONS, actions), (ENDS, ends)]
}
