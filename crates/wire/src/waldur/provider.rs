//! Who knows what users have to do (`waldur.md` §5.2).

use docket_domain::todo::Provider as Kept;
use serde::Serialize;

use super::scalar::Moment;

/// A provider, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::UserActionProvider)]
pub struct Provider<'a> {
    id: i64,
    app_name: &'static str,
    #[serde(rename = "provider_class")]
    class: String,
    action_type: &'a str,
    is_enabled: bool,
    schedule: &'a str,
    last_execution: Option<Moment>,
    last_execution_status: &'a str,
}

impl<'a> From<&'a Kept> for Provider<'a> {
    fn from(provider: &'a Kept) -> Self {
        let details = &provider.details;
        let class = if details.is_built_in() { details.action_type.as_str() } else { "http" };
        Self {
            id: provider.number,
            app_name: "docket",
            class: format!("docket.providers.{class}"),
            action_type: &details.action_type,
            is_enabled: details.enabled,
            schedule: &details.schedule,
            last_execution: provider.last_run_at.map(Moment),
            last_execution_status: &provider.last_status,
        }
    }
}
