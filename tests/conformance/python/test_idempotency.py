"""Idempotency keys: the same write twice is one write, and the same answer twice."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import expect
from support.make import unique

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"


@pytest.fixture
def headers():
    """Headers with a key that nobody has used."""
    return {HEADER: f"key-{uuid.uuid4()}"}


def is_replay(answer, first):
    assert answer.headers.get(REPLAYED) == "true"
    assert answer.status_code == first.status_code
    assert answer.content == first.content
    return True


def test_an_action_is_taken_once(make, http, headers):
    user = make.user()
    body = make.request(make.mute(), user, comment="c1")
    first = http.post("/api/user/action", json=body, headers=headers)
    action = expect.ok(first)["action"]
    assert REPLAYED not in first.headers
    for _ in range(2):
        assert is_replay(http.post("/api/user/action", json=body, headers=headers), first)
    assert expect.ids(make.actions(user)) == {action["id"]}


def test_without_a_key_every_write_counts(make, http):
    user = make.user()
    body = make.request(make.mute(), user)
    for _ in range(2):
        assert REPLAYED not in http.post("/api/user/action", json=body).headers
    assert len(make.actions(user)) == 2


def test_a_modification_and_a_cancellation_happen_once(make, api, http):
    action = make.take(make.mute(), make.user())
    path = f"/api/user/action/{action['id']}"
    for method, body in [
        ("PUT", make.change(expiry=action["expiry"], comment="c2")),
        ("DELETE", make.change(comment="c3")),
    ]:
        headers = {HEADER: f"key-{uuid.uuid4()}"}
        first = http.send(method, path, json=body, headers=headers)
        expect.ok(first)
        assert is_replay(http.send(method, path, json=body, headers=headers), first)
    found = expect.ok(api.retrieve_action(action["id"]))["action"]
    assert len(found["historyItems"]) == 2


def test_an_empty_answer_is_replayed_as_one(make, http, headers):
    path = f"/api/user-action/{make.definition()['id']}?hardDelete=true"
    first = expect.empty(http.delete(path, headers=headers))
    again = http.delete(path, headers=headers)
    expect.empty(again)
    assert is_replay(again, first)
    expect.empty(http.delete(path), 404)


@pytest.mark.parametrize(
    ("path", "member", "fields"),
    [
        ("/api/user-action", "userAction", lambda: {"name": unique("Note")}),
        (
            "/api/user-action-reason",
            "userActionReason",
            lambda: {"code": unique("CODE"), "text": unique("Text")},
        ),
        ("/api/application", "application", lambda: {"name": unique("Application")}),
    ],
)
def test_whatever_is_made_is_made_once(http, headers, path, member, fields):
    body = {member: fields()}
    first = http.post(path, json=body, headers=headers)
    expect.ok(first)
    assert is_replay(http.post(path, json=body, headers=headers), first)


def test_a_key_cannot_be_used_for_something_else(make, http, headers):
    user, mute = make.user(), make.mute()
    body = make.request(mute, user)
    expect.ok(http.post("/api/user/action", json=body, headers=headers))
    other = make.request(mute, user, comment="something else")
    elsewhere = {"userAction": {"name": unique("Note")}}
    for answer in (
        http.post("/api/user/action", json=other, headers=headers),
        http.post("/api/user-action", json=elsewhere, headers=headers),
    ):
        expect.status(answer, 422)
        assert "idempotency-key-reused" in answer.text
    assert len(make.actions(user)) == 1


def test_a_key_belongs_to_its_credential(make, http, headers):
    user, other = make.user(), make.with_key()
    body = make.request(make.mute(), user)
    one = http.post("/api/user/action", json=body, headers=headers)
    two = other.http.post("/api/user/action", json=body, headers=headers)
    assert REPLAYED not in two.headers
    wanted = {expect.ok(one)["action"]["id"], expect.ok(two)["action"]["id"]}
    assert expect.ids(make.actions(user)) == wanted


def test_a_refused_write_may_be_corrected_under_another_key(make, http, headers):
    user = make.user()
    body = make.request(make.mute(), user)
    broken = {"action": body["action"] | {"actionerUserId": str(uuid.uuid4())}}
    expect.errors(http.post("/api/user/action", json=broken, headers=headers))
    expect.errors(http.post("/api/user/action", json=broken, headers=headers))
    expect.ok(http.post("/api/user/action", json=body, headers={HEADER: str(uuid.uuid4())}))
    assert len(make.actions(user)) == 1


def test_a_storm_of_the_same_write_takes_one_action(make, http, headers):
    user = make.user()
    body = make.request(make.mute(), user)

    def take(_):
        return http.post("/api/user/action", json=body, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(take, range(16)))
    (action,) = make.actions(user)
    done = [answer for answer in answers if answer.status_code == 200]
    # The others came while the first was still running.
    assert all(answer.status_code in (200, 409) for answer in answers)
    assert {answer.json()["action"]["id"] for answer in done} == {action["id"]}
    assert sum(REPLAYED not in answer.headers for answer in done) == 1
