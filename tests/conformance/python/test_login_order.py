"""Which answer wins when a login fails for several reasons at once."""

import uuid

import pytest

from support import expect
from support.clock import past

WRONG = "wrong password"


def test_validation_comes_before_the_user(make, api):
    nobody = {"loginId": "nobody@example.com"}
    expect.field(api.login(nobody | {"password": " "}), "password", "[blank]")
    nowhere = {"password": WRONG, "applicationId": str(uuid.uuid4())}
    expect.field(api.login(nobody | nowhere), "applicationId", "[invalid]")


def test_the_key_comes_before_the_user(make):
    stranger = make.caller(key="wrong")
    expect.empty(stranger.api.login({"loginId": "nobody@example.com", "password": WRONG}), 401)


def test_the_application_comes_before_a_deactivated_user(make, api):
    user = make.user()
    expect.empty(api.deactivate_user(user["id"]))
    expect.field(make.login(user, {"id": str(uuid.uuid4())}), "applicationId", "[invalid]")


@pytest.mark.parametrize("password", [None, WRONG])
def test_deactivated_comes_before_expired_password_and_ban(make, api, password):
    user = make.user(expiry=past())
    make.take(make.ban(), user)
    expect.empty(api.deactivate_user(user["id"]))
    expect.empty(make.login(user, password=password or user["password"]), 423)


@pytest.mark.parametrize("password", [None, WRONG])
def test_expired_comes_before_password_and_ban(make, password):
    user = make.user(expiry=past())
    make.take(make.ban(), user)
    expect.empty(make.login(user, password=password or user["password"]), 410)


def test_the_password_comes_before_the_ban(make):
    # Whoever does not know the password shall not learn of the ban.
    user = make.user()
    make.take(make.ban(), user)
    expect.empty(make.login(user, password=WRONG), 404)


def test_the_ban_comes_before_the_password_change(make):
    user = make.user(passwordChangeRequired=True)
    ban = make.take(make.ban(), user)
    expect.status(make.login(user), 409)
    make.cancel(ban)
    expect.status(make.login(user), 203)


def test_the_ban_comes_before_the_registration(make):
    user, application = make.user(), make.application()
    make.take(make.ban(), user)
    expect.status(make.login(user, application), 409)


def test_the_password_change_comes_before_the_registration(make):
    user, application = make.user(passwordChangeRequired=True), make.application()
    expect.status(make.login(user, application), 203)
