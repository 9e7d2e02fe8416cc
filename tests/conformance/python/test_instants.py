"""Numbers in bodies: every spelling of "no end", numeric text, and what is no number at all."""

import pytest

from support import expect
from support.clock import INDEFINITE, far


def take_with_expiry(make, literal):
    """Takes a mute with this text where the expiry goes."""
    action = make.request(make.mute(), make.user())["action"]
    del action["expiry"]
    pairs = ",".join(f'"{name}":"{value}"' for name, value in action.items())
    body = f'{{"action":{{{pairs},"expiry":{literal}}}}}'
    return make.http.post(
        "/api/user/action", data=body, headers={"Content-Type": "application/json"}
    )


@pytest.mark.parametrize(
    "literal",
    [
        "9223372036854775807",
        "9223372036854775807.0",
        "9223372036854775808",
        "9223372036854776000",
        "9223372036854776000.0",
        "9.223372036854776e18",
        "9.223372036854776E+18",
        "9.223372036854775807e18",
        "9223372036854775000",
        "1e19",
        "1e300",
        '"9223372036854775807"',
        '"9223372036854776000"',
    ],
)
def test_no_end_in_every_spelling(make, literal):
    answer = take_with_expiry(make, literal)
    assert expect.ok(answer)["action"]["expiry"] == INDEFINITE
    assert f'"expiry":{INDEFINITE}' in answer.text.replace(" ", "")


def test_a_large_but_finite_instant_stays_itself(make):
    almost = 9_223_372_036_854_774_000
    assert expect.ok(take_with_expiry(make, almost))["action"]["expiry"] == almost


def test_numeric_text_is_a_number(make):
    expiry = far()
    assert expect.ok(take_with_expiry(make, f'"{expiry}"'))["action"]["expiry"] == expiry


@pytest.mark.parametrize(
    "literal", ["true", '"tomorrow"', '"2030-01-01T00:00:00Z"', "[1]", '{"at":1}']
)
def test_what_is_no_instant(make, literal):
    expect.field(take_with_expiry(make, literal), "action.expiry", "[couldNotConvert]")


def test_null_is_absent(make):
    expect.field(take_with_expiry(make, "null"), "action.expiry", "[missing]")


def test_no_end_survives_modification_and_reading(make, api):
    user = make.user()
    action = make.take(make.ban(), user)
    assert make.modify(action, expiry=float(INDEFINITE))["expiry"] == INDEFINITE
    assert expect.ok(api.retrieve_action(action["id"]))["action"]["expiry"] == INDEFINITE
    assert expect.status(make.login(user), 409).json()["actions"][0]["expiry"] == INDEFINITE


def test_a_uuid_in_a_body_may_have_any_case_but_must_be_one(make, api):
    mute, user = make.mute(), make.user()
    body = make.request(mute, {"id": user["id"].upper()})
    action = expect.ok(api.action_user(body))["action"]
    assert action["actioneeUserId"] == user["id"]
    body = make.request(mute, {"id": "xyz"})
    expect.field(api.action_user(body), "action.actioneeUserId", "[couldNotConvert]")
    body = make.request(mute, user, applicationIds=["xyz"])
    blamed = expect.errors(api.action_user(body))["fieldErrors"]
    assert all(key.startswith("action.applicationIds") for key in blamed)
