"""The places where the contract's sources contradict each other, and what is answered there."""

import json

import pytest

from support import expect
from support.clock import DAY, HOUR, INDEFINITE, now, past


@pytest.fixture
def muted(make):
    """A mute in progress, announced, with a comment."""
    return make.take(make.mute(), make.user(), broadcast=True, comment="c1")


def test_quirk_a_history_appears_in_both_places(make, api, muted):
    changed = make.modify(muted)
    assert len(changed["historyItems"]) == 1
    assert changed["history"] == {"historyItems": changed["historyItems"]}
    found = expect.ok(api.retrieve_action(muted["id"]))["action"]
    assert found["history"] == {"historyItems": found["historyItems"]}


def test_quirk_b_three_instants(make, muted):
    for action in (muted, make.modify(muted), make.cancel(muted)):
        assert expect.is_instant(action["insertInstant"])
        assert action["createInstant"] == action["insertInstant"] == muted["insertInstant"]
        assert expect.is_instant(action["lastUpdateInstant"])
        assert action["lastUpdateInstant"] >= muted["lastUpdateInstant"]


def test_quirk_c_last_update_belongs_to_the_action(make, api, muted):
    cancelled = api.cancel_action(muted["id"], make.change() | {"broadcast": True})
    cancelled = expect.ok(cancelled)["action"]
    assert "lastUpdateInstant" in cancelled
    assert "lastUpdateInstant" not in cancelled["event"]


def test_quirk_d_event_is_embedded_when_broadcast(make, api, muted):
    assert muted["event"]["type"] == "user.action"
    assert "event" not in expect.ok(api.retrieve_action(muted["id"]))["action"]
    assert all("event" not in action for action in make.actions({"id": muted["actioneeUserId"]}))
    quiet, loud = make.change(expiry=now() + HOUR), {"broadcast": True}
    assert "event" in expect.ok(api.modify_action(muted["id"], quiet | loud))["action"]
    assert "event" not in expect.ok(api.modify_action(muted["id"], quiet))["action"]
    assert "event" in expect.ok(api.cancel_action(muted["id"], make.change() | loud))["action"]


@pytest.mark.parametrize("broadcast", [None, False])
def test_quirk_d_no_event_without_broadcast(make, broadcast):
    assert "event" not in make.take(make.mute(), make.user(), broadcast=broadcast)


def assert_event(event, action, tenant_id):
    """The event tells of this action, field by field."""
    assert event["type"] == "user.action"
    assert expect.is_uuid(event["id"])
    assert event["id"] != action["id"]
    assert expect.is_instant(event["createInstant"])
    assert event["tenantId"] == tenant_id
    assert event["actionId"] == action["id"]
    assert event["action"] == action["name"]
    assert event["localizedAction"] == action["localizedName"]
    assert event["actioneeUserId"] == action["actioneeUserId"]
    assert event["actionerUserId"] == action["actionerUserId"]
    assert event["linkedObjectId"] == action["actioneeUserId"]
    assert event["applicationIds"] == sorted(action["applicationIds"])
    names = ("option", "localizedOption", "reason", "localizedReason", "reasonCode", "comment")
    for name in (*names, "expiry"):
        assert event.get(name) == action.get(name), name
    assert type(event["notifyUser"]) is bool
    assert type(event["emailedUser"]) is bool


def test_quirk_d_every_field_of_a_temporal_actions_event(make, api):
    user, reason = make.user(preferredLanguages=["eo"]), make.reason()
    applications = sorted([make.application()["id"], make.application()["id"]], reverse=True)
    mute = make.mute(localizedNames={"eo": "Silentigi"}, options=[{"name": "Chat"}])
    body = make.request(
        mute,
        user,
        expiry=now() + 2 * DAY + HOUR,
        comment="c1",
        option="Chat",
        reasonId=reason["id"],
        applicationIds=applications,
    )
    info = {"ipAddress": "203.0.113.7", "deviceName": "phone", "userAgent": "agent/1"}
    body |= {"broadcast": True, "eventInfo": info}
    action = expect.ok(api.action_user(body))["action"]
    event = action["event"]
    assert_event(event, action, user["tenantId"])
    assert event["phase"] == "start"
    assert event["localizedDuration"] == "2 days"
    assert event["localizedAction"] == "Silentigi"
    for name, value in info.items():
        assert event["info"][name] == value

    body = make.change(comment="c2", expiry=now() + DAY + HOUR) | {"broadcast": True}
    action = expect.ok(api.modify_action(action["id"], body))["action"]
    assert_event(action["event"], action, user["tenantId"])
    assert action["event"]["phase"] == "modify"
    assert action["event"]["localizedDuration"] == "1 day"

    body = make.change(comment="c3") | {"broadcast": True}
    action = expect.ok(api.cancel_action(action["id"], body))["action"]
    assert_event(action["event"], action, user["tenantId"])
    assert action["event"]["phase"] == "cancel"
    assert isinstance(action["event"]["localizedDuration"], str)


