"""Every answer that a login can get without a second factor, and what it carries."""

import uuid

from support import expect, jwt
from support.clock import DAY, MINUTE, SECOND, now, past, tick, until
from support.make import unique


def test_200_carries_a_signed_token(make):
    user = make.user()
    before = now()
    answer = expect.ok(make.login(user))
    header, payload = jwt.decode(answer["token"])
    assert header["alg"] in {"HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"}
    assert payload["sub"] == user["id"]
    assert isinstance(payload["iss"], str) and payload["iss"]
    assert before - MINUTE < payload["iat"] * SECOND < now() + MINUTE
    assert payload["exp"] > payload["iat"]
    assert payload["tid"] == user["tenantId"]
    assert "aud" not in payload
    assert answer["tokenExpirationInstant"] // SECOND == payload["exp"]
    assert answer["user"]["id"] == user["id"]
    assert "password" not in answer["user"]


def test_200_for_an_application_names_it_in_the_token(make):
    user, application = make.user(), make.application()
    make.registered(user, application)
    _, payload = jwt.decode(expect.ok(make.login(user, application))["token"])
    assert payload["aud"] == application["id"]
    assert payload["sub"] == user["id"]


def test_200_without_a_token_when_none_is_wanted(make):
    answer = expect.ok(make.login(make.user(), noJWT=True))
    assert "token" not in answer
    assert "refreshToken" not in answer


def test_200_by_any_spelling_of_the_address(make):
    user = make.user()
    expect.ok(make.login(user, loginId=user["email"].upper()))


def test_200_by_user_name(make, api):
    name = unique("Someone").replace(" ", "-")
    user = make.user(username=name)
    expect.ok(make.login(user, loginId=name))
    expect.ok(make.login(user, loginId=name.lower()))
    expect.empty(make.login(user, loginId=name, loginIdTypes=["email"]), 404)
    expect.ok(make.login(user, loginId=name, loginIdTypes=["username"]))


def test_200_is_remembered(make, api):
    user = make.user()
    assert "lastLoginInstant" not in user
    before = now()
    expect.ok(make.login(user))
    found = expect.ok(api.retrieve_user(user["id"]))["user"]
    assert before - SECOND <= found["lastLoginInstant"] <= now() + SECOND


def test_202_for_an_application_without_registration(make):
    user, application = make.user(), make.application()
    answer = expect.ok(make.login(user, application), 202)
    assert answer["user"]["id"] == user["id"]
    assert jwt.decode(answer["token"])[1]["sub"] == user["id"]


def test_203_when_the_password_must_change(make):
    answer = expect.ok(make.login(make.user(passwordChangeRequired=True)), 203)
    assert isinstance(answer["changePasswordId"], str) and answer["changePasswordId"]
    assert answer["changePasswordReason"] == "Administrative"
    assert "token" not in answer


def test_400_for_what_is_blank(make, api):
    user = make.user()
    expect.field(make.login(user, loginId=" "), "loginId", "[blank]")
    expect.field(make.login(user, password=""), "password", "[blank]")
    expect.fields(api.login({"loginId": ""}), "loginId", "password")


def test_400_for_an_application_that_is_none(make, api):
    user = make.user()
    nowhere = {"id": str(uuid.uuid4())}
    expect.field(make.login(user, nowhere), "applicationId", "[invalid]")
    expect.field(make.login(user, {"id": "xyz"}), "applicationId", "[couldNotConvert]")
    closed = make.application()
    expect.empty(api.deactivate_application(closed["id"]))
    expect.field(make.login(user, closed), "applicationId", "[invalid]")


def test_401_without_a_good_key(make):
    user, application = make.user(), make.application()
    for key in (None, "wrong"):
        stranger = make.caller(key=key)
        expect.empty(stranger.login(user), 401)
        expect.empty(stranger.login(user, application), 401)


def test_no_key_is_needed_where_the_application_says_so(make):
    user = make.user()
    open_door = make.application(loginConfiguration={"requireAuthentication": False})
    make.registered(user, open_door)
    stranger = make.caller(key=None)
    expect.ok(stranger.login(user, open_door))
    expect.empty(stranger.login(user), 401)


def test_no_key_is_needed_where_the_tenant_says_so(tenant):
    user = tenant.user()
    stranger = tenant.caller(key=None)
    expect.empty(stranger.login(user), 401)
    wanted = {"tenant": {"loginConfiguration": {"requireAuthentication": False}}}
    expect.ok(tenant.api.patch_tenant(tenant.tenant_id, wanted))
    expect.ok(stranger.login(user))


def test_404_does_not_tell_which_was_wrong(make):
    user = make.user()
    wrong = expect.empty(make.login(user, password="wrong password"), 404)
    unknown = expect.empty(make.login(user, loginId=f"x{user['email']}"), 404)
    for name in ("Content-Type", "Content-Length"):
        assert wrong.headers.get(name) == unknown.headers.get(name)


def test_409_lists_every_block_newest_first(make):
    user, ban, other = make.user(), make.ban(), make.ban(options=[{"name": "Loud"}])
    first = make.take(ban, user)
    tick(first["insertInstant"])
    second = make.take(other, user, option="Loud")
    make.take(make.mute(), user)
    make.expired(ban, user)
    blocks = expect.status(make.login(user), 409).json()["actions"]
    assert [block["name"] for block in blocks] == [other["name"], ban["name"]]
    assert [block["expiry"] for block in blocks] == [second["expiry"], first["expiry"]]
    assert blocks[0]["option"] == blocks[0]["localizedOption"] == "Loud"
    assert "option" not in blocks[1]


def test_409_of_a_scoped_ban_only_where_it_applies(make):
    user, a1, a2 = make.user(), make.application(), make.application()
    for application in (a1, a2):
        make.registered(user, application)
    make.take(make.ban(), user, applicationIds=[a1["id"]])
    expect.status(make.login(user, a1), 409)
    expect.ok(make.login(user, a2))
    expect.ok(make.login(user))


def test_409_of_an_unscoped_ban_everywhere(make):
    user, application = make.user(), make.application()
    make.registered(user, application)
    make.take(make.ban(), user)
    expect.status(make.login(user), 409)
    expect.status(make.login(user, application), 409)


def test_409_ends_with_the_ban(make):
    user = make.user()
    make.take(make.ban(), user, expiry=now() + SECOND)
    until(lambda: expect.raw(make.login(user)).status_code == 200, what="the ban's end")


def test_409_ends_when_the_definition_is_deleted(make, api):
    user, ban = make.user(), make.ban()
    make.take(ban, user)
    expect.status(make.login(user), 409)
    make.delete_definition(ban)
    expect.ok(make.login(user))


def test_409_follows_modifications(make):
    user = make.user()
    ban = make.take(make.ban(), user)
    make.modify(ban, expiry=now() + DAY)
    expect.status(make.login(user), 409)
    make.modify(ban, expiry=past())
    expect.ok(make.login(user))


def test_410_for_an_expired_user(make):
    expect.empty(make.login(make.user(expiry=past())), 410)


def test_423_for_a_deactivated_user_until_reactivated(make, api):
    user = make.user()
    expect.empty(api.deactivate_user(user["id"]))
    expect.empty(make.login(user), 423)
    expect.ok(api.reactivate_user(user["id"]))
    expect.ok(make.login(user))


def test_an_old_password_is_no_longer_good(make, api):
    user, changed = make.user(), "an entirely new password"
    expect.ok(make.login(user))
    expect.ok(api.patch_user(user["id"], {"user": {"password": changed}}))
    expect.empty(make.login(user), 404)
    expect.ok(make.login(user, password=changed))
