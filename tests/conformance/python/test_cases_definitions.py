"""Conformance cases 3 to 13 and 15 to 22: definitions of actions."""

import uuid

from support import expect
from support.make import unique


def create(api, **fields):
    return api.create_user_action({"userAction": fields})


def test_case_003_defaults_of_a_new_definition(api):
    name = unique("X")
    made = expect.ok(create(api, name=name))["userAction"]
    assert expect.is_uuid(made["id"])
    assert made["name"] == name
    assert made["active"] is True
    assert made["temporal"] is False
    assert made["preventLogin"] is False
    assert made["options"] == []
    assert made["transactionType"] == "None"
    assert made["userEmailingEnabled"] is False
    assert made["userNotificationsEnabled"] is False
    assert made["includeEmailInEventJSON"] is False
    assert expect.is_instant(made["insertInstant"])
    assert made["insertInstant"] == made["lastUpdateInstant"]


def test_case_004_end_event_is_sent_by_default(api):
    made = expect.ok(create(api, name=unique("X")))["userAction"]
    assert made["sendEndEvent"] is True


def test_case_005_definition_with_a_chosen_id(api):
    chosen = str(uuid.uuid4())
    wanted = {"userAction": {"name": unique("X")}}
    made = expect.ok(api.create_user_action(wanted, chosen))["userAction"]
    assert made["id"] == chosen


def test_case_006_chosen_id_that_is_taken(make, api):
    taken = make.definition()
    again = api.create_user_action({"userAction": {"name": unique("Y")}}, taken["id"])
    expect.field(again, "userActionId")


def test_case_007_blank_name(api):
    expect.field(create(api, name="  "), "userAction.name", "[blank]")
    expect.field(create(api, temporal=True), "userAction.name", "[blank]")


def test_case_008_duplicate_name(make, api):
    taken = make.definition()
    expect.field(create(api, name=taken["name"]), "userAction.name", "[duplicate]")
    expect.field(create(api, name=f"  {taken['name']} "), "userAction.name", "[duplicate]")


def test_case_009_prevent_login_needs_time(api):
    refused = create(api, name=unique("X"), preventLogin=True, temporal=False)
    expect.field(refused, "userAction.preventLogin")


def test_case_010_temporal_emailing_needs_four_templates(api):
    refused = create(api, name=unique("X"), userEmailingEnabled=True, temporal=True)
    expect.fields(
        refused,
        "userAction.startEmailTemplateId",
        "userAction.modifyEmailTemplateId",
        "userAction.cancelEmailTemplateId",
        "userAction.endEmailTemplateId",
    )


def test_case_011_instant_emailing_needs_the_start_template(make, api):
    template = make.template()
    wanted = {"name": unique("X"), "userEmailingEnabled": True}
    expect.fields(create(api, **wanted), "userAction.startEmailTemplateId")
    made = expect.ok(create(api, **wanted, startEmailTemplateId=template["id"]))["userAction"]
    assert made["userEmailingEnabled"] is True
    assert made["startEmailTemplateId"] == template["id"]


def test_case_012_unknown_template(api):
    unknown = str(uuid.uuid4())
    wanted = {"name": unique("X"), "userEmailingEnabled": True, "startEmailTemplateId": unknown}
    expect.field(create(api, **wanted), "userAction.startEmailTemplateId")


def test_case_013_option_with_a_blank_name(api):
    refused = create(api, name=unique("X"), options=[{"name": " "}])
    expect.field(refused, "userAction.options[0].name")


def test_case_015_soft_deleted_definition(make, api):
    kept, gone = make.definition(), make.definition()
    expect.empty(api.deactivate_user_action(gone["id"]))
    for listed in (api.retrieve_user_actions(), api.retrieve_user_action(None)):
        active = expect.ok(listed)["userActions"]
        assert all(definition["active"] is True for definition in active)
        assert kept["id"] in expect.ids(active)
        assert gone["id"] not in expect.ids(active)
    inactive = expect.ok(api.retrieve_inactive_user_actions())["userActions"]
    assert all(definition["active"] is False for definition in inactive)
    assert gone["id"] in expect.ids(inactive)
    assert kept["id"] not in expect.ids(inactive)
    found = expect.ok(api.retrieve_user_action(gone["id"]))["userAction"]
    assert found["active"] is False


def test_case_016_unknown_definition(api):
    expect.empty(api.retrieve_user_action(str(uuid.uuid4())), 404)


def test_case_017_delete_then_reactivate(make, api, http):
    definition = make.definition()
    expect.empty(api.deactivate_user_action(definition["id"]))
    back = expect.ok(api.reactivate_user_action(definition["id"]))["userAction"]
    assert back["active"] is True
    expect.empty(api.deactivate_user_action(definition["id"]))
    bare = http.put(f"/api/user-action/{definition['id']}?reactivate=true")
    assert "Content-Type" not in bare.request.headers
    assert expect.ok(bare)["userAction"]["active"] is True


def test_case_018_hard_delete(make, api):
    definition = make.mute()
    action = make.take(definition, make.user())
    expect.empty(api.delete_user_action(definition["id"]))
    expect.empty(api.retrieve_user_action(definition["id"]), 404)
    expect.empty(api.retrieve_action(action["id"]), 404)


def test_case_019_put_without_localized_names(make, api):
    before = make.mute(localizedNames={"eo": "Silentigi", "de": "Stumm"})
    assert before["localizedNames"] == {"eo": "Silentigi", "de": "Stumm"}
    wanted = {"name": before["name"], "temporal": True, "sendEndEvent": False}
    after = expect.ok(api.update_user_action(before["id"], {"userAction": wanted}))["userAction"]
    assert "localizedNames" not in after
    assert after["sendEndEvent"] is False
    assert after["id"] == before["id"]
    assert after["insertInstant"] == before["insertInstant"]
    assert after["lastUpdateInstant"] >= before["lastUpdateInstant"]
    assert expect.ok(api.retrieve_user_action(before["id"]))["userAction"] == after


def only_the_name_changed(before, after, name):
    assert after["name"] == name
    assert after["lastUpdateInstant"] >= before["lastUpdateInstant"]
    changeable = ("name", "lastUpdateInstant")
    kept = {key: value for key, value in before.items() if key not in changeable}
    assert kept == {key: value for key, value in after.items() if key not in changeable}


def test_case_020_patch_of_the_name(make, api):
    before = make.reward(localizedNames={"eo": "Premio"}, sendEndEvent=False)
    name = unique("New")
    after = api.patch_user_action(before["id"], {"userAction": {"name": name}})
    only_the_name_changed(before, expect.ok(after)["userAction"], name)


def test_case_021_post_with_the_method_override(make, http):
    before = make.ban(localizedNames={"eo": "Forbari"})
    name = unique("New")
    after = http.post(
        f"/api/user-action/{before['id']}",
        json={"userAction": {"name": name}},
        headers={"X-HTTP-Method-Override": "PATCH"},
    )
    only_the_name_changed(before, expect.ok(after)["userAction"], name)


def test_case_022_trailing_slash(http):
    name = unique("X")
    made = expect.ok(http.post("/api/user-action/", json={"userAction": {"name": name}}))
    assert made["userAction"]["name"] == name
    assert expect.is_uuid(made["userAction"]["id"])
    listed = expect.ok(http.get("/api/user-action/"))["userActions"]
    assert made["userAction"]["id"] in expect.ids(listed)
