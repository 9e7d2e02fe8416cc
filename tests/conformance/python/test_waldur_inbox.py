"""Waldur cases 1 to 18, 43 and 44: what the list of things to do shows, to whom, in which order."""

import uuid

import pytest
from waldur_api_client.api.user_actions import (
    user_actions_count,
    user_actions_list,
    user_actions_retrieve,
    user_actions_silence,
    user_actions_summary_count,
    user_actions_summary_retrieve,
)
from waldur_api_client.models import SilenceActionRequest, UrgencyEnum, UserAction

from support.database import behind_its_back
from support.inbox import DAY, TYPE, ago, ahead
from support.waldur import anonymous, found, no_such, paged, refused

FOREVER = SilenceActionRequest()


@pytest.fixture
def user(scene):
    """The contract's user."""
    return scene.user


@pytest.fixture
def a(market, user):
    """The contract's A."""
    return market.todo(user)


def shown(person, **filters):
    """The UUIDs of the list that the person gets, in its order."""
    return [action.uuid for action in user_actions_list.sync(client=person.client, **filters)]


def silence(person, action, **fields):
    """The person wants to hear no more of the action."""
    body = SilenceActionRequest(**fields)
    return user_actions_silence.sync(action.uuid, client=person.client, body=body)


def raw_list(person, query):
    """The list for a query that the client would not send."""
    answer = found(person.http.get(f"/api/user-actions/?{query}"))
    return [UserAction.from_dict(each) for each in answer]


def test_case_001_nobody_sees_nothing(organisation):
    with anonymous(organisation.url) as client:
        assert refused(401, user_actions_list.sync, client=client) == {
            "detail": "Authentication credentials were not provided."
        }


def test_case_002_the_list_is_a_bare_array(user, a):
    answer = user_actions_list.sync_detailed(client=user.client)
    (shown,) = answer.parsed
    links = paged(answer, 1)
    assert set(links) == {"first", "last"}
    assert links["first"].startswith(str(user.http.base_url))
    assert (shown.uuid, shown.title, shown.urgency) == (a.uuid, a.title, UrgencyEnum.MEDIUM)
    assert (shown.action_type, shown.is_silenced) == (TYPE, False)
    assert shown.route_params.to_dict() == {} and shown.corrective_actions == []
    assert (shown.due_date, shown.days_until_due, shown.silenced_until) == (None, None, None)
    assert shown.project_uuid is None and shown.project_name == ""


def test_case_003_even_staff_see_only_their_own(organisation, market, user, a):
    boss = organisation.person("boss", is_staff=True)
    b = market.todo(boss)
    # Staff have more to do than this.
    assert shown(boss, action_type=TYPE) == [b.uuid]
    assert shown(user) == [a.uuid]


def test_case_004_other_peoples_are_not_found(market, scene, user):
    b = market.todo(scene.other)
    body = refused(404, user_actions_retrieve.sync, b.uuid, client=user.client)
    assert body == no_such("UserAction")
    assert user_actions_retrieve.sync(b.uuid, client=scene.other.client).title == b.title


def test_case_005_staff_look_at_somebody_by_name(scene, user, a):
    assert shown(scene.staff, user_uuid=user.uuid) == [a.uuid]


def test_case_006_others_do_not(scene, user, a):
    assert shown(user, user_uuid=scene.other.uuid) == []
    assert shown(user, user_uuid=user.uuid) == [a.uuid]


def test_case_007_by_urgency(market, user, a):
    market.todo(user, urgency="low")
    assert shown(user, urgency=UrgencyEnum.MEDIUM) == [a.uuid]


def test_case_008_by_no_such_urgency(user):
    # The client knows only the three urgencies.
    body = found(user.http.get("/api/user-actions/", params={"urgency": "foo"}), 400)
    assert body == {"urgency": ["Select a valid choice. foo is not one of the available choices."]}


def test_case_009_what_is_silenced_is_hidden(user, a):
    silence(user, a)
    assert shown(user) == []


def test_case_010_unless_asked_for(user, a):
    silence(user, a)
    (seen,) = user_actions_list.sync(client=user.client, include_silenced=True)
    assert seen.uuid == a.uuid
    assert (seen.is_silenced, seen.is_effectively_silenced) == (True, True)
    assert seen.is_temporarily_silenced is False


@pytest.mark.parametrize("word", ["True", "1", "yes", ""])
def test_case_011_asked_for_in_lower_case(user, a, word):
    silence(user, a)
    # The client writes booleans as `true`, never like this.
    assert raw_list(user, f"include_silenced={word}") == []


