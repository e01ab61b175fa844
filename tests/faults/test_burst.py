"""Everybody says the same at once: the ten-thousandth costs what the first ones cost."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import homes
import pytest
import uuid6
from burst import Meter
from racing import IDENTITY
from services import fresh_database, postgres_url
from sqlalchemy import func, select, text
from support import a_message
from talking import Door, a_speaking

from channels.base import Receipt, Sender
from gateway import changes, schema
from gateway.intake import Intake, Limits
from gateway.processing import Processing
from gateway.queue import EmbeddedOutbox, RelayedOutbox
from gateway.reconcile import reconcile
from gateway.replies import Manners, Replies
from gateway.store import Store
from gateway.tables import event, journal, matter, matter_key, number, reply
from gateway.upsert import InsertMany
from normalizer.fingerprint import MOST_KEYS

TEXT = "Lampu jalan di Jl. Merpati RT 03 Kelurahan Ragunan mati sejak 3 November 2026, gelap sekali"
ELSEWHERE = TEXT.replace("Merpati RT 03 Kelurahan Ragunan", "Kenanga RT 07 Desa Sukamaju")
SHORT, LONG = 1_000, 10_000  # people
OTHERS = 20_000
MANY = 70_000  # PostgreSQL takes 65,535 parameters
SOURCES = {"jasmin": False}
A_MINUTE = 60  # replies
TOGETHER = 100  # reports
# A tenth of the people against another: what is counted is exact, CPU seconds are not.
MOST_GROWTH, MOST_CPU = 1.25, 3.0


def now():
    return datetime.now(UTC)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request, tmp_path_factory):
    """A store that holds others' reports already, as a real one does."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('burst') / 'lapor.db'}"
        else:
            url = stack.enter_context(fresh_database(postgres_url()))
        made = Store(url)
        stack.callback(made.close_engine)
        schema.migrate(made, IDENTITY)
        fill(made)
        yield made


@pytest.fixture
def replies():
    return Replies(SOURCES, IDENTITY, clock=now, manners=Manners(hold=timedelta(0)))


@pytest.fixture
def intake(store, replies):
    return Intake(store, IDENTITY, limits=Limits(), replies=replies)


@pytest.fixture
def processing(store, replies):
    is_embedded = store.engine.dialect.name == "sqlite"
    outbox = EmbeddedOutbox() if is_embedded else RelayedOutbox()
    return Processing(
        store, IDENTITY, outbox, public_url="https://lapor.example", clock=now, replies=replies
    )


def say(intake, people, text=TEXT):
    """Let each of them say it, in groups as they are committed together under load."""
    messages = [
        a_message(text, sender=a_sender(n), source="jasmin", received_at=now()) for n in people
    ]
    for first in range(0, len(messages), 50):
        intake.accept(messages[first : first + 50])


def a_sender(n):
    return Sender("tel", f"+6281{n:09d}", proven=True)


def say_and_process(intake, processing, first, many):
    say(intake, range(first, first + many))
    while processing.run_once():
        pass


def speak_for_a_minute(store, door, at):
    """Say what is due, a second after the other; gives how much was said."""
    moment, before = [at], len(door.said)
    speaking = a_speaking(store, door, lambda: moment[0])
    for second in range(60):
        moment[0] = at + timedelta(seconds=second)
        while not speaking.run_once():
            pass
    return len(door.said) - before


def events(store):
    with store.read() as connection:
        return [json.loads(body) for body in connection.scalars(select(event.c.body))]


def count(store, *where):
    with store.read() as connection:
        return connection.scalar(select(func.count()).where(*where))


