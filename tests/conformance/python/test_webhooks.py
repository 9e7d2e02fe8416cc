"""Webhooks: their making, changing, checking and finding. Nothing is delivered here."""

import uuid

import pytest

from support import expect
from support.make import unique


def wanted(**fields):
    given = {"url": "https://hooks.example.com/docket", "connectTimeout": 1000}
    return {"webhook": given | {"readTimeout": 2000} | fields}


def create(api, **fields):
    return expect.ok(api.create_webhook(wanted(**fields)))["webhook"]


def test_defaults_of_a_new_webhook(api):
    made = create(api)
    assert expect.is_uuid(made["id"])
    assert made["url"] == "https://hooks.example.com/docket"
    assert (made["connectTimeout"], made["readTimeout"]) == (1000, 2000)
    assert made["global"] is False
    assert made["signatureConfiguration"]["enabled"] is False
    assert expect.is_instant(made["insertInstant"])
    assert expect.is_instant(made["lastUpdateInstant"])


def test_a_webhooks_life(make, api):
    chosen = str(uuid.uuid4())
    body = wanted(
        description=unique("Hook"),
        tenantIds=[make.default_tenant_id()],
        eventsEnabled={"user.action": True},
        headers={"X-Forum": "yes"},
        data={"owner": {"team": "safety"}},
        httpAuthenticationUsername="ada",
        httpAuthenticationPassword="lovelace",
    )
    made = expect.ok(api.create_webhook(body, chosen))["webhook"]
    assert made["id"] == chosen
    assert made.pop("secret").startswith("whsec_")
    for name, value in body["webhook"].items():
        if name not in ("eventsEnabled", "httpAuthenticationPassword"):
            assert made[name] == value, name
    assert made["eventsEnabled"]["user.action"] is True
    assert expect.ok(api.retrieve_webhook(chosen))["webhook"] == made
    for listed in (api.retrieve_webhooks(), api.retrieve_webhook(None)):
        assert chosen in expect.ids(expect.ok(listed)["webhooks"])

    patch = {"webhook": {"eventsEnabled": {"user.create": True}, "readTimeout": 3000}}
    patched = expect.ok(api.patch_webhook(chosen, patch))["webhook"]
    assert patched["eventsEnabled"]["user.action"] is True
    assert patched["eventsEnabled"]["user.create"] is True
    assert (patched["readTimeout"], patched["headers"]) == (3000, {"X-Forum": "yes"})

    put = expect.ok(api.update_webhook(chosen, wanted(url="http://example.com/x")))["webhook"]
    assert put["url"] == "http://example.com/x"
    assert "description" not in put
    assert not put.get("headers")
    assert not put.get("tenantIds")

    expect.empty(api.delete_webhook(chosen))
    expect.empty(api.retrieve_webhook(chosen), 404)


def test_everything_needed(api):
    blamed = expect.errors(api.create_webhook({"webhook": {}}))["fieldErrors"]
    assert set(blamed) == {"webhook.url", "webhook.connectTimeout", "webhook.readTimeout"}


@pytest.mark.parametrize("url", ["", "  "])
def test_a_blank_url(api, url):
    expect.field(api.create_webhook(wanted(url=url)), "webhook.url", "[blank]")


@pytest.mark.parametrize("url", ["nowhere", "/path", "ftp://example.com/", "http://"])
def test_a_url_must_be_absolute_http(api, url):
    expect.field(api.create_webhook(wanted(url=url)), "webhook.url", "[invalid]")


@pytest.mark.parametrize("name", ["connectTimeout", "readTimeout"])
def test_timeouts_are_positive(api, name):
    for timeout in (0, -1):
        refused = api.create_webhook(wanted(**{name: timeout}))
        expect.field(refused, f"webhook.{name}", "[invalid]")


def test_a_tenant_must_exist(api):
    refused = api.create_webhook(wanted(tenantIds=[str(uuid.uuid4())]))
    expect.field(refused, "webhook.tenantIds", "[invalid]")


def test_an_event_must_exist(api):
    expect.errors(api.create_webhook(wanted(eventsEnabled={"user.sneezed": True})))


def test_a_signature_needs_a_key(api):
    refused = api.create_webhook(wanted(signatureConfiguration={"enabled": True}))
    expect.field(refused, "webhook.signatureConfiguration.signingKeyId", "[missing]")


def test_the_key_of_a_signature_must_exist(api):
    signature = {"enabled": True, "signingKeyId": str(uuid.uuid4())}
    refused = api.create_webhook(wanted(signatureConfiguration=signature))
    expect.field(refused, "webhook.signatureConfiguration.signingKeyId", "[invalid]")


def test_search_by_description_and_url(api, http):
    word = unique("Word").replace(" ", "-")
    a = create(api, description=f"{word} a", url=f"https://example.com/{word}/1")["id"]
    b = create(api, description=f"{word} b", url=f"https://example.com/{word}/2")["id"]

    def search(**criteria):
        by_post = expect.ok(api.search_webhooks({"search": criteria}))
        assert expect.ok(http.get("/api/webhook/search", params=criteria)) == by_post
        assert by_post["total"] == len(by_post["webhooks"])
        return [webhook["id"] for webhook in by_post["webhooks"]]

    assert set(search(description=word.upper())) == {a, b}
    assert search(description=f"{word} b") == [b]
    assert search(url=f"*{word}*1") == [a]
    assert search(description=word, url="*/2") == [b]
    assert search(description=word, orderBy="url DESC") == [b, a]
    assert search(description=word, orderBy="description") == [a, b]
    assert search(description=f"no {word}") == []
    by_parameters = api.search_webhooks_by_parameters(description=word, number_of_results=1)
    assert expect.ok(by_parameters)["total"] == 2


def test_search_by_tenant_finds_its_own_and_global_ones(crowd, tenant):
    word, other = unique("Word").replace(" ", "-"), crowd.tenant()["id"]
    own = create(crowd.api, description=word, tenantIds=[tenant.tenant_id])["id"]
    everywhere = create(crowd.api, description=word, **{"global": True})["id"]
    create(crowd.api, description=word, tenantIds=[other])
    criteria = {"description": word, "tenantId": tenant.tenant_id}
    found = expect.ok(crowd.api.search_webhooks({"search": criteria}))
    assert expect.ids(found["webhooks"]) == {own, everywhere}


def test_unknown(api):
    unknown = str(uuid.uuid4())
    expect.empty(api.retrieve_webhook(unknown), 404)
    expect.empty(api.update_webhook(unknown, wanted()), 404)
    expect.empty(api.patch_webhook(unknown, wanted()), 404)
    expect.empty(api.delete_webhook(unknown), 404)
