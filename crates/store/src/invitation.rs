//! The table of invitations.

use docket_domain::access::Sight;
use docket_domain::access::viewer::SeenInvitations;
use docket_domain::directory::scope::{Place, Scope, ScopeKind};
use docket_domain::id::{CustomerId, InvitationId, RoleId, UserId};
use docket_domain::json::Json;
use docket_domain::page::{Page, Paging};
use docket_domain::permission::invitation::{SeenInvitation, Wanted};
use docket_domain::permission::{Invitation, InvitationDetails, Named, Restriction};
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::codec::{decode_restriction, encode_restriction};
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::row::{FromRow, Row};
use crate::{params, statements};

/// The columns of an [`Invitation`], in the order in which it is read.
macro_rules! columns {
    () => {
        "i.id, i.customer_id, i.scope_kind, i.scope_id, i.role_id, i.project_role_id, i.is_public,
            i.creates_project, i.approves_at_once, i.allows_many_requests,
            i.allows_project_details, i.project_name_template, i.restriction, i.custom_text,
            i.creator_id, i.creator_name, i.creator_username, i.active, i.created_at, i.updated_at"
    };
}

/// An invitation with what is around it, as a [`SeenInvitation`] reads it.
macro_rules! seen {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", CASE WHEN p.id IS NULL THEN c.name ELSE p.name END,
                CASE WHEN p.id IS NULL THEN c.description ELSE p.description END,
                CASE WHEN p.id IS NULL THEN c.image ELSE p.image END,
                p.removed_at IS NOT NULL, c.name, r.name, r.description, u.profile ->> 'image_url'
            FROM invitation AS i
            JOIN customer AS c ON c.id = i.customer_id
            JOIN role AS r ON r.id = i.role_id
            LEFT JOIN project AS p ON p.id = i.scope_id
            LEFT JOIN users AS u ON u.id = i.creator_id",
            $rest
        )
    };
}

statements! {
    /// An invitation.
    FIND_INVITATION = concat!("SELECT ", columns!(), " FROM invitation AS i WHERE i.id = $1");
    /// An invitation that must stay as it is until the unit of work ends.
    SHARE_INVITATION = concat!("SELECT ", columns!(),
            " FROM invitation AS i WHERE i.id = $1 FOR SHARE"),
        sqlite: concat!("SELECT ", columns!(), " FROM invitation AS i WHERE i.id = $1");
    /// An invitation that is about to be changed.
    LOCK_INVITATION = concat!("SELECT ", columns!(),
            " FROM invitation AS i WHERE i.id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM invitation AS i WHERE i.id = $1");
    /// An invitation with what is around it.
    SEE_INVITATION = seen!(" WHERE i.id = $1");
    /// Whom the customer and the project of an invitation let in, and whether the project is removed.
    FIND_TERMS = "SELECT c.restriction, p.restriction, p.removed_at IS NOT NULL
        FROM customer AS c LEFT JOIN project AS p ON p.id = $2 WHERE c.id = $1";
    /// Where a customer stands.
    FIND_CUSTOMER_PLACE = "SELECT id, FALSE FROM customer WHERE id = $1";
    /// Where a project stands.
    FIND_PROJECT_PLACE = "SELECT customer_id, removed_at IS NOT NULL FROM project WHERE id = $1";
    /// Whether anybody holds a role on a scope.
    HAS_HOLDER = "SELECT EXISTS (SELECT 1 FROM role_grant
        WHERE scope_id = $1 AND role_id = $2 AND expires_at > $3)";
    /// A new invitation.
    INSERT_INVITATION = "INSERT INTO invitation
            (id, customer_id, scope_kind, scope_id, role_id, project_role_id, is_public,
             creates_project, approves_at_once, allows_many_requests, allows_project_details,
             project_name_template, restriction, custom_text, creator_id, creator_name,
             creator_username, active, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20)";
    /// A changed invitation.
    UPDATE_INVITATION = "UPDATE invitation
        SET customer_id = $2, scope_kind = $3, scope_id = $4, role_id = $5, project_role_id = $6,
            is_public = $7, creates_project = $8, approves_at_once = $9,
            allows_many_requests = $10, allows_project_details = $11,
            project_name_template = $12, restriction = $13, custom_text = $14, active = $15,
            updated_at = $16
        WHERE id = $1";
    /// An invitation that goes.
    DELETE_INVITATION = "DELETE FROM invitation WHERE id = $1";
}

/// The head of a list.
const HEAD: &str = seen!("");

