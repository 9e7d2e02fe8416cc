"""Searching actions across users, and reading one with its whole history."""

import uuid

import pytest

from support import expect, native
from support.clock import DAY, HOUR, now, tick
from support.make import unique


@pytest.fixture
def scene(make):
    """One user with an action in every state; the ids by state, and what they were made of."""
    user, other = make.user(), make.user()
    mute, ban, reward = make.mute(), make.ban(), make.reward()
    reason, application = make.reason(), make.application()
    word = unique("word").replace(" ", "")
    taken = {
        "expired": make.expired(mute, user, comment=f"so {word} said"),
        "cancelled": make.cancel(make.take(mute, user), comment="lifted"),
        "instant": make.take(reward, user, actioner=other),
        "active": make.take(
            ban,
            user,
            expiry=now() + DAY,
            reasonId=reason["id"],
            applicationIds=[application["id"]],
        ),
    }
    make.take(mute, other)
    return {
        "user": user,
        "other": other,
        "mute": mute,
        "ban": ban,
        "reason": reason,
        "application": application,
        "word": word,
        "ids": {state: action["id"] for state, action in taken.items()},
    }


def found(make, scene, **params):
    """Which of the scene's actions a search finds, by state."""
    states = {id: state for state, id in scene["ids"].items()}
    hits = native.actions(make, actioneeId=scene["user"]["id"], **params)
    return {states[hit] for hit in hits}


ALL = {"expired", "cancelled", "instant", "active"}


def test_by_actionee(make, scene):
    assert found(make, scene) == ALL
    assert len(native.actions(make, actioneeId=scene["other"]["id"])) == 1
    assert native.actions(make, actioneeId=str(uuid.uuid4())) == []


def test_by_state(make, scene):
    for state in ALL:
        assert found(make, scene, state=state) == {state}
    assert found(make, scene, state=["active", "cancelled"]) == {"active", "cancelled"}


def test_by_what_was_done_by_whom_and_why(make, scene):
    assert found(make, scene, definitionId=scene["mute"]["id"]) == {"expired", "cancelled"}
    assert found(make, scene, actionerId=scene["other"]["id"]) == {"instant"}
    assert found(make, scene, reasonId=scene["reason"]["id"]) == {"active"}
    assert found(make, scene, applicationId=scene["application"]["id"]) == {"active"}
    assert found(make, scene, tenantId=make.default_tenant_id()) == ALL
    assert found(make, scene, preventsLogin="true") == {"active"}


def test_filters_are_all_meant(make, scene):
    assert found(make, scene, definitionId=scene["mute"]["id"], state="active") == set()
    assert found(make, scene, definitionId=scene["ban"]["id"], state="active") == {"active"}


def test_by_time(make, scene):
    soon, later = native.rfc_3339(now() + HOUR), native.rfc_3339(now() + 2 * DAY)
    recently = native.rfc_3339(now() - HOUR)
    assert found(make, scene, takenAfter=recently, takenBefore=soon) == ALL
    assert found(make, scene, takenAfter=soon) == set()
    assert found(make, scene, takenBefore=recently) == set()
    assert found(make, scene, endsAfter=soon, endsBefore=later) == {"active"}
    assert found(make, scene, endsAfter=later) == set()


def test_by_words(make, scene):
    assert found(make, scene, q=scene["word"]) == {"expired"}
    assert found(make, scene, q=scene["word"].upper()) == {"expired"}
    assert found(make, scene, q=scene["user"]["email"]) == ALL
    assert found(make, scene, q=f"{scene['word']} nowhere") == set()


@pytest.mark.parametrize(
    ("sort", "reverse"), [("takenAt", False), ("-takenAt", True), (None, True)]
)
def test_in_the_order_of_taking(make, sort, reverse):
    mute, user, taken = make.mute(), make.user(), []
    for _ in range(4):
        action = make.take(mute, user)
        taken.append(action["id"])
        tick(action["insertInstant"])
    params = {"sort": sort} if sort else {}
    expected = taken[::-1] if reverse else taken
    assert native.actions(make, actioneeId=user["id"], **params) == expected


