"""Close and reopen: when the same words are a repeat, and when they are a new complaint."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest
from sqlalchemy import func, select
from support import a_message

from gateway.intake import Intake
from gateway.store import TERMINAL, Store, UnknownNumber
from gateway.tables import fact, number


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_a_closed_complaint_frees_its_identity(store, intake, clock, status):
    (first,) = intake.accept([a_message()])
    store.close(first.number, status, clock())
    (again,) = intake.accept([a_message()])
    assert again.kind == "new"
    assert again.number != first.number
    assert store.standing(first.number).status == status


def test_reopening_takes_the_identity_back_if_it_is_free(store, intake, clock):
    (first,) = intake.accept([a_message()])
    store.close(first.number, "resolved", clock())
    assert store.reopen(first.number, clock())
    (again,) = intake.accept([a_message()])
    assert (again.kind, again.number) == ("repeat", first.number)


def test_reopening_leaves_the_identity_to_the_newer_complaint(store, intake, clock):
    (first,) = intake.accept([a_message()])
    store.close(first.number, "resolved", clock())
    (second,) = intake.accept([a_message()])
    assert not store.reopen(first.number, clock())
    assert store.standing(first.number).status == "in_progress"
    (again,) = intake.accept([a_message()])
    assert (again.kind, again.number) == ("repeat", second.number)


def test_closing_the_reopened_one_does_not_free_what_the_newer_one_holds(store, intake, clock):
    (first,) = intake.accept([a_message()])
    store.close(first.number, "resolved", clock())
    (second,) = intake.accept([a_message()])
    store.reopen(first.number, clock())
    store.close(first.number, "archived", clock())
    (again,) = intake.accept([a_message()])
    assert (again.kind, again.number) == ("repeat", second.number)


def test_closing_twice_and_reopening_twice_change_nothing_more(store, intake, clock):
    (first,) = intake.accept([a_message()])
    for _ in range(2):
        store.close(first.number, "resolved", clock())
    for _ in range(2):
        assert store.reopen(first.number, clock())
    with store.read() as connection:
        assert connection.scalar(select(func.count()).where(number.c.claimed)) == 1


def test_a_complaint_without_an_identity_closes_and_reopens_too(store, intake, clock):
    (filed,) = intake.accept([a_message(sender=None)])
    store.close(filed.number, "withdrawn", clock())
    assert store.reopen(filed.number, clock()) is False
    assert store.standing(filed.number).status == "in_progress"


def test_unknown_numbers_and_wrong_states_are_refused(store, intake, clock):
    with pytest.raises(UnknownNumber):
        store.close("0000-000-000", "resolved", clock())
    (filed,) = intake.accept([a_message()])
    with pytest.raises(ValueError, match="does not close"):
        store.close(filed.number, "verified", clock())
    with pytest.raises(ValueError, match="not in process"):
        store.reopen(filed.number, clock(), "resolved")


def test_a_store_that_is_not_served_is_refused_by_name():
    with pytest.raises(ValueError, match="mysql"):
        Store("mysql://localhost/lapor")


_COUNT_UP = """
import sys, time
from sqlalchemy import select
from gateway.store import Store
from gateway.tables import fact
store = Store(sys.argv[1])
for _ in range(50):
    with store.write() as connection:
        value = int(connection.scalar(select(fact.c.value).where(fact.c.name == "n")))
        time.sleep(0.0005)  # long enough for two to overlap if they could
        connection.execute(fact.update().where(fact.c.name == "n").values(value=value + 1))
"""


def test_writers_of_several_processes_take_turns(sqlite_store):
    with sqlite_store.write() as connection:
        connection.execute(fact.insert().values(name="n", value="0"))
    counting = [sys.executable, "-c", _COUNT_UP, f"sqlite:///{sqlite_store.database.path}"]
    writers = [subprocess.Popen(counting) for _ in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    with sqlite_store.read() as connection:
        assert connection.scalar(select(fact.c.value).where(fact.c.name == "n")) == "200"


def test_a_failed_write_leaves_nothing_and_lets_the_next_one_in(store):
    def fail_halfway():
        with store.write() as connection:
            connection.execute(fact.insert().values(name="half", value="done"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with store.write() as connection:
        assert connection.scalar(select(fact.c.value).where(fact.c.name == "half")) is None


def test_every_connection_syncs_at_every_commit(sqlite_store):
    with sqlite_store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_postgresql_syncs_at_every_commit_whatever_its_own_default_is(postgresql_store):
    with postgresql_store.read() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_a_copy_of_the_files_at_any_instant_opens_whole(sqlite_store, identity, tmp_path):
    """A power cut leaves the files as they were: the copy must hold all that was acknowledged."""
    intake, acknowledged = Intake(sqlite_store, identity), []
    for n in range(20):
        acknowledged.append(intake.accept([a_message(f"laporan {n}")])[0].number)
        copy = tmp_path / f"copy-{n}.db"
        for suffix in ("", "-wal"):
            source = sqlite_store.database.path.with_name(sqlite_store.database.path.name + suffix)
            copy.with_name(copy.name + suffix).write_bytes(source.read_bytes())
        with sqlite3.connect(copy) as opened:
            assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            numbers = {row[0] for row in opened.execute("SELECT number FROM journal")}
        opened.close()
        assert set(acknowledged) <= numbers
