"""The fixtures: on each engine one server with a single tenant, one for many, one for Waldur."""

import os

import pytest

from support import mail_sink
from support import server as servers
from support.database import ENGINES
from support.inbox import Marketplace
from support.make import Make
from support.organisation import Organisation

# Where the links in mails lead.
PORTAL = """
[site]
homeport_url = "https://portal.example.com"
"""

# The servers are on the loopback address: no proxy may stand in between.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


@pytest.fixture(scope="session", params=ENGINES)
def engine(request):
    """The name of the engine under the server; every test that needs a server runs on each."""
    return request.param


@pytest.fixture(scope="session")
def alone(engine):
    """A caller of the server on which no test makes a second tenant."""
    with servers.running(engine) as server:
        yield Make(server.url, server.key)


@pytest.fixture(scope="session")
def crowd(engine):
    """A caller of the server on which tests make tenants; it names none, and there are several."""
    with servers.running(engine) as server:
        caller = Make(server.url, server.key)
        caller.tenant()
        yield caller


@pytest.fixture(scope="session")
def organisation(engine):
    """The server on which people ask for roles and have things to do; it mails to a sink."""
    with mail_sink.listening() as letters:
        with servers.running(engine, PORTAL + mail_sink.settings(letters)) as server:
            yield Organisation(server, letters)


@pytest.fixture
def scene(organisation):
    """A customer, its project and their people, for this test alone."""
    return organisation.scene()


@pytest.fixture
def market(organisation):
    """The system that tells of to-dos, of orders and of resources."""
    return Marketplace(organisation)


@pytest.fixture
def make(alone):
    """Makes things on the server with one tenant."""
    return alone


@pytest.fixture
def api(alone):
    """The official client, on the server with one tenant."""
    return alone.api


@pytest.fixture
def http(alone):
    """Plain HTTP to the server with one tenant."""
    return alone.http


@pytest.fixture
def tenant(crowd):
    """A caller in the name of a tenant that belongs to this test alone."""
    return crowd.in_new_tenant()
