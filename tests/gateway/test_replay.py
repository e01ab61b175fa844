"""Replay: what was published is published again, and nobody who keeps the rules does it twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta

import pytest
import rabbit
from sqlalchemy import insert, select
from support import ROOT, RealGateway, a_message, wait_until

from channels import number as numbers
from gateway import queue, schema
from gateway.assembly import assemble
from gateway.identity import Identity
from gateway.relay import Relay
from gateway.replay import Replay
from gateway.store import Store
from gateway.tables import event, number


@pytest.fixture(params=["embedded", "rabbitmq"])
def lapor(request, tmp_path):
    """The real commands, on either queue."""
    environment = {"PATH": os.environ["PATH"], "LAPOR_VAR_DIR": str(tmp_path / "var")}
    if request.param == "rabbitmq":
        environment["LAPOR_QUEUE_URL"] = rabbit.emptied()
    made = RealGateway(tmp_path / "var", 0, environment)
    store = Store(made.settings.store_url)
    schema.migrate(store, Identity(made.settings.identity_key))
    store.close_engine()
    return made


class Inside:
    """The same gateway in this process, with the clock of the tests."""

    def __init__(self, settings, clock):
        self.gateway = assemble(settings)
        self.store, self.url, self.clock = self.gateway.store, settings.queue_url, clock

    def file(self, *texts):
        """Accept and process; gives the numbers."""
        receipts = self.gateway.intake.accept([a_message(text) for text in texts])
        while self.gateway.processing.run_once():
            pass
        self.relay()
        return [receipt.number for receipt in receipts]

    def relay(self):
        if not queue.is_embedded(self.url):
            with queue.connect_to_publish(self.url) as connection:
                producer = connection.Producer(auto_declare=False)
                while Relay(self.store, self.url, clock=self.clock).run_once(producer):
                    pass

    def ids(self, *where):
        wanted = select(event.c.id).where(*where).order_by(event.c.id)
        with self.store.read() as connection:
            return [str(of) for of in connection.scalars(wanted)]

    def give_alias(self, of):
        alias = numbers.draw(lambda count: bytes(range(count)))
        with self.store.write() as connection:
            row = connection.execute(select(number).where(number.c.number == of)).one()
            of_alias = {"number": alias, "claimed": False, "fingerprint": None}
            connection.execute(insert(number).values(row._asdict() | of_alias))
        return alias


@pytest.fixture
def inside(lapor, clock):
    made = Inside(lapor.settings, clock)
    yield made
    made.store.close_engine()


def test_all_events_of_a_complaint_go_again_by_any_spelling_of_any_of_its_numbers(lapor, inside):
    first, _ = inside.file("Jalan rusak", "Lampu padam")
    inside.file(f"TAMBAH {first} dekat pasar")
    alias = inside.give_alias(first)
    of_first = inside.ids(event.c.number == first)
    rabbit.take_all(inside.url)

    spelled = alias.lower().replace("-", " ")
    count = len(of_first)
    assert lapor.run("replay", "--number", spelled, "--dry-run") == (
        f"{count} events would be sent again\n"
    )
    assert rabbit.take_all(inside.url) == []
    assert lapor.run("replay", "--number", spelled) == f"{count} events are on their way again\n"
    inside.relay()
    assert rabbit.ids_on(inside.url) == of_first


@pytest.mark.parametrize("lapor", ["embedded"], indirect=True)
def test_a_number_nobody_was_given_is_named_and_one_way_to_choose_is_asked_for(lapor):
    said = lapor.run("replay", "--number", "bukan nomor", expect=1)
    assert said == "Error: nothing has the id bukan nomor\n"
    assert "say --number or --since" in lapor.run("replay", expect=2)


def test_all_events_since_a_time_go_again_under_their_ids_in_order(inside, clock):
    inside.file(*(f"Laporan {n}" for n in range(450)))
    rabbit.take_all(inside.url)
    store, outbox = inside.store, inside.gateway.outbox
    everything = inside.ids()
    later = Replay(store, since=clock() + timedelta(days=30_000))
    assert later.count() == 0
    assert list(later.run(outbox, clock)) == []
    since = Replay(store, since=clock() - timedelta(days=10_000))
    assert since.count() == 450
    assert list(since.run(outbox, clock)) == [200, 200, 50]
    inside.relay()
    assert rabbit.ids_on(inside.url) == everything
    assert inside.ids(event.c.published_at.is_(None)) == []


def test_a_consumer_that_keeps_the_rules_applies_nothing_twice(lapor, inside, tmp_path):
    numbers_given = inside.file("Jalan rusak", "Lampu padam")
    inbox = tmp_path / "inbox.db"
    consumer = subprocess.Popen(
        [sys.executable, "examples/consumer.py", inside.url, str(inbox)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )

    def applied():
        connection = sqlite3.connect(inbox)
        found = dict(connection.execute("SELECT number, applied FROM complaint"))
        connection.close()
        return found

    def waiting():
        with queue.connect(inside.url) as connection:
            name = queue.COMPLAINTS
            return connection.channel().queue_declare(name, passive=True).message_count

    with consumer:
        wait_until(lambda: inbox.exists() and waiting() == 0)
        lapor.run("replay", "--since", "1d")
        inside.relay()
        inside.file("Yang terakhir")
        wait_until(lambda: waiting() == 0)
        wait_until(lambda: len(applied()) == 3)
        assert set(applied().values()) == {1}
        assert set(numbers_given) < set(applied())
        consumer.send_signal(signal.SIGTERM)
        assert b"Traceback" not in consumer.stderr.read()


@pytest.mark.parametrize("lapor", ["rabbitmq"], indirect=True)
def test_what_waits_for_the_relay_is_sent_once_and_not_doubled_by_a_replay(inside, clock):
    inside.relay = lambda: None
    inside.file("Jalan rusak")
    list(
        Replay(inside.store, since=clock() - timedelta(days=10_000)).run(
            inside.gateway.outbox, clock
        )
    )
    Inside.relay(inside)
    assert rabbit.ids_on(inside.url) == inside.ids()


def test_events_are_json_as_first_published(inside, clock):
    (given,) = inside.file("Jalan rusak 🚧")
    (first,) = rabbit.take_all(inside.url)
    list(Replay(inside.store, number=given).run(inside.gateway.outbox, clock))
    inside.relay()
    (again,) = rabbit.take_all(inside.url)
    assert (again.id, again.body, again.routing_key) == (first.id, first.body, first.routing_key)
    assert json.loads(again.body)["data"]["body"] == "Jalan rusak 🚧"
