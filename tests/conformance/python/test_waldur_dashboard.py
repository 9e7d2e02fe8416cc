"""What the web UI's first page asks for, and what staff may have done for one user."""

import pytest
from waldur_api_client.api.user_actions import user_actions_silence
from waldur_api_client.api.users import (
    users_dashboard_general_stats_retrieve,
    users_dashboard_pending_actions_list,
    users_send_notification,
    users_update_actions,
)
from waldur_api_client.models import SilenceActionRequest, UpdateActionsRequest

from support.inbox import DAY, ahead, soon
from support.waldur import FORBIDDEN, found, refused


def pending(person):
    """What the first page shows of what the person has to do."""
    return users_dashboard_pending_actions_list.sync(client=person.client)


def test_what_is_to_do(market, scene):
    user = scene.user
    low = market.todo(user, urgency="low", dueAt=ahead(DAY))
    undated = market.todo(user, urgency="high")
    dated = market.todo(user, urgency="high", dueAt=ahead(9 * DAY))
    medium = market.todo(user, urgency="medium")
    silenced = market.todo(user, urgency="high")
    user_actions_silence.sync(
        silenced.uuid, client=user.client, body=SilenceActionRequest(duration_days=1)
    )
    shown = pending(user)
    assert [each.uuid for each in shown] == [dated.uuid, undated.uuid, medium.uuid, low.uuid]
    assert [each.variant.value for each in shown] == ["error", "error", "warning", "info"]
    first = shown[0]
    assert (first.title, first.urgency, first.can_silence) == (dated.title, "high", True)
    assert (first.deadline, first.route_name, first.count) == (dated.due_date, None, None)


def test_at_most_ten(market, scene):
    market.todos(market.body(scene.user, urgency="low") for _ in range(12))
    assert len(pending(scene.user)) == 10


def test_what_can_be_done_about_it(market, scene):
    assert scene.manager
    order = market.order(scene.project)
    soon(scene.manager, "pending_order")
    counted, shown = sorted(pending(scene.manager), key=lambda each: each.count is None)
    assert (counted.count, counted.uuid, counted.can_silence) == (1, None, False)
    assert shown.customer_uuid == scene.customer.uuid
    assert shown.route_params.to_dict() == {"order_uuid": order["id"].hex}
    assert "Approve Order" in [action.label for action in shown.actions]


def test_how_many_requests_are_to_be_reviewed(scene):
    assert scene.request
    counts = {
        person: users_dashboard_general_stats_retrieve.sync(
            client=getattr(scene, person).client
        ).pending_permission_requests
        for person in ("owner", "user", "admin", "other")
    }
    assert counts == {"owner": 1, "user": 0, "admin": 0, "other": 0}


def test_staff_have_one_user_looked_at(scene):
    body = UpdateActionsRequest(provider_action_type="pending_order")
    answer = users_update_actions.sync(scene.user.uuid, client=scene.staff.client, body=body)
    assert answer.to_dict() == {
        "status": "scheduled",
        "message": f"User actions update for {scene.user.username} has been scheduled",
        "provider_action_type": "pending_order",
    }
    # The client sends a text or null.
    answer = scene.staff.http.post(
        f"/api/users/{scene.user.uuid}/update_actions/", json={"provider_action_type": [1]}
    )
    assert set(found(answer, 400)) == {"provider_action_type"}


@pytest.mark.parametrize("caller", ["user", "owner", "support"])
def test_others_do_not(scene, caller):
    client = getattr(scene, caller).client
    body = UpdateActionsRequest()
    other = scene.other.uuid
    assert refused(403, users_update_actions.sync, other, client=client, body=body) == FORBIDDEN
    assert refused(403, users_send_notification.sync, other, client=client) == FORBIDDEN
