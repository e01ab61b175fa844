"""All that is known of a complaint: every message about it, and none about another."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from support import NOW, PHONE, a_message

from channels.base import Command, Part
from gateway import full
from gateway.store import UnknownNumber
from gateway.tables import audit


def read(store, number):
    return full.read(store, number, consumer="kementerian", now=NOW)


def texts(store, number):
    return [said["text"] for said in read(store, number)["messages"]]


def test_a_complaint_that_follows_a_closed_one_is_not_part_of_it(store, intake, processing, clock):
    (filed,) = intake.accept([a_message("Lampu padam")])
    processing.run_once()
    store.close(filed.number, "resolved", clock())
    command = Command("add", filed.number, "padam lagi")
    (newer,) = intake.accept([a_message("TAMBAH padam lagi", command=command)])
    assert texts(store, filed.number) == ["Lampu padam"]
    assert texts(store, newer.number) == ["padam lagi"]


def test_a_part_that_comes_late_is_part_of_it(store, intake, clock):
    def part(index):
        return a_message(f"bagian {index} ", part=Part("0:7", index, 2, "1708"))

    intake.accept([part(1)])
    clock.forward(seconds=301)
    intake.accept_overdue_parts(clock())
    with store.read() as connection:
        number = connection.scalar(select(full.journal.c.number).where(full.journal.c.number != ""))
    intake.accept([part(2)])
    assert [said.strip() for said in texts(store, number)] == ["bagian 1  […]", "bagian 2"]


def test_every_reading_is_written_down_and_an_unknown_number_is_not(store, intake):
    (filed,) = intake.accept([a_message()])
    for _ in range(2):
        read(store, filed.number)
    with pytest.raises(UnknownNumber):
        read(store, "0000-000-000")
    with store.read() as connection:
        kept = connection.execute(select(audit.c.consumer, audit.c.action, audit.c.number)).all()
    assert kept == [("kementerian", "full", filed.number)] * 2


def test_whoever_asked_to_stay_unknown_is_nowhere(store, intake, processing):
    said = f"Pungli. HP saya {PHONE}"
    (filed,) = intake.accept([a_message(said, fields={"anonymous": True})])
    for _ in range(2):  # before there is a record, and after
        found = read(store, filed.number)
        assert found["reporter"] == dict.fromkeys(("name", "phone", "email", "sender"))
        assert PHONE[1:] not in str(found)
        assert found["text"]["body"].startswith("Pungli. HP saya ***")
        processing.run_once()
    assert found["record"]["anonymous"]
