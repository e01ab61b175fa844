from __future__ import annotations

from datetime import timedelta

import pytest
from support import NOW

from gateway import schema
from gateway.identity import Identity
from gateway.intake import Intake, Limits
from gateway.processing import Processing
from gateway.queue import EmbeddedOutbox
from gateway.store import Store


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
def store(tmp_path, identity):
    """A real store, migrated."""
    made = Store(f"sqlite:///{tmp_path / 'lapor.db'}")
    schema.migrate(made, identity)
    yield made
    made.close_engine()


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
