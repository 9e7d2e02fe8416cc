//! To-dos, which this surface calls user actions (`waldur.md` §4).

use docket_domain::id::UserId;
use docket_domain::time::Instant;
use docket_domain::todo::execution::Outcome;
use docket_domain::todo::silence::{Length, NotALength};
use docket_domain::todo::{
    CorrectiveAction as Corrective, Tally, Todo, TodoFilter, TodoSort, Urgency,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

use super::body::{Body, Given};
use super::problem::{Mistakes, words};
use super::query::Filters;
use super::scalar::{Hex, Moment};
use crate::document::Document;

/// A day in seconds.
const DAY_SECONDS: f64 = 86_400.0;
/// The most characters of a label that anybody looks for.
const LONGEST_LABEL: usize = 1_000;
/// What to-dos can be sorted by.
const ORDERS: &[&str] = &["urgency", "due_date", "created", "modified", "action_type"];

/// A to-do, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::UserAction)]
pub struct UserAction<'a> {
    uuid: Hex,
    action_type: &'a str,
    title: &'a str,
    description: &'a str,
    urgency: &'static str,
    due_date: Option<Moment>,
    is_silenced: bool,
    silenced_until: Option<Moment>,
    is_temporarily_silenced: bool,
    is_effectively_silenced: bool,
    created: Moment,
    modified: Moment,
    related_object_name: &'a str,
    related_object_type: &'a str,
    corrective_actions: Vec<CorrectiveAction<'a>>,
    days_until_due: Option<i64>,
    route_name: &'a str,
    #[schema(value_type = Object)]
    route_params: Document,
    project_name: &'a str,
    project_uuid: Option<Uuid>,
    organization_name: &'a str,
    organization_uuid: Option<Uuid>,
    offering_name: &'a str,
    offering_uuid: Option<Uuid>,
    offering_type: &'a str,
    resource_name: &'a str,
    resource_uuid: Option<Uuid>,
    order_type: &'a str,
}

/// Something that can be done about a to-do, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::CorrectiveAction)]
pub struct CorrectiveAction<'a> {
    label: &'a str,
    category: &'static str,
    severity: &'static str,
    method: &'a str,
    api_endpoint: bool,
    confirmation_required: bool,
    permissions_required: &'a [String],
    #[schema(value_type = Object)]
    metadata: Document,
    route_name: Option<&'a str>,
    #[schema(value_type = Object)]
    route_params: Document,
}

/// How many to-dos there are.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::UserActionSummary)]
pub struct Summary<'a> {
    total: i64,
    by_urgency: ByUrgency,
    by_type: BTreeMap<&'a str, i64>,
    overdue: i64,
}

/// How many of each urgency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::ByUrgency)]
pub struct ByUrgency {
    low: i64,
    medium: i64,
    high: i64,
}

/// What became of a silence.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::SilenceStatus)]
pub struct Silenced {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    duration_days: Option<i64>,
}

/// A word about what became of something.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::Status)]
pub struct Status {
    status: &'static str,
}

/// That to-dos will be looked at anew.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::UpdateScheduled)]
pub struct Scheduled {
    status: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    provider_action_type: Option<Value>,
}

/// What came of doing something. What is not there is left out: clients stumble over `null`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::ExecutionResult)]
pub struct Executed<'a> {
    action: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    metadata: Option<Document>,
}

impl<'a> UserAction<'a> {
    /// A to-do as it is at `now`.
    #[must_use]
    pub fn new(todo: &'a Todo, now: Instant) -> Self {
        let (matter, silence) = (&todo.matter, todo.silence);
        let around = &matter.surroundings;
        let name = Some(matter.object_name.as_str()).filter(|name| !name.is_empty());
        Self {
            uuid: Hex(todo.id.uuid()),
            action_type: &todo.action_type,
            title: &matter.title,
            description: &matter.description,
            urgency: matter.urgency.name(),
            due_date: matter.due_at.map(Moment),
            is_silenced: silence.forever,
            silenced_until: silence.until.map(Moment),
            is_temporarily_silenced: silence.is_temporary(now),
            is_effectively_silenced: silence.is_in_force(now),
            created: Moment(todo.created_at),
            modified: Moment(todo.updated_at),
            related_object_name: name.unwrap_or(&todo.object_id),
            related_object_type: &matter.object_type,
            corrective_actions: matter.corrective_actions.iter().map(Into::into).collect(),
            days_until_due: todo.days_until_due(now),
            route_name: &matter.route_name,
            route_params: (&matter.route_params).into(),
            project_name: &around.project.name,
            project_uuid: around.project.id,
            organization_name: &around.organization.name,
            organization_uuid: around.organization.id,
            offering_name: &around.offering.name,
            offering_uuid: around.offering.id,
            offering_type: &around.offering_type,
            resource_name: &around.resource.name,
            resource_uuid: around.resource.id,
            order_type: &around.order_type,
        }
    }
}

