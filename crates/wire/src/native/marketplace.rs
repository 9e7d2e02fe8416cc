//! Orders and resources, as the marketplace tells of them (`native.md` §5).

use docket_domain::id::{ProjectId, ResourceId, parse_either};
use docket_domain::time::Instant;
use docket_domain::todo::due::parse_day;
use docket_domain::todo::{
    Offering, Order, OrderDetails, OrderKind, OrderState, Resource, ResourceDetails, ResourceState,
};
use docket_domain::violation::{Rule, Violation};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::scalar;
use crate::fields::Fields;

/// What can be ordered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OfferingItem<'a> {
    name: &'a str,
    uuid: Option<Uuid>,
    #[serde(rename = "type")]
    kind: &'a str,
}

/// The resource of an order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrderedItem<'a> {
    name: &'a str,
    uuid: Option<Uuid>,
}

/// An order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderItem<'a> {
    id: Uuid,
    state: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    project_id: Uuid,
    customer_id: Uuid,
    offering: OfferingItem<'a>,
    resource: OrderedItem<'a>,
    estimated_cost: Option<&'a str>,
    ordered_at: String,
    created_at: String,
    updated_at: String,
}

/// A resource.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceItem<'a> {
    id: Uuid,
    name: &'a str,
    state: &'static str,
    project_id: Uuid,
    customer_id: Uuid,
    offering: OfferingItem<'a>,
    prepaid: bool,
    expiration_reminders: Option<&'a [i64]>,
    end_date: Option<String>,
    termination_requested_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl<'a> From<&'a Offering> for OfferingItem<'a> {
    fn from(offering: &'a Offering) -> Self {
        Self { name: &offering.name, uuid: offering.id, kind: &offering.kind }
    }
}

impl<'a> From<&'a Order> for OrderItem<'a> {
    fn from(order: &'a Order) -> Self {
        let details = &order.details;
        Self {
            id: order.id.uuid(),
            state: details.state.name(),
            kind: details.kind.name(),
            project_id: details.project_id.uuid(),
            customer_id: order.customer_id.uuid(),
            offering: (&details.offering).into(),
            resource: OrderedItem {
                name: &details.resource_name,
                uuid: details.resource_id.map(ResourceId::uuid),
            },
            estimated_cost: details.estimated_cost.as_deref(),
            ordered_at: scalar::instant(details.ordered_at),
            created_at: scalar::instant(order.created_at),
            updated_at: scalar::instant(order.updated_at),
        }
    }
}

impl<'a> From<&'a Resource> for ResourceItem<'a> {
    fn from(resource: &'a Resource) -> Self {
        let details = &resource.details;
        Self {
            id: resource.id.uuid(),
            name: &details.name,
            state: details.state.name(),
            project_id: details.project_id.uuid(),
            customer_id: resource.customer_id.uuid(),
            offering: (&details.offering).into(),
            prepaid: details.prepaid,
            expiration_reminders: details.reminders.as_deref(),
            end_date: details.end_date.map(|day| day.to_string()),
            termination_requested_at: resource.termination_requested_at.map(scalar::instant),
            created_at: scalar::instant(resource.created_at),
            updated_at: scalar::instant(resource.updated_at),
        }
    }
}

/// Reads what the marketplace says of an order. One that does not say when it was ordered was ordered
/// now.
pub fn read_order(value: &Value, now: Instant) -> Result<OrderDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let state = needed(&mut fields, "state", |fields| fields.named("state", OrderState::from_name));
    let kind = needed(&mut fields, "type", |fields| fields.named("type", OrderKind::from_name));
    let project_id = project(&mut fields);
    let ordered_at = instant(&mut fields, "orderedAt");
    let (resource_name, resource_id) = fields
        .object("resource", |resource| (resource.trimmed("name"), id(resource)))
        .unwrap_or_default();
    let details = OrderDetails {
        state: state.unwrap_or(OrderState::PendingConsumer),
        kind: kind.unwrap_or(OrderKind::Create),
        project_id: project_id.unwrap_or_else(|| ProjectId::from_uuid(Uuid::nil())),
        offering: offering(&mut fields),
        resource_id: resource_id.map(ResourceId::from_uuid),
        resource_name,
        estimated_cost: fields.optional("estimatedCost"),
        ordered_at: ordered_at.unwrap_or(now),
    };
    fields.finish_checked(details, OrderDetails::check)
}

/// Reads what the marketplace says of a resource.
pub fn read_resource(value: &Value) -> Result<ResourceDetails, Vec<Violation>> {
    let mut fields = Fields::new(value);
    let state =
        needed(&mut fields, "state", |fields| fields.named("state", ResourceState::from_name));
    let project_id = project(&mut fields);
    let end_date = fields.optional("endDate").and_then(|text| {
        let day = parse_day(&text);
        if day.is_none() {
            fields.complain("endDate", Rule::CouldNotConvert);
        }
        day
    });
    let of_offering = fields.object("offering", |offering| {
        let reminders = whole_numbers(offering, "expirationReminders");
        (offering.has("prepaid").then(|| offering.boolean("prepaid", false)), reminders)
    });
    let (prepaid, reminders) = of_offering.unwrap_or_default();
    let own = whole_numbers(&mut fields, "expirationReminders");
    let details = ResourceDetails {
        name: fields.trimmed("name"),
        state: state.unwrap_or(ResourceState::Ok),
        project_id: project_id.unwrap_or_else(|| ProjectId::from_uuid(Uuid::nil())),
        offering: offering(&mut fields),
        prepaid: fields.boolean("prepaid", prepaid.unwrap_or(false)),
        reminders: own.or(reminders),
        end_date,
    };
    fields.finish_checked(details, ResourceDetails::check)
}

fn needed<'v, T>(
    fields: &mut Fields<'v>,
    name: &str,
    read: impl FnOnce(&mut Fields<'v>) -> Option<T>,
) -> Option<T> {
    if !fields.has(name) {
        fields.complain(name, Rule::Missing);
    }
    read(fields)
}

fn project(fields: &mut Fields<'_>) -> Option<ProjectId> {
    let read = fields.optional("projectId").map(|text| parse_either(&text).ok());
    if read.is_none() {
        fields.complain("projectId", Rule::Missing);
    } else if read == Some(None) {
        fields.complain("projectId", Rule::CouldNotConvert);
    }
    read.flatten().map(ProjectId::from_uuid)
}

fn offering(fields: &mut Fields<'_>) -> Offering {
    let read = fields.object("offering", |offering| Offering {
        name: offering.trimmed("name"),
        id: id(offering),
        kind: offering.trimmed("type"),
    });
    read.unwrap_or_default()
}

fn id(fields: &mut Fields<'_>) -> Option<Uuid> {
    let id = parse_either(&fields.optional("uuid")?).ok();
    if id.is_none() {
        fields.complain("uuid", Rule::CouldNotConvert);
    }
    id
}

fn instant(fields: &mut Fields<'_>, name: &str) -> Option<Instant> {
    let instant = scalar::parse_instant(&fields.optional(name)?);
    if instant.is_none() {
        fields.complain(name, Rule::CouldNotConvert);
    }
    instant
}

fn whole_numbers(fields: &mut Fields<'_>, name: &str) -> Option<Vec<i64>> {
    if !fields.has(name) {
        return None;
    }
    let elements = fields.elements(name);
    let numbers: Option<Vec<i64>> = elements.iter().map(Value::as_i64).collect();
    if numbers.is_none() {
        fields.complain(name, Rule::CouldNotConvert);
    }
    numbers
}
