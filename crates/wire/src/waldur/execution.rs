//! What users did about their to-dos (`waldur.md` §5.1).

use docket_domain::todo::Execution as Done;
use serde::Serialize;

use super::scalar::Moment;
use crate::document::Document;

/// The names by which executions can be ordered.
pub const ORDERS: &[&str] = &[
    "id",
    "corrective_action_label",
    "executed_at",
    "success",
    "error_message",
    "execution_metadata",
];

/// An execution, as answered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = waldur::UserActionExecution)]
pub struct Execution<'a> {
    id: i64,
    corrective_action_label: &'a str,
    executed_at: Moment,
    success: bool,
    error_message: &'a str,
    #[serde(rename = "execution_metadata")]
    #[schema(value_type = Object)]
    metadata: Document,
}

impl<'a> From<&'a Done> for Execution<'a> {
    fn from(execution: &'a Done) -> Self {
        Self {
            id: execution.id,
            corrective_action_label: &execution.label,
            executed_at: Moment(execution.executed_at),
            success: execution.success,
            error_message: &execution.error_message,
            metadata: (&execution.metadata).into(),
        }
    }
}
