"""Conformance cases 63 to 67: what happens when webhooks do not agree to a change."""

import contextlib
import time

import pytest

from support import expect, mail_sink
from support.hook_sink import hooked, listening, tell
from support.make import unique

PHASES = ("start", "modify", "cancel", "end")


@pytest.fixture
def sink():
    """An endpoint that nobody was told about yet."""
    with listening() as sink:
        yield sink


@contextlib.contextmanager
def voting(tenant, sink, transaction, *statuses):
    """A tenant that asks one webhook for each status, which is what that one will answer."""
    tell(tenant, transaction)
    with contextlib.ExitStack() as stack:
        for place, status in enumerate(statuses):
            sink.answer(f"/{place}", status)
            stack.enter_context(hooked(tenant, sink, f"/{place}"))
        yield


def told_by_mail(tenant):
    """A kind of action that is told by mail in every phase."""
    template = tenant.template(defaultSubject=unique("Subject"))
    templates = {f"{phase}EmailTemplateId": template["id"] for phase in PHASES}
    return tenant.mute(userEmailingEnabled=True, **templates)


def take(tenant, kind, user, **fields):
    """The answer to a broadcast, whatever it is."""
    return tenant.api.action_user(tenant.request(kind, user, **fields) | {"broadcast": True})


def refused(response):
    """The change was prevented by the webhooks."""
    # The client reads the bodies of no other refusals than 400.
    (error,) = expect.errors(expect.raw(response), 504)["generalErrors"]
    assert error["code"] == "[WebhookTransactionException]"
    assert not response.was_successful()


def test_case_063_one_of_two_prevents_what_all_must_agree_to(tenant, sink):
    kind, user = told_by_mail(tenant), tenant.user()
    with mail_sink.sinking(tenant) as mails:
        with voting(tenant, sink, "AbsoluteMajority", 200, 500):
            refused(take(tenant, kind, user, emailUser=True))
            assert sorted(call.path for call in sink.calls) == ["/0", "/1"]
            assert sink.calls[0].event["phase"] == "start"
            assert tenant.actions(user) == []
            # A mail that comes later shows that none was still under way.
            sink.answer("/1", 200)
            taken = expect.ok(take(tenant, kind, user, emailUser=True))["action"]
        (letter,) = mails.wait_for(1)
        assert letter["To"].addresses[0].addr_spec == user["email"]
        assert len(mails.letters) == 1
    assert [action["id"] for action in tenant.actions(user)] == [taken["id"]]


def test_case_063_a_change_is_prevented_too(tenant, sink):
    user = tenant.user()
    taken = tenant.take(tenant.mute(), user, comment="c1")
    with voting(tenant, sink, "AbsoluteMajority", 200, 500):
        body = tenant.change(comment="c2", expiry=taken["expiry"] + 1) | {"broadcast": True}
        refused(tenant.api.modify_action(taken["id"], body))
        body = tenant.change(comment="c3") | {"broadcast": True}
        refused(tenant.api.cancel_action(taken["id"], body))
    assert expect.ok(tenant.api.retrieve_action(taken["id"]))["action"] == tenant.actions(user)[0]
    assert tenant.actions(user)[0]["comment"] == "c1"
    assert {call.event["phase"] for call in sink.calls} == {"modify", "cancel"}


@pytest.mark.parametrize("transaction", ["Any", "SimpleMajority"])
def test_case_064_one_of_two_is_enough(tenant, sink, transaction):
    kind, user = tenant.mute(), tenant.user()
    with voting(tenant, sink, transaction, 200, 500):
        taken = expect.ok(take(tenant, kind, user))["action"]
        # Both were asked before the answer came.
        assert sorted(sink.about(taken)) == ["/0", "/1"]
        assert sink.calls[0].event == taken["event"] == sink.calls[1].event
    assert [action["id"] for action in tenant.actions(user)] == [taken["id"]]


@pytest.mark.parametrize("transaction", ["Any", "SimpleMajority", "SuperMajority"])
def test_case_064_nobody_to_ask(tenant, sink, transaction):
    with voting(tenant, sink, transaction):
        expect.ok(take(tenant, tenant.mute(), tenant.user()))


@pytest.mark.parametrize(
    ("transaction", "statuses", "agreed"),
    [
        ("SuperMajority", (200, 204, 500), True),
        ("SimpleMajority", (200, 500, 500), False),
        ("SuperMajority", (200, 302, 500), False),
        ("Any", (404, 302, 500), False),
    ],
)
def test_case_065_so_many_of_three(tenant, sink, transaction, statuses, agreed):
    kind, user = tenant.mute(), tenant.user()
    with voting(tenant, sink, transaction, *statuses):
        answer = take(tenant, kind, user)
        if agreed:
            expect.ok(answer)
        else:
            refused(answer)
        assert {call.path for call in sink.calls} == {"/0", "/1", "/2"}
    assert len(tenant.actions(user)) == int(agreed)


def test_case_066_nobody_is_asked(tenant, sink):
    kind, user = tenant.mute(), tenant.user()
    with voting(tenant, sink, "None", 500):
        taken = expect.ok(take(tenant, kind, user))["action"]
        assert sink.wait_for("start", taken, "/0") == taken["event"]
    assert [action["id"] for action in tenant.actions(user)] == [taken["id"]]


def test_case_067_too_slow_to_agree(tenant, sink):
    tell(tenant, "AbsoluteMajority")
    sink.hang("/slow")
    kind, user = tenant.mute(), tenant.user()
    with hooked(tenant, sink), hooked(tenant, sink, "/slow", readTimeout=300):
        began = time.monotonic()
        refused(take(tenant, kind, user))
        assert time.monotonic() - began < 10, "the endpoint was waited for"
        assert sorted(call.path for call in sink.calls) == ["/hook", "/slow"]
    assert tenant.actions(user) == []
