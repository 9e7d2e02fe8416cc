"""Keys that sign what webhooks are sent: their making, taking over, renaming, ending, and finding."""

import uuid

import pytest

from support import expect
from support.make import unique

# Made for this test alone, by OpenSSL: `openssl genpkey -algorithm ed25519`, `openssl pkey -pubout`.
PRIVATE = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIIBpYW53TBF6QJ6xUwUWEBa7E13FHAnNNgr6uz/5UmgE
-----END PRIVATE KEY-----
"""
PUBLIC = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAOOuok2G5W36qR7Ya/YbJIJhAwn6j0dlqp6f9nW0SLnE=
-----END PUBLIC KEY-----
"""


def generate(api, key_id=None, **fields):
    given = {"name": unique("Key"), "algorithm": "HS256"}
    return api.generate_key({"key": given | fields}, key_id)


def bring(api, key_id=None, **fields):
    return api.import_key({"key": {"name": unique("Key")} | fields}, key_id)


def signed_by(key_id):
    return {
        "webhook": {
            "url": "https://hooks.example.com/docket",
            "connectTimeout": 1000,
            "readTimeout": 2000,
            "signatureConfiguration": {"enabled": True, "signingKeyId": key_id},
        }
    }


@pytest.mark.parametrize(
    ("algorithm", "kind", "length"),
    [
        ("HS256", "HMAC", None),
        ("HS384", "HMAC", None),
        ("HS512", "HMAC", None),
        ("RS256", "RSA", 2048),
        ("RS512", "RSA", 3072),
        ("ES256", "EC", 256),
        ("ES384", "EC", 384),
        ("ES512", "EC", 521),
        ("Ed25519", "OKP", None),
    ],
)
def test_a_key_of_every_kind(api, algorithm, kind, length):
    asked = {"length": length} if kind == "RSA" else {}
    made = expect.ok(generate(api, algorithm=algorithm, **asked))["key"]
    assert (made["algorithm"], made["type"]) == (algorithm, kind)
    assert made.get("length") == length
    assert expect.is_instant(made["insertInstant"])
    assert made["kid"]
    shared = kind == "HMAC"
    assert made["hasPrivateKey"] is not shared
    assert ("secret" in made) is shared
    assert made.get("publicKey", "").startswith("-----BEGIN PUBLIC KEY-----") is not shared
    assert "privateKey" not in made
    made.pop("secret", None)
    assert expect.ok(api.retrieve_key(made["id"]))["key"] == made
    assert made in expect.ok(api.retrieve_keys())["keys"]


def test_a_keys_life(api):
    chosen, name = str(uuid.uuid4()), unique("Key")
    made = expect.ok(generate(api, chosen))["key"]
    assert made["id"] == chosen
    expect.field(generate(api, chosen), "keyId", "[duplicate]")
    renamed = expect.ok(api.update_key(chosen, {"key": {"name": name}}))["key"]
    assert (renamed["name"], renamed["kid"]) == (name, made["kid"])
    expect.field(generate(api, name=name.upper()), "key.name", "[duplicate]")
    expect.empty(api.delete_key(chosen))
    expect.empty(api.retrieve_key(chosen), 404)


def test_a_pair_is_taken_over(api):
    kid = uuid.uuid4().hex
    pair = {"algorithm": "Ed25519", "privateKey": PRIVATE, "publicKey": PUBLIC, "kid": kid}
    made = expect.ok(bring(api, **pair))["key"]
    assert (made["kid"], made["hasPrivateKey"]) == (kid, True)
    assert made["publicKey"].strip() == PUBLIC.strip()
    assert "privateKey" not in made
    expect.field(bring(api, **pair), "key.kid", "[duplicate]")
    wrong = {"algorithm": "ES256", "privateKey": PRIVATE}
    expect.field(bring(api, **wrong), "key.privateKey", "[invalid]")


def test_a_secret_is_taken_over_and_shown_once(api):
    made = expect.ok(bring(api, algorithm="HS512", secret="correct horse"))["key"]
    assert made["secret"] == "correct horse"
    assert "secret" not in expect.ok(api.retrieve_key(made["id"]))["key"]


def test_everything_needed(api):
    blamed = expect.errors(api.generate_key({"key": {}}))["fieldErrors"]
    assert set(blamed) == {"key.name", "key.algorithm"}
    expect.field(bring(api, algorithm="HS256"), "key.secret", "[blank]")
    expect.field(bring(api, algorithm="RS256"), "key.publicKey", "[blank]")
    expect.field(generate(api, algorithm="RS256", length=1024), "key.length", "[invalid]")
    expect.field(generate(api, algorithm="None"), "key.algorithm", "[couldNotConvert]")


def test_a_key_that_signs_is_not_deleted(api):
    key = expect.ok(generate(api))["key"]["id"]
    hook = expect.ok(api.create_webhook(signed_by(key)))["webhook"]
    assert hook["signatureConfiguration"] == {"enabled": True, "signingKeyId": key}
    expect.field(api.delete_key(key), "keyId", "[inUse]")
    expect.empty(api.delete_webhook(hook["id"]))
    expect.empty(api.delete_key(key))


def test_a_key_that_cannot_sign_signs_nothing(api):
    key = expect.ok(bring(api, algorithm="Ed25519", publicKey=PUBLIC))["key"]
    assert key["hasPrivateKey"] is False
    refused = api.create_webhook(signed_by(key["id"]))
    expect.field(refused, "webhook.signatureConfiguration.signingKeyId", "[invalid]")


def test_search(api, http):
    word = unique("Word").replace(" ", "-")
    a = expect.ok(generate(api, name=f"{word} a"))["key"]["id"]
    b = expect.ok(generate(api, name=f"{word} b", algorithm="ES256"))["key"]["id"]

    def search(**criteria):
        by_post = expect.ok(api.search_keys({"search": criteria}))
        assert expect.ok(http.get("/api/key/search", params=criteria)) == by_post
        assert by_post["total"] == len(by_post["keys"])
        return [key["id"] for key in by_post["keys"]]

    assert search(name=word.upper()) == [a, b]
    assert search(name=f"{word}*", type="EC") == [b]
    assert search(name=f"{word}*", algorithm="HS256") == [a]
    assert search(name=word, orderBy="type ASC") == [b, a]
    by_parameters = api.search_keys_by_parameters(name=word, number_of_results=1)
    assert expect.ok(by_parameters)["total"] == 2


def test_keys_of_tenants_get_nothing(make):
    caller = make.with_key(tenantId=make.default_tenant_id())
    expect.empty(generate(caller.api), 401)
    expect.empty(caller.api.retrieve_keys(), 401)


def test_a_secret_of_a_webhook_is_rotated(make, api):
    body = signed_by(expect.ok(generate(api))["key"]["id"])
    hook = expect.ok(api.create_webhook(body))["webhook"]
    path = f"/api/v1/webhooks/{hook['id']}/rotate-secret"
    rotated = expect.status(make.http.post(path), 200).json()
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != hook["secret"]
    assert expect.RFC_3339.match(rotated["previousValidUntil"])


def test_unknown(api):
    unknown = str(uuid.uuid4())
    expect.empty(api.retrieve_key(unknown), 404)
    expect.empty(api.update_key(unknown, {"key": {"name": unique("Key")}}), 404)
    expect.empty(api.delete_key(unknown), 404)
