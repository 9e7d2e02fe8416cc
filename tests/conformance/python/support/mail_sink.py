"""A mail server that keeps what it is sent."""

import contextlib
import email
import email.policy
import socketserver
import threading

from support.clock import until


class MailSink(socketserver.ThreadingTCPServer):
    """Takes every letter; `letters` holds them as Python reads them, oldest first."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.port = self.server_address[1]
        self.letters = []

    def wait_for(self, letters):
        """The letters, as soon as there are this many."""
        until(lambda: len(self.letters) >= letters, what=f"letter number {letters}")
        return list(self.letters)


class _Dialogue(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 sink.example.com")
        for line in self.rfile:
            word = line.strip().upper().split(b" ")[0]
            if word == b"DATA":
                self._say("354 End with a dot")
                self._take()
                self._say("250 OK")
            elif word == b"QUIT":
                self._say("221 Bye")
                return
            else:
                self._say("250 OK")

    def _take(self):
        source = b""
        for line in self.rfile:
            if line == b".\r\n":
                break
            source += line.removeprefix(b".")
        letter = email.message_from_bytes(source, policy=email.policy.default)
        self.server.letters.append(letter)

    def _say(self, answer):
        self.wfile.write(answer.encode() + b"\r\n")


@contextlib.contextmanager
def sinking(caller):
    """A sink to which the caller's tenant sends its mail."""
    with MailSink() as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        settings = {
            "host": "localhost",
            "port": sink.port,
            "defaultFromEmail": "mods@example.com",
            "defaultFromName": "The moderators",
        }
        patch = {"tenant": {"emailConfiguration": settings}}
        patched = caller.api.patch_tenant(caller.tenant_id, patch)
        assert patched.was_successful(), patched.error_response
        yield sink
        sink.shutdown()


def body(letter, kind):
    """The text of one of a letter's bodies: `plain` or `html`."""
    return letter.get_body((kind,)).get_content().replace("\r\n", "\n").rstrip("\n")
