"""Pings: a user who is already logged in elsewhere shows up at an application."""

import uuid

import pytest

from support import expect


@pytest.fixture
def user(make):
    return make.user()


@pytest.fixture
def home(make, user):
    """An application for which the user is registered."""
    application = make.application()
    make.registered(user, application)
    return application


def test_registered(api, user, home):
    expect.empty(api.login_ping(user["id"], home["id"]))
    expect.empty(api.login_ping(user["id"], home["id"], "203.0.113.7"))
    expect.empty(api.login_ping_with_request({"userId": user["id"], "applicationId": home["id"]}))


def test_without_an_application(api, http, user):
    expect.empty(http.put(f"/api/login/{user['id']}"))
    expect.empty(api.login_ping_with_request({"userId": user["id"], "ipAddress": "203.0.113.7"}))


def test_not_registered(make, api, user):
    elsewhere = make.application()
    expect.empty(api.login_ping(user["id"], elsewhere["id"]), 202)
    request = {"userId": user["id"], "applicationId": elsewhere["id"]}
    expect.empty(api.login_ping_with_request(request), 202)


def test_unknown_user(api, home):
    expect.empty(api.login_ping(str(uuid.uuid4()), home["id"]), 404)


def test_no_ids(api, http, user):
    expect.field(http.put("/api/login/xyz"), "userId", "[couldNotConvert]")
    expect.errors(api.login_ping_with_request({}))


def test_a_ban_is_not_looked_at(make, api, user, home):
    make.take(make.ban(), user)
    expect.empty(api.login_ping(user["id"], home["id"]))
