//! What follows from an approval: a project, if one is needed, and a role (`waldur.md` §8.5).

use docket_domain::directory::Customer;
use docket_domain::directory::project::{Project, ProjectDetails};
use docket_domain::directory::scope::Scope;
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{CustomerId, GrantId, ProjectId};
use docket_domain::permission::template::{Namesake, project_name};
use docket_domain::permission::{Invitation, Named, Request};
use docket_domain::time::{Expiry, Instant};
use docket_store::{Conn, customer, project};

use super::refused::RequestRefusal;
use crate::commit::Change;
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::snapshot::{self, Outcome};
use crate::{grants, viewers};

/// The ids of what may have to be made; a unit of work may run twice, so they come from outside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids {
    project: ProjectId,
    grant: GrantId,
}

/// The project that a role is given on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeProject {
    /// Which.
    pub id: ProjectId,
    /// Whether it was made for this.
    pub created: bool,
}

/// What followed.
#[derive(Debug, Default)]
pub(super) struct Enacted {
    /// The project, when one was needed.
    pub(super) project: Option<MadeProject>,
    /// What is told of it with the request.
    pub(super) outcome: Outcome,
    /// What is told of it besides.
    pub(super) changes: Vec<Change>,
}

impl Ids {
    pub(crate) fn new(ctx: &Context, now: Instant) -> Self {
        Self { project: ctx.id(now, ProjectId::from_uuid), grant: ctx.id(now, GrantId::from_uuid) }
    }
}

/// A customer that stays as it is until the unit of work ends.
#[derive(Debug)]
pub(super) struct Held {
    customer: Customer,
    /// Whether others who hold it wait.
    alone: bool,
}

impl Held {
    /// Holds the customer before anything else is held, as everybody does who gives roles in it,
    /// against deadlocks. Two approvals that may need a project of one name wait for each other here.
    pub(super) async fn take(conn: &mut Conn, id: CustomerId, alone: bool) -> Result<Self, Error> {
        let customer = if alone {
            customer::find_locked(conn, id).await?
        } else {
            customer::share(conn, id).await?
        };
        let customer = customer.ok_or(Error::not_found(Noun::Customer))?;
        Ok(Self { customer, alone })
    }

    /// Whether this is enough for what the invitation offers, which may have changed before it was
    /// held itself.
    fn is_enough_for(&self, offer: &Invitation) -> bool {
        self.customer.id == offer.customer_id && (self.alone || !offer.details.creates_project)
    }
}

/// Gives the requester what the invitation offers, in the name of `reviewer`, on the customer that is
/// held already. Whoever has it already is given nothing, and told nothing.
#[expect(clippy::too_many_arguments, reason = "an approval is about all of these")]
pub(super) async fn enact(
    conn: &mut Conn,
    ctx: &Context,
    now: Instant,
    ids: Ids,
    offer: &Invitation,
    held: Option<Held>,
    request: &Request,
    reviewer: &Named,
) -> Result<Enacted, Error> {
    let mut enacted = Enacted::default();
    let held = match held.filter(|held| held.is_enough_for(offer)) {
        Some(held) => held,
        None => Held::take(conn, offer.customer_id, offer.details.creates_project).await?,
    };
    let (scope, role_id) = if offer.details.creates_project {
        let project = find_or_make(conn, now, ids.project, offer, request).await?;
        let (id, name) = (project.id, project.details.name.clone());
        let created = id == ids.project;
        if created {
            enacted.changes.push(creation(&project));
        }
        enacted.project = Some(MadeProject { id, created });
        enacted.outcome.project = Some((id, name, created));
        (Scope::Project(id), offer.details.role_on_project())
    } else {
        (offer.details.scope, offer.details.role_id)
    };
    let holds = viewers::viewer(conn, request.requester.id, now).await?;
    if holds.holds(role_id, scope) {
        return Ok(enacted);
    }
    let given = grants::grant(
        conn,
        &ctx.settings.access,
        now,
        grants::Giving {
            id: ids.grant,
            by: Some(reviewer.clone()),
            user: request.requester.id,
            role: role_id,
            scope,
            expiry: Expiry::Never,
            held: Some(held.customer),
        },
    );
    let given = given.await.map_err(as_request_refusal)?;
    enacted.outcome.granted = Some(given.granted);
    enacted.changes.extend(given.changes);
    Ok(enacted)
}

/// The project that the request is for: the one of that name, if the customer has it, else a new one.
async fn find_or_make(
    conn: &mut Conn,
    now: Instant,
    id: ProjectId,
    offer: &Invitation,
    request: &Request,
) -> Result<Project, Error> {
    let namesake = Namesake {
        username: &request.requester.username,
        email: &request.requester_email,
        full_name: &request.requester.name,
    };
    let template = offer.details.project_name_template.as_deref();
    let name = project_name(&request.project_name, template, namesake);
    if let Some(found) = project::find_named(conn, offer.customer_id, &name).await? {
        return Ok(found);
    }
    let description = request.project_description.clone();
    let project = Project {
        id,
        customer_id: offer.customer_id,
        details: ProjectDetails { name, description, ..ProjectDetails::default() },
        removed_at: None,
        created_at: now,
        updated_at: now,
    };
    project::insert(conn, &project).await?;
    Ok(project)
}

fn creation(project: &Project) -> Change {
    Change {
        happening: Happening::Created(Noun::Project),
        subject: project.id.uuid(),
        tenant: None,
        before: None,
        after: Some(snapshot::project(project)),
        event: None,
        event_id: None,
    }
}

/// A role that cannot be given is told as this surface's requests are.
fn as_request_refusal(error: Error) -> Error {
    match error {
        Error::Refused(Refusal::Grant(why)) => RequestRefusal::Grant(why).into(),
        Error::Refused(Refusal::NotFound(Noun::User)) => RequestRefusal::RequesterGone.into(),
        other => other,
    }
}