def test_quirk_d_event_of_an_instant_action(make):
    user = make.user()
    action = make.take(make.reward(), user, option="Gold", broadcast=True)
    assert_event(action["event"], action, user["tenantId"])
    for name in ("phase", "expiry", "localizedDuration"):
        assert name not in action["event"]


def test_quirk_d_event_of_an_indefinite_action(make):
    action = make.take(make.mute(), make.user(), expiry=INDEFINITE, broadcast=True)
    assert action["event"]["expiry"] == INDEFINITE


def test_quirk_e_taking_is_the_phase_start(muted):
    assert muted["event"]["phase"] == "start"


def test_quirk_f_the_event_names_the_action_taken(muted):
    assert muted["event"]["actionId"] == muted["id"]
    assert muted["event"]["actionId"] != muted["userActionId"]


def test_quirk_g_the_event_names_the_definition(make):
    reward = make.reward()
    action = make.take(reward, make.user(), option="Gold", broadcast=True)
    assert action["event"]["action"] == reward["name"]
    assert action["event"]["option"] == "Gold"


def test_quirk_h_the_event_tells_who_is_told(make):
    mute = make.mute()
    told = make.take(mute, make.user(), broadcast=True, notifyUser=True, emailUser=True)
    assert told["event"]["notifyUser"] is True
    # The definition sends no e-mail, so nobody was e-mailed.
    assert told["event"]["emailedUser"] is False
    untold = make.take(mute, make.user(), broadcast=True)
    assert untold["event"]["notifyUser"] is False
    assert untold["event"]["emailedUser"] is False


def test_quirk_j_notify_user_on_end_is_a_boolean(make):
    for wanted in (True, False):
        action = make.take(make.mute(), make.user(), notifyUser=wanted)
        assert action["notifyUserOnEnd"] is wanted


def test_quirk_k_email_user_on_end_copies_the_request(make):
    for wanted in (True, False):
        action = make.take(make.mute(), make.user(), emailUser=wanted)
        assert action["emailUserOnEnd"] is wanted


def test_quirk_l_end_event_sent_is_a_state(make):
    running = make.take(make.mute(), make.user())
    assert running.get("endEventSent", False) is False


def test_quirk_m_answers_tell_what_was_asked(make, api):
    mute, user, expiry = make.mute(), make.user(), past()
    action = make.take(mute, user, expiry=expiry)
    assert (action["userActionId"], action["expiry"]) == (mute["id"], expiry)
    running = make.take(mute, user)
    assert make.modify(running)["id"] == running["id"]
    assert make.cancel(running)["id"] == running["id"]


def test_quirk_n_history_holds_prior_states_oldest_first(make, muted):
    second = make.modify(muted, make.user(), comment="c2", expiry=now() + DAY)
    third = make.modify(second, comment="c3", expiry=now() + 2 * DAY)
    last = make.cancel(third, comment="c4")
    assert last["comment"] == "c4"
    told = [(item["comment"], item["expiry"]) for item in last["historyItems"]]
    assert told == [(state["comment"], state["expiry"]) for state in (muted, second, third)]
    actioners = [item["actionerUserId"] for item in last["historyItems"]]
    assert actioners == [state["actionerUserId"] for state in (muted, second, third)]


def test_quirk_o_cancelling_answers_with_the_action(make, api, muted):
    answer = expect.ok(api.cancel_action(muted["id"], make.change()))
    assert answer["action"]["id"] == muted["id"]


def test_quirk_p_one_or_many_but_never_both(make, api, muted):
    assert set(expect.ok(api.retrieve_action(muted["id"]))) == {"action"}
    assert set(expect.ok(api.retrieve_actions(muted["actioneeUserId"]))) == {"actions"}
    assert not isinstance(muted["expiry"], str)
    assert '"true"' not in json.dumps(muted)


def test_quirk_q_names_and_compatible_instants(make):
    mute = make.mute(localizedNames={"eo": "Silentigi"})
    plain = make.take(mute, make.user())
    assert (plain["name"], plain["localizedName"]) == (mute["name"], mute["name"])
    reader = make.take(mute, make.user(preferredLanguages=["eo"]))
    assert (reader["name"], reader["localizedName"]) == (mute["name"], "Silentigi")
    assert {"createInstant", "lastUpdateInstant"} <= set(reader)


def test_quirk_r_the_event_names_its_users_in_full(make, muted):
    event = muted["event"]
    assert event["actioneeUserId"] == muted["actioneeUserId"]
    assert event["actionerUserId"] == make.actioner["id"]
    assert "actioneeId" not in event
    assert "actionerId" not in event