def test_case_012_only_what_is_silenced(user, a):
    silence(user, a)
    assert shown(user, is_silenced=True) == []
    assert shown(user, is_silenced=True, include_silenced=True) == [a.uuid]
    assert shown(user, is_silenced=False, include_silenced=True) == []


def test_case_013_a_silence_ends_by_the_clock(organisation, user, a):
    silence(user, a, duration_days=1)
    assert shown(user) == []
    # A silence lasts a day at least; no caller can lay one that is over.
    over = int(ago(DAY).timestamp() * 1000)
    behind_its_back(
        organisation.server.database_url,
        f"UPDATE todo SET silenced_until = {over} WHERE title = '{a.title}'",
    )
    (seen,) = user_actions_list.sync(client=user.client)
    assert seen.uuid == a.uuid
    assert (seen.is_temporarily_silenced, seen.is_effectively_silenced) == (False, False)


def in_three_urgencies(market, user):
    """Something of each urgency, due at the same instant; by urgency."""
    due = ahead(3 * DAY)
    return {
        urgency: market.todo(user, urgency=urgency, dueAt=due).uuid
        for urgency in ("low", "high", "medium")
    }


def test_case_014_the_most_urgent_first(market, user):
    made = in_three_urgencies(market, user)
    assert shown(user) == [made["high"], made["medium"], made["low"]]


def test_case_015_an_unknown_order_is_the_usual_one(market, user):
    made = in_three_urgencies(market, user)
    assert shown(user, o="bogus") == [made["high"], made["medium"], made["low"]]


@pytest.fixture
def dated(market, user):
    """Something that was due yesterday, something for tomorrow, something without a date."""
    dues = {"past": ago(DAY), "next": ahead(DAY), "none": None}
    return {name: market.todo(user, dueAt=due).uuid for name, due in dues.items()}


def test_case_016_overdue(user, dated):
    assert shown(user, overdue=True) == [dated["past"]]
    assert set(shown(user, overdue=False)) == {dated["next"], dated["none"]}
    (late,) = user_actions_list.sync(client=user.client, overdue=True)
    assert late.days_until_due == -1


def test_case_017_due_soon(user, dated):
    assert set(shown(user, due_within_days=2)) == {dated["past"], dated["next"]}
    assert shown(user, due_within_days=0.5) == [dated["past"]]
    assert shown(user, due_within_days=-2) == []
    # The client sends numbers only.
    body = found(user.http.get("/api/user-actions/?due_within_days=soon"), 400)
    assert body == {"due_within_days": ["Enter a number."]}


def test_case_018_the_summary(market, user):
    market.todo(user, urgency="medium", dueAt=ago(DAY))
    market.todo(user, urgency="high")
    silence(user, market.todo(user, urgency="high"))
    summary = user_actions_summary_retrieve.sync(client=user.client).to_dict()
    assert summary == {
        "total": 2,
        "by_urgency": {"low": 0, "medium": 1, "high": 1},
        "by_type": {TYPE: 2},
        "overdue": 1,
    }
    assert user_actions_summary_count.sync(client=user.client) == 2


def test_case_043_a_count_without_rows(market, user):
    market.todo(user, urgency="high")
    market.todo(user, urgency="low")
    assert user_actions_count.sync(client=user.client, urgency=UrgencyEnum.HIGH) == 1
    assert user_actions_count.sync(client=user.client) == 2


def test_case_044_pages(market, user):
    market.todos(market.body(user, urgency="low") for _ in range(25))
    everything = user_actions_list.sync_all(client=user.client)
    assert len({action.uuid for action in everything}) == len(everything) == 25

    def page(number):
        return user_actions_list.sync_detailed(client=user.client, page=number, page_size=10)

    pages = [page(number) for number in (1, 2, 3)]
    assert ["next" in paged(answer, 25) for answer in pages] == [True, True, False]
    assert ["prev" in paged(answer, 25) for answer in pages] == [False, True, True]
    assert [len(answer.parsed) for answer in pages] == [10, 10, 5]
    paged_through = [action.uuid for answer in pages for action in answer.parsed]
    assert paged_through == [action.uuid for action in everything]
    first = paged(pages[1], 25)["first"]
    assert "page=" not in first.replace("page_size=", "")
    assert refused(404, page, 4) == {"detail": "Invalid page."}


def test_case_044_an_order_with_commas_survives_the_links(market, user):
    market.todos(market.body(user, urgency="low") for _ in range(3))
    answer = user_actions_list.sync_detailed(client=user.client, o="urgency,-created", page_size=1)
    assert "," not in paged(answer, 3)["next"]
    found(user.http.get(paged(answer, 3)["next"]))
    unknown = user_actions_list.sync(client=user.client, user_uuid=uuid.uuid4())
    assert unknown == []
