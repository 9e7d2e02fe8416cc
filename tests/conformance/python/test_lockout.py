"""Failed logins: too many of them take an action in nobody's name."""

import pytest

from support import expect
from support.clock import MINUTE, now

WRONG = "wrong password"


@pytest.fixture
def locking(tenant):
    """A caller in a tenant that locks for five minutes after two failures, and the definition."""
    tenant.lock = tenant.ban()
    configure(
        tenant,
        userActionId=tenant.lock["id"],
        tooManyAttempts=2,
        resetCountInSeconds=600,
        actionDuration=5,
        actionDurationUnit="MINUTES",
    )
    return tenant


def configure(tenant, **fields):
    wanted = {"tenant": {"failedAuthenticationConfiguration": fields}}
    return expect.ok(tenant.api.patch_tenant(tenant.tenant_id, wanted))["tenant"]


def fail(tenant, user, times=1):
    for _ in range(times):
        expect.empty(tenant.login(user, password=WRONG), 404)


def test_the_lock_is_an_action_in_nobodys_name(locking):
    user = locking.user()
    fail(locking, user)
    assert locking.actions(user) == []
    before = now()
    fail(locking, user)
    (action,) = locking.actions(user)
    assert action["userActionId"] == locking.lock["id"]
    assert action["name"] == locking.lock["name"]
    assert action["applicationIds"] == []
    assert "actionerUserId" not in action
    assert before + 5 * MINUTE - 1 <= action["expiry"] <= now() + 5 * MINUTE
    (block,) = expect.status(locking.login(user), 409).json()["actions"]
    assert block["expiry"] == action["expiry"]
    assert "actionerUserId" not in block


def test_further_failures_restart_the_duration(locking):
    user = locking.user()
    fail(locking, user, times=2)
    (first,) = locking.actions(user)
    fail(locking, user)
    (second,) = locking.actions(user)
    assert second["id"] == first["id"]
    assert second["expiry"] > first["expiry"]
    assert [item["expiry"] for item in second["historyItems"]] == [first["expiry"]]
    assert "actionerUserId" not in second["historyItems"][0]


def test_cancelling_the_lock_does_not_reset_the_counter(locking):
    user = locking.user()
    fail(locking, user, times=2)
    (lock,) = locking.actions(user)
    locking.cancel(lock)
    fail(locking, user)
    assert len(locking.actions(user)) == 2
    expect.status(locking.login(user), 409)


def test_refusals_for_other_reasons_do_not_count(locking):
    user, banned = locking.user(), locking.user()
    locking.take(locking.ban(), banned)
    for _ in range(3):
        expect.status(locking.login(banned), 409)
    assert len(locking.actions(banned)) == 1
    expect.empty(locking.api.deactivate_user(user["id"]))
    for _ in range(3):
        expect.empty(locking.login(user, password=WRONG), 423)
    assert locking.actions(user) == []


def test_one_users_failures_are_not_anothers(locking):
    careless, careful = locking.user(), locking.user()
    fail(locking, careless, times=2)
    expect.ok(locking.login(careful))
    fail(locking, careful)
    assert locking.actions(careful) == []


def test_another_tenants_users_are_not_locked(crowd, locking):
    other = crowd.in_new_tenant()
    user = other.user()
    fail(other, user, times=3)
    expect.ok(other.login(user))


def test_a_lock_can_be_lifted_by_a_moderator(locking):
    user = locking.user()
    fail(locking, user, times=2)
    (lock,) = locking.actions(user)
    lifted = locking.cancel(lock, comment="Called us")
    assert lifted["actionerUserId"] == locking.actioner["id"]
    expect.ok(locking.login(user))


def test_a_definition_that_is_gone_locks_nobody(locking):
    locking.delete_definition(locking.lock)
    user = locking.user()
    fail(locking, user, times=3)
    expect.ok(locking.login(user))


@pytest.mark.parametrize("kind", ["mute", "reward"])
def test_the_definition_must_prevent_logins(tenant, kind):
    definition = getattr(tenant, kind)()
    wanted = {"failedAuthenticationConfiguration": {"userActionId": definition["id"]}}
    refused = tenant.api.patch_tenant(tenant.tenant_id, {"tenant": wanted})
    (key,) = expect.errors(refused)["fieldErrors"]
    assert key.endswith("failedAuthenticationConfiguration.userActionId")
