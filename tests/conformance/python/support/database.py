"""A fresh database of each engine, for one server, gone afterwards."""

import contextlib
import os
import sqlite3
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


def behind_its_back(url, statement):
    """Changes the database of a running server, for what no caller can bring about."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite://")
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
            with connection:
                changed = connection.execute(statement).rowcount
    else:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            changed = connection.execute(statement).rowcount
    assert changed > 0, f"changed nothing: {statement}"


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
