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

    def wait_for_those(self, wanted, count):
        """The letters that are wanted, as soon as there are this many of them."""

        def come():
            letters = self.those(wanted)
            return letters if len(letters) >= count else None

        return until(come, what=f"{count} of the letters wanted")

    def those(self, wanted):
        """The letters that are wanted, of all that came until now."""
        return [letter for letter in list(self.letters) if wanted(letter)]


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
def listening():
    """A sink that nobody was told about yet."""
    with MailSink() as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        yield sink
        sink.shutdown()


def settings(sink):
    """The settings of a server that mails to the sink unless a tenant says otherwise."""
    return f"""
[mail]
host = "127.0.0.1"
port = {sink.port}
security = "none"
from_email = "docket@example.com"
"""


@contextlib.contextmanager
def sinking(caller):
    """A sink to which the caller's tenant sends its mail."""
    with listening() as sink:
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


def body(letter, kind):
    """The text of one of a letter's bodies: `plain` or `html`."""
    return letter.get_body((kind,)).get_content().replace("\r\n", "\n").rstrip("\n")


def text(letter):
    """Everything that a letter says: its subject and its bodies."""
    parts = [part for part in letter.walk() if part.get_content_maintype() == "text"]
    return "\n".join([str(letter["Subject"]), *(part.get_content() for part in parts)])


def recipients(letters):
    """To whom the letters went, sorted, each as often as it got one."""
    return sorted(to.addr_spec for letter in letters for to in letter["To"].addresses)
