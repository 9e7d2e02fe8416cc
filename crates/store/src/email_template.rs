//! The table of e-mail templates.

use docket_domain::id::TemplateId;
use docket_domain::json::Json;
use docket_domain::mail::{Part, Template, TemplateDetails};
use docket_domain::page::{Page, Paging};
use docket_domain::text::Localized;

use crate::codec::{decode_localized, encode_localized};
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

statements! {
    /// A template.
    FIND_TEMPLATE = "SELECT id, name, from_email, from_name, localized_from_names, subject,
            localized_subjects, html, localized_html, text, localized_text, created_at, updated_at
        FROM email_template WHERE id = $1";
    /// A template that is about to be changed.
    LOCK_TEMPLATE = "SELECT id, name, from_email, from_name, localized_from_names, subject,
            localized_subjects, html, localized_html, text, localized_text, created_at, updated_at
        FROM email_template WHERE id = $1 FOR UPDATE",
        sqlite: "SELECT id, name, from_email, from_name, localized_from_names, subject,
            localized_subjects, html, localized_html, text, localized_text, created_at, updated_at
        FROM email_template WHERE id = $1";
    /// Every template, by name.
    LIST_TEMPLATES = "SELECT id, name, from_email, from_name, localized_from_names, subject,
            localized_subjects, html, localized_html, text, localized_text, created_at, updated_at
        FROM email_template ORDER BY name_key, id";
    /// Whether another template has this name.
    TEMPLATE_NAME_TAKEN = "SELECT
            EXISTS (SELECT 1 FROM email_template WHERE name_key = $2 AND id <> $1)";
    /// Whether a definition sends this template in any phase. Definitions are few.
    TEMPLATE_IN_USE = "SELECT EXISTS (SELECT 1 FROM definition
            WHERE start_template_id = $1 OR modify_template_id = $1 OR cancel_template_id = $1
                OR end_template_id = $1)";
    /// A new template.
    INSERT_TEMPLATE = "INSERT INTO email_template
            (id, name, name_key, from_email, from_name, localized_from_names, subject,
             localized_subjects, html, localized_html, text, localized_text, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    /// A changed template.
    UPDATE_TEMPLATE = "UPDATE email_template
        SET name = $2, name_key = $3, from_email = $4, from_name = $5, localized_from_names = $6,
            subject = $7, localized_subjects = $8, html = $9, localized_html = $10, text = $11,
            localized_text = $12, updated_at = $13
        WHERE id = $1";
    /// A template that goes.
    DELETE_TEMPLATE = "DELETE FROM email_template WHERE id = $1";
}

/// What a search can be ordered by, and by which column.
const ORDERS: &[(&str, &str)] =
    &[("id", "id"), ("insertInstant", "created_at"), ("name", "name_key")];

impl FromRow for Template {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            details: TemplateDetails {
                name: row.next()?,
                from_email: row.next()?,
                from_name: part(row, "email_template.localized_from_names")?,
                subject: part(row, "email_template.localized_subjects")?,
                html: part(row, "email_template.localized_html")?,
                text: part(row, "email_template.localized_text")?,
            },
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// A default and its translations, which stand side by side.
fn part<T: crate::row::Column>(
    row: &mut Row<'_>,
    column: &'static str,
) -> Result<Part<T>, DbError> {
    let default = row.next()?;
    let localized: Localized = decode_localized(column, &row.next::<Json>()?)?;
    Ok(Part { default, localized })
}

/// The template with this id.
pub async fn find(conn: &mut Conn, id: TemplateId) -> Result<Option<Template>, DbError> {
    conn.one(&FIND_TEMPLATE, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: TemplateId) -> Result<Option<Template>, DbError> {
    conn.one(&LOCK_TEMPLATE, params![id]).await
}

/// Every template, by name without regard to case.
pub async fn list(conn: &mut Conn) -> Result<Vec<Template>, DbError> {
    conn.all(&LIST_TEMPLATES, params![]).await
}

/// A page of the templates whose name matches, by name unless the caller orders otherwise.
pub async fn search(
    conn: &mut Conn,
    name: Option<&str>,
    paging: &Paging,
) -> Result<Page<Template>, DbError> {
    let select = Select::new(
        "SELECT id, name, from_email, from_name, localized_from_names, subject, localized_subjects,
            html, localized_html, text, localized_text, created_at, updated_at
        FROM email_template",
    )
    .counted_by("SELECT count(*) FROM email_template")
    .and_matches("name", name)
    .paged(paging, ORDERS, "name_key", "id");
    let (items, total) = conn.page(&select).await?;
    Ok(Page { items, total })
}

/// Whether another template than `id` has this name.
pub async fn name_taken(conn: &mut Conn, id: TemplateId, name: &str) -> Result<bool, DbError> {
    let taken = conn.one(&TEMPLATE_NAME_TAKEN, params![id, name.to_lowercase()]).await?;
    Ok(taken.unwrap_or_default())
}

/// Whether a definition sends this template.
pub async fn in_use(conn: &mut Conn, id: TemplateId) -> Result<bool, DbError> {
    Ok(conn.one(&TEMPLATE_IN_USE, params![id]).await?.unwrap_or_default())
}

/// Keeps a new template.
pub async fn insert(conn: &mut Conn, template: &Template) -> Result<(), DbError> {
    let details = &template.details;
    conn.run(
        &INSERT_TEMPLATE,
        params![
            template.id,
            &details.name,
            details.name.to_lowercase(),
            &details.from_email,
            &details.from_name.default,
            encode_localized(&details.from_name.localized),
            &details.subject.default,
            encode_localized(&details.subject.localized),
            &details.html.default,
            encode_localized(&details.html.localized),
            &details.text.default,
            encode_localized(&details.text.localized),
            template.created_at,
            template.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the details of a template.
pub async fn update(conn: &mut Conn, template: &Template) -> Result<(), DbError> {
    let details = &template.details;
    conn.run(
        &UPDATE_TEMPLATE,
        params![
            template.id,
            &details.name,
            details.name.to_lowercase(),
            &details.from_email,
            &details.from_name.default,
            encode_localized(&details.from_name.localized),
            &details.subject.default,
            encode_localized(&details.subject.localized),
            &details.html.default,
            encode_localized(&details.html.localized),
            &details.text.default,
            encode_localized(&details.text.localized),
            template.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes a template.
pub async fn delete(conn: &mut Conn, id: TemplateId) -> Result<(), DbError> {
    conn.run(&DELETE_TEMPLATE, params![id]).await?;
    Ok(())
}
