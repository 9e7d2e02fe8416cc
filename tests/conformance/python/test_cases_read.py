"""Conformance cases 38 to 47: reading the actions taken on a user."""

import uuid

import pytest

from support import expect


@pytest.fixture
def five(make):
    """A user with the contract's five actions; their ids by name."""
    user, mute = make.user(), make.mute()
    found = {"user": user["id"]}
    found["active"] = make.take(mute, user)["id"]
    found["expired"] = make.expired(mute, user)["id"]
    found["cancelled"] = make.take(mute, user)["id"]
    make.cancel({"id": found["cancelled"]})
    found["instant"] = make.take(make.reward(), user)["id"]
    return found


@pytest.fixture
def banned(make, five):
    """The same user, banned as well."""
    ban = make.take(make.ban(), {"id": five["user"]})
    return five | {"ban": ban["id"]}


def listed(response):
    answer = expect.ok(response)
    assert set(answer) == {"actions"}
    return expect.ids(answer["actions"])


def test_case_038_read_what_was_taken(make, api):
    mute, reason = make.mute(), make.reason()
    taken = make.take(mute, make.user(), broadcast=True, comment="c1", reasonId=reason["id"])
    answer = expect.ok(api.retrieve_action(taken["id"]))
    assert set(answer) == {"action"}
    assert "event" in taken
    del taken["event"]
    assert answer["action"] == taken


def test_case_039_unknown_action(api):
    expect.empty(api.retrieve_action(str(uuid.uuid4())), 404)


def test_case_040_user_without_actions(make, api):
    user = make.user()
    assert listed(api.retrieve_actions(user["id"])) == set()
    assert listed(api.retrieve_active_actions(user["id"])) == set()
    assert listed(api.retrieve_inactive_actions(user["id"])) == set()
    assert listed(api.retrieve_actions_preventing_login(user["id"])) == set()


def test_case_041_list_of_nobody(api, http):
    expect.errors(api.retrieve_actions(None))
    expect.errors(http.get("/api/user/action"))
    expect.errors(http.get("/api/user/action?active=true"))


def test_case_042_active_ones(api, five):
    assert listed(api.retrieve_active_actions(five["user"])) == {five["active"]}


def test_case_043_inactive_ones(api, five):
    wanted = {five["expired"], five["cancelled"], five["instant"]}
    assert listed(api.retrieve_inactive_actions(five["user"])) == wanted


def test_case_044_all_of_them(api, five):
    wanted = {five["active"], five["expired"], five["cancelled"], five["instant"]}
    assert listed(api.retrieve_actions(five["user"])) == wanted


def test_case_045_preventing_login(api, banned):
    found = listed(api.retrieve_actions_preventing_login(banned["user"]))
    assert found == {banned["ban"]}


def test_case_046_preventing_login_false_has_no_effect(http, banned):
    path = f"/api/user/action?userId={banned['user']}&preventingLogin=false"
    everything = {banned[name] for name in banned if name != "user"}
    assert listed(http.get(path)) == everything
    assert listed(http.get(f"{path}&active=true")) == {banned["active"], banned["ban"]}


@pytest.mark.parametrize("active", ["true", "false"])
def test_case_047_active_excludes_preventing_login(http, five, active):
    path = f"/api/user/action?userId={five['user']}&active={active}&preventingLogin=true"
    expect.errors(http.get(path))
