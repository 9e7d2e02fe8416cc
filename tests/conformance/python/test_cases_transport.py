"""Conformance cases 1, 2, 14, 92, 93, 94: keys, and bodies that are no good."""

import uuid

import pytest

from support import expect
from support.clock import past
from support.make import PASSWORD, unique, unique_email

# The same in every process, for it becomes part of the names of tests.
ID = "00000000-0000-4000-8000-000000000001"

ENDPOINTS = [
    ("GET", "/api/user-action"),
    ("POST", "/api/user-action"),
    ("GET", f"/api/user-action/{ID}"),
    ("PUT", f"/api/user-action/{ID}"),
    ("PATCH", f"/api/user-action/{ID}"),
    ("DELETE", f"/api/user-action/{ID}"),
    ("GET", "/api/user-action-reason"),
    ("POST", "/api/user-action-reason"),
    ("DELETE", f"/api/user-action-reason/{ID}"),
    ("GET", f"/api/user/action?userId={ID}"),
    ("POST", "/api/user/action"),
    ("GET", f"/api/user/action/{ID}"),
    ("PUT", f"/api/user/action/{ID}"),
    ("DELETE", f"/api/user/action/{ID}"),
    ("POST", "/api/user"),
    ("GET", f"/api/user/{ID}"),
    ("DELETE", f"/api/user/{ID}"),
    ("DELETE", f"/api/user/bulk?userId={ID}"),
    ("GET", "/api/user/search?queryString=*"),
    ("GET", f"/api/user/comment/{ID}"),
    ("GET", f"/api/user/registration/{ID}/{ID}"),
    ("GET", "/api/application"),
    ("POST", "/api/application"),
    ("GET", "/api/tenant"),
    ("POST", "/api/tenant/search"),
    ("POST", "/api/api-key"),
    ("GET", f"/api/api-key/{ID}"),
    ("GET", "/api/email/template"),
    ("POST", "/api/email/template/preview"),
    ("GET", "/api/webhook"),
    ("GET", "/api/webhook/search"),
    ("PUT", f"/api/login/{ID}/{ID}"),
    ("GET", "/api/system/audit-log/search"),
    ("GET", "/api/system/event-log/search"),
    ("GET", "/api/system/version"),
]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_case_001_without_authorization(http, method, path):
    body = {} if method in ("POST", "PUT", "PATCH") else None
    expect.empty(http.send(method, path, key=None, json=body), 401)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_case_002_wrong_key(http, method, path):
    body = {} if method in ("POST", "PUT", "PATCH") else None
    expect.empty(http.send(method, path, key=f"wrong-{uuid.uuid4()}", json=body), 401)


def test_case_002_expired_key(make):
    caller = make.with_key(expirationInstant=past())
    expect.empty(caller.api.retrieve_user_actions(), 401)


def test_case_002_key_lacking_the_method(make):
    reader = make.key_for(**{"/api/user-action": ["GET"]})
    expect.ok(reader.api.retrieve_user_actions())
    wanted = {"userAction": {"name": unique("Note")}}
    expect.empty(reader.api.create_user_action(wanted), 401)


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
def test_case_014_definition_from_an_empty_body(http, headers):
    answer = http.post("/api/user-action", headers=headers)
    expect.general(answer, "[missing]")


@pytest.mark.parametrize(
    "path", ["/api/user-action-reason", "/api/user/action", "/api/user", "/api/login"]
)
def test_case_014_other_empty_bodies(http, path):
    expect.general(http.post(path), "[missing]")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/user/xyz", "userId"),
        ("/api/user-action/xyz", "userActionId"),
        ("/api/user-action-reason/xyz", "userActionReasonId"),
        ("/api/user/action/xyz", "actionId"),
        ("/api/user/action?userId=xyz", "userId"),
    ],
)
def test_case_092_path_id_that_is_no_uuid(http, path, name):
    expect.field(http.get(path), name, "[couldNotConvert]")


@pytest.mark.parametrize("body", ["{", '{"action":', "not json", '{"action":{"comment":"\\ud8'])
def test_case_093_malformed_json(http, body):
    headers = {"Content-Type": "application/json"}
    expect.errors(http.post("/api/user/action", data=body, headers=headers))


@pytest.mark.parametrize("body", ["[]", '"text"', "7", '{"action":[]}', '{"action":"text"}'])
def test_case_093_json_of_another_shape(http, body):
    headers = {"Content-Type": "application/json"}
    expect.errors(http.post("/api/user/action", data=body, headers=headers))


def test_case_093_bytes_that_are_no_utf_8(http):
    headers = {"Content-Type": "application/json"}
    expect.errors(http.post("/api/user/action", data=b'{"action":{"\xff\xfe', headers=headers))


def test_case_094_unknown_fields_are_ignored(make, api):
    odd = {"unheardOf": {"of": ["x"]}, "another": 1}
    wanted = {"name": unique("Mute"), "temporal": True} | odd
    definition = expect.ok(api.create_user_action({"userAction": wanted} | odd))["userAction"]
    assert "unheardOf" not in definition
    account = {"email": unique_email(), "password": PASSWORD} | odd
    user = expect.ok(api.create_user({"user": account} | odd))["user"]
    body = make.request(definition, user, **odd) | odd
    action = expect.ok(api.action_user(body))["action"]
    assert "unheardOf" not in action
    expect.ok(api.modify_action(action["id"], make.change(expiry=action["expiry"], **odd) | odd))
    expect.ok(api.cancel_action(action["id"], make.change(**odd) | odd))
