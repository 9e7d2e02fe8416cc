"""Conformance cases 23 and 24: reasons."""

import uuid

from support import expect
from support.make import unique


def create(api, **fields):
    return api.create_user_action_reason({"userActionReason": fields})


def test_case_023_reason_without_code_or_text(api):
    expect.field(create(api, text=unique("Text")), "userActionReason.code", "[blank]")
    expect.field(create(api, code=unique("CODE")), "userActionReason.text", "[blank]")
    refused = create(api, localizedTexts={"eo": "Kialo"})
    expect.fields(refused, "userActionReason.code", "userActionReason.text")
    refused = create(api, code="  ", text="\t")
    expect.fields(refused, "userActionReason.code", "userActionReason.text")


def test_case_024_a_reasons_life(api):
    code, text = unique("CODE"), unique("Text")
    chosen = str(uuid.uuid4())
    wanted = {"code": code, "text": text, "localizedTexts": {"eo": "Kialo"}}
    made = api.create_user_action_reason({"userActionReason": wanted}, chosen)
    made = expect.ok(made)["userActionReason"]
    assert made["id"] == chosen
    assert (made["code"], made["text"]) == (code, text)
    assert made["localizedTexts"] == {"eo": "Kialo"}
    assert expect.is_instant(made["insertInstant"])
    assert expect.is_instant(made["lastUpdateInstant"])

    assert expect.ok(api.retrieve_user_action_reason(chosen))["userActionReason"] == made
    for listed in (api.retrieve_user_action_reasons(), api.retrieve_user_action_reason(None)):
        assert made in expect.ok(listed)["userActionReasons"]

    wanted = {"code": code, "text": unique("Other text")}
    put = api.update_user_action_reason(chosen, {"userActionReason": wanted})
    put = expect.ok(put)["userActionReason"]
    assert put["text"] == wanted["text"]
    assert "localizedTexts" not in put
    assert put["insertInstant"] == made["insertInstant"]

    other = unique("OTHER")
    patched = api.patch_user_action_reason(chosen, {"userActionReason": {"code": other}})
    patched = expect.ok(patched)["userActionReason"]
    assert (patched["code"], patched["text"]) == (other, wanted["text"])

    expect.empty(api.delete_user_action_reason(chosen))
    expect.empty(api.retrieve_user_action_reason(chosen), 404)
    listed = expect.ok(api.retrieve_user_action_reasons())["userActionReasons"]
    assert chosen not in expect.ids(listed)


def test_case_024_unknown_reason(api):
    unknown = str(uuid.uuid4())
    wanted = {"userActionReason": {"code": unique("CODE"), "text": unique("Text")}}
    expect.empty(api.retrieve_user_action_reason(unknown), 404)
    expect.empty(api.update_user_action_reason(unknown, wanted), 404)
    expect.empty(api.patch_user_action_reason(unknown, wanted), 404)
    expect.empty(api.delete_user_action_reason(unknown), 404)
