//! Roles given, moved and taken back (`waldur.md` §2.4): what happens inside other use cases' units
//! of work. Who may do it is asked before.

use docket_domain::directory::affiliation::Person;
use docket_domain::directory::grant::{self as rules, Grant, NamedGrant};
use docket_domain::directory::role::PROJECT_MANAGER;
use docket_domain::directory::scope::{Place, Scope};
use docket_domain::directory::{Customer, Project, User};
use docket_domain::event::{Happening, Noun};
use docket_domain::id::{GrantId, RoleId, UserId};
use docket_domain::permission::Named;
use docket_domain::time::{Expiry, Instant};
use docket_store::{Batch, Conn, affiliation, customer, grant, project, role, user};

use crate::commit::Change;
use crate::error::{Error, Refusal};
use crate::settings::Access;
use crate::snapshot::{self, Granted};

/// A role that is to be given.
#[derive(Debug, Clone)]
pub(crate) struct Giving {
    /// The id of the grant, made outside the unit of work.
    pub(crate) id: GrantId,
    /// Who gives it.
    pub(crate) by: Option<Named>,
    /// To whom.
    pub(crate) user: UserId,
    /// Which.
    pub(crate) role: RoleId,
    /// Where.
    pub(crate) scope: Scope,
    /// Until when.
    pub(crate) expiry: Expiry,
    /// The customer, when the unit of work holds it already.
    pub(crate) held: Option<Customer>,
}

/// A role that was given.
#[derive(Debug)]
pub(crate) struct Given {
    /// What was given where, with names.
    pub(crate) granted: Granted,
    /// What is told of it: `grant.created`, perhaps behind the end of an earlier one.
    pub(crate) changes: Vec<Change>,
}

/// A scope with what counts when roles are given there.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    /// The customer that the scope is, or belongs to.
    pub(crate) customer: Customer,
    /// The project that the scope is.
    pub(crate) project: Option<Project>,
}

impl Terms {
    /// What counts on a scope, when it is there. It stays so until the unit of work ends.
    /// The customer is not read again when it is held already.
    pub(crate) async fn share(
        conn: &mut Conn,
        scope: Scope,
        held: Option<Customer>,
    ) -> Result<Option<Self>, Error> {
        let (customer, project) = match scope {
            Scope::Customer(id) => (id, None),
            Scope::Project(id) => match project::share(conn, id).await? {
                Some(project) => (project.customer_id, Some(project)),
                None => return Ok(None),
            },
        };
        let customer = match held.filter(|held| held.id == customer) {
            Some(held) => Some(held),
            None => customer::share(conn, customer).await?,
        };
        Ok(customer.map(|customer| Self { customer, project }))
    }

    /// The same, only looked at.
    pub(crate) async fn find(conn: &mut Conn, scope: Scope) -> Result<Option<Self>, Error> {
        let (customer, project) = match scope {
            Scope::Customer(id) => (id, None),
            Scope::Project(id) => match project::find(conn, id).await? {
                Some(project) => (project.customer_id, Some(project)),
                None => return Ok(None),
            },
        };
        let customer = customer::find(conn, customer).await?;
        Ok(customer.map(|customer| Self { customer, project }))
    }

    /// Where the scope stands.
    pub(crate) fn place(&self) -> Place {
        self.project.as_ref().map_or(Place::customer(self.customer.id), Project::place)
    }

    /// What the scope is called.
    pub(crate) fn name(&self) -> &str {
        match &self.project {
            Some(project) => &project.details.name,
            None => &self.customer.details.name,
        }
    }
}

