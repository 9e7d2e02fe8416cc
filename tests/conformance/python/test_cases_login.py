"""Conformance cases 70 to 80: logins, and actions that prevent them."""

import uuid

import pytest

from support import expect
from support.clock import now, past


def blocks(response):
    """The 409's actions: the client hands on the plain answer, which must be JSON."""
    answer = expect.status(response, 409)
    assert answer.headers["Content-Type"].replace(" ", "").startswith("application/json")
    body = answer.json()
    assert set(body) == {"actions"}
    expect.assert_no_nulls(body)
    return body["actions"]


def test_case_070_login_of_a_banned_user(make):
    user, reason = make.user(preferredLanguages=["eo", "en"]), make.reason()
    ban = make.ban(localizedNames={"eo": "Forbari"})
    taken = make.take(ban, user, reasonId=reason["id"])
    (block,) = blocks(make.login(user))
    assert expect.is_uuid(block["actionId"])
    assert block["name"] == ban["name"]
    assert block["localizedName"] == "Forbari"
    assert block["expiry"] == taken["expiry"]
    assert block["actionerUserId"] == make.actioner["id"]
    assert block["reason"] == reason["text"]
    assert block["localizedReason"] == "Rompis la regulojn"
    assert block["reasonCode"] == reason["code"]
    assert "option" not in block
    assert "localizedOption" not in block


def test_case_071_login_after_the_ban_was_cancelled(make):
    user = make.user()
    ban = make.take(make.ban(), user)
    blocks(make.login(user))
    make.cancel(ban)
    assert expect.ok(make.login(user))["user"]["id"] == user["id"]


def test_case_072_login_after_the_ban_expired(make):
    user = make.user()
    make.expired(make.ban(), user)
    assert expect.ok(make.login(user))["user"]["id"] == user["id"]


def test_case_073_login_of_a_muted_user(make):
    user = make.user()
    make.take(make.mute(), user)
    assert expect.ok(make.login(user))["user"]["id"] == user["id"]


def test_case_074_ban_from_one_application(make):
    user, a1, a2 = make.user(), make.application(), make.application()
    make.registered(user, a1)
    make.take(make.ban(), user, applicationIds=[a1["id"]])
    assert len(blocks(make.login(user, a1))) == 1
    assert expect.ok(make.login(user, a2), 202)["user"]["id"] == user["id"]


def test_case_075_login_of_a_deactivated_user(make, api):
    user = make.user()
    expect.empty(api.deactivate_user(user["id"]))
    expect.empty(make.login(user), 423)
    expect.empty(make.login(user, password="wrong password"), 423)


def test_case_076_login_of_an_expired_user(make):
    expect.empty(make.login(make.user(expiry=past())), 410)
    expect.ok(make.login(make.user(expiry=now() + 3_600_000)))


def test_case_077_wrong_password_and_unknown_user(make, api):
    user = make.user()
    expect.empty(make.login(user, password="wrong password"), 404)
    nobody = {"loginId": f"nobody-{uuid.uuid4()}@example.com", "password": "wrong password"}
    expect.empty(api.login(nobody), 404)


@pytest.mark.parametrize("login_id", ["", "  ", None])
def test_case_078_blank_login_id(api, login_id):
    body = {"loginId": login_id, "password": "some password"}
    expect.field(api.login(body), "loginId", "[blank]")


def test_case_079_login_without_a_key(make, http):
    user = make.user()
    body = {"loginId": user["email"], "password": user["password"]}
    expect.empty(http.post("/api/login", key=None, json=body), 401)
    anonymous = make.caller(key=None)
    expect.empty(anonymous.api.login(body), 401)


def test_case_080_ping_with_an_undefined_address(make, http):
    user, application = make.user(), make.application()
    make.registered(user, application)
    path = f"/api/login/{user['id']}/{application['id']}?ipAddress=undefined"
    expect.status(http.put(path), 200)
