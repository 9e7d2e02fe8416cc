//! The table of requests for what invitations offer.

use std::collections::HashMap;

use docket_domain::access::Sight;
use docket_domain::access::viewer::SeenRequests;
use docket_domain::directory::scope::Scope;
use docket_domain::id::{CustomerId, InvitationId, PermissionRequestId, UserId};
use docket_domain::page::{Page, Paging};
use docket_domain::permission::request::{Review, SeenRequest, Wanted};
use docket_domain::permission::{Invitation, Named, Request, RequestState};
use docket_domain::time::Instant;
use uuid::Uuid;

use crate::batch::Batch;
use crate::conn::Conn;
use crate::error::DbError;
use crate::filter::Select;
use crate::invitation::{named, scope};
use crate::row::{FromRow, Row};
use crate::{own_params, params, statements};

/// The columns of a [`Request`], in the order in which it is read.
macro_rules! columns {
    () => {
        "q.id, q.invitation_id, q.scope_kind, q.scope_id, q.customer_id, q.role_id, q.state,
            q.requester_id, q.requester_name, q.requester_username, q.requester_email,
            q.project_name, q.project_description, q.reviewer_id, q.reviewer_name,
            q.reviewer_username, q.reviewed_at, q.review_comment, q.created_at, q.updated_at"
    };
}

/// A request with what is around it, as a [`SeenRequest`] reads it.
macro_rules! seen {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", CASE WHEN p.id IS NULL THEN c.name ELSE p.name END, p.removed_at IS NOT NULL, c.name, r.name,
                r.description, i.creates_project, i.project_name_template
            FROM permission_request AS q
            JOIN invitation AS i ON i.id = q.invitation_id
            JOIN customer AS c ON c.id = q.customer_id
            JOIN role AS r ON r.id = q.role_id
            LEFT JOIN project AS p ON p.id = q.scope_id",
            $rest
        )
    };
}

/// What a user asked for, and what others asked for in customers that the user has a say in.
macro_rules! own_and_led {
    ($columns:literal, $among:literal) => {
        concat!(
            "(SELECT ",
            $columns,
            " FROM permission_request WHERE requester_id = {} UNION ALL SELECT ",
            $columns,
            " FROM permission_request WHERE customer_id ",
            $among,
            " AND requester_id <> {}) AS q"
        )
    };
    ($columns:literal) => {
        (
            own_and_led!($columns, "= ANY({})"),
            own_and_led!($columns, "IN (SELECT value FROM rarray({}))"),
        )
    };
}

statements! {
    /// A request that is about to be changed.
    LOCK_REQUEST = concat!("SELECT ", columns!(),
            " FROM permission_request AS q WHERE q.id = $1 FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM permission_request AS q WHERE q.id = $1");
    /// A request with what is around it.
    SEE_REQUEST = seen!(" WHERE q.id = $1");
    /// Several requests with what is around them.
    SEE_REQUESTS = seen!(" WHERE q.id = ANY($1)"),
        sqlite: seen!(" WHERE q.id IN (SELECT value FROM rarray($1))");
    /// The pending requests of some customers, with what is around them.
    SEE_PENDING_OF_CUSTOMERS = seen!(" WHERE q.customer_id = ANY($1) AND q.state = 2"),
        sqlite: seen!(" WHERE q.customer_id IN (SELECT value FROM rarray($1)) AND q.state = 2");
    /// Whether a user has a request for a scope that is pending or was approved.
    HAS_REQUESTED = "SELECT EXISTS (SELECT 1 FROM permission_request
        WHERE scope_id = $1 AND requester_id = $2 AND state IN (2, 3))";
    /// A new request.
    INSERT_REQUEST = "INSERT INTO permission_request
            (id, invitation_id, scope_kind, scope_id, customer_id, role_id, state, requester_id,
             requester_name, requester_username, requester_email, project_name,
             project_description, reviewer_id, reviewer_name, reviewer_username, reviewed_at,
             review_comment, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20)";
    /// A request that has come further.
    UPDATE_REQUEST = "UPDATE permission_request
        SET state = $2, reviewer_id = $3, reviewer_name = $4, reviewer_username = $5,
            reviewed_at = $6, review_comment = $7, updated_at = $8
        WHERE id = $1";
    /// The requests that nobody has decided on follow their invitation.
    MOVE_REQUESTS = "UPDATE permission_request
        SET scope_kind = $2, scope_id = $3, customer_id = $4, role_id = $5
        WHERE invitation_id = $1 AND state <= 2";
    /// A request that goes.
    DELETE_REQUEST = "DELETE FROM permission_request WHERE id = $1";
    /// The requests for an invitation that goes.
    DELETE_REQUESTS_FOR = "DELETE FROM permission_request WHERE invitation_id = $1";
    /// The same, as they were.
    LOCK_REQUESTS_FOR = concat!("SELECT ", columns!(), " FROM permission_request AS q
            WHERE q.invitation_id = $1 ORDER BY q.created_at, q.id FOR UPDATE"),
        sqlite: concat!("SELECT ", columns!(), " FROM permission_request AS q
            WHERE q.invitation_id = $1 ORDER BY q.created_at, q.id");
}

impl FromRow for Request {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        let id: PermissionRequestId = row.next()?;
        let missing = || DbError::contradiction("permission_request", id);
        Ok(Self {
            id,
            invitation_id: row.next()?,
            scope: scope("permission_request.scope_kind", row)?,
            customer_id: row.next()?,
            role_id: row.next()?,
            state: RequestState::from_number(row.next()?).ok_or_else(missing)?,
            requester: named(row)?.ok_or_else(missing)?,
            requester_email: row.next()?,
            project_name: row.next()?,
            project_description: row.next()?,
            review: review(row)?,
            created_at: row.next()?,
            updated_at: row.next()?,
        })
    }
}

