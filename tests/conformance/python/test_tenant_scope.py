"""Which tenant a request is about: the key's, the header's, the only one, or the object's."""

import uuid

import pytest

from support import expect
from support.clock import far
from support.http import TENANT_HEADER
from support.make import PASSWORD, unique, unique_email

GLOBAL_ONLY = [
    ("GET", "/api/user-action"),
    ("GET", "/api/user-action-reason"),
    ("GET", "/api/email/template"),
    ("GET", "/api/email/template/search"),
    ("GET", "/api/system/event-log/search"),
    ("GET", "/api/tenant/search"),
]

TENANT_CAPABLE = [
    "/api/user/search?queryString=*",
    "/api/user/comment/search",
    "/api/application",
    "/api/tenant",
    "/api/system/audit-log/search",
    "/api/webhook",
]


def own(tenant):
    """A caller whose key is scoped to the tenant."""
    return tenant.with_key(tenantId=tenant.tenant_id)


def test_the_only_tenant_is_meant_when_none_is_named(make):
    default = make.default_tenant_id()
    assert make.user()["tenantId"] == default
    assert make.application()["tenantId"] == default


def test_the_only_tenant_may_be_named_in_the_header(make):
    default = make.default_tenant_id()
    caller = make.caller(tenant_id=default)
    assert caller.user()["tenantId"] == default


def test_the_keys_tenant_is_meant(tenant):
    caller = own(tenant)
    assert caller.user()["tenantId"] == tenant.tenant_id
    assert caller.application()["tenantId"] == tenant.tenant_id


def test_a_scoped_key_with_its_own_tenant_in_the_header(tenant):
    caller = own(tenant)
    caller.api.set_tenant_id(tenant.tenant_id)
    assert caller.user()["tenantId"] == tenant.tenant_id


def test_a_scoped_key_with_another_tenant_in_the_header(crowd, tenant):
    user, caller = tenant.user(), own(tenant)
    caller.api.set_tenant_id(crowd.tenant()["id"])
    expect.empty(caller.api.retrieve_user(user["id"]), 401)
    expect.empty(caller.api.retrieve_actions(user["id"]), 401)


@pytest.mark.parametrize("header", ["xyz", str(uuid.UUID(int=7, version=4))])
def test_a_header_that_names_no_tenant(tenant, header):
    user = tenant.user()
    answer = tenant.http.get(f"/api/user/{user['id']}", headers={TENANT_HEADER: header})
    expect.errors(answer)
    prefixes = ("[invalid]", "[couldNotConvert]")
    assert any(prefix in answer.text for prefix in prefixes), answer.text
    assert TENANT_HEADER.lower() in answer.text.lower()


def test_objects_of_another_tenant_are_not_there(crowd, tenant):
    user, application = tenant.user(), tenant.application()
    action = tenant.take(tenant.mute(), user)
    other = crowd.in_new_tenant()
    for stranger in (other, own(other)):
        expect.empty(stranger.api.retrieve_user(user["id"]), 404)
        expect.empty(stranger.api.retrieve_user_by_email(user["email"]), 404)
        expect.empty(stranger.api.delete_user(user["id"]), 404)
        expect.empty(stranger.api.retrieve_application(application["id"]), 404)
        expect.empty(stranger.api.retrieve_action(action["id"]), 404)
        change = {"action": {"actionerUserId": other.actioner["id"], "expiry": far()}}
        expect.empty(stranger.api.modify_action(action["id"], change), 404)
        expect.empty(stranger.api.cancel_action(action["id"], change), 404)
        expect.empty(stranger.login(user), 404)
    expect.ok(tenant.api.retrieve_user(user["id"]))


def test_bodies_cannot_name_objects_of_another_tenant(crowd, tenant):
    mute, user, application = tenant.mute(), tenant.user(), tenant.application()
    other = crowd.in_new_tenant()
    stranger = own(other)
    body = stranger.request(mute, user)
    expect.field(stranger.api.action_user(body), "action.actioneeUserId", "[invalid]")
    body = stranger.request(mute, other.user(), applicationIds=[application["id"]])
    expect.field(stranger.api.action_user(body), "action.applicationIds", "[invalid]")
    body = crowd.request(mute, user, tenant.actioner, applicationIds=[other.application()["id"]])
    expect.field(crowd.api.action_user(body), "action.applicationIds", "[invalid]")


