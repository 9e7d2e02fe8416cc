"""What an answer must look like, whether the client or plain HTTP received it."""

import re
import uuid

from fusionauth.rest_client import ClientResponse

RFC_3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def raw(response):
    """The HTTP answer underneath."""
    return response.response if isinstance(response, ClientResponse) else response


def status(response, expected):
    """The answer has this status."""
    answer = raw(response)
    assert answer.status_code == expected, describe(answer)
    return answer


def describe(answer):
    """An answer in one line, for a failure's message."""
    request = answer.request
    return (
        f"{request.method} {request.path_url} {request.body!r} "
        f"-> {answer.status_code} {answer.text[:2000]!r}"
    )


def ok(response, expected=200):
    """Success with a JSON object, labelled and counted as the contract says; gives it back."""
    answer = status(response, expected)
    kind = answer.headers.get("Content-Type", "").replace(" ", "").lower()
    assert kind == "application/json;charset=utf-8", describe(answer)
    assert int(answer.headers["Content-Length"]) == len(answer.content), describe(answer)
    body = answer.json()
    assert isinstance(body, dict), describe(answer)
    assert_no_nulls(body)
    if isinstance(response, ClientResponse):
        assert response.was_successful()
        assert response.success_response == body
    return body


def empty(response, expected=200):
    """An answer without a body, which must not claim to be JSON."""
    answer = status(response, expected)
    assert answer.content == b"", describe(answer)
    assert not answer.headers.get("Content-Type", "").lower().startswith("application/json")
    assert answer.headers.get("Content-Length", "0") == "0", describe(answer)
    return answer


def errors(response, expected=400):
    """An Errors object: at least one error, each with a code and a message; gives it back."""
    body = status(response, expected).json()
    assert isinstance(body, dict), body
    fields, general = body.get("fieldErrors", {}), body.get("generalErrors", [])
    found = [error for group in fields.values() for error in group] + general
    assert found, f"no error in {body}"
    for error in found:
        assert isinstance(error["code"], str) and error["code"], body
        assert isinstance(error["message"], str) and error["message"], body
    if isinstance(response, ClientResponse):
        assert not response.was_successful()
        assert response.error_response == body
    return body


def fields(response, *keys):
    """A refusal that blames exactly these fields."""
    blamed = errors(response).get("fieldErrors", {})
    assert set(blamed) == set(keys), blamed
    return blamed


def field(response, key, prefix=None):
    """A refusal that blames exactly this field, with this prefix in front of its code."""
    blamed = fields(response, key)
    if prefix is not None:
        assert f"{prefix}{key}" in [error["code"] for error in blamed[key]], blamed


def general(response, code):
    """A refusal that blames the request as a whole, with a code that begins like this."""
    codes = [error["code"] for error in errors(response).get("generalErrors", [])]
    assert any(found.startswith(code) for found in codes), codes


def code(response, expected):
    """A refusal in which this code appears, wherever it is filed."""
    body = errors(response)
    groups = [*body.get("fieldErrors", {}).values(), body.get("generalErrors", [])]
    codes = [error["code"] for group in groups for error in group]
    assert expected in codes, codes


def problem(response, expected):
    """A refusal of the native surface: RFC 9457, with the request's id and nothing secret."""
    answer = status(response, expected)
    kind = answer.headers.get("Content-Type", "")
    assert kind.startswith("application/problem+json"), describe(answer)
    body = answer.json()
    assert body["status"] == expected, body
    assert body["type"] and body["title"], body
    assert body["instance"] == answer.headers["X-Request-Id"], body
    return body


def assert_no_nulls(value, path="$"):
    """What is unknown is left out, never null."""
    assert value is not None, f"{path} is null"
    if isinstance(value, dict):
        for name, member in value.items():
            assert_no_nulls(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            assert_no_nulls(member, f"{path}[{index}]")


def is_uuid(text):
    """Is this the canonical, lower-case text of a UUID?"""
    return isinstance(text, str) and str(uuid.UUID(text)) == text


def is_instant(value):
    """Is this an integer in milliseconds (and not a boolean in disguise)?"""
    return type(value) is int


def is_rfc_3339(value):
    """Is this an instant as the native surface writes it?"""
    return isinstance(value, str) and RFC_3339.match(value) is not None


def ids(things):
    """The ids of a list, as a set: the contract leaves most orders open."""
    found = [thing["id"] for thing in things]
    assert len(found) == len(set(found)), f"something is listed twice: {found}"
    return set(found)
