//! What is shown on somebody's first page: to-dos, and counts of what wants a look (`waldur.md` §7.1).

use std::borrow::Cow;

use docket_domain::json::Json;
use docket_domain::todo::{Todo, Urgency};
use serde::Serialize;

use super::scalar::{Hex, Moment};
use super::todo::CorrectiveAction;
use crate::document::Document;

/// A to-do, or how many of something there are.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::PendingAction)]
pub struct PendingAction<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    title: Cow<'a, str>,
    description: &'a str,
    variant: Variant,
    deadline: Option<Moment>,
    count: Option<i64>,
    target_uuid: Option<Hex>,
    customer_uuid: Option<Hex>,
    uuid: Option<Hex>,
    urgency: Option<&'static str>,
    route_name: Option<&'a str>,
    #[schema(value_type = Object)]
    route_params: Document,
    can_silence: bool,
    actions: Vec<CorrectiveAction<'a>>,
}

/// How bad it is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = waldur::PendingActionVariant)]
enum Variant {
    Error,
    Warning,
    Info,
}

impl<'a> From<&'a Todo> for PendingAction<'a> {
    fn from(todo: &'a Todo) -> Self {
        let matter = &todo.matter;
        let around = &matter.surroundings;
        let target = around.resource.id.or(around.offering.id);
        Self {
            kind: &todo.action_type,
            title: Cow::Borrowed(&matter.title),
            description: &matter.description,
            variant: match matter.urgency {
                Urgency::High => Variant::Error,
                Urgency::Medium => Variant::Warning,
                Urgency::Low => Variant::Info,
            },
            deadline: matter.due_at.map(Moment),
            count: None,
            target_uuid: target.map(Hex),
            customer_uuid: around.organization.id.map(Hex),
            uuid: Some(Hex(todo.id.uuid())),
            urgency: Some(matter.urgency.name()),
            route_name: Some(matter.route_name.as_str()).filter(|name| !name.is_empty()),
            route_params: (&matter.route_params).into(),
            can_silence: true,
            actions: matter.corrective_actions.iter().map(Into::into).collect(),
        }
    }
}

impl PendingAction<'_> {
    /// Orders that wait for the reader, if there are any.
    #[must_use]
    pub fn pending_orders(count: i64) -> Option<Self> {
        let title = match count {
            1 => "1 order waits for approval".to_owned(),
            _ => format!("{count} orders wait for approval"),
        };
        Self::counted("orders_pending_approval", title, Variant::Warning, count)
    }

    /// Resources that do not work, if there are any.
    #[must_use]
    pub fn erred_resources(count: i64) -> Option<Self> {
        let title = match count {
            1 => "1 resource does not work".to_owned(),
            _ => format!("{count} resources do not work"),
        };
        Self::counted("resources_erred", title, Variant::Error, count)
    }

    fn counted(kind: &'static str, title: String, variant: Variant, count: i64) -> Option<Self> {
        (count > 0).then(|| Self {
            kind,
            title: title.into(),
            description: "",
            variant,
            deadline: None,
            count: Some(count),
            target_uuid: None,
            customer_uuid: None,
            uuid: None,
            urgency: None,
            route_name: None,
            route_params: (&Json::empty_object()).into(),
            can_silence: false,
            actions: Vec::new(),
        })
    }

    /// In which order they are shown: the worst first, among those what is due, the earliest first.
    #[must_use]
    pub fn rank(&self) -> impl Ord + use<> {
        (self.variant, self.deadline.is_none(), self.deadline.map(|Moment(at)| at))
    }
}
