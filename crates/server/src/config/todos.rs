//! When users have something to do, and when they are told by mail.

use docket_service::settings;
use serde::{Deserialize, Serialize};

/// The most hours that an order may wait before somebody has to look at it.
const LONGEST_WAIT_HOURS: i64 = 168;

/// What providers and the digest go by.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Todos {
    pub(crate) enabled: bool,
    pub(crate) pending_order_hours: i64,
    pub(crate) high_urgency_notification: bool,
    pub(crate) notification_threshold: i64,
    pub(crate) execution_retention_days: i64,
    pub(crate) default_expiration_reminders: Vec<i64>,
}

impl Todos {
    /// What is wrong with a setting although it is of the right type, and which one it is.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        if !(1..=LONGEST_WAIT_HOURS).contains(&self.pending_order_hours) {
            let wrong = format!("must be from 1 to {LONGEST_WAIT_HOURS}");
            return Err(("todos.pending_order_hours", wrong));
        }
        if self.notification_threshold < 0 {
            return Err(("todos.notification_threshold", "must not be negative".to_owned()));
        }
        if self.execution_retention_days < 1 {
            return Err(("todos.execution_retention_days", "must be at least 1".to_owned()));
        }
        if self.default_expiration_reminders.iter().any(|days| *days < 1) {
            let wrong = "must be numbers of days, 1 or more".to_owned();
            return Err(("todos.default_expiration_reminders", wrong));
        }
        Ok(())
    }
}

impl Default for Todos {
    fn default() -> Self {
        let usual = settings::Todos::default();
        Self {
            enabled: usual.enabled,
            pending_order_hours: usual.pending_order_hours,
            high_urgency_notification: usual.high_urgency_notification,
            notification_threshold: usual.notification_threshold,
            execution_retention_days: usual.execution_retention_days,
            default_expiration_reminders: usual.default_expiration_reminders,
        }
    }
}

impl From<&Todos> for settings::Todos {
    fn from(todos: &Todos) -> Self {
        Self {
            enabled: todos.enabled,
            pending_order_hours: todos.pending_order_hours,
            high_urgency_notification: todos.high_urgency_notification,
            notification_threshold: todos.notification_threshold,
            execution_retention_days: todos.execution_retention_days,
            default_expiration_reminders: todos.default_expiration_reminders.clone(),
        }
    }
}
