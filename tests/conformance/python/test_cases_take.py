"""Conformance cases 25 to 37: taking an action on a user."""

import uuid

import pytest

from support import expect
from support.clock import INDEFINITE, INDEFINITE_IN_JAVASCRIPT, far, now, past


def test_case_025_take_mute_with_expiry_comment_reason(make, api):
    mute, reason, user = make.mute(), make.reason(), make.user()
    expiry, before = far(), now()
    body = make.request(mute, user, expiry=expiry, comment="c1", reasonId=reason["id"])
    answer = expect.ok(api.action_user(body))
    assert set(answer) == {"action"}
    action = answer["action"]
    assert expect.is_uuid(action["id"])
    assert before - 1 <= action["insertInstant"] <= now()
    assert action["expiry"] == expiry
    assert action["comment"] == "c1"
    assert action["reasonCode"] == reason["code"]
    assert action["reason"] == reason["text"]
    assert action["name"] == mute["name"]
    assert action["userActionId"] == mute["id"]
    assert action["actioneeUserId"] == user["id"]
    assert action["actionerUserId"] == make.actioner["id"]
    assert action["applicationIds"] == []
    assert "history" not in action
    assert "historyItems" not in action


def test_case_026_temporal_without_expiry(make, api):
    body = make.request(make.mute(), make.user())
    del body["action"]["expiry"]
    expect.field(api.action_user(body), "action.expiry", "[missing]")


def test_case_027_instant_with_an_option(make, api):
    reward, user = make.reward(), make.user(preferredLanguages=["eo", "en"])
    action = make.take(reward, user, option="Gold")
    assert "expiry" not in action
    assert action["option"] == "Gold"
    assert action["localizedOption"] == "Oro"


def test_case_028_option_that_is_none(make, api):
    body = make.request(make.reward(), make.user(), option="Bronze")
    expect.field(api.action_user(body), "action.option", "[invalid]")


@pytest.mark.parametrize("name", ["actioneeUserId", "actionerUserId", "userActionId"])
def test_case_029_something_required_is_missing(make, api, name):
    body = make.request(make.reward(), make.user())
    del body["action"][name]
    expect.field(api.action_user(body), f"action.{name}")


def test_case_029_everything_required_is_missing(api):
    refused = api.action_user({"action": {"comment": "c1"}})
    expect.fields(refused, "action.actioneeUserId", "action.actionerUserId", "action.userActionId")


def test_case_030_unknown_actionee(make, api):
    body = make.request(make.mute(), {"id": str(uuid.uuid4())})
    expect.field(api.action_user(body), "action.actioneeUserId", "[invalid]")


def test_case_031_soft_deleted_definition(make, api):
    mute = make.mute()
    expect.empty(api.deactivate_user_action(mute["id"]))
    expect.field(api.action_user(make.request(mute, make.user())), "action.userActionId")


def test_case_032_unknown_reason(make, api):
    body = make.request(make.mute(), make.user(), reasonId=str(uuid.uuid4()))
    expect.field(api.action_user(body), "action.reasonId")


def test_case_033_indefinite(make, api):
    user = make.user()
    answer = api.action_user(make.request(make.mute(), user, expiry=INDEFINITE))
    action = expect.ok(answer)["action"]
    assert f'"expiry":{INDEFINITE}' in answer.response.text.replace(" ", "")
    active = api.retrieve_active_actions(user["id"])
    assert expect.ids(expect.ok(active)["actions"]) == {action["id"]}
    assert f'"expiry":{INDEFINITE}' in active.response.text.replace(" ", "")


def test_case_034_indefinite_as_javascript_sends_it(make, api):
    user = make.user()
    action = make.take(make.mute(), user, expiry=INDEFINITE_IN_JAVASCRIPT)
    assert action["expiry"] == INDEFINITE
    found = expect.ok(api.retrieve_action(action["id"]))["action"]
    assert found["expiry"] == INDEFINITE


def test_case_035_temporal_in_the_past(make, api):
    user, expiry = make.user(), past()
    action = make.take(make.mute(), user, expiry=expiry)
    assert action["expiry"] == expiry
    inactive = expect.ok(api.retrieve_inactive_actions(user["id"]))["actions"]
    assert expect.ids(inactive) == {action["id"]}
    assert expect.ok(api.retrieve_active_actions(user["id"]))["actions"] == []


def test_case_036_application_ids_are_a_set(make, api):
    a1, a2 = make.application()["id"], make.application()["id"]
    action = make.take(make.ban(), make.user(), applicationIds=[a2, a1, a1])
    assert len(action["applicationIds"]) == 2
    assert set(action["applicationIds"]) == {a1, a2}
    found = expect.ok(api.retrieve_action(action["id"]))["action"]
    assert found["applicationIds"] == action["applicationIds"]


def test_case_037_email_and_notify_are_remembered(make):
    action = make.take(make.mute(), make.user(), emailUser=True, notifyUser=True)
    assert action["emailUserOnEnd"] is True
    assert action["notifyUserOnEnd"] is True
    action = make.take(make.mute(), make.user())
    assert action["emailUserOnEnd"] is False
    assert action["notifyUserOnEnd"] is False
