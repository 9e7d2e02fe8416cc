"""The audit log, which callers write and search, and the event log, which they only read."""

import pytest

from support import expect
from support.clock import HOUR, now, tick
from support.make import unique


def write(api, **fields):
    given = {"message": unique("message"), "insertUser": "ada@example.com"}
    return expect.ok(api.create_audit_log({"auditLog": given | fields}))["auditLog"]


def search(api, **criteria):
    body = expect.ok(api.search_audit_logs({"search": criteria}))
    assert body["total"] >= len(body["auditLogs"])
    return body["auditLogs"]


def test_an_audit_entry_comes_back(api):
    given = {
        "message": unique("message"),
        "insertUser": "ada@example.com",
        "reason": "a test",
        "oldValue": {"name": "old"},
        "newValue": {"name": "new"},
        "data": {"ticket": 7},
    }
    made = expect.ok(api.create_audit_log({"auditLog": given}))["auditLog"]
    assert expect.is_instant(made["id"])
    assert expect.is_instant(made["insertInstant"])
    assert {name: made[name] for name in given} == given
    assert expect.ok(api.retrieve_audit_log(made["id"]))["auditLog"] == made


def test_everything_needed_for_an_audit_entry(api):
    expect.fields(
        api.create_audit_log({"auditLog": {"message": " "}}),
        "auditLog.message",
        "auditLog.insertUser",
    )
    refused = api.create_audit_log({"auditLog": {"message": "m", "insertUser": ""}})
    expect.field(refused, "auditLog.insertUser", "[blank]")
    refused = api.create_audit_log({"auditLog": {"insertUser": "ada"}})
    expect.field(refused, "auditLog.message", "[blank]")


def test_an_unknown_audit_entry(api, http):
    expect.empty(api.retrieve_audit_log(9_000_000_000), 404)
    expect.errors(http.get("/api/system/audit-log/xyz"))


def test_searching_the_audit_log(api, http):
    word = unique("word")
    a = write(api, message=f"{word} one", insertUser=f"{word} ada", reason=f"{word} because")
    tick(a["insertInstant"])
    b = write(api, message=f"{word} two", insertUser=f"{word} bob")
    assert [entry["id"] for entry in search(api, message=word.upper())] == [b["id"], a["id"]]
    assert [entry["id"] for entry in search(api, message=f"{word}*one")] == [a["id"]]
    assert [entry["id"] for entry in search(api, user=f"{word} bob")] == [b["id"]]
    assert [entry["id"] for entry in search(api, reason=word)] == [a["id"]]
    ordered = search(api, message=word, orderBy="insertInstant ASC")
    assert [entry["id"] for entry in ordered] == [a["id"], b["id"]]
    ordered = search(api, message=word, orderBy="insertUser DESC")
    assert [entry["id"] for entry in ordered] == [b["id"], a["id"]]
    later = search(api, message=word, start=b["insertInstant"], end=now() + HOUR)
    assert [entry["id"] for entry in later] == [b["id"]]
    assert search(api, message=word, start=now() + HOUR) == []
    by_get = expect.ok(http.get("/api/system/audit-log/search", params={"message": word}))
    assert [entry["id"] for entry in by_get["auditLogs"]] == [b["id"], a["id"]]
    assert by_get["total"] == 2


def test_calls_are_not_audited_there_by_themselves(make, api):
    mute = make.mute()
    make.take(mute, make.user(), comment=unique("comment"))
    for criteria in ({"message": mute["name"]}, {"newValue": mute["name"]}):
        assert search(api, **criteria) == []


def test_searching_the_event_log(api, http):
    criteria = {"message": unique("nobody wrote this"), "type": "Error"}
    expected = {"eventLogs": [], "total": 0}
    assert expect.ok(api.search_event_logs({"search": criteria})) == expected
    assert expect.ok(http.get("/api/system/event-log/search", params=criteria)) == expected
    bounded = {"start": now() - HOUR, "end": now(), "orderBy": "insertInstant DESC"}
    found = expect.ok(api.search_event_logs({"search": bounded}))
    assert found["total"] >= len(found["eventLogs"])


@pytest.mark.parametrize("kind", ["Information", "Debug", "Error"])
def test_the_event_logs_kinds(api, kind):
    found = expect.ok(api.search_event_logs({"search": {"type": kind}}))["eventLogs"]
    assert all(entry["type"] == kind for entry in found)


def test_an_unknown_event_entry(api):
    expect.empty(api.retrieve_event_log(9_000_000_000), 404)
