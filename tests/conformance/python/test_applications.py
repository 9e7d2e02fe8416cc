"""Applications: their making, changing, closing and opening again."""

import uuid

from support import expect
from support.make import unique


def create(api, **fields):
    return api.create_application({"application": fields})


def test_defaults_of_a_new_application(make, api):
    name = unique("Application")
    made = expect.ok(create(api, name=name))["application"]
    assert expect.is_uuid(made["id"])
    assert made["name"] == name
    assert made["active"] is True
    assert made["state"] == "Active"
    assert made["tenantId"] == make.default_tenant_id()
    assert made["roles"] == []
    assert made["loginConfiguration"]["allowTokenRefresh"] is False
    assert made["loginConfiguration"]["requireAuthentication"] is True
    assert expect.is_instant(made["insertInstant"])
    assert expect.is_instant(made["lastUpdateInstant"])
    assert expect.ok(api.retrieve_application(made["id"]))["application"] == made


def test_a_chosen_id(make, api):
    chosen = str(uuid.uuid4())
    wanted = {"application": {"name": unique("Application")}}
    assert expect.ok(api.create_application(wanted, chosen))["application"]["id"] == chosen
    expect.errors(api.create_application({"application": {"name": unique("Other")}}, chosen))


def test_a_name_is_needed_and_unique(make, api):
    taken = make.application()
    expect.field(create(api, name=" "), "application.name", "[blank]")
    expect.field(create(api, name=taken["name"]), "application.name", "[duplicate]")


def test_a_name_is_unique_in_its_tenant_only(crowd, tenant):
    taken, other = tenant.application(), crowd.in_new_tenant()
    made = other.application(name=taken["name"])
    assert made["tenantId"] == other.tenant_id
    assert taken["tenantId"] == tenant.tenant_id


def test_roles_get_ids(make):
    roles = [{"name": "editor", "isDefault": True}, {"name": "chief", "isSuperRole": True}]
    made = {role["name"]: role for role in make.application(roles=roles)["roles"]}
    assert set(made) == {"editor", "chief"}
    assert all(expect.is_uuid(role["id"]) for role in made.values())
    assert (made["editor"]["isDefault"], made["editor"]["isSuperRole"]) == (True, False)
    assert (made["chief"]["isDefault"], made["chief"]["isSuperRole"]) == (False, True)


def test_closing_and_opening(make, api):
    application = make.application()
    expect.empty(api.deactivate_application(application["id"]))
    closed = expect.ok(api.retrieve_application(application["id"]))["application"]
    assert (closed["active"], closed["state"]) == (False, "Inactive")
    active = expect.ok(api.retrieve_applications())["applications"]
    assert application["id"] not in expect.ids(active)
    inactive = expect.ok(api.retrieve_inactive_applications())["applications"]
    assert application["id"] in expect.ids(inactive)
    opened = expect.ok(api.reactivate_application(application["id"]))["application"]
    assert (opened["active"], opened["state"]) == (True, "Active")
    active = expect.ok(api.retrieve_applications())["applications"]
    assert application["id"] in expect.ids(active)


def test_changing(make, api):
    application = make.application(roles=[{"name": "editor"}])
    name = unique("Renamed")
    patched = api.patch_application(application["id"], {"application": {"name": name}})
    patched = expect.ok(patched)["application"]
    assert patched["name"] == name
    assert [role["name"] for role in patched["roles"]] == ["editor"]
    name = unique("Replaced")
    put = api.update_application(application["id"], {"application": {"name": name}})
    put = expect.ok(put)["application"]
    assert put["name"] == name
    assert put["insertInstant"] == application["insertInstant"]
    assert put["loginConfiguration"]["requireAuthentication"] is True


def test_deletion_for_good(make, api):
    application, user = make.application(), make.user()
    action = make.take(make.ban(), user, applicationIds=[application["id"]])
    expect.empty(api.delete_application(application["id"]))
    expect.empty(api.retrieve_application(application["id"]), 404)
    # What was done in its name keeps its id.
    kept = expect.ok(api.retrieve_action(action["id"]))["action"]
    assert kept["applicationIds"] == [application["id"]]


def test_a_closed_application_can_still_be_named_in_an_action(make, api):
    application = make.application()
    expect.empty(api.deactivate_application(application["id"]))
    action = make.take(make.ban(), make.user(), applicationIds=[application["id"]])
    assert action["applicationIds"] == [application["id"]]


def test_an_unknown_application_cannot_be_named_in_an_action(make, api):
    body = make.request(make.ban(), make.user(), applicationIds=[str(uuid.uuid4())])
    expect.field(api.action_user(body), "action.applicationIds", "[invalid]")


def test_unknown(api):
    unknown, wanted = str(uuid.uuid4()), {"application": {"name": unique("Application")}}
    expect.empty(api.retrieve_application(unknown), 404)
    expect.empty(api.update_application(unknown, wanted), 404)
    expect.empty(api.patch_application(unknown, wanted), 404)
    expect.empty(api.deactivate_application(unknown), 404)
    expect.empty(api.delete_application(unknown), 404)
    expect.empty(api.reactivate_application(unknown), 404)
