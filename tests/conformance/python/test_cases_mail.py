"""The contract's cases about the mails of actions."""

from support import expect
from support.clock import until
from support.mail_sink import body, sinking
from support.make import unique, unique_email

PHASES = ("start", "modify", "cancel", "end")


def mute(caller, template, **fields):
    """A kind of action that is told by mail in every phase."""
    templates = {f"{phase}EmailTemplateId": template["id"] for phase in PHASES}
    return caller.mute(**{"userEmailingEnabled": True, **templates, **fields})


def test_case_089_a_mail_in_the_users_language(tenant):
    template = tenant.template(
        defaultSubject="${event.localizedAction}, ${user.firstName}",
        localizedSubjects={"eo": "Sciigo: ${event.localizedAction}"},
        defaultTextTemplate="${event.phase}: ${event.comment}, by ${actioner.email}",
        defaultHtmlTemplate="<p>${event.localizedDuration}</p>",
    )
    kind = mute(tenant, template, includeEmailInEventJSON=True)
    address = unique_email()
    user = tenant.user(email=address, firstName="Ada", preferredLanguages=["eo", "en"])
    with sinking(tenant) as sink:
        taken = tenant.take(kind, user, broadcast=True, emailUser=True, comment="Too loud")
        event = taken["event"]
        assert event["emailedUser"] is True
        assert [to["address"] for to in event["email"]["to"]] == [address]
        assert event["email"]["subject"] == f"Sciigo: {taken['localizedName']}"
        letters = sink.wait_for(1)
        # One and no more: nothing else is on its way when the next one has come.
        tenant.modify(taken, emailUser=True, comment="Still")
        letters = sink.wait_for(2)
        assert len(letters) == 2
    first, second = letters
    assert first["Subject"] == f"Sciigo: {taken['localizedName']}"
    assert first["To"].addresses[0].addr_spec == address
    assert first["From"].addresses[0].addr_spec == "mods@example.com"
    assert body(first, "plain").startswith("start: Too loud, by ")
    assert body(first, "html").startswith("<p>")
    assert body(second, "plain").startswith("modify: Still, by ")
    assert first["Message-ID"] != second["Message-ID"]


def test_case_090_a_template_that_cannot_be_filled(tenant):
    name = unique("Broken")
    template = tenant.template(name=name, defaultTextTemplate="${nobody.name}")
    kind, user = mute(tenant, template), tenant.user()
    with sinking(tenant) as sink:
        taken = tenant.take(kind, user, broadcast=True, emailUser=True)
        search = {"search": {"type": "Error", "message": f"*{name}*"}}

        def logged():
            return expect.ok(tenant.api.search_event_logs(search))["eventLogs"]

        entries = until(logged, what="the entry in the event log")
        assert len(entries) == 1
        assert "nobody" in entries[0]["message"] and taken["id"] in entries[0]["message"]
        assert sink.letters == []
