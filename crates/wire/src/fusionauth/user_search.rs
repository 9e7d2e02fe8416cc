//! The search over users, and which users a bulk delete means (`fusionauth.md` §4.1).

use docket_domain::directory::Account;
use docket_domain::directory::user::{Criterion, SORT_FIELDS};
use docket_domain::id::UserId;
use docket_domain::page::{Order, Page, Paging};
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar;
use super::search::Criteria;
use super::user::{Expand, User};
use crate::fields::Fields;

/// `{"total": …, "users": […], …}`
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UserSearchResponse {
    expandable: [&'static str; 2],
    total: i64,
    users: Vec<User>,
}

impl UserSearchResponse {
    /// A page of users with these lists.
    #[must_use]
    pub fn new(page: &Page<Account>, expand: Expand) -> Self {
        Self {
            expandable: ["memberships", "registrations"],
            total: page.total,
            users: page.items.iter().map(|account| User::new(account, expand)).collect(),
        }
    }
}

/// What a search is after, and what of each user.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which users.
    pub criterion: Criterion,
    /// Which of them.
    pub paging: Paging,
    /// `accurateTotal`.
    pub counts_all: bool,
    /// What of each.
    pub expand: Expand,
}

/// Reads what a search is after.
pub fn asked(criteria: &Criteria) -> Result<Asked, Vec<Violation>> {
    let mut ids = Vec::new();
    for id in criteria.texts("ids") {
        ids.push(id.trim().parse().map_err(|_| complaint("ids", Rule::CouldNotConvert))?);
    }
    let criterion = match (ids.is_empty(), criteria.text("query"), criteria.text("queryString")) {
        (false, ..) => Criterion::Ids(ids),
        // A document in the language of a search engine that is not there.
        (true, Some(_), None) => return Err(complaint("query", Rule::Invalid)),
        (true, _, text) => {
            term(text.unwrap_or("*")).ok_or_else(|| complaint("queryString", Rule::Invalid))?
        }
    };
    let mut paging = criteria.paging(SORT_FIELDS)?;
    let sorted = sort_fields(criteria)?;
    if !sorted.is_empty() {
        paging.order = sorted;
    }
    let counts_all = criteria.boolean("accurateTotal")?.unwrap_or(false);
    Ok(Asked { criterion, paging, counts_all, expand: expand(criteria) })
}

fn complaint(name: &str, rule: Rule) -> Vec<Violation> {
    vec![Violation::named(format!("search.{name}"), rule)]
}

/// Everybody for `*`, else those with this one term; `None` when it is several or none.
fn term(text: &str) -> Option<Criterion> {
    let text = text.trim();
    if text == "*" {
        return Some(Criterion::Everybody);
    }
    let is_one = !text.is_empty() && !text.contains(char::is_whitespace);
    is_one.then(|| Criterion::Term(text.to_owned()))
}

/// Reads `sortFields[0].name`, `sortFields[0].order` and so on.
fn sort_fields(criteria: &Criteria) -> Result<Vec<Order>, Vec<Violation>> {
    let mut steps = Vec::new();
    for index in 0..SORT_FIELDS.len() {
        let member = |name: &str| format!("sortFields[{index}].{name}");
        let Some(name) = criteria.text(&member("name")) else { break };
        let field = SORT_FIELDS.iter().find(|field| field.eq_ignore_ascii_case(name.trim()));
        let field = field.ok_or_else(|| complaint(&member("name"), Rule::Invalid))?;
        let descending = match criteria.text(&member("order")).map(str::to_ascii_lowercase) {
            None => false,
            Some(order) if order == "asc" => false,
            Some(order) if order == "desc" => true,
            Some(_) => return Err(complaint(&member("order"), Rule::Invalid)),
        };
        steps.push(Order { field, descending });
    }
    Ok(steps)
}

/// Reads `expand`; nothing said means everything.
fn expand(criteria: &Criteria) -> Expand {
    let has = |name: &str| criteria.texts("expand").any(|wanted| wanted == name);
    if criteria.text("expand").is_none() {
        return Expand::ALL;
    }
    Expand { registrations: has("registrations"), memberships: has("memberships") }
}

/// What a bulk delete says, in its query or its body; nothing is required there yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulkRequest {
    /// `userIds`.
    pub user_ids: Vec<UserId>,
    /// Whether there is a `query`.
    pub has_query: bool,
    /// `queryString`.
    pub query_string: Option<String>,
    /// `hardDelete`.
    pub for_good: Option<bool>,
    /// `dryRun`.
    pub rehearsal: Option<bool>,
    /// `limit`.
    pub limit: Option<i64>,
}

/// How many users go at once when nobody says.
const MOST_AT_ONCE: i64 = 10_000;

