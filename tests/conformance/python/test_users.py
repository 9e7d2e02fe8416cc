"""Users: their making, reading, changing, leaving and coming back."""

import uuid

import pytest

from support import expect
from support.clock import far
from support.make import PASSWORD, unique, unique_email


def create(api, **fields):
    return api.create_user({"user": fields})


def user_name():
    return unique("Name").replace(" ", "-")


def test_defaults_of_a_new_user(make, api):
    email = unique_email()
    user = expect.ok(create(api, email=email, password=PASSWORD))["user"]
    assert expect.is_uuid(user["id"])
    assert user["email"] == email
    assert user["active"] is True
    assert user["verified"] is True
    assert user["passwordChangeRequired"] is False
    assert user["preferredLanguages"] == []
    assert user["registrations"] == []
    assert user["memberships"] == []
    assert user["tenantId"] == make.default_tenant_id()
    assert isinstance(user["twoFactor"], dict)
    assert expect.is_instant(user["insertInstant"])
    assert expect.is_instant(user["lastUpdateInstant"])
    assert "password" not in user
    assert PASSWORD not in str(user)
    assert "expiry" not in user
    assert "username" not in user


def test_everything_that_is_given_comes_back(api):
    given = {
        "username": user_name(),
        "firstName": "Ada",
        "lastName": "Lovelace",
        "middleName": "King",
        "fullName": "Ada King Lovelace",
        "birthDate": "1815-12-10",
        "imageUrl": "https://example.com/ada.png",
        "mobilePhone": "+44 20 7946 0000",
        "timezone": "Europe/London",
        "preferredLanguages": ["eo", "en_GB", "en"],
        "data": {"badge": {"number": 7, "colours": ["red", "blue"]}, "naïve": "ĉ 😀"},
        "expiry": far(),
    }
    made = expect.ok(create(api, password=PASSWORD, **given))["user"]
    assert {name: made[name] for name in given} == given
    assert made["usernameStatus"] == "ACTIVE"
    assert expect.ok(api.retrieve_user(made["id"]))["user"] == made


def test_a_chosen_id(make, api):
    chosen = str(uuid.uuid4())
    wanted = {"user": {"email": unique_email(), "password": PASSWORD}}
    assert expect.ok(api.create_user(wanted, chosen))["user"]["id"] == chosen
    wanted = {"user": {"email": unique_email(), "password": PASSWORD}}
    expect.field(api.create_user(wanted, chosen), "user.id", "[duplicate]")


def test_an_address_is_kept_in_lower_case_and_unique(make, api):
    email = unique_email()
    assert make.user(email=email.upper())["email"] == email
    for again in (email, email.upper()):
        expect.field(create(api, email=again, password=PASSWORD), "user.email", "[duplicate]")


def test_a_user_name_keeps_its_case_and_is_unique_without_it(make, api):
    name = user_name()
    assert make.user(username=name)["username"] == name
    for again in (name, name.upper()):
        refused = create(api, username=again, password=PASSWORD)
        expect.field(refused, "user.username", "[duplicate]")


def test_one_of_address_and_user_name_is_needed(api):
    expect.fields(create(api, password=PASSWORD), "user.email", "user.username")
    expect.ok(create(api, username=user_name(), password=PASSWORD))


@pytest.mark.parametrize("email", ["no-at-sign", "two words@example.com", "@example.com"])
def test_an_address_must_look_like_one(api, email):
    expect.field(create(api, email=email, password=PASSWORD), "user.email", "[notEmail]")


def test_a_password_is_needed_and_must_be_long_enough(api):
    expect.field(create(api, email=unique_email()), "user.password", "[blank]")
    refused = create(api, email=unique_email(), password="seven77")
    expect.field(refused, "user.password", "[tooShort]")


def test_the_body_cannot_choose_the_tenant(make, api):
    wanted = {"email": unique_email(), "password": PASSWORD, "tenantId": str(uuid.uuid4())}
    made = expect.ok(api.create_user({"user": wanted}))["user"]
    assert made["tenantId"] == make.default_tenant_id()