/// What holds around an invitation.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Whom the customer lets in.
    pub customer: Restriction,
    /// Whom the project lets in, when the scope is one.
    pub project: Option<Restriction>,
    /// Whether the scope is a project that was removed.
    pub removed: bool,
}

impl Terms {
    /// Where the invitation's scope stands.
    #[must_use]
    pub const fn place(&self, invitation: &Invitation) -> Place {
        let Invitation { details, customer_id, .. } = invitation;
        Place { scope: details.scope, customer: *customer_id, removed: self.removed }
    }
}

impl FromRow for Terms {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let customer = decode_restriction("customer.restriction", &row.next()?)?;
        let project: Option<Json> = row.next()?;
        let decode = |json| decode_restriction("project.restriction", &json);
        Ok(Self { customer, project: project.map(decode).transpose()?, removed: row.next()? })
    }
}

/// The customer of a scope, and whether the scope is a project that was removed.
struct Standing(CustomerId, bool);

impl FromRow for Standing {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self(row.next()?, row.next()?))
    }
}

impl FromRow for Invitation {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            customer_id: row.next()?,
            details: InvitationDetails {
                scope: scope("invitation.scope_kind", row)?,
                role_id: row.next()?,
                project_role_id: row.next()?,
                public: row.next()?,
                creates_project: row.next()?,
                approves_at_once: row.next()?,
                allows_many_requests: row.next()?,
                allows_project_details: row.next()?,
                project_name_template: row.next()?,
                restriction: decode_restriction("invitation.restriction", &row.next()?)?,
                custom_text: row.next()?,
            },
            creator: named(row)?,
            active: row.next()?,
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

impl FromRow for SeenInvitation {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            invitation: Invitation::from_row(row)?,
            scope_name: row.next()?,
            scope_description: row.next()?,
            scope_image: row.next()?,
            scope_removed: row.next()?,
            customer_name: row.next()?,
            role_name: row.next()?,
            role_description: row.next()?,
            creator_image: row.next()?,
        })
    }
}

/// A scope out of two columns: its kind and its id.
pub(crate) fn scope(column: &'static str, row: &mut Row<'_>) -> Result<Scope, DbError> {
    let kind: String = row.next()?;
    let id: Uuid = row.next()?;
    let kind = ScopeKind::from_name(&kind).ok_or_else(|| DbError::contradiction(column, id))?;
    Ok(Scope::new(kind, id))
}

/// Somebody out of three columns, if there was anybody: the id, the name, what they logged in with.
pub(crate) fn named(row: &mut Row<'_>) -> Result<Option<Named>, DbError> {
    let id: Option<UserId> = row.next()?;
    let name: Option<String> = row.next()?;
    let username: Option<String> = row.next()?;
    let (name, username) = (name.unwrap_or_default(), username.unwrap_or_default());
    Ok(id.map(|id| Named { id, name, username }))
}

/// The invitation with this id.
pub async fn find(conn: &mut Conn, id: InvitationId) -> Result<Option<Invitation>, DbError> {
    conn.one(&FIND_INVITATION, params![id]).await
}

/// The same, held against changes until the unit of work ends.
pub async fn find_shared(conn: &mut Conn, id: InvitationId) -> Result<Option<Invitation>, DbError> {
    conn.one(&SHARE_INVITATION, params![id]).await
}

/// The same, held against other writers until the unit of work ends.
pub async fn find_locked(conn: &mut Conn, id: InvitationId) -> Result<Option<Invitation>, DbError> {
    conn.one(&LOCK_INVITATION, params![id]).await
}

/// The invitation with this id, with what is around it.
pub async fn see(conn: &mut Conn, id: InvitationId) -> Result<Option<SeenInvitation>, DbError> {
    conn.one(&SEE_INVITATION, params![id]).await
}

/// What holds around an invitation.
pub async fn terms(conn: &mut Conn, invitation: &Invitation) -> Result<Terms, DbError> {
    let Invitation { id, customer_id, details, .. } = invitation;
    let found = conn.one(&FIND_TERMS, params![*customer_id, details.scope.uuid()]).await?;
    found.ok_or_else(|| DbError::contradiction("invitation.customer_id", id))
}

/// Where a scope stands, if there is one.
pub async fn place(conn: &mut Conn, scope: Scope) -> Result<Option<Place>, DbError> {
    let stmt = match scope {
        Scope::Customer(_) => &FIND_CUSTOMER_PLACE,
        Scope::Project(_) => &FIND_PROJECT_PLACE,
    };
    let found: Option<Standing> = conn.one(stmt, params![scope.uuid()]).await?;
    Ok(found.map(|Standing(customer, removed)| Place { scope, customer, removed }))
}

