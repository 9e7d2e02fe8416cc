"""Runs a command against a fresh server: `python -m support.with_server ENGINE COMMAND…`.

The command finds the server in DOCKET_URL and its super key in DOCKET_API_KEY.
"""

import os
import subprocess
import sys

from support import database, server


def main():
    engine, *command = sys.argv[1:]
    assert engine in database.ENGINES, f"{engine} is none of {database.ENGINES}"
    with server.running(engine) as running:
        found = {"DOCKET_URL": running.url, "DOCKET_API_KEY": running.key}
        code = subprocess.run(command, env=os.environ | found, check=False).returncode
        if code != 0:
            print(server.tail(running.log), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
