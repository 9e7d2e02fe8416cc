"""What holds on the whole Waldur surface: tokens, bodies, methods, ids, pages, browsers."""

import contextlib
import json
import socket
import urllib.parse
import uuid

import httpx
import pytest
from waldur_api_client.api.customers import customers_count, customers_list
from waldur_api_client.api.projects import projects_count, projects_list
from waldur_api_client.api.roles import roles_count, roles_list
from waldur_api_client.api.user_action_executions import (
    user_action_executions_count,
    user_action_executions_list,
)
from waldur_api_client.api.user_actions import user_actions_count, user_actions_list
from waldur_api_client.api.user_group_invitations import (
    user_group_invitations_count,
    user_group_invitations_list,
)
from waldur_api_client.api.user_permission_requests import (
    user_permission_requests_count,
    user_permission_requests_list,
)
from waldur_api_client.api.users import users_count, users_list, users_me_retrieve
from waldur_api_client.models import UserMeFieldEnum

from support.inbox import DAY, ago, ahead, soon
from support.waldur import found, paged

LIST = "/api/user-actions/"
NO_CREDENTIALS = "Authentication credentials were not provided."


@pytest.fixture
def http(organisation):
    """Plain HTTP in nobody's name: the client cannot send broken credentials."""
    with httpx.Client(base_url=organisation.url, timeout=60) as http:
        yield http


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, NO_CREDENTIALS),
        ("Bearer abc", NO_CREDENTIALS),
        ("Token", "Invalid token. No credentials provided."),
        ("Token a b", "Invalid token. Token string should not contain spaces."),
        ("Token abc", "Invalid token."),
        ("Token " + "0" * 40, "Invalid token."),
    ],
)
def test_who_is_not_let_in(http, header, detail):
    headers = {} if header is None else {"Authorization": header}
    answer = http.get(LIST, headers=headers)
    assert found(answer, 401) == {"detail": detail}
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_the_scheme_is_written_in_any_case(http, scene):
    for scheme in ("Token", "token", "TOKEN"):
        answer = http.get(LIST, headers={"Authorization": f"{scheme} {scene.user.token}"})
        assert found(answer) == []


def test_a_wrong_token_is_wrong_even_where_none_is_needed(http):
    path = "/api/user-group-invitations/"
    assert isinstance(found(http.get(path)), list)
    found(http.get(path, headers={"Authorization": "Token abc"}), 401)


def test_the_token_is_good_for_the_native_surface_too(http, scene):
    path = f"/api/v1/gate?userId={scene.staff.uuid}"
    answer = http.get(path, headers={"Authorization": f"Token {scene.staff.token}"})
    assert found(answer)["allowed"] is True


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_a_wrong_method(market, scene, method):
    a = market.todo(scene.user)
    for path in (LIST, f"{LIST}{a.uuid}/"):
        answer = scene.user.http.request(method, path, json={})
        assert found(answer, 405) == {"detail": f'Method "{method}" not allowed.'}
        assert "GET" in answer.headers["Allow"]


def test_a_refusal_leaves_the_connection_usable(organisation):
    # Many clients send a body after the head; the refusal may be on its way by then.
    url = urllib.parse.urlsplit(organisation.url)
    host = f"Host: {url.netloc}\r\n"
    head = f"PATCH {LIST} HTTP/1.1\r\n{host}Content-Length: 2\r\n\r\n".encode()
    following = f"GET {LIST} HTTP/1.1\r\n{host}\r\n".encode()
    with socket.create_connection((url.hostname, url.port), timeout=0.3) as connection:
        connection.sendall(head)
        answers = b""
        with contextlib.suppress(TimeoutError):
            answers = connection.recv(65536)
        if b"connection: close" in answers.lower():
            return
        connection.settimeout(10)
        connection.sendall(b"{}" + following)
        while answers.count(b"HTTP/1.1 ") < 2:
            more = connection.recv(65536)
            assert more, f"the connection ended without a word after {answers!r}"
            answers += more
    assert answers.startswith(b"HTTP/1.1 405 ") and b"HTTP/1.1 401 " in answers


def test_bodies_that_are_none(market, scene):
    a = market.todo(scene.user)
    path = f"{LIST}{a.uuid}/execute_action/"
    as_json = {"Content-Type": "application/json"}

    def post(content, headers=as_json):
        return scene.user.http.post(path, content=content, headers=headers)

    assert found(post("{"), 400)["detail"].startswith("JSON parse error - ")
    assert found(post("[]"), 400) == {
        "non_field_errors": ["Invalid data. Expected a dictionary, but got list."]
    }
    answer = post("action_label=x", {"Content-Type": "text/plain"})
    assert found(answer, 415) == {"detail": 'Unsupported media type "text/plain" in request.'}
    # Nothing at all, without a type, is an empty object.
    assert found(post(None, {}), 400) == {"action_label": ["This field is required."]}


