"""The example provider, run as its README says, and a server that asks it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import uuid

import pytest
import requests
from waldur_api_client.api.user_actions import (
    user_actions_execute_action,
    user_actions_update_actions,
)
from waldur_api_client.models import ExecuteActionRequest, UpdateActionsRequest

from support.clock import until
from support.inbox import day, inbox, soon
from support.make import unique
from support.server import ROOT, tail
from support.waldur import found

EXAMPLE = ROOT / "examples" / "provider"


class Example:
    """The example, running: its licences, and where it listens."""

    def __init__(self, directory, url):
        self.url = url
        self.licences = directory / "licences.json"
        self.secret = directory / "secret.txt"

    def know(self, licences):
        """The example knows these licences, each that runs out in so many days with its holder."""
        known = {
            id: {"product": unique("Editor"), "holder": str(holder.uuid), "until": day(days)}
            for id, (holder, days) in licences.items()
        }
        self.licences.write_text(json.dumps(known))
        return known


@contextlib.contextmanager
def run(directory):
    """The example, on a free port, two licences a page."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    example = Example(directory, f"http://127.0.0.1:{port}")
    environment = os.environ | {
        "LICENCES": str(example.licences),
        "SECRET_FILE": str(example.secret),
        "PUBLIC_URL": example.url,
        "PAGE": "2",
    }
    command = [sys.executable, "-m", "uvicorn", "provider:app", "--port", str(port)]
    log = directory / "provider.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=EXAMPLE, env=environment, stdout=output, stderr=output
        )
    try:
        until(lambda: answers(example, process), what=f"the example{tail(log)}")
        yield example
    finally:
        process.terminate()
        process.wait()


def answers(example, process):
    """Does the example listen?"""
    assert process.poll() is None, "the example ended"
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{example.url}/docs", timeout=2).ok


@pytest.fixture
def example(market, tmp_path):
    """The example, which the server knows under a type of its own."""
    with run(tmp_path) as example:
        example.action_type = f"licence_{uuid.uuid4().hex[:12]}"
        provider = market.register(example.action_type, f"{example.url}/pull")
        example.id = provider["id"]
        example.secret.write_text(provider["secret"])
        yield example
        market.unregister(provider)


def update(person, example):
    """The person has the example asked; staff for everybody."""
    body = UpdateActionsRequest(provider_action_type=example.action_type)
    user_actions_update_actions.sync(client=person.client, body=body)


def test_what_the_example_knows_is_to_do(market, example, scene):
    holders = [scene.at.person("holder") for _ in range(2)]
    licences = example.know(
        {
            "L1": (holders[0], 5),
            "L2": (holders[0], 10),
            "L3": (holders[1], 20),
            "L4": (holders[1], 90),
        }
    )
    # A dry run shows what would change, and changes nothing.
    shown = found(market.http.post(f"/api/v1/providers/{example.id}/test"))
    assert all(licences[id]["product"] in json.dumps(shown) for id in ("L1", "L2", "L3"))
    assert inbox(holders[0], example.action_type) == []

    update(scene.staff, example)
    first, second = soon(holders[0], example.action_type, 2)
    assert (first.urgency.value, second.urgency.value) == ("high", "medium")
    assert first.title == f"Licence runs out: {licences['L1']['product']}"
    assert (first.days_until_due, first.related_object_type) == (5, "licence")
    (third,) = soon(holders[1], example.action_type)
    assert (third.related_object_name, third.urgency.value) == (licences["L3"]["product"], "low")


def test_the_button_of_the_example(example, scene):
    licences = example.know({"L1": (scene.user, 5)})
    update(scene.user, example)
    (action,) = soon(scene.user, example.action_type)
    (button,) = action.corrective_actions
    assert (button.label, button.api_endpoint) == ("Renew for a year", True)
    answer = user_actions_execute_action.sync(
        action.uuid, client=scene.user.client, body=ExecuteActionRequest(action_label=button.label)
    )
    renewed = json.loads(example.licences.read_text())["L1"]["until"]
    assert renewed > licences["L1"]["until"]
    assert (answer.action, answer.message) == ("completed", f"Renewed until {renewed}")
    # The matter is settled: the example does not speak of it any more.
    soon(scene.user, example.action_type, 0)


def test_a_wrong_secret_changes_nothing(market, example, scene):
    example.know({"L1": (scene.user, 5)})
    update(scene.user, example)
    soon(scene.user, example.action_type)
    example.know({})
    right = example.secret.read_text()
    example.secret.write_text("whsec_" + "A" * 43 + "=")
    update(scene.staff, example)

    def failed():
        provider = found(market.http.get(f"/api/v1/providers/{example.id}"))
        return provider if "ERROR" in json.dumps(provider) else None

    until(failed, what="a run that failed")
    assert len(inbox(scene.user, example.action_type)) == 1
    example.secret.write_text(right)
    update(scene.staff, example)
    soon(scene.user, example.action_type, 0)


def test_the_example_believes_only_the_server(example):
    answer = requests.post(
        f"{example.url}/pull", json={"actionType": "x", "userIds": None}, timeout=10
    )
    assert answer.status_code == 401