impl BulkRequest {
    /// Reads the body of a bulk delete.
    pub fn from_body(body: &Value) -> Result<Self, Vec<Violation>> {
        let mut fields = Fields::new(body);
        let truth = |fields: &mut Fields<'_>, name: &str| {
            fields.has(name).then(|| fields.boolean(name, false))
        };
        let request = Self {
            user_ids: fields.parsed_list("userIds").unwrap_or_default(),
            has_query: fields.has("query"),
            query_string: fields.optional("queryString"),
            for_good: truth(&mut fields, "hardDelete"),
            rehearsal: truth(&mut fields, "dryRun"),
            limit: fields.long("limit"),
        };
        fields.finish().map(|()| request).map_err(scalar::at_the_top)
    }

    /// What this says, and what `other` says where this says nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            user_ids: if self.user_ids.is_empty() { other.user_ids } else { self.user_ids },
            has_query: self.has_query || other.has_query,
            query_string: self.query_string.or(other.query_string),
            for_good: self.for_good.or(other.for_good),
            rehearsal: self.rehearsal.or(other.rehearsal),
            limit: self.limit.or(other.limit),
        }
    }

    /// Which users are meant: ids before a `query`, that before a `queryString`.
    pub fn criterion(&self) -> Result<Criterion, Violation> {
        if !self.user_ids.is_empty() {
            return Ok(Criterion::Ids(self.user_ids.clone()));
        }
        if self.has_query {
            return Err(Violation::named("query", Rule::Invalid));
        }
        match &self.query_string {
            None => Err(Violation::named("users", Rule::Missing)),
            Some(text) => term(text).ok_or_else(|| Violation::named("queryString", Rule::Invalid)),
        }
    }

    /// How many users at most.
    pub fn most(&self) -> Result<i64, Violation> {
        match self.limit {
            None => Ok(MOST_AT_ONCE),
            Some(limit) if limit > 0 => Ok(limit.min(MOST_AT_ONCE)),
            Some(_) => Err(Violation::named("limit", Rule::Invalid)),
        }
    }
}

/// The answer to a bulk delete.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserDeleteResponse {
    dry_run: bool,
    hard_delete: bool,
    total: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    user_ids: Vec<Uuid>,
}

impl UserDeleteResponse {
    /// Says who went, or would go.
    #[must_use]
    pub fn new(ids: &[UserId], for_good: bool, rehearsal: bool) -> Self {
        Self {
            dry_run: rehearsal,
            hard_delete: for_good,
            total: ids.len(),
            user_ids: ids.iter().map(|id| id.uuid()).collect(),
        }
    }
}

/// Reads `hardDelete` in the body of a delete of one user.
pub fn for_good(body: &Value) -> Result<bool, Vec<Violation>> {
    let mut fields = Fields::new(body);
    let for_good = fields.boolean("hardDelete", false);
    fields.finish().map(|()| for_good).map_err(scalar::at_the_top)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(search: &Value) -> Result<Asked, Vec<Violation>> {
        asked(&Criteria::from_body(&json!({ "search": search })))
    }

    #[test]
    fn a_search_is_for_ids_before_a_term_before_everybody() {
        let id = "6b2fa3c0-0000-7000-8000-00000000000a";
        let by_ids = read(&json!({"ids": [id], "queryString": "x"})).unwrap();
        assert_eq!(by_ids.criterion, Criterion::Ids(vec![id.parse().unwrap()]));
        let by_term = read(&json!({"queryString": " Jane "})).unwrap();
        assert_eq!(by_term.criterion, Criterion::Term("Jane".to_owned()));
        assert_eq!(read(&json!({"queryString": "*"})).unwrap().criterion, Criterion::Everybody);
        assert_eq!(read(&json!({})).unwrap().criterion, Criterion::Everybody);
        for wrong in [json!({"queryString": "two words"}), json!({"query": "{}"})] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_order_has_steps_with_directions() {
        let search = json!({"sortFields": [{"name": "fullName", "order": "DESC"}, {"name": "id"}]});
        let order = read(&search).unwrap().paging.order;
        assert_eq!(order.len(), 2);
        assert!(order[0].descending && order[0].field == "fullName" && !order[1].descending);
        assert!(read(&json!({"sortFields": [{"name": "shoeSize"}]})).is_err());
    }

    #[test]
    fn a_bulk_delete_prefers_ids_and_needs_something() {
        let nothing = BulkRequest::default();
        assert_eq!(nothing.criterion(), Err(Violation::named("users", Rule::Missing)));
        let body = json!({"queryString": "*", "limit": 5, "dryRun": true});
        let request = BulkRequest::from_body(&body).unwrap();
        assert_eq!(request.criterion(), Ok(Criterion::Everybody));
        assert_eq!((request.most(), request.rehearsal), (Ok(5), Some(true)));
        let id: UserId = "6b2fa3c0-0000-7000-8000-00000000000a".parse().unwrap();
        let both = BulkRequest { user_ids: vec![id], ..BulkRequest::default() }.or(request);
        assert_eq!(both.criterion(), Ok(Criterion::Ids(vec![id])));
    }
}
