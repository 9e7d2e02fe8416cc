"""The log of what webhooks were told, through the official client, and the log of events.

No test here has an endpoint: the server may not call this machine, which is an outcome too.
"""

import json
import time
import uuid

import pytest

from support import expect
from support import server as servers
from support.clock import HOUR, now, until
from support.make import Make, unique


def tried_out(make):
    """A webhook that may not be called, and the answer to trying it out."""
    wanted = {"url": "http://127.0.0.1:9/hook", "connectTimeout": 1000, "readTimeout": 1000}
    webhook = expect.ok(make.api.create_webhook({"webhook": wanted | {"global": True}}))["webhook"]
    answer = make.http.post(f"/api/v1/webhooks/{webhook['id']}/test")
    return webhook, expect.status(answer, 200).json()


def test_a_call_that_failed_is_in_the_logs(make, api, http):
    webhook, outcome = tried_out(make)
    assert (outcome["succeeded"], outcome["status"]) == (False, None)
    assert outcome["error"]
    log = expect.ok(api.retrieve_webhook_event_log(outcome["eventId"]))["webhookEventLog"]
    assert (log["eventType"], log["eventResult"]) == ("test", "Failed")
    assert (log["successfulAttempts"], log["failedAttempts"]) == (0, 1)
    assert log["event"]["event"]["id"] == log["id"] == outcome["eventId"]
    for name in ("insertInstant", "lastUpdateInstant", "lastAttemptInstant", "sequence"):
        assert expect.is_instant(log[name]), name
    (nested,) = log["attempts"]
    assert nested["attemptResult"] == "Failure"
    assert nested["webhookId"] == webhook["id"]
    assert nested["webhookCallResponse"]["url"] == webhook["url"]
    assert nested["webhookCallResponse"]["exception"] == outcome["error"]
    assert "webhookEventLogId" not in nested
    body = expect.ok(api.retrieve_webhook_attempt_log(nested["id"]))
    attempt = body.pop("webhookAttemptLog")
    assert attempt == body == nested | {"webhookEventLogId": log["id"]}

    path = f"/api/v1/webhooks/{webhook['id']}/deliveries"
    (delivery,) = expect.status(http.get(path), 200).json()["items"]
    assert (delivery["state"], delivery["attemptsMade"]) == ("failed", 1)
    again = {"eventIds": [log["id"]]}
    replayed = http.post(f"/api/v1/webhooks/{webhook['id']}/replay", json=again)
    assert expect.status(replayed, 202).json() == {"queued": 1, "next": None}
    expect.empty(api.delete_webhook(webhook["id"]))


def test_searching_the_log(make, api, http):
    _, first = tried_out(make)
    _, second = tried_out(make)
    ids = [second["eventId"], first["eventId"]]

    def found(**criteria):
        body = expect.ok(api.search_webhook_event_logs({"search": criteria}))
        assert body["total"] >= len(body["webhookEventLogs"])
        return [log["id"] for log in body["webhookEventLogs"]]

    assert found(eventType="test")[:2] == ids
    assert found(event=f"*{first['eventId']}*") == ids[1:]
    assert [one for one in found(orderBy="sequence ASC") if one in ids] == ids[::-1]
    assert found(eventType="test", eventResult="Succeeded") == []
    assert found(start=now() + HOUR, end=now() + 2 * HOUR) == []
    params = {"event": first["eventId"]}
    by_get = expect.ok(http.get("/api/system/webhook-event-log/search", params=params))
    assert [log["id"] for log in by_get["webhookEventLogs"]] == ids[1:]
    refused = api.search_webhook_event_logs({"search": {"eventResult": "Perhaps"}})
    expect.field(refused, "search.eventResult", "[invalid]")
    refused = api.search_webhook_event_logs({"search": {"orderBy": "event"}})
    expect.field(refused, "search.orderBy", "[invalid]")


@pytest.mark.parametrize("name", ["event", "attempt"])
def test_an_unknown_entry(api, http, name):
    retrieve = getattr(api, f"retrieve_webhook_{name}_log")
    expect.empty(retrieve(str(uuid.uuid4())), 404)
    expect.errors(http.get(f"/api/system/webhook-{name}-log/xyz"))


def test_the_log_of_events_goes_on_from_its_cursor(make, http):
    def page(after, **params):
        params |= {"type": "reason.created"} | ({"after": after} if after else {})
        return expect.status(http.get("/api/v1/events", params=params), 200).json()

    body = page(None, limit=500)
    while body["next"]:
        body = page(body["next"], limit=500)
    wanted = {"userActionReason": {"code": unique("code"), "text": "Text"}}
    made = expect.ok(make.api.create_user_action_reason(wanted))["userActionReason"]
    later = until(lambda: page(body["cursor"])["items"], 10, "the event")
    assert [item["subjectId"] for item in later] == [made["id"]]
    assert later[0]["data"]["code"] == made["code"]
    expect.problem(http.get("/api/v1/events", params={"after": "x"}), 400)


def test_a_stream_does_not_keep_the_server_from_ending(engine):
    with servers.running(engine) as server:
        make = Make(server.url, server.key)
        stream = make.http.get("/api/v1/events/stream?type=reason.created", stream=True)
        expect.status(stream, 200)
        lines = stream.iter_lines(decode_unicode=True)
        wanted = {"userActionReason": {"code": unique("code"), "text": "Text"}}
        made = expect.ok(make.api.create_user_action_reason(wanted))["userActionReason"]
        data = next(line for line in lines if line.startswith("data:"))
        assert json.loads(data.removeprefix("data:"))["subjectId"] == made["id"]
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5, "the stream was waited for"
        assert not [line for line in lines if line.startswith("data:")]
