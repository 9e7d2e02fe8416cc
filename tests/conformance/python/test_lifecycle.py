"""An action's life: what may be changed when, what stays, and who wins when two change it."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import expect
from support.clock import DAY, INDEFINITE, SECOND, far, now, past, until


@pytest.fixture
def muted(make):
    """A mute in progress, with a comment."""
    return make.take(make.mute(), make.user(), comment="c1", emailUser=True, notifyUser=True)


def is_active(make, action):
    listed = make.api.retrieve_active_actions(action["actioneeUserId"])
    return action["id"] in expect.ids(expect.ok(listed)["actions"])


def test_an_expired_action_can_no_longer_be_changed(make, api):
    over = make.expired(make.mute(), make.user())
    expect.errors(api.modify_action(over["id"], make.change(expiry=far())))
    expect.errors(api.cancel_action(over["id"], make.change()))


def test_a_cancelled_action_can_no_longer_be_modified(make, api, muted):
    make.cancel(muted)
    expect.errors(api.modify_action(muted["id"], make.change(expiry=far())))
    assert not is_active(make, muted)


def test_an_action_becomes_inactive_by_the_clock(make):
    action = make.take(make.mute(), make.user(), expiry=now() + SECOND // 2)
    until(lambda: not is_active(make, action), what="the mute's end")
    assert now() >= action["expiry"]


def test_a_modification_may_shorten_extend_and_end(make, muted):
    for expiry in (now() + DAY, far(), INDEFINITE):
        assert make.modify(muted, expiry=expiry)["expiry"] == expiry
        assert is_active(make, muted)
    ended = past()
    assert make.modify(muted, expiry=ended)["expiry"] == ended
    assert not is_active(make, muted)


def test_a_modification_without_a_comment_clears_it(make, api, muted):
    assert "comment" not in make.modify(muted)
    assert "comment" not in expect.ok(api.retrieve_action(muted["id"]))["action"]


def test_comments_are_trimmed(make):
    mute, user = make.mute(), make.user()
    assert make.take(mute, user, comment="  c1\n")["comment"] == "c1"
    assert "comment" not in make.take(mute, user, comment="   ")


def test_flags_follow_modifications_but_not_cancellation(make, muted):
    changed = make.modify(muted, emailUser=False)
    assert changed["emailUserOnEnd"] is False
    assert changed["notifyUserOnEnd"] is False
    changed = make.modify(muted, emailUser=True, notifyUser=True)
    cancelled = make.cancel(changed, emailUser=False, notifyUser=False)
    assert cancelled["emailUserOnEnd"] is True
    assert cancelled["notifyUserOnEnd"] is True


def test_fields_that_only_taking_sets_are_ignored_later(make, api, muted):
    body = make.change(
        expiry=far(),
        actioneeUserId=make.actioner["id"],
        userActionId=make.ban()["id"],
        option="Bronze",
        reasonId=str(uuid.uuid4()),
    )
    changed = expect.ok(api.modify_action(muted["id"], body))["action"]
    for name in ("actioneeUserId", "userActionId", "name", "insertInstant"):
        assert changed[name] == muted[name]
    assert "option" not in changed
    assert "reason" not in changed


def test_expiry_is_ignored_on_instant_actions_and_on_cancel(make, muted):
    assert "expiry" not in make.take(make.reward(), make.user(), expiry=far())
    assert make.cancel(muted, expiry=far())["expiry"] <= now()


def test_taking_keeps_the_words_of_its_day(make, api):
    mute, reason, user = make.mute(), make.reason(), make.user()
    action = make.take(mute, user, reasonId=reason["id"])
    renamed = {"userAction": {"name": f"{mute['name']} renamed"}}
    expect.ok(api.patch_user_action(mute["id"], renamed))
    expect.empty(api.delete_user_action_reason(reason["id"]))
    assert expect.ok(api.retrieve_action(action["id"]))["action"] == action


def test_the_same_definition_may_be_taken_twice(make):
    mute, user = make.mute(), make.user()
    wanted = {make.take(mute, user)["id"], make.take(mute, user)["id"]}
    assert expect.ids(make.actions(user)) == wanted


def test_actions_go_with_the_actionee_but_not_with_the_actioner(make, api):
    mute, user, other = make.mute(), make.user(), make.user()
    gone = make.take(mute, other)
    kept = make.take(mute, user, actioner=other)
    expect.empty(api.delete_user(other["id"]))
    expect.empty(api.retrieve_action(gone["id"]), 404)
    assert expect.ok(api.retrieve_action(kept["id"]))["action"] == kept


def test_a_deactivated_user_can_be_actioned_and_can_action(make, api):
    user, mute = make.user(), make.mute()
    expect.empty(api.deactivate_user(user["id"]))
    make.take(mute, user)
    make.take(mute, user, actioner=user)


def test_one_of_many_cancellations_wins(make, api, muted):
    def cancel(number):
        return api.cancel_action(muted["id"], make.change(comment=f"c{number}")).status

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(cancel, range(8)))
    assert statuses == [200] + [400] * 7
    found = expect.ok(api.retrieve_action(muted["id"]))["action"]
    assert [item["comment"] for item in found["historyItems"]] == ["c1"]


def test_no_modification_is_lost(make, api, muted):
    def modify(number):
        body = make.change(comment=f"m{number}", expiry=far())
        return api.modify_action(muted["id"], body).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(modify, range(8))) == {200}
    found = expect.ok(api.retrieve_action(muted["id"]))["action"]
    told = [item["comment"] for item in found["historyItems"]] + [found["comment"]]
    assert told[0] == "c1"
    assert sorted(told[1:]) == [f"m{number}" for number in range(8)]