impl<'a> From<&'a Corrective> for CorrectiveAction<'a> {
    fn from(action: &'a Corrective) -> Self {
        Self {
            label: &action.label,
            category: action.category.name(),
            severity: action.severity.name(),
            method: &action.method,
            api_endpoint: action.api_endpoint,
            confirmation_required: action.confirmation_required,
            permissions_required: &action.permissions_required,
            metadata: (&action.metadata).into(),
            route_name: action.route_name.as_deref(),
            route_params: (&action.route_params).into(),
        }
    }
}

impl<'a> From<&'a Tally> for Summary<'a> {
    fn from(tally: &'a Tally) -> Self {
        Self {
            total: tally.total,
            by_urgency: ByUrgency {
                low: tally.of(Urgency::Low),
                medium: tally.of(Urgency::Medium),
                high: tally.of(Urgency::High),
            },
            by_type: tally.by_type.iter().map(|(kind, count)| (kind.as_str(), *count)).collect(),
            overdue: tally.overdue,
        }
    }
}

impl<'a> From<&'a Outcome> for Executed<'a> {
    fn from(outcome: &'a Outcome) -> Self {
        Self {
            action: &outcome.action,
            message: outcome.message.as_deref(),
            redirect_url: outcome.redirect_url.as_deref(),
            metadata: outcome.metadata.as_ref().map(Into::into),
        }
    }
}

impl Silenced {
    /// One to-do was silenced.
    #[must_use]
    pub const fn one(length: Length) -> Self {
        Self { status: "silenced", count: None, duration_days: length.days() }
    }

    /// So many were.
    #[must_use]
    pub const fn many(count: usize, length: Length) -> Self {
        Self { status: "bulk_silenced", count: Some(count), duration_days: length.days() }
    }
}

impl Status {
    /// A to-do is in sight again.
    pub const UNSILENCED: Self = Self { status: "unsilenced" };
}

impl Scheduled {
    /// To-dos will be looked at anew.
    #[must_use]
    pub fn update(of: Option<&str>, action_type: Option<&str>) -> Self {
        let message = match of {
            None => "User actions update has been scheduled".to_owned(),
            Some(name) => format!("User actions update for {name} has been scheduled"),
        };
        let provider_action_type = Some(action_type.map_or(Value::Null, Value::from));
        Self { status: "scheduled", message, provider_action_type }
    }

    /// Somebody will be written to.
    #[must_use]
    pub fn notification(name: &str) -> Self {
        let message = format!("Notification for {name} has been scheduled");
        Self { status: "scheduled", message, provider_action_type: None }
    }
}

/// What a list of to-dos is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The user who is named.
    pub user: Option<UserId>,
    /// Which to-dos.
    pub filter: TodoFilter,
    /// In which order; empty means the usual one.
    pub order: Vec<(TodoSort, bool)>,
}

/// Reads the filters of a list of to-dos.
pub fn read_asking(mut filters: Filters<'_>, now: Instant) -> Result<Asking, Mistakes> {
    let within = filters.number("due_within_days");
    let filter = TodoFilter {
        action_type: filters.text("action_type").map(str::to_owned),
        urgency: filters.choice("urgency", Urgency::from_name),
        // Nothing but this very word counts.
        includes_silenced: filters.text("include_silenced") == Some("true"),
        silenced: filters.boolean("is_silenced"),
        overdue: filters.boolean("overdue"),
        due_until: within.map(|days| after_days(now, days)),
        created_from: filters.instant("created_after"),
        created_until: filters.instant("created_before"),
    };
    let user = filters.uuid("user_uuid").map(UserId::from_uuid);
    let order = filters.lenient_order(ORDERS);
    let order = order
        .iter()
        .filter_map(|step| TodoSort::from_name(step.field).map(|sort| (sort, step.descending)));
    let order = order.collect();
    filters.finish()?;
    Ok(Asking { user, filter, order })
}

/// So many days later; the far ends of time hold it.
fn after_days(now: Instant, days: f64) -> Instant {
    let span = jiff::SignedDuration::try_from_secs_f64(days * DAY_SECONDS).ok();
    let millis = span.and_then(|span| i64::try_from(span.as_millis()).ok());
    now.plus_millis(millis.unwrap_or(if days > 0.0 { i64::MAX } else { i64::MIN }))
}

