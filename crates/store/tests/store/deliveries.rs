//! What came of calls is counted alike, whether the engine gets it row by row or many at once.

use docket_domain::attempt::{Attempt, DeliveryState, EventResult, Outcome, WebhookEvent};
use docket_domain::id::{AttemptId, EventId, WebhookId};
use docket_domain::time::Instant;
use docket_store::delivery::{self, NewDelivery};
use docket_store::migrate::MIGRATIONS;
use docket_store::{Batch, webhook_event};
use uuid::Uuid;

use crate::support::on_both_engines;
use crate::things::write;

const fn at(millis: i64) -> Instant {
    Instant::from_millis(millis)
}

fn event(number: u128) -> EventId {
    EventId::from_uuid(Uuid::from_u128(number))
}

fn webhook(number: u128) -> WebhookId {
    WebhookId::from_uuid(Uuid::from_u128(number))
}

fn told(number: u128) -> WebhookEvent {
    WebhookEvent {
        id: event(number),
        event_type: "user.action".to_owned(),
        tenant_id: None,
        linked_id: None,
        created_at: at(1),
        updated_at: at(1),
        last_attempt_at: None,
        result: EventResult::Running,
        successful: 0,
        failed: 0,
        body: "{}".to_owned(),
    }
}

fn due(webhook_id: WebhookId, event_id: EventId) -> NewDelivery {
    NewDelivery {
        webhook_id,
        event_id,
        state: DeliveryState::Waiting,
        attempts: 0,
        tries_left: 9,
        due_at: Some(at(1)),
        updated_at: at(1),
    }
}

/// Settles a delivery by an attempt that ended then; no two end at one instant.
fn settle(
    (webhook_id, event_id): (WebhookId, EventId),
    ended_at: i64,
    state: DeliveryState,
    writes: &mut Batch,
) {
    let status = if state == DeliveryState::Succeeded { 200 } else { 500 };
    let attempt = Attempt {
        id: AttemptId::from_uuid(Uuid::from_u128(ended_at.unsigned_abs().into())),
        event_id,
        webhook_id,
        url: "https://example.com".to_owned(),
        started_at: at(1),
        ended_at: at(ended_at),
        outcome: Outcome { status: Some(status), error: None, answer: None },
    };
    let due_at = (state == DeliveryState::Waiting).then(|| at(ended_at + 1));
    delivery::settle(&attempt, state, due_at, writes);
}

on_both_engines! {
    async fn several_results_of_one_event_and_of_one_delivery_all_count(db) {
        let [one, other] = [1, 2].map(webhook);
        write(&db, move |conn| {
            Box::pin(async move {
                let mut writes = Batch::default();
                // An event that is told again is there already, and its delivery begins anew.
                for number in [1, 2, 3, 1] {
                    delivery::insert_event(told(number), &mut writes);
                    delivery::insert(&due(one, event(number)), &mut writes);
                }
                delivery::insert(&due(other, event(1)), &mut writes);
                conn.at_end(writes).await
            })
        })
        .await
        .unwrap();
        write(&db, move |conn| {
            Box::pin(async move {
                let mut writes = Batch::default();
                settle((one, event(1)), 10, DeliveryState::Waiting, &mut writes);
                settle((one, event(2)), 11, DeliveryState::Failed, &mut writes);
                settle((other, event(1)), 12, DeliveryState::Succeeded, &mut writes);
                settle((one, event(1)), 13, DeliveryState::Succeeded, &mut writes);
                settle((one, event(3)), 14, DeliveryState::Waiting, &mut writes);
                conn.at_end(writes).await
            })
        })
        .await
        .unwrap();

        let mut conn = db.reader();
        let mut events = Vec::new();
        for number in 1..=3 {
            let found = webhook_event::find(&mut conn, event(number)).await.unwrap().unwrap();
            let last = found.last_attempt_at.map(Instant::millis);
            events.push((found.result, found.successful, found.failed, last));
        }
        let expected = [
            (EventResult::Succeeded, 2, 1, Some(13)),
            (EventResult::Failed, 0, 1, Some(11)),
            (EventResult::Running, 0, 1, Some(14)),
        ];
        assert_eq!(events, expected);
        let deliveries = delivery::of_events(&mut conn, &[1, 2, 3].map(event)).await.unwrap();
        let mut found: Vec<_> = deliveries
            .iter()
            .map(|kept| (kept.webhook_id, kept.event_id, kept.state, kept.attempts))
            .collect();
        found.sort_by_key(|(webhook, event, ..)| (webhook.uuid(), event.uuid()));
        let expected = [
            (one, event(1), DeliveryState::Succeeded, 2),
            (one, event(2), DeliveryState::Failed, 1),
            (one, event(3), DeliveryState::Waiting, 1),
            (other, event(1), DeliveryState::Succeeded, 1),
        ];
        assert_eq!(found, expected);
    }
}
