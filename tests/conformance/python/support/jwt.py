"""Looking into a JSON Web Token without checking its signature."""

import base64
import json


def decode(token):
    """The token's header and payload."""
    header, payload, signature = token.split(".")
    assert _bytes(signature), "the token is not signed"
    return json.loads(_bytes(header)), json.loads(_bytes(payload))


def _bytes(part):
    assert "=" not in part, "a token's parts are not padded"
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
