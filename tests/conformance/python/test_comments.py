"""Comments about users: written, read and found; never changed."""

import uuid

import pytest

from support import expect
from support.clock import tick
from support.make import unique


def write(make, user, text, commenter=None):
    wanted = {
        "userId": user["id"],
        "commenterId": (commenter or make.actioner)["id"],
        "comment": text,
    }
    return expect.ok(make.api.comment_on_user({"userComment": wanted}))["userComment"]


def test_comments_are_listed_oldest_first(make, api):
    user, made = make.user(), []
    for number in range(3):
        made.append(write(make, user, f"comment {number}"))
        tick(made[-1]["insertInstant"])
    listed = expect.ok(api.retrieve_user_comments(user["id"]))["userComments"]
    assert [comment["comment"] for comment in listed] == [f"comment {n}" for n in range(3)]
    assert expect.ids(listed) == {comment["id"] for comment in made}
    for comment in listed:
        assert comment["createInstant"] == comment["insertInstant"]


def test_nobody_and_nothing(make, api):
    assert expect.ok(api.retrieve_user_comments(make.user()["id"]))["userComments"] == []
    expect.empty(api.retrieve_user_comments(str(uuid.uuid4())), 404)


def test_everything_needed(api):
    refused = api.comment_on_user({"userComment": {"comment": " "}})
    expect.fields(refused, *(f"userComment.{n}" for n in ("userId", "commenterId", "comment")))


@pytest.mark.parametrize(
    ("name", "value", "prefix"),
    [
        ("comment", "  ", "[blank]"),
        ("commenterId", None, "[missing]"),
        ("userId", None, "[missing]"),
        ("commenterId", "6f1a1b1e-5b0a-4c55-8a3e-3d4c9f0c7a11", "[invalid]"),
        ("userId", "6f1a1b1e-5b0a-4c55-8a3e-3d4c9f0c7a11", "[invalid]"),
    ],
)
def test_what_is_wrong(make, api, name, value, prefix):
    given = {"userId": make.user()["id"], "commenterId": make.actioner["id"], "comment": "c"}
    refused = api.comment_on_user({"userComment": given | {name: value}})
    expect.field(refused, f"userComment.{name}", prefix)


def test_search(make, api, http):
    word, user, other, writer = unique("word"), make.user(), make.user(), make.user()
    a = write(make, user, f"{word} first")
    tick(a["insertInstant"])
    b = write(make, user, f"{word} second", writer)
    tick(b["insertInstant"])
    c = write(make, other, f"{word} third", writer)

    def search(**criteria):
        by_post = expect.ok(api.search_user_comments({"search": criteria}))
        assert expect.ok(http.get("/api/user/comment/search", params=criteria)) == by_post
        assert by_post["total"] == len(by_post["userComments"])
        return [comment["id"] for comment in by_post["userComments"]]

    assert search(comment=word.upper()) == [a["id"], b["id"], c["id"]]
    assert search(comment=f"{word}*nd") == [b["id"]]
    assert search(userId=user["id"]) == [a["id"], b["id"]]
    assert search(commenterId=writer["id"]) == [b["id"], c["id"]]
    assert search(comment=word, userId=user["id"], commenterId=writer["id"]) == [b["id"]]
    newest_first = search(comment=word, orderBy="insertInstant DESC")
    assert newest_first == [c["id"], b["id"], a["id"]]
    assert search(comment=word, tenantId=make.default_tenant_id()) == [a["id"], b["id"], c["id"]]


def test_taking_an_action_writes_no_comment(make, api):
    user = make.user()
    make.take(make.mute(), user, comment="not a user comment")
    assert expect.ok(api.retrieve_user_comments(user["id"]))["userComments"] == []
