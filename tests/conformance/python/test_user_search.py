"""Finding users: by ids, by one word, in pages and in order."""

import uuid

import pytest

from support import expect
from support.make import unique


@pytest.fixture
def family(make):
    """Five users who share a last name that nobody else has; the name and their ids in order."""
    name = unique("Family").replace(" ", "-")
    users = [make.user(lastName=name, firstName=f"First{number}") for number in range(5)]
    return name, users


def search(api, **criteria):
    return expect.ok(api.search_users_by_query({"search": criteria}))


def test_by_ids(make, api, http):
    a, b = make.user()["id"], make.user()["id"]
    unknown = str(uuid.uuid4())
    for answer in (
        api.search_users_by_ids([a, b, unknown]),
        api.search_users_by_query({"search": {"ids": [a, b, unknown]}}),
        http.get(f"/api/user/search?ids={a}&ids={b}&ids={unknown}"),
    ):
        body = expect.ok(answer)
        assert expect.ids(body["users"]) == {a, b}
        assert body["total"] == 2
        assert set(body["expandable"]) == {"memberships", "registrations"}
    nobody = expect.ok(api.search_users_by_ids([unknown]))
    assert (nobody["users"], nobody["total"]) == ([], 0)


@pytest.mark.parametrize("field", ["firstName", "lastName", "fullName", "email", "username"])
def test_one_word_matches_a_whole_field_in_any_case(make, api, field):
    word = unique("Word").replace(" ", "-")
    word = f"{word}@example.com".lower() if field == "email" else word
    user = make.user(**{field: word})
    for spelling in (word, word.upper(), word.lower()):
        body = search(api, queryString=spelling)
        assert expect.ids(body["users"]) == {user["id"]}
        assert body["total"] == 1
    assert search(api, queryString=word[:-1])["users"] == []


def test_a_star_matches_everybody(make, api):
    make.user()
    body = search(api, queryString="*", numberOfResults=1)
    assert len(body["users"]) == 1
    assert body["total"] >= 1


def test_get_and_post_find_the_same(api, http, family):
    name, users = family
    by_post = search(api, queryString=name, numberOfResults=2, startRow=1)
    query = f"queryString={name}&numberOfResults=2&startRow=1"
    by_get = expect.ok(http.get(f"/api/user/search?{query}"))
    assert by_get == by_post
    assert by_get["total"] == len(users)


def test_pages_are_disjoint_and_complete(api, family):
    name, users = family
    seen = []
    for start in (0, 2, 4):
        page = search(api, queryString=name, numberOfResults=2, startRow=start)
        assert page["total"] == 5
        seen += [user["id"] for user in page["users"]]
    assert len(seen) == 5
    assert set(seen) == {user["id"] for user in users}
    assert search(api, queryString=name, startRow=5)["users"] == []


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("field", ["email", "insertInstant", "id"])
def test_sort_fields(api, family, field, order):
    name, users = family
    fields = [{"name": field, "order": order}]
    found = search(api, queryString=name, sortFields=fields)["users"]
    values = [user[field] for user in found]
    assert values == sorted(values, reverse=order == "desc")
    assert expect.ids(found) == {user["id"] for user in users}


def test_sort_fields_in_a_query_string(http, family):
    name, _ = family
    query = f"queryString={name}&sortFields%5B0%5D.name=email&sortFields%5B0%5D.order=desc"
    found = expect.ok(http.get(f"/api/user/search?{query}"))["users"]
    emails = [user["email"] for user in found]
    assert emails == sorted(emails, reverse=True)


def test_found_users_carry_their_registrations(make, api):
    user, application = make.user(), make.application()
    make.registered(user, application)
    (found,) = search(api, queryString=user["email"])["users"]
    (registration,) = found["registrations"]
    assert registration["applicationId"] == application["id"]


@pytest.mark.parametrize("number", [0, -1])
def test_a_page_must_hold_something(api, number):
    criteria = {"search": {"queryString": "*", "numberOfResults": number}}
    refused = api.search_users_by_query(criteria)
    expect.field(refused, "search.numberOfResults", "[invalid]")
