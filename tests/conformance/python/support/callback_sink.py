"""Another system that is told what a user did about a to-do: it answers what a test wishes."""

import contextlib
import http.server
import json
import threading


class CallbackSink(http.server.ThreadingHTTPServer):
    """Answers every call with `answer`, a status and a body; `calls` holds what came."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.answer = (200, {"action": "completed"})
        self.calls = []

    @property
    def url(self):
        """Where the server finds this system."""
        return f"http://127.0.0.1:{self.server_port}/done"


class _Dialogue(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((dict(self.headers), json.loads(body)))
        status, answer = self.server.answer
        payload = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_):
        """Nothing: the tests say what is wrong."""


@contextlib.contextmanager
def listening():
    """A system that nobody was told about yet."""
    with CallbackSink() as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        yield sink
        sink.shutdown()
