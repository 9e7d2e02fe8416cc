"""Calls to the native surface, which no official client knows."""

import datetime

from support import expect


def gate(make, user, application=None, **rest):
    """The gate's answer about one user."""
    params = {"userId": user["id"]}
    if application is not None:
        params["applicationId"] = application["id"]
    return make.http.get("/api/v1/gate", params=params, **rest)


def opened(answer):
    """The gate lets the user through; gives back its words."""
    body = expect.status(answer, 200).json()
    assert body["allowed"] is True, body
    assert body["blocks"] == [], body
    assert expect.is_rfc_3339(body["checkedAt"]), body
    return body


def blocks(answer):
    """The gate stops the user; gives back what blocks."""
    body = expect.status(answer, 200).json()
    assert body["allowed"] is False, body
    assert body["blocks"], body
    assert expect.is_rfc_3339(body["checkedAt"]), body
    return body["blocks"]


def page(make, path, **params):
    """One page of a native list."""
    body = expect.status(make.http.get(path, params=params), 200).json()
    assert set(body) == {"items", "next"}, body
    assert isinstance(body["items"], list), body
    assert body["next"] is None or isinstance(body["next"], str), body
    return body


def actions(make, **params):
    """The ids of the actions that a search finds, in its order, on one page."""
    return [item["id"] for item in page(make, "/api/v1/actions", **params)["items"]]


def rfc_3339(instant):
    """An instant in milliseconds as the native surface writes it."""
    moment = datetime.datetime.fromtimestamp(instant // 1000, datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant % 1000:03d}Z"