/// Gives a role, if nothing of §2.4 is against it. The unit of work then holds the user's row, so
/// that of two who give the same role one is told that it is held.
pub(crate) async fn grant(
    conn: &mut Conn,
    access: &Access,
    now: Instant,
    giving: Giving,
) -> Result<Given, Error> {
    let Giving { id, by, user, role, scope, expiry, held } = giving;
    if let Scope::Project(project) = scope
        && access.only_one_project_manager
    {
        // Two who give the role to two users wait for each other here.
        project::find_locked(conn, project).await?;
    }
    let terms = Terms::share(conn, scope, held).await?.ok_or(Error::not_found(noun(scope)))?;
    let user = user::find_locked(conn, user).await?.ok_or(Error::not_found(Noun::User))?;
    let affiliation = affiliation::find(conn, user.id).await?;
    let person = Person { user, affiliation };
    let role = role::share(conn, role).await?.ok_or(Error::not_found(Noun::Role))?;
    let former = grant::find_locked(conn, person.user.id, scope, role.id).await?;
    let is_held = former.as_ref().is_some_and(|former| !former.grant.expiry.is_past(now));
    let is_limited = access.only_one_project_manager && role.details.name == PROJECT_MANAGER;
    let manager_exists = match &terms.project {
        Some(_) if is_limited => grant::is_held_on(conn, scope, role.id, now).await?,
        _ => false,
    };
    rules::Giving {
        applicant: &person.applicant(),
        role: &role,
        scope,
        held: is_held,
        manager_exists,
        customer: &terms.customer.details.restriction,
        project: terms.project.as_ref().map(|project| &project.details.restriction),
    }
    .check()
    .map_err(Refusal::Grant)?;
    let mut changes = Vec::new();
    if let Some(former) = former {
        // It is over, and nobody was told of that yet.
        grant::delete(conn, &[former.grant.id]).await?;
        changes.push(change(Happening::Expired(Noun::Grant), &person.user, Some(&former), None));
    }
    let given = NamedGrant {
        grant: Grant {
            id,
            user_id: person.user.id,
            role_id: role.id,
            scope,
            customer_id: terms.customer.id,
            expiry,
            granted_by: by.as_ref().map(|by| by.id),
            granted_by_name: by.map(|by| by.name),
            created_at: now,
        },
        role_name: role.details.name,
        scope_name: terms.name().to_owned(),
        customer_name: terms.customer.details.name.clone(),
    };
    let mut writes = Batch::default();
    grant::insert(&given.grant, &mut writes);
    conn.at_end(writes).await?;
    changes.push(change(Happening::Created(Noun::Grant), &person.user, None, Some(&given)));
    let NamedGrant { role_name, scope_name, .. } = given;
    Ok(Given { granted: Granted { role_id: role.id, role_name, scope, scope_name }, changes })
}

/// What there is where a scope should be.
pub(crate) const fn noun(scope: Scope) -> Noun {
    match scope {
        Scope::Customer(_) => Noun::Customer,
        Scope::Project(_) => Noun::Project,
    }
}

/// What is told of grants that go all at once; those that were over already have ended before.
pub(crate) async fn take_back(
    conn: &mut Conn,
    now: Instant,
    grants: &[NamedGrant],
) -> Result<Vec<Change>, Error> {
    let ids: Vec<GrantId> = grants.iter().map(|named| named.grant.id).collect();
    grant::delete(conn, &ids).await?;
    let mut holders: Vec<UserId> = grants.iter().map(|named| named.grant.user_id).collect();
    holders.sort_unstable();
    holders.dedup();
    let holders = user::find_all(conn, &holders).await?;
    let changes = grants.iter().filter_map(|named| {
        let holder = holders.iter().find(|user| user.id == named.grant.user_id)?;
        let happening = if named.grant.expiry.is_past(now) {
            Happening::Expired(Noun::Grant)
        } else {
            Happening::Revoked(Noun::Grant)
        };
        Some(change(happening, holder, Some(named), None))
    });
    Ok(changes.collect())
}

/// One change of a grant, with the names of all that it ties.
pub(crate) fn change(
    happening: Happening,
    holder: &User,
    before: Option<&NamedGrant>,
    after: Option<&NamedGrant>,
) -> Change {
    let named = Named::from(holder);
    let subject = after.or(before).map(|named| named.grant.id.uuid());
    Change {
        happening,
        subject: subject.unwrap_or_default(),
        tenant: Some(holder.tenant_id),
        before: before.map(|before| snapshot::grant(before, &named)),
        after: after.map(|after| snapshot::grant(after, &named)),
        event: None,
        event_id: None,
    }
}
