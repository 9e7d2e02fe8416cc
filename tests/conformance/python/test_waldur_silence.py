"""Waldur cases 19 to 25: to hear no more of something for a time, or for good."""

import pytest
from waldur_api_client.api.user_actions import (
    user_actions_bulk_silence,
    user_actions_list,
    user_actions_silence,
    user_actions_unsilence,
)
from waldur_api_client.models import BulkSilenceResponse, SilenceActionRequest

from support.inbox import DAY, ahead, inbox
from support.waldur import found, no_such, refused

RANGE = {"duration_days": ["Duration must be between 1 and 365 days."]}
WEEK = SilenceActionRequest(duration_days=7)
FOREVER = SilenceActionRequest()


@pytest.fixture
def user(scene):
    """The contract's user."""
    return scene.user


@pytest.fixture
def a(market, user):
    """The contract's A."""
    return market.todo(user)


def silence(person, action, body):
    """The answer when the person silences the action."""
    return user_actions_silence.sync(action.uuid, client=person.client, body=body)


def test_case_019_for_a_week(user, a):
    answer = silence(user, a, WEEK)
    assert (answer.status, answer.duration_days) == ("silenced", 7)
    assert user_actions_list.sync(client=user.client) == []
    (seen,) = inbox(user)
    assert (seen.is_silenced, seen.is_temporarily_silenced) == (False, True)
    assert ahead(6.9 * DAY) < seen.silenced_until < ahead(7.1 * DAY)
    assert seen.modified >= a.modified


def test_case_020_for_good(user, a):
    answer = silence(user, a, FOREVER)
    assert (answer.status, answer.duration_days) == ("silenced", None)
    (seen,) = inbox(user)
    assert (seen.is_silenced, seen.silenced_until) == (True, None)


def test_case_020_for_good_without_a_body(user, a):
    # The web UI sends no body; the client always sends one.
    answer = user.http.post(f"/api/user-actions/{a.uuid}/silence/")
    assert found(answer) == {"status": "silenced", "duration_days": None}


@pytest.mark.parametrize("days", [0, 366, -1])
def test_case_021_for_too_short_or_too_long(user, a, days):
    body = SilenceActionRequest(duration_days=days)
    assert refused(400, silence, user, a, body) == RANGE
    assert [seen.uuid for seen in user_actions_list.sync(client=user.client)] == [a.uuid]


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (None, "This field may not be null."),
        (1.5, "A valid integer is required."),
        (True, "A valid integer is required."),
        ("abc", "A valid integer is required."),
    ],
)
def test_case_021_for_no_number_of_days(user, a, days, text):
    # The client sends integers only.
    answer = user.http.post(f"/api/user-actions/{a.uuid}/silence/", json={"duration_days": days})
    assert found(answer, 400) == {"duration_days": [text]}


@pytest.mark.parametrize("days", ["7", 7.0])
def test_case_021_what_is_as_good_as_an_integer(user, a, days):
    answer = user.http.post(f"/api/user-actions/{a.uuid}/silence/", json={"duration_days": days})
    assert found(answer) == {"status": "silenced", "duration_days": 7}


def test_case_022_what_is_silenced_is_not_found(user, a):
    silence(user, a, WEEK)
    assert refused(404, silence, user, a, WEEK) == no_such("UserAction")
    # The client cannot ask for silenced ones here.
    answer = user.http.post(f"/api/user-actions/{a.uuid}/silence/?include_silenced=true", json={})
    assert found(answer)["duration_days"] is None


def test_case_023_to_hear_of_it_again(user, a):
    silence(user, a, WEEK)
    user.http.post(f"/api/user-actions/{a.uuid}/silence/?include_silenced=true", json={})
    answer = user_actions_unsilence.sync(a.uuid, client=user.client)
    assert answer.status == "unsilenced"
    (seen,) = user_actions_list.sync(client=user.client)
    assert (seen.is_silenced, seen.silenced_until) == (False, None)
    # Once more does no harm.
    assert user_actions_unsilence.sync(a.uuid, client=user.client).status == "unsilenced"


def test_case_024_not_other_peoples(market, scene, user):
    b = market.todo(scene.other)
    for caller in (user, scene.staff):
        body = refused(404, user_actions_unsilence.sync, b.uuid, client=caller.client)
        assert body == {"detail": "Action not found"}


def test_case_025_all_of_a_kind(market, user):
    for urgency in ("high", "high", "low"):
        market.todo(user, urgency=urgency)
    # The client cannot send filters here.
    answer = user.http.post(
        "/api/user-actions/bulk_silence/?urgency=high", json={"duration_days": 14}
    )
    result = BulkSilenceResponse.from_dict(found(answer))
    assert (result.status, result.count, result.duration_days) == ("bulk_silenced", 2, 14)
    (left,) = user_actions_list.sync(client=user.client)
    assert left.urgency.value == "low"


def test_case_025_all_that_is_to_be_seen(market, user):
    for _ in range(2):
        market.todo(user)
    body = SilenceActionRequest(duration_days=0)
    refusal = refused(400, user_actions_bulk_silence.sync, client=user.client, body=body)
    assert refusal == RANGE
    assert len(user_actions_list.sync(client=user.client)) == 2
    counts = [
        user_actions_bulk_silence.sync(client=user.client, body=FOREVER).count for _ in range(2)
    ]
    assert counts == [2, 0]
