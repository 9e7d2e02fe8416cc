"""Waldur cases 35 to 42: what people have to do because of orders and resources."""

import pytest
from waldur_api_client.api.user_actions import (
    user_actions_silence,
    user_actions_update_actions,
)
from waldur_api_client.models import SilenceActionRequest, UpdateActionsRequest

from support import server as servers
from support.clock import until
from support.inbox import DAY, HOUR, Marketplace, ago, day, inbox, soon, written
from support.organisation import Organisation

ORDER = "pending_order"
RESOURCE = "expiring_resource"


def update(scene, action_type):
    """Staff have everybody's things of this type looked through."""
    body = UpdateActionsRequest(provider_action_type=action_type)
    user_actions_update_actions.sync(client=scene.staff.client, body=body)


def labels(action):
    """What can be done about the action."""
    return [corrective.label for corrective in action.corrective_actions]


def test_case_035_an_order_that_waits_since_yesterday(market, scene):
    assert scene.manager and scene.owner
    order = market.order(scene.project)
    update(scene, ORDER)
    (action,) = soon(scene.manager, ORDER)
    assert action.title == f"Approve pending order: {order['offering']['name']}"
    assert action.description == "Order has been pending approval for 1 days."
    assert action.urgency.value == "high"
    assert action.days_until_due in (5, 6)
    assert action.route_name == "marketplace-orders.details"
    assert action.route_params.to_dict() == {"order_uuid": order["id"].hex}
    assert labels(action) == ["View Order Details", "Approve Order", "Reject Order"]
    assert (action.project_name, action.project_uuid) == (scene.project.name, scene.project.uuid)
    assert action.organization_uuid == scene.customer.uuid
    assert action.offering_name == order["offering"]["name"]
    assert action.resource_name == order["resource"]["name"]
    assert action.order_type == "Create"
    approve = action.corrective_actions[1]
    assert (approve.method, approve.api_endpoint) == ("POST", True)
    assert (approve.confirmation_required, approve.severity.value) == (True, "low")
    assert approve.metadata.to_dict()["order_type"] == 1
    # The customer's owner may approve orders there, but holds no role on the project.
    assert inbox(scene.owner, ORDER) == []


def test_case_036_an_order_of_this_morning(market, scene):
    assert scene.manager
    market.order(scene.project, orderedAt=written(ago(12 * HOUR)))
    older = market.order(scene.project)
    update(scene, ORDER)
    (action,) = soon(scene.manager, ORDER)
    assert action.offering_name == older["offering"]["name"]


@pytest.mark.parametrize(("hours", "ages"), [(12, (10, 15)), (48, (30, 50))])
def test_case_037_how_long_an_order_may_wait(engine, hours, ages):
    settings = f"\n[todos]\npending_order_hours = {hours}\n"
    with servers.running(engine, settings) as server:
        organisation = Organisation(server)
        scene, market = organisation.scene(), Marketplace(organisation)
        assert scene.manager
        orders = {
            age: market.order(scene.project, orderedAt=written(ago(age * HOUR))) for age in ages
        }
        update(scene, ORDER)
        (action,) = soon(scene.manager, ORDER)
        assert action.offering_name == orders[max(ages)]["offering"]["name"]


def test_case_038_a_resource_that_ends_soon(market, scene):
    assert scene.admin
    market.resource(scene.project, prepaid=False)
    market.resource(scene.project, endDate=day(60))
    resource = market.resource(scene.project)
    update(scene, RESOURCE)
    (action,) = soon(scene.admin, RESOURCE)
    assert action.title == f"Resource expiring: {resource['name']}"
    assert action.description == "Resource will expire in 15 days."
    assert action.due_date.date().isoformat() == resource["endDate"]
    assert action.route_name == "marketplace-resource-details"
    assert action.route_params.to_dict() == {"resource_uuid": resource["id"].hex}
    assert labels(action) == ["View Resource", "Renew Resource", "Terminate Resource"]
    assert (action.resource_name, action.resource_uuid) == (resource["name"], resource["id"])
    assert action.order_type == ""


def test_case_038_any_role_on_the_project_will_do(organisation, market, scene):
    member = organisation.grant(organisation.person("member"), "PROJECT.MEMBER", scene.project)
    market.resource(scene.project, endDate=day(1))
    (action,) = soon(member, RESOURCE)
    assert action.description == "Resource expires tomorrow."
    # Who may not terminate it is not asked to.
    assert labels(action) == ["View Resource", "Renew Resource"]


def test_case_039_somebody_has_ordered_something_for_it(market, scene):
    assert scene.admin
    busy, idle = market.resource(scene.project), market.resource(scene.project)
    order = market.order(
        scene.project, resource={"name": busy["name"], "uuid": str(busy["id"])}, type="Update"
    )
    update(scene, RESOURCE)

    def names():
        return {action.resource_name for action in inbox(scene.admin, RESOURCE)}

    until(lambda: names() == {idle["name"]}, what="only the resource without an order")
    market.change_order(order, state="done")
    until(lambda: names() == {idle["name"], busy["name"]}, what="both resources")


@pytest.mark.parametrize(("days", "urgency"), [(25, "medium"), (5, "high"), (85, "low")])
def test_case_040_the_closer_the_more_urgent(market, scene, days, urgency):
    assert scene.admin
    market.resource(scene.project, endDate=day(days), expirationReminders=[90, 60, 30, 14, 7, 1])
    (action,) = soon(scene.admin, RESOURCE)
    assert action.urgency.value == urgency


def test_case_041_an_order_that_waits_no_longer(market, scene):
    assert scene.manager
    order = market.order(scene.project)
    soon(scene.manager, ORDER)
    market.change_order(order, state="done")
    soon(scene.manager, ORDER, 0)


def test_case_042_an_update_changes_nothing(market, scene):
    assert scene.manager
    market.order(scene.project)
    (action,) = soon(scene.manager, ORDER)
    body = SilenceActionRequest(duration_days=3)
    user_actions_silence.sync(action.uuid, client=scene.manager.client, body=body)
    (silenced,) = inbox(scene.manager)
    update(scene, ORDER)
    # A later order shows that the update is through.
    market.order(scene.project, orderedAt=written(ago(2 * DAY)))
    update(scene, ORDER)
    later = soon(scene.manager, ORDER, 2)
    (same,) = [each for each in later if each.uuid == action.uuid]
    assert same.silenced_until == silenced.silenced_until
    assert same.is_temporarily_silenced is True
