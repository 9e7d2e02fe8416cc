"""Conformance case 68: what is sent is signed, and a library for JOSE says so too."""

import base64
import hashlib
import secrets
import uuid

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from support import expect
from support.hook_sink import hooked, listening, tell
from support.make import unique

HEADER = "X-FusionAuth-Signature-JWT"

# The algorithms of the contract, each with a way to make a pair for it elsewhere.
PAIRS = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "RS384": lambda: rsa.generate_private_key(65537, 3072),
    "RS512": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}
SHARED = ("HS256", "HS384", "HS512")


def pems(pair):
    """Both halves of a pair as text: PKCS #8 and SubjectPublicKeyInfo."""
    private = pair.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = pair.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {"privateKey": private.decode(), "publicKey": public.decode()}


def told(tenant, key):
    """A call that was signed by this key."""
    signature = {"enabled": True, "signingKeyId": key["id"]}
    tell(tenant)
    with listening() as sink, hooked(tenant, sink, signatureConfiguration=signature):
        taken = tenant.take(tenant.mute(), tenant.user(), broadcast=True, comment="Laŭta")
        return sink.wait_for_call("start", taken)


def check(call, key, verifier):
    """The call is signed as the contract says, and this verifies it while nothing else does."""
    token = call.headers[HEADER]
    algorithm = "EdDSA" if key["algorithm"] == "Ed25519" else key["algorithm"]
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["kid"]) == (algorithm, key["kid"])
    claims = jwt.decode(token, verifier, algorithms=[algorithm])
    hash_of_body = base64.b64encode(hashlib.sha256(call.body).digest()).decode()
    assert claims["request_body_sha256"] == hash_of_body
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token[:-8] + "AAAAAAAA", verifier, algorithms=[algorithm])


@pytest.mark.parametrize("algorithm", [*SHARED, *PAIRS])
def test_case_068_signed_by_a_key_that_was_made_here(crowd, tenant, algorithm):
    wanted = {"name": unique("Key"), "algorithm": algorithm}
    if algorithm.startswith("RS"):
        wanted["length"] = 2048
    key = expect.ok(crowd.api.generate_key({"key": wanted}))["key"]
    verifier = key["secret"] if algorithm in SHARED else key["publicKey"]
    check(told(tenant, key), key, verifier)


@pytest.mark.parametrize("algorithm", SHARED)
def test_case_068_signed_by_a_secret_that_was_brought(crowd, tenant, algorithm):
    # Not ASCII: it is the bytes of the text in UTF-8 that sign.
    secret = f"ŝlosilo {secrets.token_hex(32)}"
    wanted = {"name": unique("Key"), "algorithm": algorithm, "secret": secret}
    key = expect.ok(crowd.api.import_key({"key": wanted}))["key"]
    check(told(tenant, key), key, secret)


@pytest.mark.parametrize("algorithm", PAIRS)
def test_case_068_signed_by_a_pair_that_was_brought(crowd, tenant, algorithm):
    halves, kid = pems(PAIRS[algorithm]()), uuid.uuid4().hex
    wanted = {"name": unique("Key"), "algorithm": algorithm, "kid": kid} | halves
    key = expect.ok(crowd.api.import_key({"key": wanted}))["key"]
    assert key["kid"] == kid
    check(told(tenant, key), key, halves["publicKey"])


def test_case_068_not_signed_unless_asked_for(tenant):
    tell(tenant)
    with listening() as sink, hooked(tenant, sink):
        taken = tenant.take(tenant.mute(), tenant.user(), broadcast=True)
        assert HEADER not in sink.wait_for_call("start", taken).headers
