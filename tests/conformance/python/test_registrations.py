"""Registrations: which users belong to which applications."""

import uuid

from support import expect
from support.make import PASSWORD, unique_email


def test_a_registrations_life(make, api):
    user = make.user()
    application = make.application(roles=[{"name": "editor"}])
    wanted = {"applicationId": application["id"], "roles": ["editor"], "username": "ada"}
    answer = expect.ok(api.register({"registration": wanted}, user["id"]))
    made = answer["registration"]
    assert made["applicationId"] == application["id"]
    assert made["roles"] == ["editor"]
    assert made["username"] == "ada"

    found = expect.ok(api.retrieve_registration(user["id"], application["id"]))["registration"]
    assert found == made
    (held,) = expect.ok(api.retrieve_user(user["id"]))["user"]["registrations"]
    assert held["applicationId"] == application["id"]

    wanted = {"applicationId": application["id"], "username": "augusta"}
    put = expect.ok(api.update_registration(user["id"], {"registration": wanted}))["registration"]
    assert put["username"] == "augusta"
    wanted = {"applicationId": application["id"], "preferredLanguages": ["eo"]}
    patched = api.patch_registration(user["id"], {"registration": wanted})
    patched = expect.ok(patched)["registration"]
    assert (patched["username"], patched["preferredLanguages"]) == ("augusta", ["eo"])

    expect.empty(api.delete_registration(user["id"], application["id"]))
    expect.empty(api.retrieve_registration(user["id"], application["id"]), 404)
    expect.status(make.login(user, application), 202)


def test_registering_somebody_new(make, api):
    application, email = make.application(), unique_email()
    body = {
        "registration": {"applicationId": application["id"]},
        "user": {"email": email, "password": PASSWORD},
    }
    answer = expect.ok(api.register(body))
    assert answer["user"]["email"] == email
    assert answer["registration"]["applicationId"] == application["id"]
    user = {"email": email, "password": PASSWORD}
    expect.ok(make.login(user, application))


def test_registering_twice(make, api):
    user, application = make.user(), make.application()
    make.registered(user, application)
    again = api.register({"registration": {"applicationId": application["id"]}}, user["id"])
    expect.code(again, "[duplicate]registration")


def test_registering_for_no_application(make, api):
    user = make.user()
    refused = api.register({"registration": {"roles": []}}, user["id"])
    expect.code(refused, "[missing]user.registration.applicationId")
    unknown = {"registration": {"applicationId": str(uuid.uuid4())}}
    blamed = expect.errors(api.register(unknown, user["id"]))["fieldErrors"]
    assert all(key.endswith("applicationId") for key in blamed)


def test_a_user_may_be_actioned_without_registration(make):
    application = make.application()
    action = make.take(make.ban(), make.user(), applicationIds=[application["id"]])
    assert action["applicationIds"] == [application["id"]]