/// Reads how long something is to be silent.
pub fn read_silence(value: &Value) -> Result<Length, Mistakes> {
    const DAYS: &str = "duration_days";
    let mut body = Body::new(value);
    let days = match body.integer(DAYS, i64::MIN, i64::MAX) {
        Given::Absent => None,
        Given::Null => {
            body.complain(DAYS, words::NULL);
            None
        }
        Given::Value(days) => Some(days),
    };
    let length = Length::of_days(days).unwrap_or_else(|NotALength| {
        body.complain(DAYS, "Duration must be between 1 and 365 days.");
        Length::Forever
    });
    body.finish().map(|()| length)
}

/// Reads what is to be done.
pub fn read_label(value: &Value) -> Result<String, Mistakes> {
    const LABEL: &str = "action_label";
    let mut body = Body::new(value);
    body.require(&[LABEL]);
    let label = body.text(LABEL, LONGEST_LABEL).unwrap_or_default();
    body.finish().map(|()| label)
}

/// Reads whose provider is to be asked, whatever is said: nobody is told that it makes no sense.
#[must_use]
pub fn read_action_type(value: &Value) -> Option<String> {
    value.get("provider_action_type").and_then(Value::as_str).map(str::to_owned)
}

/// The same where it must make sense.
pub fn read_strict_action_type(value: &Value) -> Result<Option<String>, Mistakes> {
    let mut body = Body::new(value);
    let given = body.nullable_text("provider_action_type", LONGEST_LABEL);
    body.finish().map(|()| given.or_keep(None).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Instant = Instant::from_millis(1_767_603_600_000);

    fn read(pairs: &[(&str, &str)]) -> Result<Asking, Mistakes> {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        read_asking(Filters::new(&pairs), NOW)
    }

    #[test]
    fn only_the_word_true_brings_silenced_ones_back() {
        for (text, includes) in [("true", true), ("True", false), ("1", false), ("", false)] {
            let asking = read(&[("include_silenced", text)]).unwrap();
            assert_eq!(asking.filter.includes_silenced, includes, "{text}");
        }
    }

    #[test]
    fn days_may_be_fractions_and_beyond_all_time() {
        let until = |days| read(&[("due_within_days", days)]).unwrap().filter.due_until.unwrap();
        assert_eq!(until("7.0"), NOW.plus_millis(7 * 86_400_000));
        assert_eq!(until("0.5"), NOW.plus_millis(43_200_000));
        assert_eq!(until("-1"), NOW.plus_millis(-86_400_000));
        assert_eq!(until("1e300"), Instant::from_millis(i64::MAX));
        assert_eq!(until("-1e300").millis(), NOW.millis() + i64::MIN);
        assert!(read(&[("due_within_days", "soon"), ("urgency", "foo")]).is_err());
    }

    #[test]
    fn an_order_passes_over_what_it_does_not_know() {
        let order = read(&[("o", "bogus,-urgency,due_date")]).unwrap().order;
        assert_eq!(order, [(TodoSort::Urgency, true), (TodoSort::DueDate, false)]);
        assert_eq!(read(&[("o", "bogus")]).unwrap().order, []);
    }

    #[test]
    fn a_silence_is_read_as_the_framework_reads_it() {
        let told = |value: Value| {
            read_silence(&value).map_err(|wrong| serde_json::to_value(wrong).unwrap())
        };
        assert_eq!(told(json!({})), Ok(Length::Forever));
        for seven in [json!(7), json!("7"), json!(7.0)] {
            assert_eq!(told(json!({ "duration_days": seven })), Ok(Length::Days(7)));
        }
        let wrong = |message: &str| Err(json!({ "duration_days": [message] }));
        for outside in [0, 366, -1] {
            let message = "Duration must be between 1 and 365 days.";
            assert_eq!(told(json!({ "duration_days": outside })), wrong(message));
        }
        assert_eq!(told(json!({"duration_days": null})), wrong("This field may not be null."));
        for junk in [json!(1.5), json!(true), json!("abc")] {
            assert_eq!(
                told(json!({ "duration_days": junk })),
                wrong("A valid integer is required.")
            );
        }
    }

    #[test]
    fn a_label_must_be_there_and_say_something() {
        let told = |value: Value| serde_json::to_value(read_label(&value).unwrap_err()).unwrap();
        assert_eq!(told(json!({})), json!({"action_label": ["This field is required."]}));
        assert_eq!(
            told(json!({"action_label": null})),
            json!({"action_label": ["This field may not be null."]})
        );
        assert_eq!(
            told(json!({"action_label": ""})),
            json!({"action_label": ["This field may not be blank."]})
        );
    }
}