/// A review out of five columns, if there was one.
fn review(row: &mut Row<'_>) -> Result<Option<Review>, DbError> {
    let reviewer: Option<Named> = named(row)?;
    let at: Option<Instant> = row.next()?;
    let comment: Option<String> = row.next()?;
    Ok(reviewer.zip(at).map(|(reviewer, at)| Review { reviewer, at, comment }))
}

impl FromRow for SeenRequest {
    fn from_row(row: &mut Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            request: Request::from_row(row)?,
            scope_name: row.next()?,
            scope_removed: row.next()?,
            customer_name: row.next()?,
            role_name: row.next()?,
            role_description: row.next()?,
            creates_project: row.next()?,
            project_name_template: row.next()?,
        })
    }
}

/// The request with this id, held against other writers until the unit of work ends.
pub async fn find_locked(
    conn: &mut Conn,
    id: PermissionRequestId,
) -> Result<Option<Request>, DbError> {
    conn.one(&LOCK_REQUEST, params![id]).await
}

/// The request with this id, with what is around it.
pub async fn see(conn: &mut Conn, id: PermissionRequestId) -> Result<Option<SeenRequest>, DbError> {
    conn.one(&SEE_REQUEST, params![id]).await
}

/// The pending requests of these customers, with what is around them, in no order.
pub async fn see_pending(
    conn: &mut Conn,
    customers: &[CustomerId],
) -> Result<Vec<SeenRequest>, DbError> {
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    conn.all(&SEE_PENDING_OF_CUSTOMERS, params![customers]).await
}

/// Whether a user has a request for this scope that is pending or was approved.
pub async fn has_requested(conn: &mut Conn, scope: Scope, user: UserId) -> Result<bool, DbError> {
    Ok(conn.one(&HAS_REQUESTED, params![scope.uuid(), user]).await?.unwrap_or(false))
}

/// A page of the requests that are seen, the newest first unless the caller orders otherwise.
pub async fn page(
    conn: &mut Conn,
    wanted: &Wanted,
    sight: &Sight<SeenRequests>,
    paging: &Paging,
) -> Result<Page<SeenRequest>, DbError> {
    let (ids, total): (Vec<Uuid>, i64) = conn.page(&select(wanted, sight, paging)).await?;
    if ids.is_empty() {
        return Ok(Page { items: Vec::new(), total });
    }
    let place: HashMap<Uuid, usize> = ids.iter().zip(0..).map(|(id, place)| (*id, place)).collect();
    let mut items: Vec<SeenRequest> = conn.all(&SEE_REQUESTS, params![ids]).await?;
    items.sort_unstable_by_key(|seen| place.get(&seen.request.id.uuid()).copied());
    Ok(Page { items, total })
}

