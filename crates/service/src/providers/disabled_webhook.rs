//! Webhooks that Docket has given up on, for those who run the server (`native.md` §6).

use docket_domain::access::Viewer;
use docket_domain::id::{UserId, WebhookId};
use docket_domain::json::Json;
use docket_domain::todo::execution::Outcome;
use docket_domain::todo::{
    Category, CorrectiveAction, Matter, Need, Severity, Surroundings, Todo, Urgency,
};
use docket_domain::webhook::Webhook;
use docket_store::outbox::KeptEvent;
use docket_store::{Conn, approver, viewer, webhook};
use futures_util::FutureExt;

use super::{Asked, Deed, Effect, Look, Looking, Provider, Touched, roles};
use crate::caller::Caller;
use crate::commit::Answer;
use crate::error::Error;
use crate::webhooks;

const SWITCH_ON: &str = "Switch on again";

/// Knows of webhooks that are not called any more.
pub(super) struct DisabledWebhooks;

impl Provider for DisabledWebhooks {
    fn action_type(&self) -> &'static str {
        "disabled_webhook"
    }

    fn display_name(&self) -> &'static str {
        "Disabled Webhooks"
    }

    fn of_user<'a>(
        &'a self,
        conn: &'a mut Conn,
        _: &'a Look,
        viewer: &'a Viewer,
    ) -> Looking<'a, Vec<Asked>> {
        async move {
            if !viewer.staff || !viewer.active {
                return Ok(Vec::new());
            }
            let webhooks = webhook::list(conn, None).await?;
            let asked = webhooks.iter().filter_map(|kept| asked(&kept.webhook, viewer.id));
            Ok(asked.collect())
        }
        .boxed()
    }

    fn of_objects<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        objects: &'a [String],
    ) -> Looking<'a, Vec<Asked>> {
        async move {
            let staff = approver::staff(conn).await?;
            let staff = viewer::find_all(conn, &staff, look.now).await?;
            let mut all = Vec::new();
            for id in objects.iter().filter_map(|id| id.parse::<WebhookId>().ok()) {
                let Some(kept) = webhook::find(conn, id).await? else { continue };
                let active = staff.iter().filter(|viewer| viewer.active);
                all.extend(active.filter_map(|viewer| asked(&kept.webhook, viewer.id)));
            }
            Ok(all)
        }
        .boxed()
    }

    fn affected_users<'a>(&'a self, conn: &'a mut Conn, _: &'a Look) -> Looking<'a, Vec<UserId>> {
        async move { Ok(approver::staff(conn).await?) }.boxed()
    }

    fn touched_by<'a>(
        &'a self,
        conn: &'a mut Conn,
        look: &'a Look,
        event: &'a KeptEvent,
    ) -> Looking<'a, Touched> {
        async move {
            match event.event_type.split_once('.') {
                Some(("webhook", _)) => Ok(roles::subject(event)),
                Some(("user", _)) => roles::touched(conn, look, event).await,
                _ => Ok(Touched::default()),
            }
        }
        .boxed()
    }

    fn needs<'a>(&self, _: &Todo, _: &'a CorrectiveAction) -> Need<'a> {
        Need::Staff
    }

    fn effect<'a>(&'a self, deed: Deed<'a>) -> Looking<'a, Effect> {
        async move {
            let id = deed.todo.object_id.parse::<WebhookId>().ok();
            let Some(id) = id.filter(|_| deed.action.label == SWITCH_ON) else {
                return Ok(Effect::Declined);
            };
            // What is answered to the request is told when the execution is kept.
            let caller = Caller { idempotency: None, ..deed.caller.clone() };
            let same = |webhook: &Webhook| Ok(webhook.details.clone());
            let done =
                webhooks::update(deed.ctx, &caller, id, same, |_| Answer::new(200, Vec::new()));
            Ok(Effect::Did(match done.await {
                Ok(_) => Ok(Outcome::completed("The webhook is called again.", None)),
                Err(Error::Refused(_)) => Err("The webhook cannot be switched on.".to_owned()),
                Err(error) => return Err(error),
            }))
        }
        .boxed()
    }
}

fn asked(webhook: &Webhook, user_id: UserId) -> Option<Asked> {
    webhook.disabled_at?;
    let details = &webhook.details;
    let name = details.description.clone().filter(|text| !text.is_empty());
    let name: String = name.unwrap_or_else(|| details.url.clone()).chars().take(200).collect();
    let matter = Matter {
        title: format!("Webhook disabled: {name}"),
        description:
            "It failed for too long, or said that it is gone. Nothing is sent to it until \
            somebody switches it on again."
                .to_owned(),
        urgency: Urgency::High,
        due_at: None,
        object_name: name,
        object_type: "webhook".to_owned(),
        route_name: String::new(),
        route_params: Json::empty_object(),
        surroundings: Surroundings::default(),
        corrective_actions: vec![CorrectiveAction::doing(
            SWITCH_ON,
            Category::Repair,
            Severity::Low,
        )],
    };
    Some(Asked { user_id, object_id: webhook.id.to_string(), matter })
}
