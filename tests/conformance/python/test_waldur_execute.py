"""Waldur cases 26 to 34: corrective actions that are carried out, and the log of it."""

import pytest
from waldur_api_client.api.user_action_executions import (
    user_action_executions_count,
    user_action_executions_list,
    user_action_executions_retrieve,
)
from waldur_api_client.api.user_action_providers import (
    user_action_providers_count,
    user_action_providers_list,
    user_action_providers_retrieve,
)
from waldur_api_client.api.user_actions import (
    user_actions_execute_action,
    user_actions_update_actions,
)
from waldur_api_client.models import (
    ExecuteActionErrorResponse,
    ExecuteActionRequest,
    UpdateActionsRequest,
)

from support.clock import until
from support.database import behind_its_back
from support.inbox import inbox, soon
from support.waldur import FORBIDDEN, found, no_such, refused

VIEW = "View Order Details"
APPROVE = "Approve Order"
UNKNOWN = {"error": "Action not found or not permitted"}


@pytest.fixture
def order(market, scene):
    """An order that the project's manager, and its administrator, may approve."""
    assert scene.manager and scene.admin
    return market.order(scene.project)


@pytest.fixture
def pending(order, scene):
    """What the manager has to do about the order."""
    return soon(scene.manager, "pending_order")[0]


def execute(person, action, label):
    """The answer when the person carries out the corrective action."""
    body = ExecuteActionRequest(action_label=label)
    return user_actions_execute_action.sync(action.uuid, client=person.client, body=body)


def log(person):
    """What the person has carried out, newest first."""
    return user_action_executions_list.sync_all(client=person.client)


def forget_quietly(organisation, order):
    """The order waits no longer, but nobody is told: what follows from it is stale."""
    name = order["offering"]["name"]
    behind_its_back(
        organisation.server.database_url,
        f"UPDATE orders SET state = 'done' WHERE CAST(offering AS TEXT) LIKE '%{name}%'",
    )


def test_case_026_an_update_is_scheduled(scene):
    answer = user_actions_update_actions.sync_detailed(
        client=scene.user.client, body=UpdateActionsRequest()
    )
    assert answer.status_code == 202
    assert answer.parsed.to_dict() == {
        "status": "scheduled",
        "message": "User actions update has been scheduled",
        "provider_action_type": None,
    }
    body = UpdateActionsRequest(provider_action_type="nobody-knows-it")
    answer = user_actions_update_actions.sync(client=scene.user.client, body=body)
    assert answer.provider_action_type == "nobody-knows-it"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "This field is required."),
        ({"action_label": None}, "This field may not be null."),
        ({"action_label": ""}, "This field may not be blank."),
    ],
)
def test_case_027_a_label_is_needed(market, scene, body, text):
    a = market.todo(scene.user)
    # The client cannot leave the label out.
    answer = scene.user.http.post(f"/api/user-actions/{a.uuid}/execute_action/", json=body)
    assert found(answer, 400) == {"action_label": [text]}


def test_case_028_to_look_at_the_order(organisation, scene, order, pending):
    answer = execute(scene.manager, pending, VIEW)
    assert answer.action == "navigate"
    (entry,) = log(scene.manager)
    assert (entry.corrective_action_label, entry.success) == (VIEW, True)
    assert entry.error_message == ""
    assert [action.uuid for action in inbox(scene.manager)] == [pending.uuid]
    # Afterwards, what is stale of this type is gone, although nobody told of it.
    forget_quietly(organisation, order)
    execute(scene.manager, pending, VIEW)
    soon(scene.manager, "pending_order", 0)


def test_case_029_no_such_corrective_action(scene, order, pending):
    body = refused(404, execute, scene.manager, pending, "Non-existent Action")
    assert body == UNKNOWN
    assert ExecuteActionErrorResponse.from_dict(body).error == UNKNOWN["error"]
    # Neither in other letters.
    assert refused(404, execute, scene.manager, pending, VIEW.lower()) == UNKNOWN
    assert log(scene.manager) == []
    assert [action.uuid for action in inbox(scene.manager)] == [pending.uuid]


def test_case_029_somebody_elses(scene, order, pending):
    assert refused(404, execute, scene.user, pending, VIEW) == no_such("UserAction")


