"""To-dos that other systems push on the native surface, as those who have to do them see them."""

import uuid

import pytest
from waldur_api_client.api.user_action_executions import user_action_executions_list
from waldur_api_client.api.user_actions import user_actions_execute_action, user_actions_list
from waldur_api_client.models import ExecuteActionErrorResponse, ExecuteActionRequest

from support.callback_sink import listening
from support.inbox import DAY, TYPE, ago, ahead, inbox
from support.waldur import found


@pytest.fixture
def sink():
    """The system that is told what users did."""
    with listening() as sink:
        yield sink


def push(market, external, *people, **fields):
    """The status of a push, and the rows that it answers."""
    path = f"/api/v1/todos/{TYPE}/{external}"
    answer = market.http.put(path, json=market.body(*people, **fields))
    assert answer.status_code in (200, 201), answer.text
    return answer.status_code, answer.json()["items"]


def button(sink, **fields):
    """A corrective action that the other system carries out."""
    action = {"label": "Settle", "category": "repair", "apiEndpoint": True}
    return action | {"callbackUrl": sink.url} | fields


def press(person, action, label="Settle"):
    """The answer when the person presses the button."""
    body = ExecuteActionRequest(action_label=label)
    return user_actions_execute_action.sync(action.uuid, client=person.client, body=body)


def test_the_same_matter_again_is_the_same_to_do(market, scene):
    external = uuid.uuid4().hex
    status, (row,) = push(market, external, scene.user, title="Sign", urgency="low")
    assert (status, row["externalId"], row["title"]) == (201, external, "Sign")
    status, (again,) = push(market, external, scene.user, title="Sign now", urgency="high")
    assert (status, again["id"]) == (200, row["id"])
    (seen,) = inbox(scene.user)
    assert (seen.title, seen.urgency.value) == ("Sign now", "high")
    assert seen.uuid == uuid.UUID(row["id"])


def test_who_is_named_no_more_has_it_no_more(market, scene):
    external = uuid.uuid4().hex
    push(market, external, scene.user, scene.other)
    kept = inbox(scene.user)[0].uuid
    status, rows = push(market, external, scene.user, scene.manager)
    assert status == 201 and len(rows) == 2
    assert inbox(scene.other) == []
    assert [action.uuid for action in inbox(scene.user)] == [kept]
    assert len(inbox(scene.manager)) == 1


def test_people_are_named_by_their_addresses_too(market, scene):
    path = f"/api/v1/todos/{TYPE}/{uuid.uuid4().hex}"
    body = {"emails": [scene.user.email.upper()], "title": "Sign"}
    (row,) = found(market.http.put(path, json=body), 201)["items"]
    assert row["userId"] == str(scene.user.uuid)


@pytest.mark.parametrize(
    ("days", "urgency"), [(-1, "high"), (6.9, "high"), (13.9, "medium"), (15, "low"), (None, "low")]
)
def test_what_is_due_soon_is_urgent(market, scene, days, urgency):
    due = None if days is None else ahead(days * DAY)
    push(market, uuid.uuid4().hex, scene.user, dueAt=due)
    (seen,) = inbox(scene.user)
    assert seen.urgency.value == urgency


def test_everything_that_is_said_is_shown(market, scene):
    context = {
        name: {"name": name.title(), "uuid": str(uuid.uuid4())}
        for name in ("project", "organization", "offering", "resource")
    }
    context["offering"]["type"] = "Support"
    said = {
        "description": "By Friday",
        "relatedObjectName": "Contract 7",
        "relatedObjectType": "contract",
        "routeName": "contract.details",
        "routeParams": {"contract": "7"},
        "dueAt": ago(DAY),
    }
    push(market, uuid.uuid4().hex, scene.user, **said, **context)
    (seen,) = inbox(scene.user)
    assert (seen.description, seen.days_until_due) == ("By Friday", -1)
    assert (seen.related_object_name, seen.related_object_type) == ("Contract 7", "contract")
    assert (seen.route_name, seen.route_params.to_dict()) == (
        "contract.details",
        {"contract": "7"},
    )
    for name, thing in context.items():
        assert getattr(seen, f"{name}_name") == thing["name"]
        assert str(getattr(seen, f"{name}_uuid")) == thing["uuid"]
    assert seen.offering_type == "Support"


def test_a_batch_is_all_or_nothing(market, scene):
    external = uuid.uuid4().hex
    push(market, external, scene.user)
    good = {"op": "put", "actionType": TYPE, "externalId": uuid.uuid4().hex}
    good |= market.body(scene.other)
    gone = {"op": "delete", "actionType": TYPE, "externalId": external}
    bad = {"op": "put", "actionType": TYPE, "externalId": uuid.uuid4().hex, "userIds": []}
    answer = market.http.post("/api/v1/todos/batch", json={"items": [good, gone, bad]})
    assert answer.status_code == 400, answer.text
    assert (len(inbox(scene.user)), inbox(scene.other)) == (1, [])
    found(market.http.post("/api/v1/todos/batch", json={"items": [good, gone]}))
    assert (inbox(scene.user), len(inbox(scene.other))) == ([], 1)


def test_a_button_is_pressed_elsewhere(market, scene, sink):
    sink.answer = (200, {"message": "Settled", "metadata": {"by": "us"}})
    external = uuid.uuid4().hex
    push(market, external, scene.user, correctiveActions=[button(sink, metadata={"n": 7})])
    answer = press(scene.user, inbox(scene.user)[0])
    assert (answer.action, answer.message) == ("completed", "Settled")
    assert answer.metadata.to_dict() == {"by": "us"}
    ((headers, body),) = sink.calls
    assert {"webhook-id", "webhook-timestamp", "webhook-signature"} <= {
        name.lower() for name in headers
    }
    assert body["todo"]["externalId"] == external
    assert body["correctiveAction"]["label"] == "Settle"
    assert body["correctiveAction"]["metadata"] == {"n": 7}
    assert body["user"] == {"id": str(scene.user.uuid), "email": scene.user.email}
    (entry,) = user_action_executions_list.sync(client=scene.user.client)
    assert (entry.success, entry.execution_metadata) == (True, {"by": "us"})


@pytest.mark.parametrize("answer", [(500, {}), (302, {}), (200, b"nonsense"), (404, b"")])
def test_a_button_that_fails(market, scene, sink, answer):
    sink.answer = answer
    push(market, uuid.uuid4().hex, scene.user, correctiveActions=[button(sink)])
    (action,) = inbox(scene.user)
    result = press(scene.user, action)
    assert isinstance(result, ExecuteActionErrorResponse) and result.error
    (entry,) = user_action_executions_list.sync(client=scene.user.client)
    assert (entry.success, entry.error_message) == (False, result.error)
    assert len(user_actions_list.sync(client=scene.user.client)) == 1


def test_only_those_who_may_push(scene):
    path = f"/api/v1/todos/{TYPE}/{uuid.uuid4().hex}"
    body = {"userIds": [str(scene.other.uuid)], "title": "Pay me"}
    assert scene.user.http.put(path, json=body).status_code == 403
    assert inbox(scene.other) == []


def test_an_api_key_may_push(organisation, scene):
    path = f"/api/v1/todos/{TYPE}/{uuid.uuid4().hex}"
    body = {"userIds": [str(scene.user.uuid)], "title": "Sign"}
    answer = organisation.fusionauth.http.put(path, json=body)
    assert answer.status_code == 201, answer.text
    assert len(inbox(scene.user)) == 1
