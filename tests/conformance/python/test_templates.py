"""E-mail templates: their making and changing, how they are checked, previewed and found."""

import uuid

import pytest

from support import expect
from support.make import unique

PARTS = ("defaultSubject", "defaultHtmlTemplate", "defaultTextTemplate")


def wanted(**fields):
    given = {"name": unique("Template")} | {part: "Hello" for part in PARTS}
    return {"emailTemplate": given | fields}


def preview(api, locale=None, **fields):
    body = wanted(**fields) | ({"locale": locale} if locale else {})
    return expect.ok(api.retrieve_email_template_preview(body))


def test_a_templates_life(api):
    chosen, body = str(uuid.uuid4()), wanted(localizedSubjects={"eo": "Saluton"})
    made = expect.ok(api.create_email_template(body, chosen))["emailTemplate"]
    assert made["id"] == chosen
    for name, value in body["emailTemplate"].items():
        assert made[name] == value
    assert expect.is_instant(made["insertInstant"])
    assert expect.is_instant(made["lastUpdateInstant"])
    assert expect.ok(api.retrieve_email_template(chosen))["emailTemplate"] == made
    for listed in (api.retrieve_email_templates(), api.retrieve_email_template(None)):
        assert made in expect.ok(listed)["emailTemplates"]

    patch = {"emailTemplate": {"fromEmail": "team@example.com"}}
    patched = expect.ok(api.patch_email_template(chosen, patch))["emailTemplate"]
    assert patched["fromEmail"] == "team@example.com"
    assert patched["localizedSubjects"] == {"eo": "Saluton"}

    body = wanted(defaultSubject="Goodbye")
    put = expect.ok(api.update_email_template(chosen, body))["emailTemplate"]
    assert put["defaultSubject"] == "Goodbye"
    assert "fromEmail" not in put
    assert not put.get("localizedSubjects")

    expect.empty(api.delete_email_template(chosen))
    expect.empty(api.retrieve_email_template(chosen), 404)


def test_everything_needed(api):
    refused = api.create_email_template({"emailTemplate": {"name": " "}})
    expect.fields(refused, *(f"emailTemplate.{name}" for name in ("name", *PARTS)))
    for name in ("name", *PARTS):
        refused = api.create_email_template(wanted(**{name: " "}))
        expect.field(refused, f"emailTemplate.{name}", "[blank]")


def test_a_name_is_unique(make, api):
    taken = make.template()
    refused = api.create_email_template(wanted(name=taken["name"]))
    expect.field(refused, "emailTemplate.name", "[duplicate]")


@pytest.mark.parametrize("part", PARTS)
def test_a_template_must_make_sense(api, part):
    refused = api.create_email_template(wanted(**{part: "[#if user??]for ever"}))
    expect.field(refused, f"emailTemplate.{part}", "[invalid]")


def test_a_template_in_use_stays(make, api):
    template = make.template()
    definition = make.definition(userEmailingEnabled=True, startEmailTemplateId=template["id"])
    expect.code(api.delete_email_template(template["id"]), "[inUse]emailTemplateId")
    make.delete_definition(definition)
    expect.empty(api.delete_email_template(template["id"]))


def test_a_preview_shows_every_part(api):
    shown = preview(
        api,
        defaultSubject="News",
        defaultHtmlTemplate="<p>[#if true]Hello[#else]Goodbye[/#if]</p>",
        defaultTextTemplate="[#list ['a', 'b'] as letter]${letter};[/#list]",
    )["email"]
    assert shown["subject"] == "News"
    assert shown["html"] == "<p>Hello</p>"
    assert shown["text"] == "a;b;"


def test_a_preview_in_a_language(api):
    subjects = {"eo": "Saluton", "de_AT": "Servus"}
    for locale, expected in [("eo", "Saluton"), ("de_AT", "Servus"), ("fr", "Hello")]:
        shown = preview(api, locale, localizedSubjects=subjects)["email"]
        assert shown["subject"] == expected
        assert shown["text"] == "Hello"


def test_a_preview_tells_what_is_wrong_instead_of_failing(api):
    shown = preview(api, defaultTextTemplate="[#if true]for ever")
    assert shown["errors"]
    assert "emailTemplate.defaultTextTemplate" in str(shown["errors"])


def test_search_by_name(make, api, http):
    word = unique("Word").replace(" ", "-")
    made = [make.template(name=f"{word} {letter}")["id"] for letter in "abc"]
    found = expect.ok(api.search_email_templates({"search": {"name": word.upper()}}))
    assert found["total"] == 3
    assert [template["id"] for template in found["emailTemplates"]] == made
    params = {"name": f"{word}*", "orderBy": "name DESC", "numberOfResults": 2}
    found = expect.ok(http.get("/api/email/template/search", params=params))
    assert found["total"] == 3
    assert [template["id"] for template in found["emailTemplates"]] == made[:0:-1]


def test_unknown(api):
    unknown = str(uuid.uuid4())
    expect.empty(api.retrieve_email_template(unknown), 404)
    expect.empty(api.update_email_template(unknown, wanted()), 404)
    expect.empty(api.patch_email_template(unknown, wanted()), 404)
    expect.empty(api.delete_email_template(unknown), 404)
