"""PUT: what is left out goes back to its default, what the server sets stays."""

from support import expect
from support.clock import tick
from support.make import unique


def test_a_definition_is_replaced(make, api):
    before = make.reward(localizedNames={"eo": "Premio"}, sendEndEvent=False)
    tick(before["lastUpdateInstant"])
    wanted = {"name": unique("Reward"), "id": "6f1a1b1e-5b0a-4c55-8a3e-3d4c9f0c7a11"}
    body = {"userAction": wanted | {"active": False, "insertInstant": 7}}
    after = expect.ok(api.update_user_action(before["id"], body))["userAction"]
    assert after["id"] == before["id"]
    assert after["active"] is True
    assert after["insertInstant"] == before["insertInstant"]
    assert after["lastUpdateInstant"] > before["lastUpdateInstant"]
    assert after["name"] == wanted["name"]
    assert after["options"] == []
    assert after["sendEndEvent"] is True
    assert "localizedNames" not in after


def test_a_definition_may_keep_its_name_but_take_no_other(make, api):
    definition, other = make.definition(), make.definition()
    same = {"userAction": {"name": definition["name"]}}
    expect.ok(api.update_user_action(definition["id"], same))
    taken = {"userAction": {"name": other["name"]}}
    refused = api.update_user_action(definition["id"], taken)
    expect.field(refused, "userAction.name", "[duplicate]")


def test_an_inactive_definition_stays_inactive(make, api):
    definition = make.definition()
    expect.empty(api.deactivate_user_action(definition["id"]))
    body = {"userAction": {"name": unique("Note"), "active": True}}
    after = expect.ok(api.update_user_action(definition["id"], body))["userAction"]
    assert after["active"] is False


def test_the_same_rules_as_when_it_was_made(make, api):
    definition = make.mute()
    body = {"userAction": {"name": " ", "preventLogin": True, "options": [{"name": ""}]}}
    expect.fields(
        api.update_user_action(definition["id"], body),
        "userAction.name",
        "userAction.preventLogin",
        "userAction.options[0].name",
    )
    assert expect.ok(api.retrieve_user_action(definition["id"]))["userAction"] == definition
