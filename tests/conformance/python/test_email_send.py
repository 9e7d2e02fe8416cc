"""Mails that a caller sends: filled for each reader, and handed to a mail server."""

import uuid

from support import expect
from support.mail_sink import body, sinking
from support.make import unique_email


def test_mails_arrive(tenant):
    template = tenant.template(
        defaultSubject="News for ${(user.firstName)!'everybody'}",
        localizedSubjects={"eo": "Novaĵoj"},
        defaultTextTemplate="${requestData.what}",
    )
    ada = tenant.user(firstName="Ada", preferredLanguages=["en"])
    bob = tenant.user(firstName="Bob", preferredLanguages=["eo"])
    anybody = unique_email()
    with sinking(tenant) as sink:
        wanted = {
            "userIds": [ada["id"], bob["id"]],
            "toAddresses": [{"address": anybody, "display": "Anybody"}],
            "ccAddresses": ["copy@example.com"],
            "requestData": {"what": "snow"},
        }
        sent = expect.ok(tenant.api.send_email(template["id"], wanted), 202)
        assert sent == {"results": {}, "anonymousResults": {}}
        letters = sink.wait_for(3)
    found = {letter["To"].addresses[0].addr_spec: letter for letter in letters}
    assert found[ada["email"]]["Subject"] == "News for Ada"
    assert found[bob["email"]]["Subject"] == "Novaĵoj"
    assert found[anybody]["Subject"] == "News for everybody"
    assert found[anybody]["To"].addresses[0].display_name == "Anybody"
    for letter in letters:
        assert letter["Cc"].addresses[0].addr_spec == "copy@example.com"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert body(letter, "plain") == "snow"


def test_who_cannot_be_written_to(tenant):
    template = tenant.template(defaultTextTemplate="${user.fullName}")
    user = tenant.user()
    sent = expect.ok(tenant.api.send_email(template["id"], {"userIds": [user["id"]]}), 202)
    errors = sent["results"][user["id"]]
    assert "fullName" in errors["renderErrors"]["defaultTextTemplate"]
    assert errors["parseErrors"] == {}


def test_a_request_to_nobody(tenant):
    template = tenant.template()
    refused = tenant.api.send_email(template["id"], {})
    expect.fields(refused, "userIds", "toAddresses")
    refused = tenant.api.send_email(template["id"], {"userIds": [str(uuid.uuid4())]})
    expect.field(refused, "userIds", "[invalid]")
    expect.empty(tenant.api.send_email(str(uuid.uuid4()), {"userIds": [str(uuid.uuid4())]}), 404)
