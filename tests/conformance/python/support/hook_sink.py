"""An endpoint for webhooks that keeps what it is sent, and answers each path as a test wishes."""

import contextlib
import http.server
import json
import threading

from support.clock import until
from support.expect import ok

# How long a path that hangs keeps its caller; a test that is over lets go at once.
PATIENCE = 30.0


class Call:
    """One request that came: where to, with which headers and which bytes."""

    def __init__(self, path, headers, body):
        self.path = path
        self.headers = headers
        self.body = body
        self.event = json.loads(body)["event"]


class HookSink(http.server.ThreadingHTTPServer):
    """Answers 200 unless told otherwise; `calls` holds what came, oldest first."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.calls = []
        self._answers = {}
        self._over = threading.Event()

    def url(self, path="/hook"):
        """Where a webhook finds this path."""
        return f"http://127.0.0.1:{self.server_port}{path}"

    def answer(self, path, status):
        """From now on the path is answered with this status."""
        self._answers[path] = status

    def hang(self, path):
        """From now on the path is not answered at all."""
        self._answers[path] = None

    def status(self, path):
        """The status for this path; none for one that hangs, as soon as nobody waits any more."""
        status = self._answers.get(path, 200)
        if status is None:
            self._over.wait(PATIENCE)
        return status

    def wait_for(self, phase, action, path="/hook"):
        """The event of this phase of the action, as soon as it is told."""
        return self.wait_for_call(phase, action, path).event

    def wait_for_call(self, phase, action, path="/hook"):
        """The call that tells of this phase of the action, as soon as it has come."""

        def come():
            return self._of(phase, action, path)

        return until(come, what=f"the {phase} of {action['id']}")[0]

    def of(self, phase, action, path="/hook"):
        """The events of this phase of the action that were told until now."""
        return [call.event for call in self._of(phase, action, path)]

    def about(self, action):
        """The paths that were told of the action until now, in any phase."""
        return [call.path for call in self.calls if call.event.get("actionId") == action["id"]]

    def let_go(self):
        """Nobody waits any more for an answer of the paths that hang."""
        self._over.set()

    def _of(self, phase, action, path):
        told = [call for call in self.calls if call.path == path]
        told = [call for call in told if call.event.get("actionId") == action["id"]]
        return [call for call in told if call.event.get("phase") == phase]


class _Dialogue(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(Call(self.path, self.headers, body))
        status = self.server.status(self.path)
        if status is None:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Nothing: the tests say what is wrong."""


@contextlib.contextmanager
def listening():
    """A sink that nobody was told about yet."""
    with HookSink() as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        try:
            yield sink
        finally:
            sink.let_go()
            sink.shutdown()


@contextlib.contextmanager
def hooked(caller, sink, path="/hook", **fields):
    """A webhook at this path of the sink, for the caller's tenant unless told otherwise."""
    hook = {
        "url": sink.url(path),
        "connectTimeout": 5_000,
        "readTimeout": 5_000,
        "tenantIds": [] if fields.get("global") else [caller.tenant_id],
        "eventsEnabled": {"user.action": True},
    } | fields
    hook = ok(caller.api.create_webhook({"webhook": hook}))["webhook"]
    try:
        yield hook
    finally:
        caller.api.delete_webhook(hook["id"])


def tell(caller, transaction="None", enabled=True):
    """The caller's tenant tells of actions, if so many webhooks agree, or does not tell of them."""
    event = {"enabled": enabled, "transactionType": transaction}
    patch = {"tenant": {"eventConfiguration": {"events": {"user.action": event}}}}
    ok(caller.api.patch_tenant(caller.tenant_id, patch))


@contextlib.contextmanager
def sinking(caller):
    """A sink that hears of the actions in the caller's tenant."""
    with listening() as sink:
        tell(caller)
        with hooked(caller, sink):
            yield sink
