"""Below the endpoints: headers, empty answers, unknown paths and methods, the ids of requests."""

import json
import uuid

import pytest

from support import expect
from support.make import unique

# The same in every process, for it becomes part of the names of tests.
UNKNOWN = "00000000-0000-4000-8000-000000000002"


def test_status_needs_no_key(api, http):
    assert expect.raw(api.retrieve_system_status()).status_code == 200
    expect.status(http.get("/api/status", key=None), 200)


def test_version_is_the_one_stood_in_for(api, http):
    assert expect.ok(api.retrieve_version())["version"] == "1.69.0"
    expect.empty(http.get("/api/system/version", key=None), 401)


def test_header_names_have_no_case(http):
    headers = {"AUTHORIZATION": http.key}
    expect.ok(http.get("/api/user-action", key=None, headers=headers))


def test_a_length_header_does_not_matter(http):
    body = json.dumps({"userAction": {"name": unique("Note")}})
    headers = {"Content-Type": "application/json", "Length": str(len(body))}
    expect.ok(http.post("/api/user-action", data=body, headers=headers))


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=UTF-8", "text/plain", None]
)
def test_json_is_read_whatever_it_is_called(http, kind):
    name = unique("Noĉo 😀")
    body = json.dumps({"userAction": {"name": name}}, ensure_ascii=False).encode()
    headers = {"Content-Type": kind} if kind else {}
    made = http.post("/api/user-action", data=body, headers=headers)
    assert expect.ok(made)["userAction"]["name"] == name


def test_escaped_characters_are_characters(api):
    name = unique("Noĉo 😀 ")
    made = expect.ok(api.create_user_action({"userAction": {"name": name}}))["userAction"]
    assert made["name"] == name


def test_every_success_without_a_body_says_nothing(make, http):
    user, application = make.user(), make.application()
    registration = make.registered(user, application)
    hook = {"url": "https://example.com/", "connectTimeout": 1, "readTimeout": 1}
    hook = expect.ok(make.api.create_webhook({"webhook": hook}))["webhook"]
    paths = [
        f"/api/user-action/{make.definition()['id']}",
        f"/api/user-action/{make.definition()['id']}?hardDelete=true",
        f"/api/user-action-reason/{make.reason()['id']}",
        f"/api/email/template/{make.template()['id']}",
        f"/api/webhook/{hook['id']}",
        f"/api/user/registration/{user['id']}/{registration['applicationId']}",
        f"/api/user/{user['id']}",
        f"/api/user/{user['id']}?hardDelete=true",
        f"/api/application/{application['id']}",
        f"/api/application/{application['id']}?hardDelete=true",
        f"/api/api-key/{make.api_key()['id']}",
    ]
    for path in paths:
        expect.empty(http.delete(path))


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nowhere", "/api/user-acts", "/api/user/action/x/y"]
)
def test_unknown_paths(http, path):
    expect.empty(http.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/user-action"),
        ("DELETE", "/api/user-action"),
        ("PATCH", f"/api/user/action/{UNKNOWN}"),
        ("POST", f"/api/user/action/{UNKNOWN}"),
        ("PUT", "/api/user/comment"),
        ("GET", "/api/login"),
        ("DELETE", "/api/system/audit-log/search"),
    ],
)
def test_unknown_methods(http, method, path):
    expect.empty(http.send(method, path, json={} if method != "GET" else None), 405)


def test_a_bodyless_reactivation_with_every_kind_of_header(make, api, http):
    definition = make.definition()
    path = f"/api/user-action/{definition['id']}?reactivate=true"
    for headers in ({}, {"Content-Length": "0"}, {"Content-Type": "application/json"}):
        expect.empty(api.deactivate_user_action(definition["id"]))
        assert expect.ok(http.put(path, headers=headers))["userAction"]["active"] is True
    body = json.dumps({"userAction": {"name": "not looked at"}})
    kept = expect.ok(http.put(path, data=body))["userAction"]
    assert kept["name"] == definition["name"]


def test_a_cancellation_needs_its_body(make, http):
    action = make.take(make.mute(), make.user())
    expect.errors(http.delete(f"/api/user/action/{action['id']}"))


@pytest.mark.parametrize("path", ["/api/user-action", f"/api/user/action/{UNKNOWN}"])
def test_every_answer_names_its_request(http, path):
    chosen = f"request-{uuid.uuid4()}"
    answer = http.get(path, headers={"X-Request-Id": chosen})
    assert answer.headers["X-Request-Id"] == chosen
    one, other = http.get(path), http.get(path)
    assert one.headers["X-Request-Id"] != other.headers["X-Request-Id"]


def test_a_400_is_never_empty(http):
    expect.errors(http.post("/api/user-action", data=" "))
    expect.errors(http.post("/api/user-action", json={}))
    expect.errors(http.post("/api/user/action", json={}))
    expect.errors(http.put(f"/api/user/action/{UNKNOWN}", data="{"))
