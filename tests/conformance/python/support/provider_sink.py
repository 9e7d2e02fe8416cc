"""A system that is asked for to-dos: it answers what a test wishes and keeps the questions."""

import contextlib
import http.server
import json
import threading

from support.clock import until
from support.make import unique


class ProviderSink(http.server.ThreadingHTTPServer):
    """Answers every question with `items`, on one page; `questions` holds what was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.items = []
        self.questions = []

    @property
    def url(self):
        """Where the server finds this provider."""
        return f"http://127.0.0.1:{self.server_port}/pull"

    def wait_for(self, wanted, what):
        """The first question that is wanted, as soon as it has come."""

        def come():
            return [asked for asked in list(self.questions) if wanted(asked)]

        return until(come, what=what)[0]


class _Dialogue(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.questions.append(asked)
        users = asked["userIds"]
        items = [
            item for item in self.server.items if users is None or set(users) & set(item["userIds"])
        ]
        body = json.dumps({"items": items, "next": None}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: the tests say what is wrong."""


@contextlib.contextmanager
def asked(market):
    """A provider that the server knows, with a type of its own."""
    with ProviderSink() as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        sink.action_type = unique("asked").replace(" ", "_")
        provider = market.register(sink.action_type, sink.url)
        try:
            # Whoever is new is asked for everything at once.
            sink.wait_for(lambda question: question["userIds"] is None, "the first question")
            sink.questions.clear()
            yield sink
        finally:
            market.unregister(provider)
            sink.shutdown()
