"""PATCH in its three languages, and disguised as POST."""

import json
import uuid

import pytest

from support import expect
from support.make import unique

MERGE = "application/merge-patch+json"
PATCH = "application/json-patch+json"


def patch(make, definition, body, kind="application/json", method="PATCH", **headers):
    return make.http.send(
        method,
        f"/api/user-action/{definition['id']}",
        data=json.dumps(body),
        headers={"Content-Type": kind} | headers,
    )


def patched(*args, **rest):
    return expect.ok(patch(*args, **rest))["userAction"]


def options(definition):
    return [option["name"] for option in definition["options"]]


@pytest.fixture
def definition(make):
    return make.definition(
        temporal=True,
        localizedNames={"eo": "Noto", "de": "Notiz"},
        options=[{"name": "A"}, {"name": "B"}],
    )


def test_plain_scalars_replace_and_objects_merge(make, definition):
    body = {"userAction": {"sendEndEvent": False, "localizedNames": {"fr": "Note", "de": "N."}}}
    after = patched(make, definition, body)
    assert after["sendEndEvent"] is False
    assert after["localizedNames"] == {"eo": "Noto", "de": "N.", "fr": "Note"}
    assert after["name"] == definition["name"]
    assert after["temporal"] is True


def test_plain_arrays_append(make, definition):
    after = patched(make, definition, {"userAction": {"options": [{"name": "C"}]}})
    assert options(after) == ["A", "B", "C"]


def test_plain_null_removes(make, definition):
    after = patched(make, definition, {"userAction": {"localizedNames": {"de": None}}})
    assert after["localizedNames"] == {"eo": "Noto"}
    after = patched(make, definition, {"userAction": {"localizedNames": None}})
    assert "localizedNames" not in after
    refused = patch(make, definition, {"userAction": {"name": None}})
    expect.field(refused, "userAction.name", "[blank]")


def test_the_result_is_checked_like_a_put(make, definition):
    refused = patch(make, definition, {"userAction": {"temporal": False, "preventLogin": True}})
    expect.field(refused, "userAction.preventLogin")
    other = make.definition()
    refused = patch(make, definition, {"userAction": {"name": other["name"]}})
    expect.field(refused, "userAction.name", "[duplicate]")
    same = {"userAction": {"name": definition["name"]}}
    assert patched(make, definition, same)["name"] == definition["name"]


def test_what_the_server_sets_stays(make, definition):
    body = {"id": str(uuid.uuid4()), "active": False, "insertInstant": 7, "lastUpdateInstant": 7}
    after = patched(make, definition, {"userAction": body})
    assert after["id"] == definition["id"]
    assert after["active"] is True
    assert after["insertInstant"] == definition["insertInstant"]
    assert after["lastUpdateInstant"] >= definition["lastUpdateInstant"]


def test_merge_patch_replaces_arrays(make, definition):
    body = {"userAction": {"options": [{"name": "C"}], "localizedNames": {"de": None}}}
    after = patched(make, definition, body, MERGE)
    assert options(after) == ["C"]
    assert after["localizedNames"] == {"eo": "Noto"}
    assert after["name"] == definition["name"]


def test_json_patch(make, definition):
    name = unique("Note")
    body = [
        {"op": "test", "path": "/userAction/name", "value": definition["name"]},
        {"op": "replace", "path": "/userAction/name", "value": name},
        {"op": "add", "path": "/userAction/options/-", "value": {"name": "C"}},
        {"op": "remove", "path": "/userAction/options/0"},
        {"op": "add", "path": "/userAction/localizedNames/fr", "value": "Note"},
    ]
    after = patched(make, definition, body, PATCH)
    assert after["name"] == name
    assert options(after) == ["B", "C"]
    assert after["localizedNames"] == {"eo": "Noto", "de": "Notiz", "fr": "Note"}


@pytest.mark.parametrize(
    "body",
    [
        [{"op": "test", "path": "/userAction/name", "value": "another"}],
        [{"op": "remove", "path": "/userAction/nowhere"}],
        [{"op": "dance", "path": "/userAction/name"}],
        [{"op": "replace", "path": "/userAction/name", "value": " "}],
        {"userAction": {"name": "not a list of operations"}},
    ],
)
def test_json_patch_that_does_not_apply(make, api, definition, body):
    expect.errors(patch(make, definition, body, PATCH))
    assert expect.ok(api.retrieve_user_action(definition["id"]))["userAction"] == definition


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=UTF-8", MERGE])
def test_disguised_as_post(make, definition, kind):
    name = unique("Note")
    override = {"X-HTTP-Method-Override": "PATCH"}
    body = {"userAction": {"name": name}}
    after = patched(make, definition, body, kind, method="POST", **override)
    assert after["name"] == name
    assert options(after) == options(definition)


def test_disguised_json_patch(make, definition):
    name = unique("Note")
    override = {"x-http-method-override": "PATCH"}
    body = [{"op": "replace", "path": "/userAction/name", "value": name}]
    assert patched(make, definition, body, PATCH, method="POST", **override)["name"] == name


def test_languages_of_a_user(make, http):
    user = make.user(preferredLanguages=["eo"])
    path, body = f"/api/user/{user['id']}", {"user": {"preferredLanguages": ["de"]}}
    after = expect.ok(http.patch(path, json=body))["user"]
    assert after["preferredLanguages"] == ["eo", "de"]
    merge = http.patch(path, data=json.dumps(body), headers={"Content-Type": MERGE})
    assert expect.ok(merge)["user"]["preferredLanguages"] == ["de"]
    after = expect.ok(http.patch(path, json={"user": {"preferredLanguages": None}}))["user"]
    assert after["preferredLanguages"] == []


def test_nothing_to_patch(make, http, definition):
    expect.general(http.patch(f"/api/user-action/{definition['id']}"), "[missing]")
    wanted = {"userAction": {"name": unique("Note")}}
    expect.empty(http.patch(f"/api/user-action/{uuid.uuid4()}", json=wanted), 404)