def test_ids_are_read_with_hyphens_and_without(market, scene):
    a = market.todo(scene.user)
    for text in (str(a.uuid), a.uuid.hex, a.uuid.hex.upper()):
        # The client sends hyphens only.
        row = found(scene.user.http.get(f"{LIST}{text}/"))
        assert row["uuid"] == a.uuid.hex
    assert found(scene.user.http.get(f"{LIST}not-an-id/"), 404) == {"detail": "Not found."}


def test_instants_are_in_utc(market, scene):
    market.todo(scene.user, dueAt=ahead(DAY))
    (row,) = found(scene.user.http.get(LIST))
    for name in ("created", "modified", "due_date"):
        instant, _, fraction = row[name].removesuffix("Z").partition(".")
        assert row[name].endswith("Z") and len(fraction) <= 6, row[name]
        assert len(instant) == len("2026-01-01T00:00:00")


def test_filters_by_instants(market, scene):
    a = market.todo(scene.user)
    client = scene.user.client

    def shown(**query):
        return [each.uuid for each in user_actions_list.sync(client=client, **query)]

    assert shown(created_after=ago(DAY), created_before=ahead(DAY)) == [a.uuid]
    assert shown(created_after=ahead(DAY)) == []
    # The client sends instants only.
    assert len(found(scene.user.http.get(f"{LIST}?created_after=2020-01-01"))) == 1
    answer = scene.user.http.get(f"{LIST}?created_after=yesterday")
    assert found(answer, 400) == {"created_after": ["Enter a valid date/time."]}
    answer = scene.user.http.get(f"{LIST}?user_uuid=me")
    assert found(answer, 400) == {"user_uuid": ["Enter a valid UUID."]}


@pytest.mark.parametrize("size", ["0", "-1", "many", "301"])
def test_odd_sizes_of_pages(market, scene, size):
    market.todos(market.body(scene.user) for _ in range(11))
    answer = scene.user.http.get(LIST, params={"page_size": size})
    assert len(found(answer)) == (11 if size == "301" else 10)


def test_page_one_of_nothing_is_empty(scene):
    answer = user_action_executions_list.sync_detailed(client=scene.user.client)
    assert answer.parsed == []
    assert set(paged(answer, 0)) == {"first", "last"}
    assert found(scene.user.http.get(f"{LIST}?page=2"), 404) == {"detail": "Invalid page."}


@pytest.mark.parametrize(
    ("listed", "count"),
    [
        (customers_list, customers_count),
        (projects_list, projects_count),
        (roles_list, roles_count),
        (user_actions_list, user_actions_count),
        (user_action_executions_list, user_action_executions_count),
        (user_group_invitations_list, user_group_invitations_count),
        (user_permission_requests_list, user_permission_requests_count),
        (users_list, users_count),
    ],
)
def test_what_is_listed_is_counted(market, scene, listed, count):
    assert market.todo(scene.owner) and scene.request and scene.on_project
    # The request comes into the owner's inbox a moment later, maybe between the two questions.
    assert soon(scene.owner, "permission_request")
    client = scene.owner.client
    assert len(listed.sync_all(client=client)) == count.sync(client=client)


def test_what_nobody_knows_is_ignored(market, scene):
    a = market.todo(scene.user)
    assert len(found(scene.user.http.get(f"{LIST}?frobnicate=1"))) == 1
    answer = scene.user.http.post(
        f"{LIST}{a.uuid}/silence/", json={"duration_days": 1, "frobnicate": 1}
    )
    assert found(answer)["status"] == "silenced"


def test_browsers_may_ask(http):
    answer = http.options(
        LIST,
        headers={
            "Origin": "https://portal.example.com",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert answer.status_code == 200
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "authorization" in allowed and "content-type" in allowed


def test_browsers_see_counts_and_links(scene):
    answer = scene.user.http.get(LIST, headers={"Origin": "https://portal.example.com"})
    exposed = answer.headers["Access-Control-Expose-Headers"].lower()
    assert "x-result-count" in exposed and "link" in exposed


def test_only_the_fields_that_are_wanted(scene):
    me = users_me_retrieve.sync_detailed(
        client=scene.user.client, field=[UserMeFieldEnum.USERNAME, UserMeFieldEnum.UUID]
    )
    assert me.parsed.username == scene.user.username
    # What is left out looks like an empty list to the client.
    assert set(json.loads(me.content)) == {"uuid", "username"}


def test_a_row_of_somebody_else_is_like_none(scene):
    unknown = uuid.uuid4()
    answer = scene.user.http.get(f"{LIST}{unknown}/")
    assert found(answer, 404) == {"detail": "No UserAction matches the given query."}


def test_a_write_is_repeated_by_its_key(market, scene):
    a = market.todo(scene.user)
    again = {"Idempotency-Key": uuid.uuid4().hex}
    path = f"{LIST}{a.uuid}/silence/"
    first = found(scene.user.http.post(path, json={"duration_days": 1}, headers=again))
    second = scene.user.http.post(path, json={"duration_days": 1}, headers=again)
    assert found(second) == first
    assert second.headers["Idempotency-Replayed"] == "true"
    # Without the key, the row is hidden by now.
    found(scene.user.http.post(path, json={"duration_days": 1}), 404)
