"""Status comes back: once, in whatever order it is told, and the identity follows it."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
import uuid6
from sqlalchemy import func, insert, select, update
from support import NOW, a_message

from channels.app.status import STATUSES
from channels.base import Command
from gateway import changes, feedback, work
from gateway.assembly import utc_now
from gateway.feedback import apply, history, take, time_out
from gateway.intake import Intake
from gateway.status_event import StatusEvent
from gateway.store import IN_PROCESS, TERMINAL, Store, UnknownNumber
from gateway.tables import event, number, status_change

ids = itertools.count(1)


def an_event(number, status="in_progress", sequence=1, **given):
    at = {"consumer": "kementerian", "event_id": f"e{next(ids)}", "happened_at": NOW} | given
    return StatusEvent(number=number, status=status, sequence=sequence, **at)


@pytest.fixture
def filed(intake):
    return intake.accept([a_message()])[0].number


@pytest.fixture
def tell(store, clock, filed):
    """Tell how the filed complaint stands."""
    return lambda *of, **given: take(store, an_event(given.pop("of", filed), *of, **given), clock())


@pytest.fixture
def status(store, filed):
    return lambda: store.standing(filed).status


def count(store, table):
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_there_is_one_list_of_statuses():
    assert set(STATUSES) == IN_PROCESS | TERMINAL


@pytest.mark.parametrize("told", STATUSES)
def test_every_status_is_taken(tell, status, told):
    assert tell(told) == "applied"
    assert status() == told


def test_said_twice_it_is_done_once(store, tell, status):
    assert tell("verified", 1, event_id="a") == "applied"
    tell("forwarded", 2)
    assert tell("verified", 1, event_id="a") == "repeated"
    assert tell("resolved", 9, event_id="a") == "repeated"
    assert status() == "forwarded"
    assert count(store, status_change) == 2


def test_what_comes_late_is_kept_and_changes_nothing(store, tell, status, filed):
    assert tell("resolved", 5) == "applied"
    assert tell("forwarded", 4) == "late"
    assert tell("in_progress", 5) == "late"
    assert status() == "resolved"
    assert [(step.status, step.applied) for step in history(store, filed)] == [
        ("resolved", True),
        ("forwarded", False),
        ("in_progress", False),
    ]


def test_what_came_to_nothing_makes_nothing_late(tell, intake, filed, status):
    intake.accept([a_message("BATAL", command=Command("withdraw", filed))])
    assert tell("resolved", 5) == "withdrawn"
    assert tell("archived", 4) == "withdrawn"
    assert status() == "withdrawn"


def test_each_consumer_counts_for_itself(tell, status):
    tell("resolved", 900, consumer="kementerian")
    assert tell("verified", 1, consumer="https://pemda.example/lapor", event_id="x") == "applied"
    assert status() == "verified"
    assert tell("forwarded", 2, consumer="kementerian", event_id="x") == "late"


def test_an_unknown_number_is_told_and_leaves_nothing(store, tell):
    with pytest.raises(UnknownNumber):
        tell(of="0000-000-000")
    assert count(store, status_change) == 0


def test_a_withdrawal_is_never_late_and_nothing_comes_after_it(tell, status):
    tell("in_progress", 3)
    assert tell("withdrawn", 2) == "applied"
    assert tell("resolved", 4) == "withdrawn"
    assert status() == "withdrawn"


@pytest.mark.parametrize("told", sorted(TERMINAL))
def test_a_terminal_status_frees_the_identity(tell, intake, filed, told):
    assert intake.accept([a_message()])[0].number == filed
    tell(told)
    (again,) = intake.accept([a_message()])
    assert (again.kind, again.number != filed) == ("new", True)


def test_a_status_after_the_end_takes_the_identity_back_if_it_is_free(tell, intake, filed):
    tell("resolved", 1)
    tell("in_progress", 2)
    (again,) = intake.accept([a_message()])
    assert (again.kind, again.number) == ("repeat", filed)


def test_it_leaves_the_identity_to_a_newer_complaint_until_that_is_closed(
    tell, intake, filed, status
):
    tell("resolved", 1)
    (newer,) = intake.accept([a_message()])
    assert tell("in_progress", 2) == "applied"
    assert status() == "in_progress"
    assert intake.accept([a_message()])[0].number == newer.number
    tell("archived", 1, of=newer.number)
    tell("forwarded", 3)
    assert intake.accept([a_message()])[0].number == filed


def an_alias(store, of):
    alias = "7777-777-777"
    with store.write() as connection:
        connection.execute(
            insert(number).values(
                number=alias,
                root=of,
                status="received",
                claimed=True,
                fingerprint=b"of the alias",
                confidential=False,
                repeats=0,
                received_at=NOW,
                updated_at=NOW,
            )
        )
    return alias


def test_an_alias_stands_for_its_root(store, tell, filed, status):
    alias = an_alias(store, filed)
    tell("resolved", 2, of=alias)
    assert tell("forwarded", 1) == "late"
    assert status() == "resolved"
    assert history(store, alias) == history(store, filed)
    with store.read() as connection:
        assert not connection.scalar(select(number.c.claimed).where(number.c.number == alias))


def test_status_history_and_identity_are_one_transaction(store, intake, filed, clock):
    def fail_after():
        with store.write() as connection:
            apply(connection, an_event(filed, "resolved"), clock(), uuid6.uuid7)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after()
    assert store.standing(filed).status == "received"
    assert count(store, status_change) == 0
    assert intake.accept([a_message()])[0].number == filed


def test_reopening_that_loses_the_race_is_done_again(postgresql_store, identity, clock):
    """Another transaction claims the identity between our look at it and our taking it."""
    store = postgresql_store
    intake = Intake(store, identity)
    (first,) = intake.accept([a_message()])
    take(store, an_event(first.number, "resolved", 1), clock())
    verdicts = []
    with store.write() as connection:
        (row,) = connection.execute(select(number).where(number.c.number == first.number))
        newer = {**row._mapping, "number": "7777-777-777", "root": "7777-777-777", "claimed": True}
        connection.execute(insert(number).values(newer | {"status": "received"}))
        told = an_event(first.number, "in_progress", 2)
        thread = threading.Thread(target=lambda: verdicts.append(take(store, told, clock())))
        thread.start()
        thread.join(1)
        assert verdicts == []  # it waits for what this transaction makes of the identity
    thread.join(20)
    assert verdicts == ["applied"]
    assert store.standing(first.number).status == "in_progress"
    assert intake.accept([a_message()])[0].number == "7777-777-777"


def test_consumers_own_numbers_are_in_every_later_event(store, tell, intake, processing, filed):
    tell("forwarded", 1, reference="K-17")
    tell("in_progress", 2, reference="K-17")
    tell("in_progress", 1, consumer="pemda", reference="42")
    processing.run_once()
    intake.accept([a_message("TAMBAH", command=Command("add", filed, "tiang 17"))])
    processing.run_once()
    with store.read() as connection:
        latest = json.loads(connection.scalars(select(event.c.body).order_by(event.c.id)).all()[-1])
        now = changes.current(connection, [filed])[filed]
    assert latest["data"]["external_refs"] == ["kementerian:K-17", "pemda:42"]
    assert latest["data"]["status"] == now["status"] == "in_progress"


# --- time-out ----------------------------------------------------------------------------


def test_what_nobody_speaks_of_is_archived_once(store, intake, clock, filed, monkeypatch):
    monkeypatch.setattr(feedback, "TOGETHER", 2)
    monkeypatch.setattr(feedback, "_LOOKED_AT", 3)
    numbers = [filed, *(intake.accept([a_message(f"{n}")])[0].number for n in range(6))]
    store.close(numbers[5], "resolved", clock())
    clock.forward(days=60)
    take(store, an_event(numbers[6]), clock())
    clock.forward(days=31)
    before = clock() - timedelta(days=90)
    assert time_out(store, before, clock()) == 5
    assert time_out(store, before, clock()) == 0
    stand = [store.standing(of).status for of in numbers]
    assert stand == ["archived"] * 5 + ["resolved", "in_progress"]
    (step,) = history(store, filed)
    assert (step.consumer, step.status, step.applied) == ("gateway", "archived", True)
    assert step.note == "Diarsipkan otomatis: tidak ada kabar sejak 2026-11-21."
    assert intake.accept([a_message()])[0].number != filed


def test_an_archived_complaint_may_come_back_and_time_out_again(store, tell, clock, filed, status):
    clock.forward(days=91)
    assert time_out(store, clock() - timedelta(days=90), clock()) == 1
    assert tell("in_progress", 1) == "applied"
    clock.forward(days=91)
    assert time_out(store, clock() - timedelta(days=90), clock()) == 1
    assert [step.status for step in history(store, filed)] == [
        "archived",
        "in_progress",
        "archived",
    ]


def test_what_was_spoken_of_just_now_is_not_archived(store, clock, filed):
    """It was due when it was looked for, and is not any more when it is to be archived."""
    clock.forward(days=91)
    before = clock() - timedelta(days=90)
    with store.write() as connection:
        connection.execute(update(number).values(updated_at=clock()))
        assert feedback._archive(connection, [filed], before, clock(), Store) == []
    assert store.standing(filed).status == "received"


def test_the_worker_archives_by_the_setting(store, filed):
    settings = SimpleNamespace(feedback=SimpleNamespace(timeout_days=30))
    gateway = SimpleNamespace(store=store, settings=settings, replies=None)
    for days, expected in ((29, "received"), (31, "archived")):
        with store.write() as connection:
            connection.execute(update(number).values(updated_at=utc_now() - timedelta(days=days)))
        work.time_out(gateway)
        assert store.standing(filed).status == expected
