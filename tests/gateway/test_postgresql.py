"""What only PostgreSQL has: several writers at once, and a server that can be away or frozen."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import psycopg
import pytest
import rabbit
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from support import NOW, a_message

from channels.base import Overloaded, Part, Sender
from channels.commands import read_command
from gateway import intake, parts, postgresql
from gateway.intake import Intake, Limits
from gateway.processing import Processing
from gateway.queue import RelayedOutbox
from gateway.reconcile import reconcile
from gateway.store import Store
from gateway.tables import delivery, event, journal, number, part_set

QUIET = Limits(replies_a_day=100_000)


@pytest.fixture
def store(postgresql_store):
    return postgresql_store


@pytest.fixture
def doors(store, database_url, identity):
    """Two intakes, as in two web processes."""
    stores = [Store(database_url) for _ in range(2)]
    yield [Intake(of, identity, limits=QUIET) for of in stores]
    for of in stores:
        of.close_engine()


@pytest.fixture
def processings(store, database_url, identity, clock):
    """Two workers on one journal."""
    stores = [Store(database_url) for _ in range(2)]
    yield [
        Processing(
            of,
            identity,
            RelayedOutbox(),
            public_url="https://lapor.example",
            clock=clock,
            most_together=7,
        )
        for of in stores
    ]
    for of in stores:
        of.close_engine()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as made:
        yield made


def a_sender(n):
    return Sender("tel", f"+62812345{n:05d}", proven=True)


def a_command(words, **changed):
    return a_message(words, command=read_command(words), **changed)


def at_once(pool, *accepts):
    """Accept one message each at the same moment; gives their receipts."""
    barrier = threading.Barrier(len(accepts))

    def act(accept):
        barrier.wait()
        (receipt,) = accept()
        return receipt

    return list(pool.map(act, accepts))


def rows(store, statement):
    with store.read() as connection:
        return connection.execute(statement).all()


def events(store):
    found = rows(store, select(event.c.body).order_by(event.c.id))
    return [json.loads(body) for (body,) in found]


def process_all(*processings):
    """Work off everything, all workers at once."""

    def work(processing):
        while processing.run_once():
            pass

    with ThreadPoolExecutor(len(processings)) as workers:
        list(workers.map(work, processings))


# --- two at once ---------------------------------------------------------------------------


def test_one_delivery_at_two_doors_at_once_has_one_receipt(store, doors, pool):
    for n in range(40):
        message = a_message(f"Laporan {n}", provider_id=f"d{n}", sender=a_sender(n))
        one, two = at_once(pool, *(partial(door.accept, [message]) for door in doors))
        assert (one.kind, one.number) == (two.kind, two.number)
        assert one.redelivered != two.redelivered
    assert len(rows(store, select(number.c.number))) == 40
    assert len(rows(store, select(journal.c.id))) == 40


def test_the_same_words_at_two_doors_at_once_are_one_complaint(store, doors, pool):
    for n in range(40):
        said = [a_message("Sama", sender=a_sender(n)) for _ in doors]
        receipts = at_once(
            pool, *(partial(d.accept, [m]) for d, m in zip(doors, said, strict=True))
        )
        assert sorted(receipt.kind for receipt in receipts) == ["new", "repeat"]
        assert len({receipt.number for receipt in receipts}) == 1
    assert rows(store, select(number.c.repeats)) == [(1,)] * 40


def test_a_repeat_and_a_withdrawal_at_once_leave_one_open_complaint_at_most(store, doors, pool):
    for n in range(30):
        sender = a_sender(n)
        (first,) = doors[0].accept([a_message("Sama", sender=sender)])
        _, said = at_once(
            pool,
            partial(doors[0].accept, [a_command(f"BATAL {first.number}", sender=sender)]),
            partial(doors[1].accept, [a_message("Sama", sender=sender)]),
        )
        assert (said.kind, said.number == first.number) in {("repeat", True), ("new", False)}
    claimed = select(number.c.reporter, func.count()).where(number.c.claimed)
    for _, count in rows(store, claimed.group_by(number.c.reporter)):
        assert count == 1


def parts_of(words, reference, sender):
    cut = [words[start : start + 5] for start in range(0, len(words), 5)]
    return [
        a_message(
            piece, part=Part(reference, index, len(cut), "1708"), sender=sender, provider_id=key
        )
        for index, piece in enumerate(cut, 1)
        for key in [f"{reference}-{sender.key}-{index}"]
    ]


def test_parts_at_two_doors_at_once_are_one_message_and_no_set_is_left_over(
    store, doors, pool, processings
):
    for n in range(25):
        parts = parts_of(f"Jalan nomor {n:03d}", "0:7", a_sender(n))
        sides = [partial(doors[at % 2].accept, [part]) for at, part in enumerate(parts)]
        receipts = at_once(pool, *sides)
        assert Counter(receipt.kind for receipt in receipts) == {"part": 2, "new": 1}
    sets = rows(store, select(part_set.c.state, part_set.c.arrived))
    assert sets == [("whole", 3)] * 25
    process_all(*processings)
    found = {event["data"]["body"] for event in events(store)}
    assert found == {f"Jalan nomor {n:03d}" for n in range(25)}


@pytest.mark.parametrize("there", [1, 2])
def test_a_part_that_comes_as_its_set_is_given_up_is_in_a_complaint_all_the_same(
    store, doors, pool, processings, monkeypatch, there
):
    *early, last = parts_of("Jalan nomor 017", "0:7", a_sender(1))
    doors[0].accept(early[:there])
    arrive, given_up = parts._arrive, []

    def arrive_late(*given):
        if not given_up:  # now it has seen an open set
            given_up.append(pool.submit(doors[0].accept_overdue_parts, NOW + timedelta(seconds=1)))
            wait([given_up[0]], timeout=0.5)  # where it locks what it has seen: until it commits
        arrive(*given)

    monkeypatch.setattr(parts, "_arrive", arrive_late)
    doors[1].accept([last])
    given_up[0].result()
    process_all(*processings)
    latest = {of["subject"]: of["data"]["body"] for of in events(store)}
    assert len(latest) == 1
    assert "r 017" in next(iter(latest.values()))
    assert reconcile(store).unaccounted == []


def something(chance, sender, filed):
    """Say what a citizen could say next."""
    act = chance.choice(["BATAL", "TAMBAH", "part", "words", "words"])
    if act == "BATAL" and filed:
        return a_command(f"BATAL {chance.choice(filed)}", sender=sender)
    if act == "TAMBAH" and filed:
        return a_command(f"TAMBAH {chance.choice(filed)} lagi {chance.random()}", sender=sender)
    if act == "part":
        return chance.choice(parts_of("Lampu padam", f"0:{chance.randrange(3)}", sender))
    key = f"{sender.key}-{chance.randrange(60)}"
    return a_message(f"Sama {chance.randrange(4)}", sender=sender, provider_id=key)


@pytest.mark.slow
def test_whatever_comes_at_once_every_number_leads_somewhere_and_nobody_sees_an_error(
    store, doors, processings, clock
):
    stop = threading.Event()

    def citizen(seed):
        chance, filed, told = random.Random(seed), [], 0  # noqa: S311 - a test's
        sender = a_sender(seed % 3)
        while not stop.is_set():
            (receipt,) = chance.choice(doors).accept([something(chance, sender, filed)])
            filed += [receipt.number] if receipt.number else []
            told += 1
        return told

    def repeat(act):
        while not stop.is_set():
            act()
        return 0

    tidy = partial(doors[0].accept_overdue_parts, NOW + timedelta(seconds=1))
    with ThreadPoolExecutor(12) as pool:
        running = [pool.submit(citizen, seed) for seed in range(8)]
        running += [pool.submit(repeat, act) for act in (*(p.run_once for p in processings), tidy)]
        time.sleep(5)
        stop.set()
        assert sum(future.result() for future in running) > 200
    clock.forward(minutes=1)  # what came before its complaint was put off
    process_all(*processings)
    account = reconcile(store)
    assert account.unaccounted == []
    assert account.waiting == account.outcomes.get("parked", 0) == 0
    assert_revisions_have_no_gaps(store)


def assert_revisions_have_no_gaps(store):
    by_number = {}
    for of, revision in rows(store, select(event.c.number, event.c.revision)):
        by_number.setdefault(of, []).append(revision)
    for revisions in by_number.values():
        assert sorted(revisions) == list(range(1, len(revisions) + 1))


def test_two_workers_that_amend_one_complaint_leave_no_gap(store, doors, processings):
    (filed,) = doors[0].accept([a_message("Lampu padam")])
    process_all(*processings)
    for n in range(40):
        doors[n % 2].accept([a_command(f"TAMBAH {filed.number} tambahan {n:02d}")])
    process_all(*processings)
    assert_revisions_have_no_gaps(store)
    told = {found["data"]["revision"]: found["data"]["body"] for found in events(store)}
    assert len(told) == 41
    assert all(f"tambahan {n:02d}" in told[41] for n in range(40))


# --- transactions that are undone -------------------------------------------------------------


@contextmanager
def failing_once(store, sqlstate):
    """Make the next journal row fail once with a SQLSTATE, as another transaction could."""
    with store.write() as connection:
        connection.execute(text("CREATE SEQUENCE tries"))
        connection.execute(
            text(
                "CREATE FUNCTION fail() RETURNS trigger AS $$ BEGIN IF nextval('tries') = 1 THEN "
                f"RAISE EXCEPTION 'undone' USING ERRCODE = '{sqlstate}'; END IF; "
                "RETURN NEW; END $$ LANGUAGE plpgsql"
            )
        )
        connection.execute(
            text("CREATE TRIGGER failing BEFORE INSERT ON journal EXECUTE FUNCTION fail()")
        )
    try:
        yield
    finally:
        with store.write() as connection:
            connection.execute(text("DROP TRIGGER failing ON journal"))
            connection.execute(text("DROP FUNCTION fail"))
            connection.execute(text("DROP SEQUENCE tries"))


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_what_another_transaction_undid_is_done_again(store, doors, sqlstate):
    with failing_once(store, sqlstate):
        (receipt,) = doors[0].accept([a_message()])
    assert (receipt.kind, receipt.redelivered) == ("new", False)
    assert rows(store, select(number.c.number)) == [(receipt.number,)]


def test_a_full_disk_is_overloaded_and_nothing_is_kept(store, doors):
    with failing_once(store, "53100"), pytest.raises(Overloaded):
        doors[0].accept([a_message()])
    assert rows(store, select(delivery.c.key)) == []


def test_a_real_deadlock_is_told_from_a_fault(store, database_url):
    other = Store(database_url)
    with store.write() as one, other.write() as two:
        store.hold(one, ["a"])
        other.hold(two, ["b"])
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(store.hold, one, ["b"])
            errors = []
            for act in (lambda: other.hold(two, ["a"]), waiting.result):
                try:
                    act()
                except DBAPIError as exc:
                    errors.append(exc)
                    two.rollback()
    (error,) = errors
    assert store.may_succeed_again(error)
    assert store.is_away(error)
    other.close_engine()


# --- a server that is away ----------------------------------------------------------------------


def terminate(store, database_url):
    with store.read() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        )


def test_connections_that_the_server_closed_are_met_with_a_new_one(store, doors, database_url):
    (first,) = doors[0].accept([a_message("satu")])
    terminate(store, database_url)
    (second,) = doors[0].accept([a_message("dua")])
    assert (second.kind, second.redelivered) == ("new", False)
    assert rows(store, select(number.c.number).order_by(number.c.number)) == sorted(
        [(first.number,), (second.number,)]
    )


def test_a_connection_closed_within_the_transaction_costs_the_citizen_nothing(
    store, doors, monkeypatch, database_url
):
    accept, cut = intake.accept, [1]

    def accept_and_be_cut(connection, *args, **kwargs):
        accept(connection, *args, **kwargs)
        if cut:
            cut.pop()
            terminate(store, database_url)

    monkeypatch.setattr(intake, "accept", accept_and_be_cut)
    (receipt,) = doors[0].accept([a_message("satu")])
    assert receipt.kind == "new"
    assert rows(store, select(number.c.number)) == [(receipt.number,)]
    assert len(rows(store, select(journal.c.id))) == 1


@pytest.fixture
def proxied(store, database_url, identity):
    """An intake whose server can be made to misbehave."""
    with rabbit.proxied(database_url) as (proxy, through):
        far = Store(through, 1.0)
        yield proxy, Intake(far, identity, limits=QUIET)
        far.close_engine()


def test_a_server_that_does_not_answer_is_overloaded_in_time_and_used_again_when_it_does(
    store, proxied
):
    proxy, door = proxied
    (first,) = door.accept([a_message("satu")])
    proxy.mode = "half_open"
    started = time.monotonic()
    with pytest.raises(Overloaded):
        door.accept([a_message("dua")])
    assert 1 <= time.monotonic() - started < 2
    proxy.mode = "good"
    (second,) = door.accept([a_message("dua")])
    assert second.kind == "new"
    assert len(rows(store, select(number.c.number))) == 2
    assert first.number != second.number


@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_server_that_is_away_is_overloaded_at_once_and_used_again_when_it_is_back(
    store, proxied, fault
):
    proxy, door = proxied
    door.accept([a_message("satu")])
    proxy.mode = fault
    started = time.monotonic()
    if fault == "cut":
        with pytest.raises(Overloaded):
            door.accept([a_message("dua")])
    assert time.monotonic() - started < 1
    proxy.mode = "good"
    assert door.accept([a_message("dua")])[0].kind == "new"


def test_a_commit_whose_answer_was_lost_is_met_as_a_redelivery(store, doors, monkeypatch):
    commit, lost = postgresql._Patient.commit, []

    def commit_and_hear_nothing(self):
        commit(self)
        if not lost:
            lost.append(self)
            self.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(postgresql._Patient, "commit", commit_and_hear_nothing)
    (receipt,) = doors[0].accept([a_message("satu")])
    assert lost
    assert (receipt.kind, receipt.redelivered) == ("new", True)
    assert rows(store, select(number.c.number)) == [(receipt.number,)]


@pytest.mark.parametrize("patience", [0.3, 1.5])
def test_patience_is_how_long_the_server_may_think(store, database_url, patience):
    slow = Store(database_url, patience=patience)
    started = time.monotonic()

    def think():
        with slow.read() as connection:
            connection.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(DBAPIError) as error:
        think()
    assert patience <= time.monotonic() - started < patience + 1
    assert slow.is_away(error.value)
    with slow.read() as connection:  # with a connection of its own
        assert connection.scalar(select(1)) == 1
    slow.close_engine()


def test_without_patience_an_answer_is_waited_for(store, database_url):
    patient = Store(database_url, patience=None)
    with patient.read() as connection:
        connection.execute(text("SELECT pg_sleep(0.5)"))
    patient.close_engine()
