"""Query parameters: what counts as absent, as a boolean, as a mistake, as nothing at all."""

import pytest

from support import expect

ABSENT = ("undefined", "null", "")


@pytest.fixture
def lists(make):
    """A user with one active and one instant action: the path of the list, and the two ids."""
    user = make.user()
    active, instant = make.take(make.mute(), user), make.take(make.reward(), user)
    return f"/api/user/action?userId={user['id']}", active["id"], instant["id"]


def found(http, path):
    return expect.ids(expect.ok(http.get(path))["actions"])


@pytest.mark.parametrize("value", ABSENT)
def test_an_absent_filter_filters_nothing(http, lists, value):
    path, active, instant = lists
    assert found(http, f"{path}&active={value}&preventingLogin={value}") == {active, instant}
    assert found(http, f"{path}&active=true&preventingLogin={value}") == {active}


@pytest.mark.parametrize("value", ABSENT)
def test_an_absent_user_is_missed(http, value):
    expect.errors(http.get(f"/api/user/action?userId={value}"))


@pytest.mark.parametrize("value", ABSENT)
def test_an_absent_flag_is_not_set(make, http, api, value):
    definition = make.definition()
    path = f"/api/user-action/{definition['id']}"
    expect.empty(http.delete(f"{path}?hardDelete={value}"))
    assert expect.ok(http.get(path))["userAction"]["active"] is False
    active = expect.ok(http.get(f"/api/user-action?inactive={value}"))["userActions"]
    assert definition["id"] not in expect.ids(active)


@pytest.mark.parametrize("value", ["TRUE", "True", "tRuE"])
def test_booleans_in_any_case(http, lists, value):
    path, active, _ = lists
    assert found(http, f"{path}&active={value}") == {active}


@pytest.mark.parametrize("value", ["maybe", "1", "yes", "truee"])
@pytest.mark.parametrize("name", ["active", "preventingLogin"])
def test_what_is_no_boolean(http, lists, name, value):
    expect.field(http.get(f"{lists[0]}&{name}={value}"), name, "[couldNotConvert]")


def test_flags_that_are_no_booleans_elsewhere(make, http):
    expect.field(http.get("/api/user-action?inactive=maybe"), "inactive", "[couldNotConvert]")
    user = make.user()
    answer = http.delete(f"/api/user/{user['id']}?hardDelete=maybe")
    expect.field(answer, "hardDelete", "[couldNotConvert]")


def test_unknown_parameters_are_ignored(http, lists):
    path, active, instant = lists
    assert found(http, f"{path}&unheard=of&another") == {active, instant}


def test_a_trailing_slash_means_nothing(http, lists):
    path, active, instant = lists
    assert found(http, path.replace("?", "/?")) == {active, instant}


@pytest.mark.parametrize("value", ["undefined", "null", ""])
def test_an_absent_page(http, value):
    query = "&".join(f"{name}={value}" for name in ("startRow", "numberOfResults", "orderBy"))
    expect.ok(http.get(f"/api/email/template/search?{query}"))
    expect.ok(http.get(f"/api/system/audit-log/search?{query}&start={value}&end={value}"))


def test_numbers_that_are_none(http):
    for name in ("startRow", "numberOfResults"):
        answer = http.get(f"/api/email/template/search?{name}=many")
        (key,) = expect.errors(answer)["fieldErrors"]
        assert key.endswith(name)


def test_a_page_for_a_single_object_is_ignored(make, http):
    definition = make.definition()
    path = f"/api/user-action/{definition['id']}?inactive=true"
    assert expect.ok(http.get(path))["userAction"]["id"] == definition["id"]


def test_ids_in_any_case(make, http):
    definition = make.definition()
    found_one = expect.ok(http.get(f"/api/user-action/{definition['id'].upper()}"))["userAction"]
    assert found_one["id"] == definition["id"]
