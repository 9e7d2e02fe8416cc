"""Conformance cases 60 to 62: what is told when an action's time has come."""

import pytest

from support import expect
from support.clock import SECOND, now, until
from support.hook_sink import sinking


@pytest.fixture
def sink(tenant):
    """An endpoint that hears of the actions in the tenant."""
    with sinking(tenant) as sink:
        yield sink


def get(make, action):
    return expect.ok(make.api.retrieve_action(action["id"]))["action"]


def soon():
    return now() + 2 * SECOND


def test_case_060_an_end_is_told_once(tenant, sink):
    expiry = soon()
    action = tenant.take(tenant.mute(), tenant.user(), comment="c1", expiry=expiry)
    assert get(tenant, action)["endEventSent"] is False
    event = sink.wait_for("end", action)
    assert 0 <= event["createInstant"] - expiry < SECOND
    assert event["actionerUserId"] == action["actionerUserId"]
    assert event["comment"] == "c1"
    assert "info" not in event
    ended = get(tenant, action)
    assert ended["endEventSent"] is True
    # It ended when that was due, however much later others are told.
    assert ended["lastUpdateInstant"] == expiry
    assert "history" not in ended
    # Another end that is told later shows that nothing of this one was still under way.
    later = tenant.take(tenant.mute(), tenant.user(), expiry=now())
    sink.wait_for("end", later)
    assert len(sink.of("end", action)) == 1
    assert not sink.of("start", action)


def test_case_061_a_quiet_end(tenant, sink):
    expiry = soon()
    quiet = tenant.take(tenant.mute(sendEndEvent=False), tenant.user(), expiry=expiry)
    loud = tenant.take(tenant.mute(), tenant.user(), expiry=expiry)
    later = tenant.take(tenant.mute(), tenant.user(), expiry=expiry + 1)
    for told in (loud, later):
        sink.wait_for("end", told)
    assert not sink.of("end", quiet)
    assert get(tenant, quiet)["endEventSent"] is False
    assert get(tenant, quiet)["lastUpdateInstant"] == quiet["lastUpdateInstant"]


def test_case_062_no_end_of_what_was_cancelled(tenant, sink):
    expiry = soon()
    action = tenant.take(tenant.mute(), tenant.user(), expiry=expiry)
    later = tenant.take(tenant.mute(), tenant.user(), expiry=expiry + 1)
    tenant.cancel(action)
    sink.wait_for("end", later)
    assert not sink.of("end", action)
    assert get(tenant, action)["endEventSent"] is False


def test_an_end_that_was_moved_comes_at_its_new_time(tenant, sink):
    sooner = tenant.take(tenant.mute(), tenant.user())
    later = tenant.take(tenant.mute(), tenant.user(), expiry=soon())
    expiry = soon() + SECOND
    tenant.modify(sooner, expiry=expiry - SECOND)
    tenant.modify(later, expiry=expiry)
    sink.wait_for("end", sooner)
    assert sink.wait_for("end", later)["createInstant"] >= expiry
    until(lambda: get(tenant, later)["endEventSent"])
