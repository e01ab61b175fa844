from __future__ import annotations

from datetime import timedelta

import pytest
import services
from sqlalchemy import delete, text
from support import NOW
from talking import SOURCES, Door

from gateway import schema
from gateway.facts import IDENTITY_KEY
from gateway.identity import Identity
from gateway.intake import Intake, Limits
from gateway.processing import Processing
from gateway.queue import EmbeddedOutbox
from gateway.replies import Manners, Replies
from gateway.store import Store
from gateway.tables import fact, metadata

_SEEDED = {"fact", "queue", "queue_binding", "queue_exchange"}
_WRITTEN = ", ".join(sorted(set(metadata.tables) - _SEEDED))


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def forward(self, **span):
        self.now += timedelta(**span)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def identity():
    return Identity("an identity key for tests")


@pytest.fixture
def sqlite_store(tmp_path, identity):
    """A real store in a file, migrated."""
    made = Store(f"sqlite:///{tmp_path / 'lapor.db'}")
    schema.migrate(made, identity)
    yield made
    made.close_engine()


@pytest.fixture(scope="session")
def database_url():
    """A database of our own on a real PostgreSQL."""
    with services.fresh_database(services.postgres_url()) as url:
        yield url


@pytest.fixture
def postgresql_store(database_url, identity):
    """A real store on PostgreSQL, migrated and empty."""
    made = Store(database_url)
    schema.migrate(made, identity)
    yield made
    with made.write() as connection:
        connection.execute(text(f"TRUNCATE {_WRITTEN} CASCADE"))
        connection.execute(delete(fact).where(fact.c.name != IDENTITY_KEY))
    made.close_engine()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request):
    """Either: the same code, the same tests."""
    return request.getfixturevalue(f"{request.param}_store")


@pytest.fixture(scope="session")
def s3():
    """An S3 shared by all who do not stop it."""
    return services.s3()


@pytest.fixture
def bucket(s3, monkeypatch):
    """A bucket of one's own, for which the environment has the keys."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return s3.make_bucket()


@pytest.fixture
def intake(store, identity, clock):
    return Intake(store, identity, limits=Limits(replies_a_day=3))


@pytest.fixture
def processing(store, identity, clock):
    return Processing(
        store,
        identity,
        EmbeddedOutbox(),
        public_url="https://lapor.example",
        clock=clock,
        lease=timedelta(seconds=30),
    )


@pytest.fixture
def replies(identity, clock):
    """Says something through `jasmin` and `twitter`, and through `kannel` what nobody heard."""
    return Replies(SOURCES, identity, clock=clock, manners=Manners(a_day=20, hold=timedelta(0)))


@pytest.fixture
def door():
    return Door()


@pytest.fixture
def talking_intake(store, identity, replies):
    return Intake(store, identity, limits=Limits(replies_a_day=3), replies=replies)


@pytest.fixture
def talking_processing(store, identity, clock, replies):
    return Processing(
        store,
        identity,
        EmbeddedOutbox(),
        public_url="https://lapor.example",
        clock=clock,
        replies=replies,
    )
