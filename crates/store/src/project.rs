//! The table of projects. A removed one keeps its row: what was done in it names it.

use docket_domain::access::Sight;
use docket_domain::access::viewer::SeenScopes;
use docket_domain::directory::project::{NamedProject, Project, ProjectDetails, ProjectSearch};
use docket_domain::id::{CustomerId, ProjectId};
use docket_domain::page::{Page, Paging};
use uuid::Uuid;

use crate::codec::{decode_restriction, encode_restriction};
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of a [`Project`], in the order in which it is read.
macro_rules! columns {
    () => {
        "p.id, p.customer_id, p.name, p.description, p.slug, p.image, p.start_date, p.end_date,
            p.restriction, p.removed_at, p.created_at, p.updated_at"
    };
}

statements! {
    /// A project.
    FIND_PROJECT = concat!("SELECT ", columns!(), " FROM project AS p WHERE p.id = $1");
    /// A project, with the name of its customer.
    FIND_NAMED_PROJECT = concat!("SELECT ", columns!(), ", c.name
        FROM project AS p JOIN customer AS c ON c.id = p.customer_id WHERE p.id = $1");
    /// A project that must stay as it is until the unit of work ends.
    SHARE_PROJECT = concat!("SELECT ", columns!(), " FROM project AS p WHERE p.id = $1 FOR SHARE"),
        sqlite: concat!("SELECT ", columns!(), " FROM project AS p WHERE p.id = $1");
    /// A project that is about to be changed.
    LOCK_PROJECT = concat!("SELECT ", columns!(), " FROM project AS p WHERE p.id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM project AS p WHERE p.id = $1");
    /// The project of a customer that has exactly this name, and was not removed.
    FIND_PROJECT_BY_NAME = concat!("SELECT ", columns!(), " FROM project AS p
        WHERE p.customer_id = $1 AND p.name = $2 AND p.removed_at IS NULL
        ORDER BY p.id LIMIT 1");
    /// The projects of a customer that were not removed, by name.
    LIST_PROJECTS_OF = concat!("SELECT ", columns!(), " FROM project AS p
        WHERE p.customer_id = $1 AND p.removed_at IS NULL
        ORDER BY p.name_key, p.id");
    /// Whether a customer has a project that was not removed.
    HAS_PROJECT = "SELECT EXISTS (SELECT 1 FROM project
        WHERE customer_id = $1 AND removed_at IS NULL)";
    /// A new project.
    INSERT_PROJECT = "INSERT INTO project
            (id, customer_id, name, name_key, description, slug, image, start_date, end_date,
             restriction, removed_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    /// A changed project.
    UPDATE_PROJECT = "UPDATE project
        SET name = $2, name_key = $3, description = $4, slug = $5, image = $6, start_date = $7,
            end_date = $8, restriction = $9, removed_at = $10, updated_at = $11
        WHERE id = $1";
}

/// The head of a list, and of its count.
const HEAD: &str = concat!(
    "SELECT ",
    columns!(),
    ", c.name FROM project AS p JOIN customer AS c ON c.id = p.customer_id"
);
const COUNT: &str = "SELECT count(*) FROM project AS p";

/// The columns by which lists can be sorted. Dates that are not there come last.
const ORDER: &[(&str, &str)] = &[
    ("created", "p.created_at"),
    ("customer_name", "c.name_key"),
    ("end_date", "coalesce(p.end_date, '~')"),
    ("name", "p.name_key"),
    ("start_date", "coalesce(p.start_date, '~')"),
];

impl FromRow for Project {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            customer_id: row.next()?,
            details: ProjectDetails {
                name: row.next()?,
                description: row.next()?,
                slug: row.next()?,
                image: row.next()?,
                start_date: row.next()?,
                end_date: row.next()?,
                restriction: decode_restriction("project.restriction", &row.next()?)?,
            },
            removed_at: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

impl FromRow for NamedProject {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self { project: Project::from_row(row)?, customer_name: row.next()? })
    }
}

/// The project with this id, removed or not.
pub async fn find(conn: &mut Conn, id: ProjectId) -> Result<Option<Project>, DbError> {
    conn.one(&FIND_PROJECT, params![id]).await
}

/// The same, with the name of its customer.
pub async fn find_with_customer(
    conn: &mut Conn,
    id: ProjectId,
) -> Result<Option<NamedProject>, DbError> {
    conn.one(&FIND_NAMED_PROJECT, params![id]).await
}

/// The same, held as it is until the unit of work ends.
pub async fn share(conn: &mut Conn, id: ProjectId) -> Result<Option<Project>, DbError> {
    conn.one(&SHARE_PROJECT, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: ProjectId) -> Result<Option<Project>, DbError> {
    conn.one(&LOCK_PROJECT, params![id]).await
}

/// The project of a customer that has exactly this name, and was not removed.
pub async fn find_named(
    conn: &mut Conn,
    customer: CustomerId,
    name: &str,
) -> Result<Option<Project>, DbError> {
    conn.one(&FIND_PROJECT_BY_NAME, params![customer, name]).await
}

/// The projects of a customer that were not removed, by name.
pub async fn list_of(conn: &mut Conn, customer: CustomerId) -> Result<Vec<Project>, DbError> {
    conn.all(&LIST_PROJECTS_OF, params![customer]).await
}

/// Whether a customer has a project that was not removed.
pub async fn is_any_in(conn: &mut Conn, customer: CustomerId) -> Result<bool, DbError> {
    Ok(conn.one(&HAS_PROJECT, params![customer]).await?.unwrap_or_default())
}

/// The projects that somebody sees, by name unless they say otherwise; none that was removed.
pub async fn list(
    conn: &mut Conn,
    seen: &Sight<SeenScopes>,
    search: &ProjectSearch,
    paging: &Paging,
) -> Result<Page<NamedProject>, DbError> {
    let select = Select::new(HEAD)
        .counted_by(COUNT)
        .and_fixed("p.removed_at IS NULL")
        .and_matches("p.name", search.name.as_deref())
        .and_some("p.name = {}", search.name_exact.as_deref())
        .and_matches("p.name || ' ' || p.description", search.query.as_deref());
    let select = if search.customers.is_empty() {
        select
    } else {
        select.and_any_of("p.customer_id", &*search.customers)
    };
    let select = match seen {
        Sight::All => select,
        Sight::Of(seen) => {
            let projects: Vec<Uuid> = seen.projects.iter().map(|id| id.uuid()).collect();
            let customers: Vec<Uuid> = seen.whole_customers.iter().map(|id| id.uuid()).collect();
            select.and_each_dialects(
                "p.id = ANY({}) OR p.customer_id = ANY({})",
                "p.id IN (SELECT value FROM rarray({}))
                    OR p.customer_id IN (SELECT value FROM rarray({}))",
                [projects.into(), customers.into()],
            )
        }
    };
    let (items, total) = conn.page(&select.paged(paging, ORDER, "p.name_key", "p.id")).await?;
    Ok(Page { items, total })
}

/// Keeps a new project.
pub async fn insert(conn: &mut Conn, project: &Project) -> Result<(), DbError> {
    let details = &project.details;
    conn.run(
        &INSERT_PROJECT,
        params![
            project.id,
            project.customer_id,
            &details.name,
            details.name.to_lowercase(),
            &details.description,
            &details.slug,
            &details.image,
            &details.start_date,
            &details.end_date,
            encode_restriction(&details.restriction),
            project.removed_at,
            project.created_at,
            project.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a project, and whether it was removed.
pub async fn update(conn: &mut Conn, project: &Project) -> Result<(), DbError> {
    let details = &project.details;
    conn.run(
        &UPDATE_PROJECT,
        params![
            project.id,
            &details.name,
            details.name.to_lowercase(),
            &details.description,
            &details.slug,
            &details.image,
            &details.start_date,
            &details.end_date,
            encode_restriction(&details.restriction),
            project.removed_at,
            project.updated_at
        ],
    )
    .await?;
    Ok(())
}
