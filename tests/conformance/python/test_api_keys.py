"""API keys: their making, changing, ending, and who may do so."""

import uuid

import pytest

from support import expect
from support.clock import HOUR, SECOND, now, past, until
from support.make import unique


def create(api, **fields):
    return api.create_api_key({"apiKey": fields})


def is_good(caller):
    return expect.raw(caller.api.retrieve_user_actions()).status_code == 200


def test_defaults_of_a_new_key(make, api):
    made = expect.ok(create(api))["apiKey"]
    assert expect.is_uuid(made["id"])
    assert len(made["key"]) >= 32
    assert made["retrievable"] is True
    assert made["keyManager"] is False
    assert "tenantId" not in made
    assert "expirationInstant" not in made
    assert is_good(make.caller(key=made["key"]))
    found = expect.ok(api.retrieve_api_key(made["id"]))["apiKey"]
    assert found["key"] == made["key"]


def test_generated_keys_differ(make):
    assert make.api_key()["key"] != make.api_key()["key"]


def test_a_chosen_id_and_key(make, api):
    chosen, key = str(uuid.uuid4()), f"chosen-{uuid.uuid4().hex}"
    made = expect.ok(api.create_api_key({"apiKey": {"key": key}}, chosen))["apiKey"]
    assert (made["id"], made["key"]) == (chosen, key)
    assert is_good(make.caller(key=key))
    assert not is_good(make.caller(key=key.upper()))
    assert not is_good(make.caller(key=key[:-1]))
    expect.field(create(api, key=key), "apiKey.key", "[duplicate]")


def test_a_key_that_is_shown_once(make, api):
    expect.field(create(api, retrievable=False), "apiKey.name", "[blank]")
    made = make.api_key(retrievable=False, name=unique("Key"))
    assert is_good(make.caller(key=made["key"]))
    found = expect.ok(api.retrieve_api_key(made["id"]))["apiKey"]
    assert "key" not in found
    assert found["retrievable"] is False


def test_a_description_and_a_name(make, api):
    attributes = {"description": "for the forum"}
    name = unique("Key")
    made = make.api_key(name=name, metaData={"attributes": attributes})
    found = expect.ok(api.retrieve_api_key(made["id"]))["apiKey"]
    assert found["name"] == name
    assert found["metaData"]["attributes"] == attributes


def test_nobody_makes_key_managers(make):
    caller = make.with_key(keyManager=True)
    expect.empty(create(caller.api), 401)


@pytest.mark.parametrize("scoped", [False, True])
def test_only_key_managers_see_keys(make, scoped):
    fields = {"tenantId": make.default_tenant_id()} if scoped else {}
    caller = make.with_key(**fields)
    expect.empty(create(caller.api), 401)
    expect.empty(caller.api.retrieve_api_key(caller.api_key_id), 401)
    expect.empty(caller.api.patch_api_key(caller.api_key_id, {"apiKey": {}}), 401)
    expect.empty(caller.api.delete_api_key(caller.api_key_id), 401)
    assert is_good(make)


def test_a_deleted_key_ends_at_once(make, api):
    caller = make.with_key()
    assert is_good(caller)
    expect.empty(api.delete_api_key(caller.api_key_id))
    assert not is_good(caller)
    expect.empty(api.retrieve_api_key(caller.api_key_id), 404)


def test_a_key_ends_when_its_time_has_come(make):
    caller = make.with_key(expirationInstant=now() + SECOND)
    until(lambda: not is_good(caller), what="the key's end")


def test_put_and_patch_of_the_expiration(make, api):
    caller = make.with_key(expirationInstant=now() + HOUR)
    assert is_good(caller)
    expect.ok(api.patch_api_key(caller.api_key_id, {"apiKey": {"expirationInstant": past()}}))
    assert not is_good(caller)
    put = expect.ok(api.update_api_key(caller.api_key_id, {"apiKey": {}}))["apiKey"]
    assert "expirationInstant" not in put
    assert is_good(caller)


def test_permissions_change_at_once(make, api):
    caller = make.with_key()
    assert is_good(caller)
    permissions = {"endpoints": {"/api/user": ["GET"]}}
    expect.ok(api.update_api_key(caller.api_key_id, {"apiKey": {"permissions": permissions}}))
    assert not is_good(caller)
    found = expect.ok(api.retrieve_api_key(caller.api_key_id))["apiKey"]
    assert found["permissions"] == permissions


def test_unknown(api):
    unknown = str(uuid.uuid4())
    expect.empty(api.retrieve_api_key(unknown), 404)
    expect.empty(api.update_api_key(unknown, {"apiKey": {}}), 404)
    expect.empty(api.patch_api_key(unknown, {"apiKey": {}}), 404)
    expect.empty(api.delete_api_key(unknown), 404)
