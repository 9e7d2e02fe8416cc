"""The real binary: started on a free port, asked until it is ready, ended with SIGTERM."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import uuid

import requests

from support import database
from support.clock import until

ROOT = pathlib.Path(__file__).resolve().parents[4]
ADMIN_EMAIL = "admin@example.com"
ADMIN_PASSWORD = "correct horse battery staple"
START_WITHIN = 30.0
STOP_WITHIN = 20.0
SETTINGS = """
[webhooks]
# The endpoints of the tests are here.
allowed_networks = ["127.0.0.0/8"]
"""


class Server:
    """One running server: where it listens and the super key that it was born with."""

    def __init__(self, process, url, key, log):
        self.process = process
        self.url = url
        self.key = key
        self.log = log
        self.database_url = None

    def stop(self):
        """Asks the server to end and insists that it does so in good order."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"SIGTERM did not end the server{tail(self.log)}") from None
        assert code == 0, f"after SIGTERM the server exited with {code}{tail(self.log)}"

    def kill(self):
        """Ends the server without a word, as a power cut would."""
        self.process.kill()
        self.process.wait()


def binary():
    """The path of the binary under test."""
    target = os.environ.get("CARGO_TARGET_DIR") or ROOT / "target"
    path = pathlib.Path(os.environ.get("DOCKET_BIN") or pathlib.Path(target) / "debug" / "docket")
    assert path.is_file(), f"there is no server at {path}: build it, or name it in DOCKET_BIN"
    return path.resolve()


def new_key():
    """A super key that nobody else has."""
    return f"test-key-{uuid.uuid4().hex}{uuid.uuid4().hex}"


def start(database_url, directory, key, settings=""):
    """Starts a server on `database_url` and returns when it answers."""
    server = launch(["serve", "--database", database_url], directory, key, settings)
    server.database_url = database_url
    return server


def launch(command, directory, key, settings=""):
    """Starts the binary with this command on a free port and returns when it answers."""
    for _ in range(3):
        server = _launch(command, directory, key, settings)
        try:
            state = until(lambda process=server: _state(process), START_WITHIN, "readiness")
        except AssertionError as late:
            server.kill()
            raise AssertionError(f"{late}{tail(server.log)}") from None
        if state == "ready":
            return server
        # Somebody else was quicker to take the port.
        if "in use" not in server.log.read_text(errors="replace"):
            break
    raise AssertionError(f"the server ended before it was ready{tail(server.log)}")


@contextlib.contextmanager
def running(engine, settings=""):
    """A server on a fresh database of `engine`, with these settings of its own (TOML) besides; it
    must end in good order."""
    with database.fresh(engine) as url, tempfile.TemporaryDirectory() as directory:
        with ending(start(url, directory, new_key(), settings)) as server:
            yield server


@contextlib.contextmanager
def ending(server):
    """The server, ended afterwards: in good order, unless something else failed already."""
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    server.stop()


def _launch(command, directory, key, settings):
    port = _free_port()
    (pathlib.Path(directory) / "docket.toml").write_text(SETTINGS + settings)
    log = pathlib.Path(directory) / "server.log"
    # Nothing of the caller's own settings may leak into the server under test.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DOCKET_")}
    environment |= {
        "DOCKET_BOOTSTRAP_API_KEY": key,
        "DOCKET_BOOTSTRAP_ADMIN_EMAIL": ADMIN_EMAIL,
        "DOCKET_BOOTSTRAP_ADMIN_PASSWORD": ADMIN_PASSWORD,
    }
    listen = f"127.0.0.1:{port}"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [binary(), *command, "--listen", listen],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Server(process, f"http://{listen}", key, log)


def _state(server):
    if server.process.poll() is not None:
        return "ended"
    try:
        answer = requests.get(f"{server.url}/api/status", timeout=2)
    except requests.RequestException:
        return None
    return "ready" if answer.status_code == 200 else None


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def tail(log, lines=40):
    """The end of a server's log, for a failure's message."""
    text = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n--- the server's last words ---\n" + "\n".join(text)
