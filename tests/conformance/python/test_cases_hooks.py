"""Conformance cases 55 to 59 and 69: which webhook is told of what, and what goes with it."""

import base64
import contextlib

import pytest

from support import expect
from support.clock import far
from support.hook_sink import hooked, listening, sinking, tell


@pytest.fixture
def sink(tenant):
    """An endpoint that hears of the actions in the tenant."""
    with sinking(tenant) as sink:
        yield sink


def deliveries(make, hook):
    """The ids of the actions that the webhook was to be told of, whether it was or not."""
    answer = make.http.get(f"/api/v1/webhooks/{hook['id']}/deliveries")
    return [item["eventId"] for item in expect.status(answer, 200).json()["items"]]


def test_case_055_a_broadcast_is_told(tenant):
    tell(tenant)
    with listening() as sink, hooked(tenant, sink, **{"global": True}):
        user, reason = tenant.user(), tenant.reason()
        mute = tenant.mute()
        taken = tenant.take(mute, user, broadcast=True, comment="Too loud", reasonId=reason["id"])
        call = sink.wait_for_call("start", taken)
    event = call.event
    assert call.headers["Content-Type"].lower().startswith("application/json")
    assert event == taken["event"]
    assert expect.is_uuid(event["id"]) and expect.is_instant(event["createInstant"])
    assert {
        "type": "user.action",
        "phase": "start",
        "tenantId": tenant.tenant_id,
        "actionId": taken["id"],
        "action": mute["name"],
        "actioneeUserId": user["id"],
        "linkedObjectId": user["id"],
        "actionerUserId": tenant.actioner["id"],
        "applicationIds": [],
        "comment": "Too loud",
        "reasonCode": reason["code"],
        "expiry": taken["expiry"],
    }.items() <= event.items()
    assert event["localizedDuration"]


@pytest.mark.parametrize("broadcast", [False, None])
def test_case_056_what_is_not_broadcast_is_not_told(tenant, sink, broadcast):
    mute, user = tenant.mute(), tenant.user()
    quiet = tenant.take(mute, user, broadcast=broadcast)
    assert "event" not in quiet
    # Another one that is told later shows that nothing of this one was still under way.
    loud = tenant.take(mute, user, broadcast=True)
    sink.wait_for("start", loud)
    assert sink.about(quiet) == []


def test_case_057_the_tenant_tells_nobody(crowd, tenant):
    other = crowd.in_new_tenant()
    tell(tenant, enabled=False)
    tell(other)
    with listening() as sink, hooked(tenant, sink) as hook, hooked(other, sink, "/others"):
        quiet = tenant.take(tenant.mute(), tenant.user(), broadcast=True)
        # Who is told is settled in the order of the commits, soon after them.
        loud = other.take(other.mute(), other.user(), broadcast=True)
        sink.wait_for("start", loud, "/others")
        assert deliveries(crowd, hook) == []
        assert sink.about(quiet) == []


def test_case_057_webhooks_that_hear_something_else(crowd, tenant, sink):
    other = crowd.in_new_tenant()
    tell(other)
    with contextlib.ExitStack() as stack:
        deaf = [
            stack.enter_context(hooked(tenant, sink, path, **fields))
            for path, fields in {
                "/switched-off": {"eventsEnabled": {"user.action": False}},
                "/never-switched-on": {"eventsEnabled": {"user.create": True}},
                "/nobodys": {"tenantIds": []},
                "/others": {"tenantIds": [other.tenant_id]},
            }.items()
        ]
        taken = tenant.take(tenant.mute(), tenant.user(), broadcast=True)
        # Who is to be told is settled at once for all of them.
        sink.wait_for("start", taken)
        assert [deliveries(crowd, hook) for hook in deaf] == [[], [], [], []]
        elsewhere = other.take(other.mute(), other.user(), broadcast=True)
        sink.wait_for("start", elsewhere, "/others")
        assert sink.about(taken) == ["/hook"]
        assert sink.about(elsewhere) == ["/others"]


def test_case_058_a_modification_and_a_cancellation_are_told(tenant, sink):
    taken = tenant.take(tenant.mute(), tenant.user(), broadcast=True, comment="c1")
    ids = [sink.wait_for("start", taken)["id"]]
    body = tenant.change(comment="c2", expiry=far()) | {"broadcast": True}
    modified = expect.ok(tenant.api.modify_action(taken["id"], body))["action"]
    event = sink.wait_for("modify", taken)
    assert event == modified["event"]
    assert (event["comment"], event["expiry"]) == ("c2", body["action"]["expiry"])
    ids.append(event["id"])

    body = tenant.change(comment="c3") | {"broadcast": True}
    cancelled = expect.ok(tenant.api.cancel_action(taken["id"], body))["action"]
    event = sink.wait_for("cancel", taken)
    assert event == cancelled["event"]
    assert (event["comment"], event["expiry"]) == ("c3", cancelled["expiry"])
    ids.append(event["id"])
    assert len(set(ids)) == 3


def test_case_058_quiet_changes_are_not_told(tenant, sink):
    taken = tenant.take(tenant.mute(), tenant.user(), broadcast=True)
    assert "event" not in tenant.modify(taken)
    assert "event" not in tenant.cancel(taken)
    later = tenant.take(tenant.mute(), tenant.user(), broadcast=True)
    sink.wait_for("start", later)
    assert len(sink.about(taken)) == 1


def test_case_059_what_does_not_last_has_no_phase(tenant, sink):
    user = tenant.user(preferredLanguages=["eo", "en"])
    taken = tenant.take(tenant.reward(), user, broadcast=True, option="Gold")
    event = sink.wait_for(None, taken)
    assert event == taken["event"]
    assert not {"phase", "expiry", "localizedDuration"} & set(event)
    assert (event["option"], event["localizedOption"]) == ("Gold", "Oro")


def test_case_069_headers_and_basic_authentication(tenant):
    tell(tenant)
    fields = {
        "headers": {"X-Forum": "yes", "X-Team": "safety"},
        "httpAuthenticationUsername": "ada",
        "httpAuthenticationPassword": "love:lace",
    }
    with listening() as sink, hooked(tenant, sink, **fields):
        taken = tenant.take(tenant.mute(), tenant.user(), broadcast=True)
        headers = sink.wait_for_call("start", taken).headers
    assert (headers["X-Forum"], headers["X-Team"]) == ("yes", "safety")
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"ada:love:lace").decode()