def test_looking_users_up(make, api):
    user = make.user(username=user_name())
    found = [
        api.retrieve_user(user["id"]),
        api.retrieve_user_by_email(user["email"]),
        api.retrieve_user_by_email(user["email"].upper()),
        api.retrieve_user_by_username(user["username"]),
        api.retrieve_user_by_username(user["username"].lower()),
        api.retrieve_user_by_login_id(user["email"]),
        api.retrieve_user_by_login_id(user["username"]),
    ]
    for answer in found:
        assert expect.ok(answer)["user"]["id"] == user["id"]


def test_looking_nobody_up(api, http):
    expect.empty(api.retrieve_user(str(uuid.uuid4())), 404)
    expect.empty(api.retrieve_user_by_email(unique_email()), 404)
    expect.empty(api.retrieve_user_by_username(user_name()), 404)
    expect.empty(api.retrieve_user_by_login_id(unique_email()), 404)
    expect.errors(http.get("/api/user"))


def test_put_replaces_everything_but_the_password(make, api):
    user = make.user(firstName="Ada", preferredLanguages=["eo"], data={"a": 1})
    put = api.update_user(user["id"], {"user": {"email": user["email"], "lastName": "Lovelace"}})
    put = expect.ok(put)["user"]
    assert put["lastName"] == "Lovelace"
    assert "firstName" not in put
    assert put["preferredLanguages"] == []
    assert put.get("data", {}) == {}
    assert put["insertInstant"] == user["insertInstant"]
    assert put["lastUpdateInstant"] >= user["lastUpdateInstant"]
    expect.ok(make.login(user))


def test_put_of_a_taken_address(make, api):
    user, other = make.user(), make.user()
    put = api.update_user(user["id"], {"user": {"email": other["email"]}})
    expect.field(put, "user.email", "[duplicate]")
    expect.ok(api.update_user(user["id"], {"user": {"email": user["email"]}}))


def test_patch_changes_what_it_names(make, api):
    user = make.user(firstName="Ada", data={"a": {"b": 1}, "c": 2})
    patch = {"user": {"lastName": "Lovelace", "data": {"a": {"d": 3}}}}
    patched = expect.ok(api.patch_user(user["id"], patch))["user"]
    assert (patched["firstName"], patched["lastName"]) == ("Ada", "Lovelace")
    assert patched["data"] == {"a": {"b": 1, "d": 3}, "c": 2}
    assert patched["email"] == user["email"]


def test_deactivation_and_reactivation(make, api):
    user = make.user()
    expect.empty(api.deactivate_user(user["id"]))
    assert expect.ok(api.retrieve_user(user["id"]))["user"]["active"] is False
    expect.empty(api.deactivate_user(user["id"]))
    assert expect.ok(api.reactivate_user(user["id"]))["user"]["active"] is True
    patched = expect.ok(api.patch_user(user["id"], {"user": {"active": False}}))["user"]
    assert patched["active"] is True


def test_deletion_for_good(make, api):
    by_query, by_body = make.user(), make.user()
    expect.empty(api.delete_user(by_query["id"]))
    expect.empty(api.delete_user_with_request(by_body["id"], {"hardDelete": True}))
    for user in (by_query, by_body):
        expect.empty(api.retrieve_user(user["id"]), 404)
        expect.empty(make.login(user), 404)
    make.user(email=by_query["email"])


def test_changing_nobody(make, api):
    unknown = str(uuid.uuid4())
    wanted = {"user": {"email": unique_email()}}
    expect.empty(api.update_user(unknown, wanted), 404)
    expect.empty(api.patch_user(unknown, wanted), 404)
    expect.empty(api.deactivate_user(unknown), 404)
    expect.empty(api.delete_user(unknown), 404)
    expect.empty(api.reactivate_user(unknown), 404)