def test_among_several_tenants_the_objects_own_is_meant(crowd, tenant):
    mute, user, actioner = tenant.mute(), tenant.user(), tenant.actioner
    action = expect.ok(crowd.api.action_user(crowd.request(mute, user, actioner)))["action"]
    assert expect.ok(crowd.api.retrieve_action(action["id"]))["action"] == action
    assert expect.ids(crowd.actions(user)) == {action["id"]}
    crowd.modify(action, actioner)
    crowd.cancel(action, actioner)
    assert expect.ok(crowd.api.retrieve_user(user["id"]))["user"]["tenantId"] == tenant.tenant_id


def test_an_actioner_may_come_from_another_tenant(crowd, tenant):
    other = crowd.in_new_tenant()
    body = crowd.request(tenant.mute(), tenant.user(), other.user())
    expect.ok(crowd.api.action_user(body))


def test_among_several_tenants_one_must_be_named_where_nothing_tells(crowd, tenant):
    user = tenant.user()
    wanted = {"user": {"email": unique_email(), "password": PASSWORD}}
    expect.general(crowd.api.create_user(wanted), "[TenantIdRequired]")
    expect.general(crowd.api.retrieve_user_by_email(user["email"]), "[TenantIdRequired]")
    expect.general(crowd.api.retrieve_user_by_login_id(user["email"]), "[TenantIdRequired]")
    expect.general(crowd.login(user), "[TenantIdRequired]")
    wanted = {"application": {"name": unique("Application")}}
    expect.general(crowd.api.create_application(wanted), "[TenantIdRequired]")


def test_among_several_tenants_an_application_tells(crowd, tenant):
    application, user = tenant.application(), tenant.user()
    tenant.registered(user, application)
    expect.ok(crowd.login(user, application))
    account = {"email": unique_email(), "password": PASSWORD}
    made = crowd.api.create_user({"user": account, "applicationId": application["id"]})
    assert expect.ok(made)["user"]["tenantId"] == tenant.tenant_id


def test_the_same_address_in_two_tenants_is_two_users(crowd, tenant):
    other, email = crowd.in_new_tenant(), unique_email()
    here, there = tenant.user(email=email), other.user(email=email)
    assert here["id"] != there["id"]
    tenant.take(tenant.ban(), here)
    expect.status(tenant.login(here), 409)
    expect.ok(other.login(there))


@pytest.mark.parametrize(("method", "path"), GLOBAL_ONLY)
def test_a_scoped_key_is_refused_where_only_global_keys_go(tenant, method, path):
    expect.empty(own(tenant).http.send(method, path), 401)


@pytest.mark.parametrize(("method", "path"), GLOBAL_ONLY)
def test_a_global_key_with_the_header_is_let_through(tenant, method, path):
    expect.ok(tenant.http.send(method, path))


@pytest.mark.parametrize("path", TENANT_CAPABLE)
def test_a_scoped_key_is_good_elsewhere(tenant, path):
    expect.ok(own(tenant).http.get(path))


def test_a_scoped_key_sees_only_its_tenant(crowd, tenant):
    user, application = tenant.user(), tenant.application()
    stranger = own(crowd.in_new_tenant())
    listed = expect.ok(stranger.api.retrieve_applications())["applications"]
    assert application["id"] not in expect.ids(listed)
    query = {"search": {"queryString": user["email"]}}
    assert expect.ok(stranger.api.search_users_by_query(query))["users"] == []
    assert expect.ok(stranger.api.search_users_by_ids([user["id"]]))["users"] == []
    gone = expect.ok(stranger.api.delete_users_by_query({"userIds": [user["id"]]}))
    assert gone["total"] == 0
    assert expect.ok(tenant.api.retrieve_user(user["id"]))["user"]["active"] is True
