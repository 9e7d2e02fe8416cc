//! The community as rows of the server's tables.

use docket_domain::id;
use docket_domain::text::words;
use docket_domain::time::Instant;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::KEY;
use crate::chance::Chance;
use crate::community::{Community, KINDS, Kind, Person, REASONS, TENANT, Taken};
use crate::seed::SETTING;

/// What the tenant has switched on, as the server keeps it.
const EVENTS: &str = r#"{"user.action":[true,"None"]}"#;

/// The mail settings of a tenant that was given none.
const MAIL: &str =
    r#"{"host":"localhost","port":25,"security":"NONE","from_email":"bench@example.com"}"#;

/// One value.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Id(Uuid),
    Bytes(Vec<u8>),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! cells {
    ($($from:ty => $kind:ident;)*) => {$(
        impl From<$from> for Cell {
            fn from(value: $from) -> Self {
                Self::$kind(value)
            }
        }
    )*};
}

cells! { bool => Bool; i64 => Int; String => Text; Uuid => Id; Vec<u8> => Bytes; }

/// The values of a row.
pub(crate) type Row = Vec<Cell>;

macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$(Cell::from($value)),*] };
}

/// A table and the columns that are filled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// A table with all its rows.
pub(crate) type Filled = (Table, Vec<Row>);

/// The tables with a few rows, and those rows.
pub(crate) fn small(community: &Community) -> [Filled; 5] {
    let now = community.now;
    let remembered = serde_json::to_string(community).unwrap_or_default();
    let setting = Table { name: "setting", columns: &["name", "value"] };
    [
        (setting, vec![row![SETTING, remembered]]),
        tenant(now),
        api_key(now),
        definitions(now),
        reasons(now),
    ]
}

fn tenant(now: i64) -> Filled {
    let columns = &[
        "id",
        "name",
        "name_key",
        "issuer",
        "events",
        "lockout_attempts",
        "lockout_window_seconds",
        "lockout_length",
        "lockout_unit",
        "lockout_emails_user",
        "lockout_ends_on_password_reset",
        "mail",
        "requires_authentication",
        "data",
        "created_at",
        "updated_at",
    ];
    let row = row![
        TENANT, "Default", "default", "Default", EVENTS, 5, 60, 3, "MINUTES", false, false, MAIL,
        true, "{}", now, now
    ];
    (Table { name: "tenant", columns }, vec![row])
}

fn api_key(now: i64) -> Filled {
    let columns = &[
        "id",
        "hash",
        "name",
        "name_key",
        "key_manager",
        "retrievable",
        "permissions",
        "expires_at",
        "attributes",
        "created_at",
        "updated_at",
    ];
    let hash = Sha256::digest(KEY.as_bytes()).to_vec();
    let row = row![
        Uuid::from_u128(7),
        hash,
        "Bench",
        "bench",
        true,
        false,
        "{}",
        i64::MAX,
        "{}",
        now,
        now
    ];
    (Table { name: "api_key", columns }, vec![row])
}

fn definitions(now: i64) -> Filled {
    let columns = &[
        "id",
        "active",
        "name",
        "name_key",
        "localized_names",
        "options",
        "temporal",
        "prevents_login",
        "sends_end_event",
        "emails_user",
        "offers_notification",
        "event_includes_email",
        "transaction_type",
        "created_at",
        "updated_at",
    ];
    let row = |kind: &Kind| {
        row![
            kind.id,
            true,
            kind.name,
            kind.name.to_lowercase(),
            json!({"de": kind.german}).to_string(),
            "[]",
            kind.temporal,
            kind.prevents_login,
            kind.temporal,
            false,
            false,
            false,
            "None",
            now,
            now
        ]
    };
    (Table { name: "definition", columns }, KINDS.iter().map(row).collect())
}

fn reasons(now: i64) -> Filled {
    let columns = &[
        "id",
        "code",
        "code_key",
        "text",
        "text_key",
        "localized_texts",
        "created_at",
        "updated_at",
    ];
    let rows = REASONS.iter().map(|(id, code, text, german)| {
        row![
            *id,
            *code,
            code.to_lowercase(),
            *text,
            text.to_lowercase(),
            json!({"de": german}).to_string(),
            now,
            now
        ]
    });
    (Table { name: "reason", columns }, rows.collect())
}

/// The tables with many rows.
pub(crate) const LARGE: [Large; 4] = [Large::User, Large::Term, Large::Action, Large::Word];

/// A table with many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Large {
    User,
    Term,
    Action,
    Word,
}

impl Large {
    /// The table.
    pub(crate) fn table(self) -> Table {
        match self {
            Self::User => Table {
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
            },
            Self::Term => Table { name: "user_term", columns: &["user_id", "term"] },
            Self::Action => Table {
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
                    "end_event_sent",
                    "end_settled",
                    "taken_at",
                    "updated_at",
                    "history",
                ],
            },
            Self::Word => Table { name: "action_word", columns: &["action_id", "word"] },
        }
    }

    /// The rows about one user, in the order of the primary key.
    pub(crate) fn rows(self, community: &Community, number: u64) -> Vec<Row> {
        match self {
            Self::User => vec![user(&community.person(number))],
            Self::Term => terms(&community.person(number)),
            Self::Action => {
                let person = community.person(number);
                community.taken(number).iter().map(|taken| action(&person, taken)).collect()
            }
            // Only of commented actions: the words of every address would double the database.
            Self::Word => {
                let taken = community.taken(number).into_iter();
                let commented = taken.filter_map(|taken| Some((taken.id, taken.comment?)));
                commented
                    .flat_map(|(id, comment)| {
                        words([comment]).into_iter().map(move |word| row![id, word])
                    })
                    .collect()
            }
        }
    }
}

fn user(person: &Person) -> Row {
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

fn terms(person: &Person) -> Vec<Row> {
    let mut terms = [
        person.email.clone(),
        person.username.clone(),
        person.first_name.to_lowercase(),
        person.last_name.to_lowercase(),
    ];
    terms.sort_unstable();
    terms.into_iter().map(|term| row![person.id, term]).collect()
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
        taken.is_over,
        taken.is_over,
        taken.at,
        taken.cancelled_at.unwrap_or(taken.at),
        history
    ]
}

/// Bans on users of the younger half, one each, that all end in the second that begins then.
pub(crate) fn ending(community: Community, count: u64, due: i64) -> impl Iterator<Item = Row> {
    let (half, now) = (community.users / 2, crate::clock::now());
    let [ban, ..] = KINDS;
    let actioner = community.person(0).id;
    (0..count).map(move |nth| {
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
            is_over: false,
        };
        action(&community.person(half + nth * half / count), &taken)
    })
}
