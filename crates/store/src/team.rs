//! The lists of users by what they hold: the team of a scope, and the users that somebody sees.

use docket_domain::access::Sight;
use docket_domain::access::people::SeenPeople;
use docket_domain::directory::User;
use docket_domain::directory::affiliation::{PeopleSearch, Person};
use docket_domain::directory::grant::{Grant, TeamMember, TeamSearch};
use docket_domain::directory::scope::Scope;
use docket_domain::page::{Page, Paging};
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::affiliation::of_users;
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::user::find_all;
use crate::value::Value;
use crate::{grant, user};

/// The whole name of a user: as given, else first and last name together.
macro_rules! full_name {
    ($profile:literal) => {
        concat!(
            "coalesce(",
            $profile,
            " ->> 'full_name', trim(coalesce(",
            $profile,
            " ->> 'first_name', '') || ' ' || coalesce(",
            $profile,
            " ->> 'last_name', '')))"
        )
    };
}

/// The heads of the lists, and of their counts.
const TEAM: &str = concat!(
    "SELECT ",
    grant::columns!(),
    ", r.name FROM role_grant AS g
        JOIN role AS r ON r.id = g.role_id
        JOIN users AS u ON u.id = g.user_id
        LEFT JOIN affiliation AS a ON a.user_id = g.user_id"
);
const TEAM_COUNT: &str = "SELECT count(*) FROM role_grant AS g
        JOIN role AS r ON r.id = g.role_id
        JOIN users AS u ON u.id = g.user_id
        LEFT JOIN affiliation AS a ON a.user_id = g.user_id";
const PEOPLE: &str = concat!("SELECT ", user::columns!(), " FROM users");
const PEOPLE_COUNT: &str = "SELECT count(*) FROM users";

/// The columns by which teams can be sorted.
const TEAM_ORDER: &[(&str, &str)] = &[
    ("created", "g.created_at"),
    ("email", "coalesce(u.email, '')"),
    ("expiration_time", "g.expires_at"),
    ("full_name", full_name!("u.profile")),
    ("native_name", "coalesce(a.native_name, '')"),
    ("role", "r.name"),
    ("username", "coalesce(u.username_key, u.login_key)"),
];

/// The columns by which users can be sorted.
const PEOPLE_ORDER: &[(&str, &str)] = &[
    ("created", "created_at"),
    ("date_joined", "created_at"),
    ("email", "coalesce(email, '')"),
    ("full_name", full_name!("profile")),
    ("is_active", "active"),
    ("is_staff", "staff"),
    ("username", "coalesce(username_key, login_key)"),
];

struct MemberRow(Grant, String);

impl FromRow for MemberRow {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self(Grant::from_row(row)?, row.next()?))
    }
}

/// Who holds a role on a scope at an instant; closed accounts do not count.
pub async fn list(
    conn: &mut Conn,
    scope: Scope,
    search: &TeamSearch,
    paging: &Paging,
    now: Instant,
) -> Result<Page<TeamMember>, DbError> {
    let select = Select::new(TEAM)
        .counted_by(TEAM_COUNT)
        .and("g.scope_id = {}", scope.uuid())
        .and("g.expires_at > {}", now)
        .and("u.active AND u.expires_at > {}", now)
        .and_some("g.user_id = {}", search.user)
        .and_matches("coalesce(u.username, u.login_key)", search.username.as_deref())
        .and_matches("a.native_name", search.native_name.as_deref())
        .and_matches(full_name!("u.profile"), search.full_name.as_deref())
        .and_matches(
            concat!(
                full_name!("u.profile"),
                " || ' ' || coalesce(u.email, '') || ' ' || coalesce(u.username, '')"
            ),
            search.text.as_deref(),
        );
    let select = if search.roles.is_empty() {
        select
    } else {
        select.and_any_of("r.name", search.roles.clone())
    };
    let select = select.paged(paging, TEAM_ORDER, "g.created_at", "g.id");
    let (rows, total): (Vec<MemberRow>, i64) = conn.page(&select).await?;
    let ids: Vec<_> = rows.iter().map(|MemberRow(grant, _)| grant.user_id).collect();
    let users = find_all(conn, &ids).await?;
    let people = of_users(conn, users).await?;
    let members = rows.into_iter().filter_map(|MemberRow(grant, role_name)| {
        let person = people.iter().find(|person| person.user.id == grant.user_id)?.clone();
        Some(TeamMember { grant, role_name, person })
    });
    Ok(Page { items: members.collect(), total })
}

/// The users that somebody sees at an instant, by name unless they say otherwise.
pub async fn people(
    conn: &mut Conn,
    seen: &Sight<SeenPeople>,
    search: &PeopleSearch,
    paging: &Paging,
    now: Instant,
) -> Result<Page<Person>, DbError> {
    let select = Select::new(PEOPLE)
        .counted_by(PEOPLE_COUNT)
        .and_matches("coalesce(username, login_key)", search.username.as_deref())
        .and_matches("email", search.email.as_deref())
        .and_matches(full_name!("profile"), search.full_name.as_deref())
        .and_matches(
            concat!(
                full_name!("profile"),
                " || ' ' || coalesce(email, '') || ' ' || coalesce(username, '')"
            ),
            search.query.as_deref(),
        )
        .and_some("staff = {}", search.staff);
    let select = match search.active {
        Some(true) => select.and("active AND expires_at > {}", now),
        Some(false) => select.and("NOT active OR expires_at <= {}", now),
        None => select,
    };
    let select = within(select, seen, now);
    let select = match search.within {
        Some(Scope::Customer(id)) => select.and_each(
            "EXISTS (SELECT 1 FROM role_grant AS g
                WHERE g.user_id = users.id AND g.expires_at > {} AND g.customer_id = {})",
            [now.into(), id.into()],
        ),
        Some(Scope::Project(id)) => select.and_each(
            "EXISTS (SELECT 1 FROM role_grant AS g
                WHERE g.user_id = users.id AND g.expires_at > {} AND g.scope_id = {})",
            [now.into(), id.into()],
        ),
        None => select,
    };
    let by_name = "coalesce(username_key, login_key)";
    let (users, total): (Vec<User>, i64) =
        conn.page(&select.paged(paging, PEOPLE_ORDER, by_name, "id")).await?;
    Ok(Page { items: of_users(conn, users).await?, total })
}

/// Adds what somebody sees, in the words of [`Sight::sees`].
fn within<'s>(select: Select<'s>, seen: &Sight<SeenPeople>, now: Instant) -> Select<'s> {
    let Sight::Of(seen) = seen else { return select };
    let customers = seen.scopes.customers.iter().map(|id| id.uuid());
    let scopes: Vec<Uuid> =
        customers.chain(seen.scopes.projects.iter().map(|id| id.uuid())).collect();
    let whole: Vec<Uuid> = seen.scopes.whole_customers.iter().map(|id| id.uuid()).collect();
    let values: [Value<'_>; 5] =
        [seen.own.into(), now.into(), now.into(), scopes.into(), whole.into()];
    select.and_each_dialects(
        "id = {} OR (active AND expires_at > {} AND EXISTS (SELECT 1 FROM role_grant AS g
            WHERE g.user_id = users.id AND g.expires_at > {}
                AND (g.scope_id = ANY({}) OR g.customer_id = ANY({}))))",
        "id = {} OR (active AND expires_at > {} AND EXISTS (SELECT 1 FROM role_grant AS g
            WHERE g.user_id = users.id AND g.expires_at > {}
                AND (g.scope_id IN (SELECT value FROM rarray({}))
                    OR g.customer_id IN (SELECT value FROM rarray({})))))",
        values,
    )
}
