//! Teams (`waldur.md` §10.4).

use docket_domain::directory::grant::{TeamMember, TeamSearch};
use docket_domain::id::UserId;
use docket_domain::time::Expiry;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::body::{Body, Given};
use super::origin::object;
use super::problem::Mistakes;
use super::query::Filters;
use super::scalar::{Hex, Moment, uuid};
use super::user;

/// The fields by which teams can be sorted.
pub const ORDER: &[&str] =
    &["created", "email", "expiration_time", "full_name", "native_name", "role", "username"];

/// A member of a team, as answered. Who gave the role is left out when that is not known: `null`
/// there breaks clients.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::UserRole)]
pub struct Member {
    uuid: Hex,
    created: Moment,
    expiration_time: Option<Moment>,
    role_name: String,
    role_uuid: Hex,
    user_uuid: Hex,
    user_username: String,
    user_full_name: String,
    user_email: String,
    user_image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by_full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by_uuid: Option<Hex>,
    source: Option<String>,
}

impl From<&TeamMember> for Member {
    fn from(member: &TeamMember) -> Self {
        let TeamMember { grant, role_name, person } = member;
        let details = &person.user.details;
        Self {
            uuid: Hex(grant.id.uuid()),
            created: Moment(grant.created_at),
            expiration_time: Moment::of(grant.expiry),
            role_name: role_name.clone(),
            role_uuid: Hex(grant.role_id.uuid()),
            user_uuid: Hex(person.user.id.uuid()),
            user_username: person.username().to_owned(),
            user_full_name: person.full_name(),
            user_email: details.email.clone().unwrap_or_default(),
            user_image: details.profile.image_url.clone(),
            created_by_full_name: grant.granted_by_name.clone(),
            created_by_uuid: grant.granted_by.map(|id| Hex(id.uuid())),
            source: None,
        }
    }
}

/// How a request names a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleName {
    /// By its id.
    Id(Uuid),
    /// By its name.
    Name(String),
}

impl RoleName {
    fn of(text: &str) -> Self {
        uuid(text).map_or_else(|| Self::Name(text.to_owned()), Self::Id)
    }
}

/// A role that a request gives, moves or takes back.
#[derive(Debug, Clone)]
pub struct MemberSaid {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub role: RoleName,
    /// Until when.
    pub expiry: Expiry,
}

impl MemberSaid {
    /// Reads a body.
    pub fn read(value: &Value) -> Result<Self, Mistakes> {
        let mut body = Body::new(value);
        body.require(&["role", "user"]);
        let role = body.text("role", 255);
        let user = body.uuid("user");
        let expiry = match body.instant("expiration_time") {
            Given::Value(end) => Expiry::At(end),
            Given::Absent | Given::Null => Expiry::Never,
        };
        body.finish()?;
        let role = RoleName::of(&role.unwrap_or_default());
        Ok(Self { user: UserId::from_uuid(user.unwrap_or_default()), role, expiry })
    }
}

/// Until when a role is given.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::UserRoleExpirationTime)]
pub struct Until {
    expiration_time: Option<Moment>,
}

impl From<Expiry> for Until {
    fn from(expiry: Expiry) -> Self {
        Self { expiration_time: Moment::of(expiry) }
    }
}

/// Which members a list is after, and the roles that it names.
pub fn search(filters: &mut Filters<'_>) -> (TeamSearch, Vec<RoleName>) {
    let roles = filters.texts("role").map(RoleName::of).collect();
    let by_id = filters.uuid("user");
    // An address that names no user names nobody.
    let by_url = filters.text("user_url").map(|address| match object(address) {
        Some((user::COLLECTION, id)) => id,
        _ => Uuid::nil(),
    });
    let text = |name| filters.text(name).map(str::to_owned);
    let search = TeamSearch {
        user: by_id.or(by_url).map(UserId::from_uuid),
        roles: Vec::new(),
        text: text("search_string"),
        full_name: text("full_name"),
        native_name: text("native_name"),
        username: text("username"),
    };
    (search, roles)
}
