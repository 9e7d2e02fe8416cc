//! What users have to do, who knows of it, and what the marketplace tells.

use docket_domain::json::Json;
use docket_domain::time::Instant;
use docket_domain::todo::{
    CorrectiveAction, Offering, Order, Provider, Resource, Surroundings, Thing, Todo,
};
use serde_json::{Value, json};

use super::{data, document};

fn instant(instant: Option<Instant>) -> Value {
    instant.map_or(Value::Null, |instant| instant.millis().into())
}

fn thing(thing: &Thing) -> Value {
    if *thing == Thing::default() {
        return Value::Null;
    }
    json!({"name": thing.name, "id": thing.id.map(|id| id.to_string())})
}

/// A to-do as JSON.
pub(crate) fn todo_value(todo: &Todo) -> Value {
    let matter = &todo.matter;
    let Surroundings { project, organization, offering, offering_type, resource, order_type } =
        &matter.surroundings;
    let actions: Vec<Value> = matter.corrective_actions.iter().map(corrective_action).collect();
    json!({
        "id": todo.id.to_string(),
        "userId": todo.user_id.to_string(),
        "actionType": todo.action_type,
        "objectId": todo.object_id,
        "title": matter.title,
        "description": matter.description,
        "urgency": matter.urgency.name(),
        "dueAt": instant(matter.due_at),
        "objectName": matter.object_name,
        "objectType": matter.object_type,
        "routeName": matter.route_name,
        "routeParams": data(&matter.route_params),
        "project": thing(project),
        "organization": thing(organization),
        "offering": thing(offering),
        "offeringType": offering_type,
        "resource": thing(resource),
        "orderType": order_type,
        "correctiveActions": actions,
        "silenced": todo.silence.forever,
        "silencedUntil": instant(todo.silence.until),
        "createdAt": todo.created_at.millis(),
        "updatedAt": todo.updated_at.millis(),
    })
}

/// A to-do.
pub(crate) fn todo(todo: &Todo) -> Json {
    document(&todo_value(todo))
}

fn corrective_action(action: &CorrectiveAction) -> Value {
    json!({
        "label": action.label,
        "category": action.category.name(),
        "severity": action.severity.name(),
        "method": action.method,
        "apiEndpoint": action.api_endpoint,
        "confirmationRequired": action.confirmation_required,
        "permissionsRequired": action.permissions_required,
        "metadata": data(&action.metadata),
        "routeName": action.route_name,
        "routeParams": data(&action.route_params),
        "callbackUrl": action.callback_url,
    })
}

/// A provider; its secret is not in it.
pub(crate) fn provider(provider: &Provider) -> Json {
    let details = &provider.details;
    document(&json!({
        "id": provider.id.to_string(),
        "actionType": details.action_type,
        "displayName": details.display_name,
        "url": details.url,
        "schedule": details.schedule,
        "enabled": details.enabled,
        "timeoutSeconds": details.timeout_seconds,
    }))
}

fn offering(offering: &Offering) -> Value {
    json!({
        "name": offering.name,
        "id": offering.id.map(|id| id.to_string()),
        "type": offering.kind,
    })
}

/// An order.
pub(crate) fn order(order: &Order) -> Json {
    let details = &order.details;
    document(&json!({
        "id": order.id.to_string(),
        "state": details.state.name(),
        "type": details.kind.name(),
        "projectId": details.project_id.to_string(),
        "customerId": order.customer_id.to_string(),
        "offering": offering(&details.offering),
        "resourceId": details.resource_id.map(|id| id.to_string()),
        "resourceName": details.resource_name,
        "estimatedCost": details.estimated_cost,
        "orderedAt": details.ordered_at.millis(),
    }))
}

/// A resource.
pub(crate) fn resource(resource: &Resource) -> Json {
    let details = &resource.details;
    document(&json!({
        "id": resource.id.to_string(),
        "name": details.name,
        "state": details.state.name(),
        "projectId": details.project_id.to_string(),
        "customerId": resource.customer_id.to_string(),
        "offering": offering(&details.offering),
        "prepaid": details.prepaid,
        "expirationReminders": details.reminders,
        "endDate": details.end_date.map(|day| day.to_string()),
        "terminationRequestedAt": instant(resource.termination_requested_at),
    }))
}
