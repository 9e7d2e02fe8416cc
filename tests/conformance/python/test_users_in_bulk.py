"""Many users at once: deactivated, deleted, or only counted."""

import uuid

import pytest

from support import expect


@pytest.fixture
def pair(make):
    """Two users' ids."""
    return [make.user()["id"], make.user()["id"]]


def activity(api, users):
    return [expect.ok(api.retrieve_user(user))["user"]["active"] for user in users]


def test_deactivation_by_ids(api, pair):
    body = expect.ok(api.deactivate_users_by_ids(pair))
    assert body["dryRun"] is False
    assert body["hardDelete"] is False
    assert body["total"] == 2
    assert set(body["userIds"]) == set(pair)
    assert activity(api, pair) == [False, False]


def test_deletion_for_good(api, pair):
    body = expect.ok(api.delete_users_by_query({"userIds": pair, "hardDelete": True}))
    assert body["hardDelete"] is True
    assert body["total"] == 2
    for user in pair:
        expect.empty(api.retrieve_user(user), 404)


def test_deletion_for_good_by_parameters(http, api, pair):
    path = f"/api/user/bulk?userId={pair[0]}&userId={pair[1]}&hardDelete=true"
    assert expect.ok(http.delete(path))["total"] == 2
    for user in pair:
        expect.empty(api.retrieve_user(user), 404)


def test_unknown_ids_are_skipped(api, pair):
    body = expect.ok(api.delete_users_by_query({"userIds": [*pair, str(uuid.uuid4())]}))
    assert body["total"] == 2
    assert set(body["userIds"]) == set(pair)


def test_nobody_found(api):
    body = expect.ok(api.delete_users_by_query({"userIds": [str(uuid.uuid4())]}))
    assert body["total"] == 0
    assert "userIds" not in body


def test_a_query_string_chooses(make, api, pair):
    email = expect.ok(api.retrieve_user(pair[0]))["user"]["email"]
    body = expect.ok(api.delete_users_by_query({"queryString": email}))
    assert body["userIds"] == [pair[0]]
    assert activity(api, pair) == [False, True]


def test_ids_take_precedence_over_the_query_string(api, pair):
    email = expect.ok(api.retrieve_user(pair[0]))["user"]["email"]
    body = expect.ok(api.delete_users_by_query({"userIds": [pair[1]], "queryString": email}))
    assert body["userIds"] == [pair[1]]
    assert activity(api, pair) == [True, False]


def test_nobody_named(http, api):
    expect.code(http.delete("/api/user/bulk"), "[missing]users")
    expect.code(api.delete_users_by_query({"dryRun": True}), "[missing]users")
