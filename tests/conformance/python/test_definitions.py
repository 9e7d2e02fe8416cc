"""Definitions beyond the numbered cases: every field, every rule, the order of lists."""

import uuid

import pytest

from support import expect
from support.clock import far
from support.make import unique

PHASES = ("start", "modify", "cancel", "end")


def create(api, **fields):
    return api.create_user_action({"userAction": {"name": unique("X")} | fields})


def test_every_field_comes_back(make, api):
    templates = {f"{phase}EmailTemplateId": make.template()["id"] for phase in PHASES}
    given = templates | {
        "name": unique("Everything"),
        "localizedNames": {"eo": "Ĉio", "de_AT": "Alles"},
        "temporal": True,
        "preventLogin": True,
        "sendEndEvent": False,
        "userEmailingEnabled": True,
        "userNotificationsEnabled": True,
        "includeEmailInEventJSON": True,
        "transactionType": "SuperMajority",
    }
    made = expect.ok(create(api, **given))["userAction"]
    assert {name: made[name] for name in given} == given
    assert expect.ok(api.retrieve_user_action(made["id"]))["userAction"] == made


def test_options_come_back_with_their_languages(make):
    options = make.reward()["options"]
    named = {option["name"]: option.get("localizedNames") for option in options}
    assert named["Gold"]["eo"] == "Oro"
    assert named["Silver"] == {"eo": "Arĝento"}


def test_options_may_be_temporal(make):
    mute = make.mute(options=[{"name": "Chat"}, {"name": "Forum"}])
    action = make.take(mute, make.user(), option=" Chat ")
    assert action["option"] == "Chat"
    assert action["expiry"] > 0


@pytest.mark.parametrize(
    "kind", ["None", "Any", "SimpleMajority", "SuperMajority", "AbsoluteMajority"]
)
def test_transaction_types(api, kind):
    assert expect.ok(create(api, transactionType=kind))["userAction"]["transactionType"] == kind


def test_a_transaction_type_that_is_none(api):
    refused = create(api, transactionType="AnyWebhook")
    expect.field(refused, "userAction.transactionType", "[couldNotConvert]")


def test_templates_may_wait_unused(make, api):
    made = create(api, startEmailTemplateId=make.template()["id"])
    assert expect.ok(made)["userAction"]["userEmailingEnabled"] is False


def test_names_are_trimmed_and_limited(api):
    name = unique("X")
    assert expect.ok(create(api, name=f" {name}\t"))["userAction"]["name"] == name
    expect.field(create(api, name="x" * 192), "userAction.name", "[tooLong]")


@pytest.mark.parametrize(
    ("names", "key", "prefix"),
    [
        ({"eo": " "}, "userAction.localizedNames[eo]", "[blank]"),
        ({"no locale": "x"}, "userAction.localizedNames[no locale]", "[invalid]"),
    ],
)
def test_localized_names_are_checked(api, names, key, prefix):
    expect.field(create(api, localizedNames=names), key, prefix)


def test_two_options_of_one_name(api):
    refused = create(api, options=[{"name": "A"}, {"name": " A"}])
    expect.field(refused, "userAction.options[1].name", "[duplicate]")


def test_every_mistake_is_told_at_once(api):
    refused = create(api, name="", preventLogin=True, options=[{"name": "A"}, {"name": ""}])
    expect.fields(
        refused, "userAction.name", "userAction.preventLogin", "userAction.options[1].name"
    )


@pytest.mark.parametrize("body", [{}, {"userAction": None}])
def test_a_definition_is_needed(api, body):
    expect.errors(api.create_user_action(body))


def test_lists_are_in_the_order_of_names(make, api):
    word = unique("order")
    for letter in "bAc":
        make.definition(f"{word} {letter}")
    listed = expect.ok(api.retrieve_user_actions())["userActions"]
    names = [made["name"] for made in listed if made["name"].startswith(word)]
    assert [name.split()[-2] for name in names] == ["A", "b", "c"]


def test_deactivation_and_reactivation_may_be_repeated(make, api):
    definition = make.definition()
    for _ in range(2):
        expect.empty(api.deactivate_user_action(definition["id"]))
    for _ in range(2):
        assert expect.ok(api.reactivate_user_action(definition["id"]))["userAction"]["active"]


def test_unknown(api):
    unknown, body = str(uuid.uuid4()), {"userAction": {"name": unique("X")}}
    expect.empty(api.update_user_action(unknown, body), 404)
    expect.empty(api.patch_user_action(unknown, body), 404)
    expect.empty(api.deactivate_user_action(unknown), 404)
    expect.empty(api.delete_user_action(unknown), 404)
    expect.empty(api.reactivate_user_action(unknown), 404)


def test_running_actions_outlive_a_change_to_instant(make, api):
    mute, user = make.mute(), make.user()
    action = make.take(mute, user)
    body = {"userAction": {"name": mute["name"], "temporal": False}}
    expect.ok(api.update_user_action(mute["id"], body))
    assert expect.ids(expect.ok(api.retrieve_active_actions(user["id"]))["actions"])
    expiry = far()
    assert make.modify(action, expiry=expiry)["expiry"] == expiry
    make.cancel(action)


def test_reasons_are_unique_and_listed_in_the_order_of_texts(make, api):
    word = unique("order")
    made = [make.reason(text=f"{word} {letter}") for letter in "bAc"]
    listed = expect.ok(api.retrieve_user_action_reasons())["userActionReasons"]
    texts = [reason["text"] for reason in listed if reason["text"].startswith(word)]
    assert texts == [f"{word} {letter}" for letter in "Abc"]
    for name in ("code", "text"):
        wanted = {"code": unique("CODE"), "text": unique("Text")} | {name: made[0][name]}
        refused = api.create_user_action_reason({"userActionReason": wanted})
        expect.field(refused, f"userActionReason.{name}", "[duplicate]")
