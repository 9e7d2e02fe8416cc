"""The gate: may this user act now? Asked for one user, or for many at once."""

import uuid

import pytest

from support import expect, native
from support.clock import INDEFINITE, SECOND, now, tick, until


def answers(make, checks):
    """The answers to many checks, in order, whatever member the body keeps them under."""
    body = expect.status(make.http.post("/api/v1/gate", json={"checks": checks}), 200).json()
    if isinstance(body, dict):
        (body,) = (value for value in body.values() if isinstance(value, list))
    assert len(body) == len(checks)
    return body


def test_a_user_in_good_standing(make):
    user, application = make.user(), make.application()
    native.opened(native.gate(make, user))
    native.opened(native.gate(make, user, application))


def test_what_a_block_tells(make):
    user, application = make.user(preferredLanguages=["eo"]), make.application()
    reason = make.reason()
    ban = make.ban(localizedNames={"eo": "Forbari"}, options=[{"name": "Loud"}])
    action = make.take(
        ban,
        user,
        reasonId=reason["id"],
        option="Loud",
        applicationIds=[application["id"]],
    )
    (block,) = native.blocks(native.gate(make, user, application))
    assert block["actionId"] == action["id"]
    assert block["definitionId"] == ban["id"]
    assert (block["name"], block["localizedName"]) == (ban["name"], "Forbari")
    assert block["option"] == "Loud"
    assert block["reasonCode"] == reason["code"]
    assert block["localizedReason"] == "Rompis la regulojn"
    assert block["startedAt"] == native.rfc_3339(action["insertInstant"])
    assert block["endsAt"] == native.rfc_3339(action["expiry"])
    assert block["applicationIds"] == [application["id"]]


def test_no_end_is_no_instant(make):
    user = make.user()
    make.take(make.ban(), user, expiry=INDEFINITE)
    (block,) = native.blocks(native.gate(make, user))
    assert block.get("endsAt") is None


def test_a_scoped_block_counts_where_it_applies(make):
    user, here, elsewhere = make.user(), make.application(), make.application()
    make.take(make.ban(), user, applicationIds=[here["id"]])
    assert len(native.blocks(native.gate(make, user, here))) == 1
    native.opened(native.gate(make, user, elsewhere))
    native.opened(native.gate(make, user))


def test_an_unscoped_block_counts_everywhere(make):
    user, application = make.user(), make.application()
    make.take(make.ban(), user)
    native.blocks(native.gate(make, user))
    native.blocks(native.gate(make, user, application))


def test_blocks_are_told_newest_first(make):
    user, ban, other = make.user(), make.ban(), make.ban()
    first = make.take(ban, user)
    tick(first["insertInstant"])
    second = make.take(other, user)
    told = [block["actionId"] for block in native.blocks(native.gate(make, user))]
    assert told == [second["id"], first["id"]]


def test_what_does_not_block(make):
    user = make.user()
    make.take(make.mute(), user)
    make.expired(make.ban(), user)
    make.cancel(make.take(make.ban(), user))
    make.take(make.reward(), user)
    native.opened(native.gate(make, user))


def test_a_committed_change_shows_at_once(make):
    user, ban = make.user(), make.ban()
    for _ in range(5):
        native.opened(native.gate(make, user))
        action = make.take(ban, user)
        native.blocks(native.gate(make, user))
        make.cancel(action)
    native.opened(native.gate(make, user))


def test_changes_to_the_definition_show_at_once(make, api):
    user, ban = make.user(), make.ban()
    make.take(ban, user)
    native.blocks(native.gate(make, user))
    expect.ok(api.patch_user_action(ban["id"], {"userAction": {"preventLogin": False}}))
    native.opened(native.gate(make, user))
    expect.ok(api.patch_user_action(ban["id"], {"userAction": {"preventLogin": True}}))
    native.blocks(native.gate(make, user))
    make.delete_definition(ban)
    native.opened(native.gate(make, user))


def test_a_block_ends_by_the_clock(make):
    user = make.user()
    make.take(make.ban(), user, expiry=now() + SECOND)
    until(lambda: native.gate(make, user).json()["allowed"], what="the ban's end")


def test_a_deactivated_user_is_stopped(make, api):
    user = make.user()
    expect.empty(api.deactivate_user(user["id"]))
    (block,) = native.blocks(native.gate(make, user))
    assert block["name"] == "deactivated"
    expect.ok(api.reactivate_user(user["id"]))
    native.opened(native.gate(make, user))


def test_an_unknown_user(make, api):
    expect.problem(native.gate(make, {"id": str(uuid.uuid4())}), 404)
    user = make.user()
    native.opened(native.gate(make, user))
    expect.empty(api.delete_user(user["id"]))
    expect.problem(native.gate(make, user), 404)


def test_questions_that_make_no_sense(http):
    expect.problem(http.get("/api/v1/gate"), 400)
    expect.problem(http.get("/api/v1/gate?userId=xyz"), 400)


def test_an_unchanged_answer_is_not_sent_again(make):
    user = make.user()
    tag = native.gate(make, user).headers["ETag"]
    again = native.gate(make, user, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""
    make.take(make.ban(), user)
    changed = native.gate(make, user, headers={"If-None-Match": tag})
    native.blocks(changed)
    assert changed.headers["ETag"] != tag


@pytest.mark.parametrize("prefix", ["", "Bearer ", "Token "])
def test_a_key_in_every_form(make, prefix):
    user = make.user()
    headers = {"Authorization": prefix + make.key}
    native.opened(native.gate(make, user, key=None, headers=headers))


def test_no_key(make):
    user = make.user()
    expect.problem(native.gate(make, user, key=None), 401)
    expect.problem(native.gate(make, user, key="wrong"), 401)


def test_many_checks_are_answered_in_order(make):
    good, banned, application = make.user(), make.user(), make.application()
    make.take(make.ban(), banned, applicationIds=[application["id"]])
    unknown = str(uuid.uuid4())
    told = answers(
        make,
        [
            {"userId": good["id"]},
            {"userId": banned["id"], "applicationId": application["id"]},
            {"userId": unknown},
            {"userId": banned["id"]},
            {"userId": good["id"]},
        ],
    )
    assert [answer["allowed"] for answer in told] == [True, False, False, True, True]
    assert told[1]["blocks"][0]["applicationIds"] == [application["id"]]
    assert told[2]["error"] == "unknown-user"
    assert "error" not in told[0]


def test_as_many_checks_as_allowed_and_one_more(make):
    user = {"userId": make.user()["id"]}
    assert all(answer["allowed"] for answer in answers(make, [user] * 1000))
    too_many = make.http.post("/api/v1/gate", json={"checks": [user] * 1001})
    assert too_many.status_code in (400, 413, 422)
    assert answers(make, []) == []


def test_another_tenants_user_is_unknown_to_a_scoped_key(crowd, tenant):
    user = tenant.user()
    own = tenant.with_key(tenantId=tenant.tenant_id)
    native.opened(native.gate(own, user))
    stranger = tenant.with_key(tenantId=crowd.tenant()["id"])
    expect.problem(native.gate(stranger, user), 404)
    (told,) = answers(stranger, [{"userId": user["id"]}])
    assert told == {"allowed": False, "error": "unknown-user"}