def fill(store):
    """Put others' reports into it, and let PostgreSQL know of those alone."""
    replies = Replies(SOURCES, IDENTITY, clock=now)
    names, at = [f"{n:012}" for n in range(OTHERS)], now()
    numbers = [
        {"number": of, "root": of, "status": "received", "received_at": at, "updated_at": at}
        | {"claimed": False, "confidential": False, "repeats": 0}
        | {"reporter": IDENTITY.reporter(a_sender(500_000_000 + int(of)))}
        for of in names
    ]
    matters = [{"number": of, "version": 0, "fingerprint": {}, "found_by": {}} for of in names]
    rows = [
        {"id": uuid6.uuid7(), "source": "jasmin", "number": of, "received_at": at}
        | {"intent": "complaint", "outcome": "published", "attempts": 1}
        for of in names
    ]
    said = [
        replies.row(("jasmin", of["id"], f"receipt:{of['id']}", 0), Receipt("new"), at)
        | {"state": "sent"}
        for of in rows
    ]
    with store.write() as connection:
        for table, of in ((number, numbers), (matter, matters), (journal, rows), (reply, said)):
            InsertMany(table, list(of[0])).run(connection, of)
        connection.execute(text("ANALYZE"))


def test_what_everybody_says_costs_the_last_what_it_cost_the_first(
    store, intake, processing, long_run
):
    many, door, meter = LONG if long_run else SHORT, Door(), Meter(store)
    door.pace = 60 / A_MINUTE
    tenth = many // 10
    costs, spoken = [], []
    for first in range(0, many, tenth):
        if first not in (0, many - tenth):
            say_and_process(intake, processing, first, tenth)
            continue
        with meter.measure() as work:
            say_and_process(intake, processing, first, tenth)
        costs.append(work)
        at = now() + timedelta(minutes=len(spoken), seconds=1)
        with meter.measure() as work:
            assert speak_for_a_minute(store, door, at) == A_MINUTE
        spoken.append(work)
    print(*costs, *spoken, sep="\n")  # shown when it fails, and with -s
    for first, last in (costs, spoken):
        assert last.statements <= MOST_GROWTH * first.statements
        assert last.steps <= MOST_GROWTH * first.steps
        assert last.seconds <= MOST_CPU * first.seconds

    made = events(store)
    assert homes.kinds(made) == {"received": 1, "supported": many - 1}
    (root,) = [of for of, to in homes.roots(homes.latest(made)).items() if to is None]
    ours = reply.c.first_number == root, reply.c.kind == "supported"
    assert count(store, *ours) == many - 1  # everybody is told, once, and when it is their turn
    assert count(store, *ours, reply.c.state == "waiting") >= many - 2 * A_MINUTE
    with store.read() as connection:
        assert changes.current(connection, [root])[root]["supporters"] == many - 1
        assert connection.scalar(select(func.count()).select_from(matter_key)) <= MOST_KEYS
    account = reconcile(store)
    assert account.outcomes["supported"] == many - 1
    assert account.waiting == 0


def test_a_batch_costs_the_same_however_many_wait(store, intake, processing):
    meter, costs = Meter(store), []
    for more in (200, 2_000):
        say(intake, range(MANY + more, MANY + 2 * more), ELSEWHERE)
        with meter.measure() as work:
            assert processing.run_once() == TOGETHER
        costs.append(work)
    few, many = costs
    assert many.statements <= MOST_GROWTH * few.statements
    assert many.steps <= MOST_GROWTH * few.steps


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_more_are_closed_and_come_back_with_one_than_a_statement_has_parameters(store):
    names, at = [f"M{n:011}" for n in range(MANY)], now()
    common = {"status": "received", "received_at": at, "updated_at": at}
    common |= {"claimed": False, "confidential": False, "repeats": 0}
    rows = [
        common | {"number": of, "root": of, "supports": names[0] if of != names[0] else None}
        for of in names
    ]
    with store.write() as connection:
        InsertMany(number, list(rows[0])).run(connection, rows)
    store.close(names[0], "resolved", at)
    assert count(store, number.c.status == "resolved") == MANY
    store.reopen(names[0], at)
    assert count(store, number.c.status == "in_progress") == MANY
