"""Tenants: the one that is always there, those that are made, and their settings."""

import uuid

import pytest

from support import expect, jwt
from support.clock import until
from support.make import unique


def create(crowd, **fields):
    return crowd.api.create_tenant({"tenant": fields})


def test_the_default_tenant_is_there_from_the_start(make, api):
    (only,) = expect.ok(api.retrieve_tenants())["tenants"]
    assert only["name"] == "Default"
    assert expect.ok(api.retrieve_tenant(only["id"]))["tenant"] == only


def test_defaults_of_a_new_tenant(crowd):
    name = unique("Tenant")
    made = expect.ok(create(crowd, name=name))["tenant"]
    assert expect.is_uuid(made["id"])
    assert made["name"] == name
    assert isinstance(made["issuer"], str)
    assert made["loginConfiguration"]["requireAuthentication"] is True
    failed = made["failedAuthenticationConfiguration"]
    assert "userActionId" not in failed
    assert failed["tooManyAttempts"] == 5
    assert failed["resetCountInSeconds"] == 60
    assert (failed["actionDuration"], failed["actionDurationUnit"]) == (3, "MINUTES")
    assert failed["emailUser"] is False
    assert failed["actionCancelPolicy"]["onPasswordReset"] is False
    events = made["eventConfiguration"]["events"]
    assert events["user.action"] == {"enabled": False, "transactionType": "None"}
    mail = made["emailConfiguration"]
    assert (mail["host"], mail["port"]) == ("localhost", 25)
    assert mail["defaultFromEmail"] == "change-me@example.com"
    assert expect.is_instant(made["insertInstant"])
    assert expect.is_instant(made["lastUpdateInstant"])


def test_a_chosen_id(crowd):
    chosen = str(uuid.uuid4())
    made = crowd.api.create_tenant({"tenant": {"name": unique("Tenant")}}, chosen)
    assert expect.ok(made)["tenant"]["id"] == chosen


def test_a_name_is_needed_and_unique(crowd):
    taken = crowd.tenant()
    expect.field(create(crowd, name=" "), "tenant.name", "[blank]")
    expect.field(create(crowd, name=taken["name"]), "tenant.name", "[duplicate]")


def test_the_issuer_signs_the_tokens(tenant):
    patch = {"tenant": {"issuer": "community.example.com"}}
    expect.ok(tenant.api.patch_tenant(tenant.tenant_id, patch))
    _, payload = jwt.decode(expect.ok(tenant.login(tenant.user()))["token"])
    assert payload["iss"] == "community.example.com"
    assert payload["tid"] == tenant.tenant_id


def test_patch_merges_single_event_types(crowd, tenant):
    def patch(event_type, transaction_type):
        wanted = {event_type: {"enabled": True, "transactionType": transaction_type}}
        body = {"tenant": {"eventConfiguration": {"events": wanted}}}
        return expect.ok(tenant.api.patch_tenant(tenant.tenant_id, body))["tenant"]

    patch("user.action", "AbsoluteMajority")
    events = patch("user.create", "Any")["eventConfiguration"]["events"]
    assert events["user.action"] == {"enabled": True, "transactionType": "AbsoluteMajority"}
    assert events["user.create"] == {"enabled": True, "transactionType": "Any"}
    assert events["user.delete"] == {"enabled": False, "transactionType": "None"}
    found = expect.ok(crowd.api.retrieve_tenant(tenant.tenant_id))["tenant"]
    assert found["eventConfiguration"]["events"] == events


@pytest.mark.parametrize("transaction_type", ["AnyWebhook", "none", ""])
def test_a_transaction_type_that_is_none(tenant, transaction_type):
    wanted = {"user.action": {"enabled": True, "transactionType": transaction_type}}
    body = {"tenant": {"eventConfiguration": {"events": wanted}}}
    expect.errors(tenant.api.patch_tenant(tenant.tenant_id, body))


def test_put_replaces(crowd):
    made = crowd.tenant(failedAuthenticationConfiguration={"tooManyAttempts": 9})
    assert made["failedAuthenticationConfiguration"]["tooManyAttempts"] == 9
    name = unique("Renamed")
    put = expect.ok(crowd.api.update_tenant(made["id"], {"tenant": {"name": name}}))["tenant"]
    assert put["name"] == name
    assert put["failedAuthenticationConfiguration"]["tooManyAttempts"] == 5
    assert put["insertInstant"] == made["insertInstant"]


def test_search_by_name(crowd):
    word = unique("Word").replace(" ", "-")
    a, b = crowd.tenant(name=f"{word} one"), crowd.tenant(name=f"{word} two")
    found = expect.ok(crowd.api.search_tenants({"search": {"name": word.lower()}}))
    assert found["total"] == 2
    assert expect.ids(found["tenants"]) == {a["id"], b["id"]}
    found = expect.ok(crowd.http.get("/api/tenant/search", params={"name": f"{word}*two"}))
    assert expect.ids(found["tenants"]) == {b["id"]}


def test_listing(crowd, tenant):
    listed = expect.ids(expect.ok(crowd.api.retrieve_tenants())["tenants"])
    assert tenant.tenant_id in listed


@pytest.mark.parametrize("way", ["delete_tenant", "delete_tenant_async"])
def test_deletion(crowd, way):
    made = crowd.tenant()
    answer = getattr(crowd.api, way)(made["id"])
    assert answer.was_successful()
    # What is asked for asynchronously may take a moment.
    until(lambda: crowd.api.retrieve_tenant(made["id"]).status == 404, what="the tenant's end")
    assert made["id"] not in expect.ids(expect.ok(crowd.api.retrieve_tenants())["tenants"])


def test_unknown(crowd):
    unknown, wanted = str(uuid.uuid4()), {"tenant": {"name": unique("Tenant")}}
    expect.empty(crowd.api.retrieve_tenant(unknown), 404)
    expect.empty(crowd.api.update_tenant(unknown, wanted), 404)
    expect.empty(crowd.api.patch_tenant(unknown, wanted), 404)
    expect.empty(crowd.api.delete_tenant(unknown), 404)
