"""Callers of the Waldur surface through its official client, and what they are answered."""

import http
import json

import httpx
import pytest
from waldur_api_client.api.api_auth import api_auth_password
from waldur_api_client.client import AuthenticatedClient, Client
from waldur_api_client.errors import UnexpectedStatus
from waldur_api_client.models import CoreAuthToken, ObtainAuthTokenRequest
from waldur_api_client.utils import parse_link_header

# Nothing here is encrypted, and to read the authorities' certificates for everybody takes time.
CONNECTION = {"timeout": httpx.Timeout(60), "verify_ssl": False}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found."}


class Person:
    """A user who is signed in: who it is, and the official client in its name."""

    def __init__(self, url, token, **facts):
        self.token = token
        self.client = AuthenticatedClient(base_url=url, token=token, **CONNECTION)
        self.uuid = facts.get("uuid")
        self.username = facts.get("username")
        self.email = facts.get("email")
        self.full_name = facts.get("full_name")

    @property
    def http(self):
        """The client's own HTTP client, for what its functions cannot say."""
        return self.client.get_httpx_client()


def anonymous(url):
    """The official client in nobody's name."""
    return Client(base_url=url, **CONNECTION)


def sign_in(url, username, password):
    """The token that a name and a password are worth."""
    body = ObtainAuthTokenRequest(username=username, password=password)
    with anonymous(url) as client:
        answer = api_auth_password.sync(client=client, body=body)
    assert isinstance(answer, CoreAuthToken), answer
    return answer.token


def refused(status, call, *args, **kwargs):
    """The official client raises, because the server refuses with this status; gives its body."""
    with pytest.raises(UnexpectedStatus) as caught:
        call(*args, **kwargs)
    answer = caught.value
    assert answer.status_code == status, f"{answer.status_code} {answer.content!r}"
    # A HEAD's answer has no body.
    return json.loads(answer.content) if answer.content else None


def found(response, status=200):
    """What plain HTTP received: this status and, if there is a body, JSON."""
    assert response.status_code == status, describe(response)
    return response.json() if response.content else None


def describe(response):
    """An answer in one line, for a failure's message."""
    request = response.request
    request.read()
    return (
        f"{request.method} {request.url} {request.content!r} "
        f"-> {response.status_code} {response.text[:2000]!r}"
    )


def paged(detailed, count):
    """An answer of a list carries the headers of pages; gives back its links by relation."""
    assert detailed.status_code == http.HTTPStatus.OK
    assert detailed.headers["X-Result-Count"] == str(count)
    links = parse_link_header(detailed.headers["Link"])
    assert {"first", "last"} <= set(links), links
    return links


def no_such(model):
    """The body that hides a row from those who may not see it."""
    return {"detail": f"No {model} matches the given query."}
