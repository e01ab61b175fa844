"""TAMBAH, BATAL and BANTUAN: what they do, and to whose complaint."""

from __future__ import annotations

import json
import uuid

import pytest
from sqlalchemy import select
from support import a_message

from channels.base import Command, Sender
from gateway.reconcile import reconcile
from gateway.tables import event, journal

OTHER = Sender("tel", "+6285712300021", proven=True)


def events(store):
    with store.read() as connection:
        return [json.loads(body) for body in connection.scalars(select(event.c.body))]


def outcomes(store):
    with store.read() as connection:
        return list(connection.scalars(select(journal.c.outcome).order_by(journal.c.id)))


def process_all(processing):
    while processing.run_once():
        pass


def say(intake, word, number=None, text=None, **changed):
    message = a_message(f"{word} {number} {text}", command=Command(word, number, text), **changed)
    (receipt,) = intake.accept([message])
    return receipt


def test_what_the_sender_adds_becomes_the_next_revision(store, intake, processing):
    (filed,) = intake.accept([a_message("Lampu padam")])
    process_all(processing)
    receipt = say(intake, "add", filed.number, "Tiang nomor 17. HP saya 081234500017")
    assert (receipt.kind, receipt.command, receipt.number) == ("command", "add", filed.number)
    process_all(processing)
    first, second = events(store)
    assert second["type"] == "id.lapor.complaint.amended.v1"
    assert second["subject"] == filed.number
    assert second["sequence"] == "0000000002"
    assert second["data"]["body"] == "Lampu padam\n\nTiang nomor 17. HP saya *********017"
    assert second["data"]["title"] == first["data"]["title"]
    assert outcomes(store) == ["published", "amended"]
    assert reconcile(store).unaccounted == []


def test_additions_before_the_complaint_is_published_wait_for_it_and_keep_their_order(
    store, intake, processing, clock
):
    (filed,) = intake.accept([a_message("satu")])
    say(intake, "add", filed.number, "dua")
    say(intake, "add", filed.number, "tiga")
    process_all(processing)
    clock.forward(seconds=3)
    process_all(processing)
    bodies = [found["data"]["body"] for found in events(store)]
    assert bodies == ["satu", "satu\n\ndua", "satu\n\ndua\n\ntiga"]


def test_an_addition_whose_complaint_another_worker_holds_is_postponed_not_lost(
    store, identity, intake, processing, clock
):
    (filed,) = intake.accept([a_message("satu")])
    held = processing._line.claim(uuid.uuid4())
    assert len(held) == 1
    say(intake, "add", filed.number, "dua")
    process_all(processing)
    assert outcomes(store) == ["pending", "pending"]
    clock.forward(seconds=31)
    process_all(processing)
    clock.forward(seconds=3)
    process_all(processing)
    assert outcomes(store) == ["published", "amended"]


def test_an_addition_to_a_closed_complaint_opens_a_new_one_that_refers_to_it(
    store, intake, processing, clock
):
    (filed,) = intake.accept([a_message("satu")])
    process_all(processing)
    store.close(filed.number, "resolved", clock())
    receipt = say(intake, "add", filed.number, "Padam lagi sejak semalam")
    assert (receipt.kind, receipt.command) == ("new", "add")
    assert receipt.first_number == filed.number != receipt.number
    process_all(processing)
    newest = events(store)[-1]
    assert newest["type"] == "id.lapor.complaint.received.v1"
    assert newest["subject"] == receipt.number
    assert newest["data"]["body"] == "Padam lagi sejak semalam"
    (related,) = newest["data"]["related"]
    assert (related["number"], related["relation"]) == (filed.number, "follows")


def test_a_withdrawn_complaint_is_closed_at_once_and_consumers_hear_of_it(
    store, intake, processing
):
    (filed,) = intake.accept([a_message("satu")])
    process_all(processing)
    receipt = say(intake, "withdraw", filed.number)
    assert (receipt.command, receipt.status) == ("withdraw", "withdrawn")
    assert store.standing(filed.number).status == "withdrawn"
    (again,) = intake.accept([a_message("satu")])
    assert again.kind == "new"
    process_all(processing)
    withdrawn = next(found for found in events(store) if "withdrawn" in found["type"])
    assert withdrawn["type"] == "id.lapor.complaint.withdrawn.v1"
    assert (withdrawn["subject"], withdrawn["data"]["status"]) == (filed.number, "withdrawn")
    assert withdrawn["data"]["revision"] == 2


def test_withdrawing_twice_says_the_same_and_publishes_once(store, intake, processing):
    (filed,) = intake.accept([a_message("satu")])
    first = say(intake, "withdraw", filed.number)
    second = say(intake, "withdraw", filed.number)
    assert (first.status, second.status) == ("withdrawn", "withdrawn")
    process_all(processing)
    assert len([found for found in events(store) if "withdrawn" in found["type"]]) == 1


@pytest.mark.parametrize("word", ["add", "withdraw", "status"])
def test_a_stranger_can_do_nothing_to_a_complaint(store, intake, processing, word):
    (filed,) = intake.accept([a_message("satu")])
    receipt = say(intake, word, filed.number, "bukan saya", sender=OTHER)
    assert (receipt.number, receipt.status) == (None, None)
    process_all(processing)
    assert store.standing(filed.number).status == "received"
    assert len(events(store)) == 1


def test_help_is_given_without_a_number(intake):
    receipt = say(intake, "help")
    assert (receipt.kind, receipt.command) == ("command", "help")


def test_a_redelivered_command_does_nothing_twice(store, intake, processing):
    (filed,) = intake.accept([a_message("satu")])
    message = a_message("TAMBAH", command=Command("add", filed.number, "dua"))
    first, again = intake.accept([message])[0], intake.accept([message])[0]
    assert (again.command, again.number) == (first.command, first.number)
    process_all(processing)
    assert events(store)[-1]["data"]["body"] == "satu\n\ndua"