@pytest.mark.parametrize(("sort", "reverse"), [("endsAt", False), ("-endsAt", True)])
def test_in_the_order_of_ends(make, sort, reverse):
    mute, user = make.mute(), make.user()
    ends = {make.take(mute, user, expiry=now() + hours * HOUR)["id"]: hours for hours in (3, 1, 2)}
    listed = native.actions(make, actioneeId=user["id"], sort=sort)
    assert [ends[id] for id in listed] == sorted(ends.values(), reverse=reverse)


@pytest.mark.parametrize("sort", ["takenAt", "-takenAt", "endsAt", "-endsAt"])
def test_a_cursor_walks_through_everything_once(make, sort):
    mute, user, expiry = make.mute(), make.user(), now() + HOUR
    # Equal ends: the cursor may not trip over ties.
    taken = {make.take(mute, user, expiry=expiry)["id"] for _ in range(7)}
    seen, after, pages = [], {}, 0
    while after is not None:
        params = {"actioneeId": user["id"], "sort": sort, "limit": 3} | after
        page = native.page(make, "/api/v1/actions", **params)
        seen += [item["id"] for item in page["items"]]
        after = {"after": page["next"]} if page["next"] is not None else None
        pages += 1
    assert (len(seen), set(seen), pages) == (7, taken, 3)


def test_a_cursor_is_not_confused_by_newcomers(make):
    mute, user = make.mute(), make.user()
    taken = {make.take(mute, user)["id"] for _ in range(4)}
    first = native.page(make, "/api/v1/actions", actioneeId=user["id"], limit=2)
    make.take(mute, user)
    rest = native.actions(make, actioneeId=user["id"], limit=10, after=first["next"])
    assert sorted([item["id"] for item in first["items"]] + rest) == sorted(taken)


def test_a_full_page_may_be_the_last(make):
    mute, user = make.mute(), make.user()
    for _ in range(2):
        make.take(mute, user)
    assert native.page(make, "/api/v1/actions", actioneeId=user["id"], limit=2)["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        "actioneeId=xyz",
        "state=asleep",
        "sort=colour",
        "limit=0",
        "limit=-1",
        "limit=many",
        "takenAfter=yesterday",
        "after=not-a-cursor",
    ],
)
def test_questions_that_make_no_sense(http, query):
    expect.problem(http.get(f"/api/v1/actions?{query}"), 400)


def test_one_action_with_its_history(make, http):
    action = make.take(make.mute(), make.user(), comment="c1")
    make.modify(action, comment="c2")
    make.cancel(action, comment="c3")
    answer = http.get(f"/api/v1/actions/{action['id']}")
    found_one = expect.status(answer, 200).json()
    assert found_one["id"] == action["id"]
    assert len(found_one["history"]) == 2
    assert all(comment in answer.text for comment in ('"c1"', '"c2"', '"c3"'))
    tag = answer.headers["ETag"]
    again = http.get(f"/api/v1/actions/{action['id']}", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_one_action_that_is_none(http):
    expect.problem(http.get(f"/api/v1/actions/{uuid.uuid4()}"), 404)
    expect.problem(http.get("/api/v1/actions/xyz"), 400)
    expect.problem(http.get("/api/v1/actions", key=None), 401)


def test_a_scoped_key_finds_only_its_tenants_actions(crowd, tenant):
    user = tenant.user()
    action = tenant.take(tenant.mute(), user)
    own = tenant.with_key(tenantId=tenant.tenant_id)
    assert native.actions(own, actioneeId=user["id"]) == [action["id"]]
    stranger = tenant.with_key(tenantId=crowd.tenant()["id"])
    assert native.actions(stranger, actioneeId=user["id"]) == []
    assert native.actions(stranger) == []
    expect.problem(stranger.http.get(f"/api/v1/actions/{action['id']}"), 404)


def test_standing_tells_what_is_in_force(make, http):
    user = make.user()
    ban = make.take(make.ban(), user)
    make.expired(make.mute(), user)
    body = expect.status(http.get(f"/api/v1/users/{user['id']}/standing"), 200).json()
    assert [action["id"] for action in body["activeActions"]] == [ban["id"]]
    assert body["pastActionCount"] == 1
    assert [block["actionId"] for block in body["blocks"]] == [ban["id"]]
    expect.problem(http.get(f"/api/v1/users/{uuid.uuid4()}/standing"), 404)