/// Whether anybody holds this role on this scope at an instant.
pub async fn has_holder(
    conn: &mut Conn,
    scope: Scope,
    role: RoleId,
    now: Instant,
) -> Result<bool, DbError> {
    Ok(conn.one(&HAS_HOLDER, params![scope.uuid(), role, now]).await?.unwrap_or(false))
}

/// A page of the invitations that are seen, the newest first unless the caller orders otherwise.
pub async fn page(
    conn: &mut Conn,
    wanted: &Wanted,
    sight: &Sight<SeenInvitations>,
    paging: &Paging,
) -> Result<Page<SeenInvitation>, DbError> {
    let (items, total) = conn.page(&select(wanted, sight, paging)).await?;
    Ok(Page { items, total })
}

/// The list behind [`page`]; open to the tests that plan it.
pub fn select<'a>(
    wanted: &'a Wanted,
    sight: &Sight<SeenInvitations>,
    paging: &Paging,
) -> Select<'a> {
    let select = Select::new(HEAD)
        .counted_by("SELECT count(*) FROM invitation AS i")
        .and_some("i.customer_id = {}", wanted.customer)
        .and_some("i.role_id = {}", wanted.role)
        .and_some("i.role_id IN (SELECT id FROM role WHERE name = {})", wanted.role_name.as_deref())
        .and_some("i.scope_id = {}", wanted.scope.map(Scope::uuid))
        .and_some("i.scope_kind = {}", wanted.scope.map(|scope| scope.kind().name()))
        .and_some("i.scope_kind = {}", wanted.kind.map(|kind| kind.map_or("", ScopeKind::name)))
        .and_some("i.active = {}", wanted.active)
        .and_some("i.is_public = {}", wanted.public);
    let select = match sight {
        Sight::All => select,
        Sight::Of(SeenInvitations { customers }) if customers.is_empty() => {
            select.and_fixed("i.is_public AND i.active")
        }
        Sight::Of(SeenInvitations { customers }) => {
            let customers: Vec<Uuid> = customers.iter().map(|customer| customer.uuid()).collect();
            select.and_dialects(
                "(i.is_public AND i.active) OR i.customer_id = ANY({})",
                "(i.is_public AND i.active)
                    OR i.customer_id IN (SELECT value FROM rarray({}))",
                customers,
            )
        }
    };
    let oldest_first = paging.order.first().is_some_and(|order| !order.descending);
    let order = if oldest_first { "i.created_at, i.id" } else { "i.created_at DESC, i.id DESC" };
    select.order(order).limit(paging.size).offset(paging.start)
}

/// Keeps a new invitation.
pub async fn insert(conn: &mut Conn, invitation: &Invitation) -> Result<(), DbError> {
    let Invitation { id, customer_id, details, creator, active, created_at, updated_at } =
        invitation;
    conn.run(
        &INSERT_INVITATION,
        params![
            *id,
            *customer_id,
            details.scope.kind().name(),
            details.scope.uuid(),
            details.role_id,
            details.project_role_id,
            details.public,
            details.creates_project,
            details.approves_at_once,
            details.allows_many_requests,
            details.allows_project_details,
            &details.project_name_template,
            encode_restriction(&details.restriction),
            &details.custom_text,
            creator.as_ref().map(|creator| creator.id),
            creator.as_ref().map(|creator| creator.name.as_str()),
            creator.as_ref().map(|creator| creator.username.as_str()),
            *active,
            *created_at,
            *updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps a changed invitation.
pub async fn update(conn: &mut Conn, invitation: &Invitation) -> Result<(), DbError> {
    let Invitation { id, customer_id, details, active, updated_at, .. } = invitation;
    conn.run(
        &UPDATE_INVITATION,
        params![
            *id,
            *customer_id,
            details.scope.kind().name(),
            details.scope.uuid(),
            details.role_id,
            details.project_role_id,
            details.public,
            details.creates_project,
            details.approves_at_once,
            details.allows_many_requests,
            details.allows_project_details,
            &details.project_name_template,
            encode_restriction(&details.restriction),
            &details.custom_text,
            *active,
            *updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Removes an invitation; its requests go by [`permission_request`](crate::permission_request).
pub async fn delete(conn: &mut Conn, id: InvitationId) -> Result<(), DbError> {
    conn.run(&DELETE_INVITATION, params![id]).await?;
    Ok(())
}
