"""Conformance cases 48 to 54 and 82: modifying and cancelling an action."""

import uuid

import pytest

from support import expect
from support.clock import DAY, far, now


@pytest.fixture
def muted(make):
    """A mute in progress, with a comment."""
    return make.take(make.mute(), make.user(), comment="c1")


def comments(action):
    assert action["history"]["historyItems"] == action["historyItems"]
    return [item.get("comment") for item in action["history"]["historyItems"]]


def test_case_048_modify(make, api, muted):
    other, far2 = make.user(), now() + DAY
    body = make.change(other, comment="c2", expiry=far2)
    answer = expect.ok(api.modify_action(muted["id"], body))
    assert set(answer) == {"action"}
    action = answer["action"]
    assert action["id"] == muted["id"]
    assert action["comment"] == "c2"
    assert action["expiry"] == far2
    assert action["actionerUserId"] == other["id"]
    assert action["insertInstant"] == muted["insertInstant"]
    assert action["history"]["historyItems"] == [
        {
            "actionerUserId": make.actioner["id"],
            "comment": "c1",
            "createInstant": muted["insertInstant"],
            "expiry": muted["expiry"],
        }
    ]
    assert action["historyItems"] == action["history"]["historyItems"]
    assert expect.ok(api.retrieve_action(muted["id"]))["action"] == action


def test_case_049_cancel_with_a_body(make, api, muted):
    make.modify(muted, comment="c2", expiry=now() + DAY)
    answer = expect.ok(api.cancel_action(muted["id"], make.change(comment="c3")))
    action = answer["action"]
    assert action["id"] == muted["id"]
    assert action["comment"] == "c3"
    assert comments(action) == ["c1", "c2"]
    assert action["expiry"] <= now()
    inactive = expect.ok(api.retrieve_inactive_actions(muted["actioneeUserId"]))["actions"]
    assert expect.ids(inactive) == {muted["id"]}
    assert inactive[0]["history"] == action["history"]
    active = expect.ok(api.retrieve_active_actions(muted["actioneeUserId"]))["actions"]
    assert active == []


def test_case_050_change_without_actioner(api, muted):
    refused = api.modify_action(muted["id"], {"action": {"expiry": far(), "comment": "c2"}})
    expect.field(refused, "action.actionerUserId")
    refused = api.cancel_action(muted["id"], {"action": {"comment": "c2"}})
    expect.field(refused, "action.actionerUserId")


def test_case_051_modify_without_expiry(make, api, muted):
    refused = api.modify_action(muted["id"], make.change(comment="c2"))
    expect.field(refused, "action.expiry")


def test_case_052_change_of_an_unknown_action(make, api):
    unknown = str(uuid.uuid4())
    expect.empty(api.modify_action(unknown, make.change(expiry=far())), 404)
    expect.empty(api.cancel_action(unknown, make.change()), 404)


def test_case_053_change_of_an_instant_action(make, api):
    reward = make.take(make.reward(), make.user())
    expect.errors(api.modify_action(reward["id"], make.change(expiry=far())))
    expect.errors(api.cancel_action(reward["id"], make.change()))


def test_case_054_cancel_twice(make, api, muted):
    make.cancel(muted, comment="c2")
    expect.errors(api.cancel_action(muted["id"], make.change(comment="c3")))
    assert expect.ok(api.retrieve_action(muted["id"]))["action"]["comment"] == "c2"


def test_case_082_the_python_client_cancels(make, api, muted):
    answer = api.cancel_action(muted["id"], make.change(comment="c2"))
    assert answer.was_successful()
    assert answer.success_response["action"]["id"] == muted["id"]
    assert answer.success_response["action"]["comment"] == "c2"