def test_case_030_the_order_is_approved(market, scene, order, pending):
    soon(scene.admin, "pending_order")
    answer = execute(scene.manager, pending, APPROVE)
    assert (answer.action, answer.message) == ("completed", "Order approval initiated")
    assert answer.metadata.to_dict() == {"order_uuid": order["id"].hex}
    assert market.order_state(order) == "approved"
    # Nobody has to approve it any more.
    soon(scene.manager, "pending_order", 0)
    soon(scene.admin, "pending_order", 0)
    (entry,) = log(scene.manager)
    assert (entry.corrective_action_label, entry.success) == (APPROVE, True)
    assert entry.execution_metadata == {"order_uuid": order["id"].hex}


def test_case_031_the_resource_may_end(market, scene):
    resource = market.resource(scene.project)
    (expiring,) = soon(scene.manager, "expiring_resource")
    answer = execute(scene.manager, expiring, "Terminate Resource")
    assert answer.action == "completed"
    assert answer.message == (
        "Resource expiration acknowledged. Resource will terminate on end date."
    )
    (seen,) = inbox(scene.manager)
    assert (seen.uuid, seen.is_silenced) == (expiring.uuid, True)
    kept = found(market.http.get(f"/api/v1/resources/{resource['id']}"))
    assert kept["terminationRequestedAt"]
    assert kept["state"].lower() == "ok"


def test_case_032_what_nobody_carries_out(market, scene):
    label = "Do the impossible"
    corrective = {"label": label, "category": "repair", "method": "POST", "apiEndpoint": True}
    a = market.todo(scene.user, correctiveActions=[corrective])
    answer = execute(scene.user, a, label)
    assert isinstance(answer, ExecuteActionErrorResponse)
    assert answer.error == f"API action not implemented: {label}"
    (entry,) = log(scene.user)
    assert (entry.corrective_action_label, entry.success) == (label, False)
    assert entry.error_message == answer.error


def test_case_033_the_log_is_ones_own(scene, order, pending):
    for _ in range(3):
        execute(scene.manager, pending, VIEW)
    entries = log(scene.manager)
    assert [entry.corrective_action_label for entry in entries] == [VIEW] * 3
    assert [entry.executed_at for entry in entries] == sorted(
        (entry.executed_at for entry in entries), reverse=True
    )
    assert [entry.id for entry in entries] == sorted((entry.id for entry in entries), reverse=True)
    oldest_first = user_action_executions_list.sync(client=scene.manager.client, o="executed_at")
    assert [entry.id for entry in oldest_first] == [entry.id for entry in reversed(entries)]
    assert user_action_executions_count.sync(client=scene.manager.client) == 3
    one = user_action_executions_retrieve.sync(entries[0].id, client=scene.manager.client)
    assert one == entries[0]
    for outsider in (scene.admin, scene.staff):
        assert entries[0].id not in {entry.id for entry in log(outsider)}
        body = refused(
            404, user_action_executions_retrieve.sync, entries[0].id, client=outsider.client
        )
        assert body == no_such("UserActionExecution")


def test_case_034_providers_are_for_staff(scene, order, pending):
    assert refused(403, user_action_providers_list.sync, client=scene.user.client) == FORBIDDEN

    def listed():
        providers = user_action_providers_list.sync_all(client=scene.staff.client)
        return {provider.action_type: provider for provider in providers}

    # A provider is listed once it has run.
    wanted = {"pending_order", "expiring_resource"}
    user_actions_update_actions.sync(client=scene.staff.client, body=UpdateActionsRequest())
    providers = until(lambda: wanted <= set(listed()) and listed(), what="both providers")
    count = user_action_providers_count.sync(client=scene.staff.client)
    assert count == len(providers)
    provider = providers["pending_order"]
    assert provider.provider_class and provider.app_name
    assert provider.schedule == "0 */6 * * *" and provider.is_enabled is True
    same = user_action_providers_retrieve.sync(provider.id, client=scene.staff.client)
    assert (same.id, same.action_type) == (provider.id, "pending_order")
    body = refused(403, user_action_providers_retrieve.sync, provider.id, client=scene.user.client)
    assert body == FORBIDDEN


def test_case_034_how_a_run_went(scene, order, pending):
    def completed():
        user_actions_update_actions.sync(client=scene.staff.client, body=UpdateActionsRequest())
        providers = user_action_providers_list.sync_all(client=scene.staff.client)
        return [
            provider
            for provider in providers
            if provider.action_type == "pending_order"
            and provider.last_execution
            and provider.last_execution_status.startswith("COMPLETED: ")
        ]

    (provider,) = until(completed, what="a run that is completed")
    assert provider.last_execution_status.endswith(" errors")
