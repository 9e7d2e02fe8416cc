"""A fresh database of each engine, for one server, gone afterwards."""

import contextlib
import os
import tempfile
import urllib.parse
import uuid

import psycopg

ENGINES = ("sqlite", "postgres")
ADMIN_URL = "DOCKET_TEST_POSTGRES"


@contextlib.contextmanager
def fresh(engine):
    """Yields the URL of an empty database of `engine`."""
    with {"sqlite": _sqlite, "postgres": _postgres}[engine]() as url:
        yield url


@contextlib.contextmanager
def _sqlite():
    with tempfile.TemporaryDirectory(prefix="docket-conformance-") as directory:
        yield f"sqlite://{directory}/docket.db"


@contextlib.contextmanager
def _postgres():
    admin = os.environ.get(ADMIN_URL)
    # A test that cannot run fails: it never passes by skipping.
    assert admin, f"{ADMIN_URL} names no PostgreSQL server; scripts/test starts one and sets it"
    name = f"docket_conformance_{uuid.uuid4().hex}"
    _command(admin, f'CREATE DATABASE "{name}"')
    try:
        yield urllib.parse.urlsplit(admin)._replace(path=f"/{name}").geturl()
    finally:
        _command(admin, f'DROP DATABASE "{name}" WITH (FORCE)')


def _command(admin, statement):
    with psycopg.connect(admin, autocommit=True, connect_timeout=10) as connection:
        connection.execute(statement)
