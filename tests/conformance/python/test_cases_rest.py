"""Conformance cases 81, 83 to 88, 91 and 95: languages, tenants, search, comments, lockout."""

import pytest

from support import expect
from support.make import unique


def test_case_081_reason_in_the_actionees_language(make):
    reason = make.reason()
    reader = make.user(preferredLanguages=["eo"])
    action = make.take(make.mute(), reader, reasonId=reason["id"])
    assert action["reason"] == reason["text"]
    assert action["localizedReason"] == "Rompis la regulojn"
    action = make.take(make.mute(), make.user(), reasonId=reason["id"])
    assert action["localizedReason"] == reason["text"]


def test_case_083_deactivation_answers_without_a_body(make, http):
    answer = http.delete(f"/api/user-action/{make.definition()['id']}")
    expect.empty(answer, 200)


def test_case_084_action_of_another_tenant(crowd, tenant):
    action = tenant.take(tenant.mute(), tenant.user())
    other = crowd.in_new_tenant()
    stranger = tenant.with_key(tenantId=other.tenant_id)
    expect.empty(stranger.api.retrieve_action(action["id"]), 404)
    expect.empty(stranger.api.cancel_action(action["id"], tenant.change()), 404)
    owner = tenant.with_key(tenantId=tenant.tenant_id)
    assert expect.ok(owner.api.retrieve_action(action["id"]))["action"] == action


def test_case_085_tenants_own_key_takes_an_action(crowd, tenant):
    mute, user = tenant.mute(), tenant.user()
    owner = tenant.with_key(tenantId=tenant.tenant_id)
    action = owner.take(mute, user)
    assert action["actioneeUserId"] == user["id"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_case_086_tenants_own_key_on_definitions(tenant, method):
    owner = tenant.with_key(tenantId=tenant.tenant_id)
    body = {"userAction": {"name": unique("X")}} if method == "POST" else None
    expect.empty(owner.http.send(method, "/api/user-action", json=body), 401)


def test_case_087_webhook_search_with_undefined_parameters(http):
    query = "description=d&numberOfResults=undefined&orderBy=undefined&startRow=undefined"
    found = expect.ok(http.get(f"/api/webhook/search?{query}"))
    assert set(found) == {"total", "webhooks"}
    assert expect.is_instant(found["total"])
    assert isinstance(found["webhooks"], list)


def test_case_088_dry_run_of_a_bulk_delete(make, api, http):
    a, b = make.user()["id"], make.user()["id"]
    by_query = http.delete(f"/api/user/bulk?userId={a}&userId={b}&dryRun=true")
    by_body = api.delete_users_by_query({"userIds": [a, b], "dryRun": True})
    for answer in (by_query, by_body):
        body = expect.ok(answer)
        assert body["dryRun"] is True
        assert body["hardDelete"] is False
        assert body["total"] == 2
        assert len(body["userIds"]) == 2
        assert set(body["userIds"]) == {a, b}
    for user in (a, b):
        assert expect.ok(api.retrieve_user(user))["user"]["active"] is True


def test_case_091_comment_on_a_user(make, api):
    user, text = make.user(), unique("A comment")
    wanted = {"userId": user["id"], "commenterId": make.actioner["id"], "comment": text}
    made = expect.ok(api.comment_on_user({"userComment": wanted}))["userComment"]
    assert expect.is_uuid(made["id"])
    (found,) = expect.ok(api.retrieve_user_comments(user["id"]))["userComments"]
    assert found["id"] == made["id"]
    assert found["comment"] == text
    assert found["userId"] == user["id"]
    assert found["commenterId"] == make.actioner["id"]
    assert expect.is_instant(found["insertInstant"])


def test_case_095_lockout(tenant):
    ban, user = tenant.ban(), tenant.user()
    lockout = {"userActionId": ban["id"], "tooManyAttempts": 3}
    wanted = {"tenant": {"failedAuthenticationConfiguration": lockout}}
    expect.ok(tenant.api.patch_tenant(tenant.tenant_id, wanted))
    for _ in range(3):
        expect.empty(tenant.login(user, password="wrong password"), 404)
    (block,) = expect.status(tenant.login(user), 409).json()["actions"]
    assert block["name"] == ban["name"]
    assert "actionerUserId" not in block
    (action,) = tenant.actions(user)
    assert action["userActionId"] == ban["id"]
    assert "actionerUserId" not in action
