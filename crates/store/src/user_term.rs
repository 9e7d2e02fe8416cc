//! The table of terms by which users are found, and the searches over users.

use std::collections::BTreeSet;

use docket_domain::directory::user::Criterion;
use docket_domain::directory::{User, UserDetails};
use docket_domain::id::{TenantId, UserId};
use docket_domain::page::{Order, Page, Paging};

use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::user::{columns, find_all};
use crate::{params, statements};

/// A search counts no further than this unless it is asked to (`fusionauth.md` §4.1, search).
pub const COUNTED: i64 = 10_000;

statements! {
    /// Terms by which a search finds a user.
    INSERT_TERMS = "INSERT INTO user_term (user_id, term)
            SELECT $1::uuid, t.term FROM unnest($2::text[]) AS t (term)
        ON CONFLICT DO NOTHING",
        sqlite: "INSERT INTO user_term (user_id, term)
            SELECT $1, t.value FROM rarray($2) AS t WHERE TRUE
        ON CONFLICT DO NOTHING";
    /// The terms of users.
    pub(crate) DELETE_TERMS = "DELETE FROM user_term WHERE user_id = ANY($1)",
        sqlite: "DELETE FROM user_term WHERE user_id IN (SELECT value FROM rarray($1))";
}

/// Everything by which a search finds the user, in lower case.
fn terms(details: &UserDetails) -> BTreeSet<String> {
    let profile = &details.profile;
    [
        &details.email,
        &details.username,
        &profile.first_name,
        &profile.last_name,
        &profile.full_name,
        &profile.phone_number,
        &profile.mobile_phone,
    ]
    .into_iter()
    .flatten()
    .map(|text| text.to_lowercase())
    .collect()
}

/// Keeps the terms of a new user.
pub(crate) async fn insert(
    conn: &mut Conn,
    id: UserId,
    details: &UserDetails,
) -> Result<(), DbError> {
    insert_terms(conn, id, terms(details)).await
}

/// Keeps the terms of a user whose details changed, if they did.
pub(crate) async fn replace(
    conn: &mut Conn,
    id: UserId,
    before: &UserDetails,
    after: &UserDetails,
) -> Result<(), DbError> {
    let wanted = terms(after);
    if wanted == terms(before) {
        return Ok(());
    }
    conn.run(&DELETE_TERMS, params![[id].as_slice()]).await?;
    insert_terms(conn, id, wanted).await
}

async fn insert_terms(conn: &mut Conn, id: UserId, terms: BTreeSet<String>) -> Result<(), DbError> {
    let terms: Vec<String> = terms.into_iter().collect();
    conn.run(&INSERT_TERMS, params![id, terms]).await?;
    Ok(())
}

/// A page of the users of a tenant, or of all of them, who meet a criterion. By ids there is one
/// page, unsorted. The total stops at [`COUNTED`] unless it must be `accurate`.
pub async fn page(
    conn: &mut Conn,
    tenant: Option<TenantId>,
    criterion: &Criterion,
    paging: &Paging,
    accurate: bool,
) -> Result<Page<User>, DbError> {
    let select = match criterion {
        Criterion::Ids(ids) => {
            let mut items = find_all(conn, ids).await?;
            items.retain(|user| tenant.is_none_or(|tenant| user.tenant_id == tenant));
            let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
            return Ok(Page { items, total });
        }
        Criterion::Term(term) => by_term(
            concat!("SELECT ", columns!(), " FROM user_term AS t CROSS JOIN users AS u"),
            term,
        )
        .counted(accurate, BY_TERM),
        Criterion::Everybody => Select::new(concat!("SELECT ", columns!(), " FROM users AS u"))
            .counted(accurate, EVERYBODY),
    };
    let select = select
        .and_some("u.tenant_id = {}", tenant)
        .sorted(&paging.order)
        .limit(paging.size)
        .offset(paging.start);
    let (items, total) = conn.page(&select).await?;
    Ok(Page { items, total })
}

/// The ids of at most so many users of a tenant, or of all of them, who meet a criterion.
pub async fn ids(
    conn: &mut Conn,
    tenant: Option<TenantId>,
    criterion: &Criterion,
    most: i64,
) -> Result<Vec<UserId>, DbError> {
    let select = match criterion {
        Criterion::Ids(ids) => Select::new("SELECT u.id FROM users AS u").and_any_of("u.id", ids),
        Criterion::Term(term) => {
            by_term("SELECT u.id FROM user_term AS t CROSS JOIN users AS u", term)
        }
        Criterion::Everybody => Select::new("SELECT u.id FROM users AS u"),
    };
    // In the order of an index, so that nobody sorts a whole tenant for the first few.
    let select = select.and_some("u.tenant_id = {}", tenant).order("u.login_key, u.id");
    conn.rows(&select.limit(most)).await
}

/// Users by term. `CROSS` keeps `SQLite` from going through the users and asking each for the term.
fn by_term(head: &'static str, term: &str) -> Select<'static> {
    Select::new(head).and_fixed("u.id = t.user_id").and("t.term = {}", term.to_lowercase())
}

/// How a list is counted: to the end, and not further than [`COUNTED`].
type Counts = [&'static str; 2];
const BY_TERM: Counts = [
    "SELECT count(*) FROM user_term AS t CROSS JOIN users AS u",
    "SELECT 1 FROM user_term AS t CROSS JOIN users AS u",
];
const EVERYBODY: Counts = ["SELECT count(*) FROM users AS u", "SELECT 1 FROM users AS u"];

impl Select<'_> {
    fn counted(self, accurate: bool, [to_the_end, bounded]: Counts) -> Self {
        if accurate { self.counted_by(to_the_end) } else { self.counted_at_most(bounded, COUNTED) }
    }

    /// Those who lack what is sorted by come last, whichever way; ids tell equals apart.
    fn sorted(self, order: &[Order]) -> Self {
        if order.is_empty() {
            return self.order("u.login_key, u.id");
        }
        order.iter().fold(self, |select, step| select.order(sort_by(*step))).order("u.id")
    }
}

fn sort_by(Order { field, descending }: Order) -> &'static str {
    match (field, descending) {
        ("birthDate", false) => "u.profile ->> 'birth_date' ASC NULLS LAST",
        ("birthDate", true) => "u.profile ->> 'birth_date' DESC NULLS LAST",
        ("email", false) => "u.email ASC NULLS LAST",
        ("email", true) => "u.email DESC NULLS LAST",
        ("fullName", false) => "lower(u.profile ->> 'full_name') ASC NULLS LAST",
        ("fullName", true) => "lower(u.profile ->> 'full_name') DESC NULLS LAST",
        ("insertInstant", false) => "u.created_at",
        ("insertInstant", true) => "u.created_at DESC",
        ("lastLoginInstant", false) => "u.last_login_at ASC NULLS LAST",
        ("lastLoginInstant", true) => "u.last_login_at DESC NULLS LAST",
        ("login", false) => "u.login_key",
        ("login", true) => "u.login_key DESC",
        ("phoneNumber", false) => "u.phone_number ASC NULLS LAST",
        ("phoneNumber", true) => "u.phone_number DESC NULLS LAST",
        ("tenantId", false) => "u.tenant_id",
        ("tenantId", true) => "u.tenant_id DESC",
        ("username", false) => "u.username_key ASC NULLS LAST",
        ("username", true) => "u.username_key DESC NULLS LAST",
        (_, true) => "u.id DESC",
        (_, false) => "u.id",
    }
}
