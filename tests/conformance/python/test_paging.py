"""Searching in pages: the same rules for whatever is searched."""

import pytest

from support import expect
from support.make import unique

# What is searched, under which member the answer lists it, and a field to order it by.
SEARCHES = {
    "/api/user/search": ("users", None),
    "/api/user/comment/search": ("userComments", "insertInstant"),
    "/api/tenant/search": ("tenants", "name"),
    "/api/email/template/search": ("emailTemplates", "name"),
    "/api/webhook/search": ("webhooks", "url"),
    "/api/system/audit-log/search": ("auditLogs", "insertInstant"),
    "/api/system/event-log/search": ("eventLogs", "insertInstant"),
}
ORDERED = [path for path, (_, field) in SEARCHES.items() if field]

each = pytest.mark.parametrize("path", SEARCHES)
each_ordered = pytest.mark.parametrize("path", ORDERED)


def asked(http, path, **criteria):
    """The answers to both ways of asking, which must agree."""
    if path == "/api/user/search":
        criteria = {"queryString": "*"} | criteria
    return http.get(path, params=criteria), http.post(path, json={"search": criteria})


@each
def test_an_answer_holds_a_total_and_a_list(http, path):
    plural, _ = SEARCHES[path]
    for answer in asked(http, path, numberOfResults=1):
        body = expect.ok(answer)
        assert expect.is_instant(body["total"])
        assert len(body[plural]) <= 1


@each
@pytest.mark.parametrize("number", [0, -1, -25])
def test_a_page_holds_at_least_one(http, path, number):
    for answer in asked(http, path, numberOfResults=number):
        expect.field(answer, "search.numberOfResults", "[invalid]")


@each
def test_a_row_is_not_negative(http, path):
    for answer in asked(http, path, startRow=-1):
        expect.errors(answer)


@each
def test_a_row_behind_the_end_finds_nothing(http, path):
    plural, _ = SEARCHES[path]
    for answer in asked(http, path, startRow=1_000_000_000):
        assert expect.ok(answer)[plural] == []


@each_ordered
@pytest.mark.parametrize("order", ["nowhere", "nowhere DESC", "id;", "{} SIDEWAYS", "{}, nowhere"])
def test_an_order_by_something_unknown(http, path, order):
    for answer in asked(http, path, orderBy=order.format(SEARCHES[path][1])):
        expect.field(answer, "search.orderBy", "[invalid]")


@each_ordered
@pytest.mark.parametrize("order", ["{}", "{} asc", "{} DESC", "{} Desc, id ASC", " {}  ASC "])
def test_an_order_in_every_spelling(http, path, order):
    if "id" in order and path not in ("/api/email/template/search", "/api/webhook/search"):
        order = order.partition(",")[0]
    for answer in asked(http, path, orderBy=order.format(SEARCHES[path][1])):
        expect.ok(answer)


@pytest.fixture
def notes(api):
    """Seven audit entries that share a message; the message and the entries' ids."""
    message = unique("note")
    entry = {"auditLog": {"message": message, "insertUser": "ada@example.com"}}
    made = [expect.ok(api.create_audit_log(entry))["auditLog"]["id"] for _ in range(7)]
    return message, made


@pytest.mark.parametrize("order", ["message", "insertUser DESC", "insertInstant ASC"])
def test_pages_do_not_overlap_even_when_all_is_equal(http, notes, order):
    message, made = notes
    seen = []
    for start in range(0, 8, 2):
        criteria = {"message": message, "orderBy": order, "startRow": start, "numberOfResults": 2}
        by_get, by_post = asked(http, "/api/system/audit-log/search", **criteria)
        body = expect.ok(by_get)
        assert expect.ok(by_post) == body
        assert body["total"] == 7
        seen += [entry["id"] for entry in body["auditLogs"]]
    assert len(seen) == 7
    assert set(seen) == set(made)


def test_a_page_holds_twenty_five_unless_told_otherwise(api, http):
    message = unique("many")
    entry = {"auditLog": {"message": message, "insertUser": "ada@example.com"}}
    for _ in range(27):
        expect.ok(api.create_audit_log(entry))
    for answer in asked(http, "/api/system/audit-log/search", message=message):
        body = expect.ok(answer)
        assert (body["total"], len(body["auditLogs"])) == (27, 25)


def test_wildcards_are_ours_and_not_the_databases(make, api):
    word = unique("100%_sure").replace(" ", "-")
    made = make.template(name=f"{word} [x]")["id"]
    make.template(name=word.replace("%_", "ab"))
    patterns = (word, f"{word} [x]", f"*{word[3:]}*", word.replace("%", "*") + "*")
    for pattern in patterns:
        found = expect.ok(api.search_email_templates({"search": {"name": pattern}}))
        assert expect.ids(found["emailTemplates"]) == {made}, pattern


def test_quotes_and_backslashes_are_only_text(http):
    for text in ("'", '"', "\\", "';--", "\\*", "%", "_", "\u0000x", "ĉ😀"):
        for answer in asked(http, "/api/system/audit-log/search", message=f"{text}nobody"):
            assert expect.raw(answer).status_code in (200, 400), text