/// The list of ids behind [`page`]; open to the tests that plan it. Which requests are on a page is
/// found without what is around each, so that a plan has little to choose from and no more rows are
/// joined than are shown.
pub fn select(wanted: &Wanted, sight: &Sight<SeenRequests>, paging: &Paging) -> Select<'static> {
    let by = paging.order.first().map(|order| (order.field, order.descending));
    let is_plain = *wanted == Wanted::default() && !matches!(by, Some(("state", _)));
    let mut select = seen_by(sight, is_plain)
        .and_some("q.customer_id = {}", wanted.customer)
        .and_some("q.invitation_id = {}", wanted.invitation)
        .and_some("q.requester_id = {}", wanted.requester)
        .and_some("q.scope_id = {}", wanted.scope.map(Scope::uuid))
        .and_some("q.scope_kind = {}", wanted.scope.map(|scope| scope.kind().name()));
    let states = RequestState::ALL.iter().filter(|(state, ..)| wanted.states.contains(state));
    select = match wanted.states.as_slice() {
        [] => select,
        [only] => select.and("q.state = {}", only.number()),
        // There are five places: the states that are wanted are repeated until all are taken.
        _ => select.and_each(
            "q.state IN ({}, {}, {}, {}, {})",
            states
                .map(|(_, number, _)| (*number).into())
                .collect::<Vec<_>>()
                .into_iter()
                .cycle()
                .take(5),
        ),
    };
    let order = match by {
        Some(("created", false)) => "q.created_at, q.id",
        Some(("state", false)) => "q.state, q.created_at, q.id",
        Some(("state", true)) => "q.state DESC, q.created_at DESC, q.id DESC",
        _ => "q.created_at DESC, q.id DESC",
    };
    select.order(order).limit(paging.size).offset(paging.start)
}

/// The requests that are seen, without any other condition. When nothing else is asked about them
/// than in which order they came, indexes alone tell which these are.
fn seen_by(sight: &Sight<SeenRequests>, is_plain: bool) -> Select<'static> {
    let all = Select::new("SELECT q.id FROM permission_request AS q")
        .counted_by("SELECT count(*) FROM permission_request AS q");
    let Sight::Of(SeenRequests { requester, customers }) = sight else { return all };
    if customers.is_empty() {
        return all.and("q.requester_id = {}", *requester);
    }
    let customers: Vec<Uuid> = customers.iter().map(|customer| customer.uuid()).collect();
    // SQLite merges the halves in their order only if what they are ordered by is shown.
    let (head, (postgres, sqlite)) = if is_plain {
        ("SELECT q.id, q.created_at FROM", own_and_led!("id, created_at"))
    } else {
        let source = own_and_led!(
            "id, created_at, state, customer_id, invitation_id, requester_id, scope_id, scope_kind"
        );
        ("SELECT q.id, q.created_at, q.state FROM", source)
    };
    let values = [(*requester).into(), customers.into(), (*requester).into()];
    Select::new(head).counted_by("SELECT count(*) FROM").from_dialects(postgres, sqlite, values)
}

/// Keeps a new request.
pub async fn insert(conn: &mut Conn, request: &Request) -> Result<(), DbError> {
    let review = request.review.as_ref();
    conn.run(
        &INSERT_REQUEST,
        params![
            request.id,
            request.invitation_id,
            request.scope.kind().name(),
            request.scope.uuid(),
            request.customer_id,
            request.role_id,
            request.state.number(),
            request.requester.id,
            &request.requester.name,
            &request.requester.username,
            &request.requester_email,
            &request.project_name,
            &request.project_description,
            review.map(|review| review.reviewer.id),
            review.map(|review| review.reviewer.name.as_str()),
            review.map(|review| review.reviewer.username.as_str()),
            review.map(|review| review.at),
            review.and_then(|review| review.comment.as_deref()),
            request.created_at,
            request.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Keeps how far a request has come.
pub fn update(request: &Request, writes: &mut Batch) {
    let review = request.review.as_ref();
    let row = own_params![
        request.id,
        request.state.number(),
        review.map(|review| review.reviewer.id),
        review.map(|review| review.reviewer.name.clone()),
        review.map(|review| review.reviewer.username.clone()),
        review.map(|review| review.at),
        review.and_then(|review| review.comment.clone()),
        request.updated_at
    ];
    writes.push(&UPDATE_REQUEST, row);
}

/// The requests that nobody has decided on ask for what their invitation now offers.
pub async fn follow(conn: &mut Conn, invitation: &Invitation) -> Result<(), DbError> {
    let Invitation { id, customer_id, details, .. } = invitation;
    let (kind, scope) = (details.scope.kind().name(), details.scope.uuid());
    conn.run(&MOVE_REQUESTS, params![*id, kind, scope, *customer_id, details.role_id]).await?;
    Ok(())
}

/// Removes a request.
pub async fn delete(conn: &mut Conn, id: PermissionRequestId) -> Result<(), DbError> {
    conn.run(&DELETE_REQUEST, params![id]).await?;
    Ok(())
}

/// Removes the requests for an invitation, and gives them back, the oldest first.
pub async fn delete_for(conn: &mut Conn, id: InvitationId) -> Result<Vec<Request>, DbError> {
    let requests = conn.all(&LOCK_REQUESTS_FOR, params![id]).await?;
    conn.run(&DELETE_REQUESTS_FOR, params![id]).await?;
    Ok(requests)
}
