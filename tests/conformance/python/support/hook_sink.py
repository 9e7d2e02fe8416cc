"""An endpoint for webhooks that keeps what it is sent."""

import contextlib
import http.server
import json
import threading

from support.clock import until
from support.expect import ok

EVENTS = {"user.action": {"enabled": True, "transactionType": "None"}}


class HookSink(http.server.ThreadingHTTPServer):
    """Answers 200 to everything; `events` holds what it was told, oldest first."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"
        self.events = []

    def wait_for(self, phase, action):
        """The event of this phase of the action, as soon as it is told."""
        found = until(lambda: self.of(phase, action), what=f"the {phase} of {action['id']}")
        return found[0]

    def of(self, phase, action):
        """The events of this phase of the action that were told until now."""
        told = [event for event in self.events if event.get("actionId") == action["id"]]
        return [event for event in told if event.get("phase") == phase]


class _Dialogue(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.events.append(body["event"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Nothing: the tests say what is wrong."""


@contextlib.contextmanager
def sinking(caller):
    """A sink that hears of the actions in the caller's tenant."""
    with HookSink() as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        patch = {"tenant": {"eventConfiguration": {"events": EVENTS}}}
        ok(caller.api.patch_tenant(caller.tenant_id, patch))
        hook = {
            "url": sink.url,
            "connectTimeout": 5_000,
            "readTimeout": 5_000,
            "tenantIds": [caller.tenant_id],
            "eventsEnabled": {"user.action": True},
        }
        hook = ok(caller.api.create_webhook({"webhook": hook}))["webhook"]
        yield sink
        caller.api.delete_webhook(hook["id"])
        sink.shutdown()
