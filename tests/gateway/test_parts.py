"""Long SMS in parts: in any order, twice, at once, late, or never."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from support import NOW, a_message

from channels.base import Part, Sender
from gateway import parts
from gateway.reconcile import reconcile
from gateway.tables import event, journal, part

OTHER = Sender("tel", "+6285712300021", proven=True)
TEXTS = ["Jembatan gantung di dusun ", "kami putus dan anak-anak men", "yeberang lewat sungai."]


def a_part(index, texts=TEXTS, reference="0:7", **changed):
    of = Part(reference, index, len(texts), "1708")
    return a_message(texts[index - 1], part=of, **changed)


def published(store, processing):
    while processing.run_once():
        pass
    with store.read() as connection:
        return [json.loads(body)["data"] for body in connection.scalars(select(event.c.body))]


def outcomes(store):
    with store.read() as connection:
        return sorted(connection.scalars(select(journal.c.outcome)))


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1), (3, 2, 1)])
def test_parts_in_any_order_are_one_complaint_and_the_last_one_carries_the_reply(
    store, intake, processing, order
):
    receipts = [intake.accept([a_part(index)])[0] for index in order]
    assert [receipt.kind for receipt in receipts] == ["part", "part", "new"]
    (record,) = published(store, processing)
    assert record["body"] == "".join(TEXTS)
    assert record["number"] == receipts[-1].number
    assert record["flags"] == []
    assert outcomes(store) == ["part", "part", "published"]


def test_parts_in_one_unit_are_joined_too(store, intake, processing):
    receipts = intake.accept([a_part(index) for index in (2, 1, 3)])
    assert [receipt.kind for receipt in receipts] == ["part", "part", "new"]
    assert published(store, processing)[0]["body"] == "".join(TEXTS)


def test_a_character_cut_in_two_becomes_whole(store, intake, processing):
    halves = ["Jalan rusak \ud83d", "\udea7 di Bantul"]
    for index in (1, 2):
        intake.accept([a_part(index, halves)])
    assert published(store, processing)[0]["body"] == "Jalan rusak 🚧 di Bantul"


def test_two_senders_with_the_same_reference_do_not_disturb_each_other(store, intake, processing):
    other = ["Pasar ", "banjir ", "setinggi lutut"]
    for index in (1, 2, 3):
        intake.accept([a_part(index)])
        intake.accept([a_part(index, other, sender=OTHER)])
    assert {record["body"] for record in published(store, processing)} == {
        "".join(TEXTS),
        "".join(other),
    }


def test_a_redelivered_part_gets_the_receipt_it_got(intake):
    parts = [a_part(index) for index in (1, 2, 3)]
    first = [intake.accept([part])[0] for part in parts]
    again = [intake.accept([part])[0] for part in parts]
    assert [(r.kind, r.number) for r in again] == [(r.kind, r.number) for r in first]


def test_a_part_that_comes_twice_under_two_ids_counts_once(store, intake, processing):
    for index in (1, 1, 2, 2, 3, 3):
        intake.accept([a_part(index)])
    assert [record["body"] for record in published(store, processing)] == ["".join(TEXTS)]


def test_the_joined_words_repeat_what_the_sender_said_before(intake):
    (first,) = intake.accept([a_message("".join(TEXTS))])
    last = [intake.accept([a_part(index)])[0] for index in (1, 2, 3)][-1]
    assert (last.kind, last.number) == ("repeat", first.number)


def test_a_command_may_be_long_too(store, intake, processing):
    (filed,) = intake.accept([a_message("Lampu padam")])
    texts = [f"TAMBAH {filed.number} tiang di depan ", "warung, dekat jembatan"]
    receipts = [intake.accept([a_part(index, texts)])[0] for index in (1, 2)]
    assert (receipts[1].kind, receipts[1].command) == ("command", "add")
    bodies = [record["body"] for record in published(store, processing)]
    assert bodies[-1] == "Lampu padam\n\ntiang di depan warung, dekat jembatan"


def test_when_the_wait_is_over_what_is_there_is_accepted_once_and_flagged(
    store, intake, processing
):
    for index in (1, 3):
        intake.accept([a_part(index)])
    assert intake.accept_overdue_parts(NOW) == 0
    later = NOW + timedelta(seconds=1)
    assert intake.accept_overdue_parts(later) == 1
    assert intake.accept_overdue_parts(later) == 0
    (record,) = published(store, processing)
    assert record["body"] == "Jembatan gantung di dusun […] yeberang lewat sungai."
    assert record["flags"] == ["partial_message"]
    assert reconcile(store).unaccounted == []


def test_a_late_part_amends_what_was_accepted_without_it(store, intake, processing):
    for index in (1, 3):
        intake.accept([a_part(index)])
    intake.accept_overdue_parts(NOW + timedelta(seconds=1))
    (receipt,) = intake.accept([a_part(2)])
    assert receipt.kind == "part"
    first, second = published(store, processing)
    assert second["number"] == first["number"]
    assert second["revision"] == 2
    assert TEXTS[1] in second["body"]
    assert reconcile(store).outcomes == {"part": 2, "published": 1, "amended": 1}


def test_a_reference_used_again_is_another_message(store, intake, processing):
    for index in (1, 2, 3):
        intake.accept([a_part(index)])
    second = ["Selokan ", "mampet ", "lagi"]
    for index in (1, 2, 3):
        intake.accept([a_part(index, second)])
    assert [record["body"] for record in published(store, processing)] == [
        "".join(TEXTS),
        "".join(second),
    ]


def test_another_text_under_a_part_that_is_there_is_not_lost(store, intake, processing):
    intake.accept([a_part(1)])
    (receipt,) = intake.accept([a_part(1, ["Pesan lain ", "x", "y"])])
    assert receipt.kind == "new"
    (record,) = published(store, processing)
    assert record["body"] == "Pesan lain"
    assert record["flags"] == ["partial_message", "too_short"]


def test_a_set_the_store_refuses_does_not_hold_up_the_others(store, intake, processing):
    intake.accept([a_part(1)])
    intake.accept([a_part(1, ["Lampu ", "x"], reference="0:8")])
    make = intake._entry

    def refuse(message, **how):
        if message.provider_id.startswith("parts:") and message.text.startswith("Jembatan"):
            raise ValueError
        return make(message, **how)

    intake._entry = refuse
    assert intake.accept_overdue_parts(NOW + timedelta(seconds=1)) == 2
    assert [record["body"] for record in published(store, processing)] == ["Lampu […]"]
    del intake._entry
    assert intake.accept_overdue_parts(NOW + timedelta(seconds=1)) == 1
    assert len(published(store, processing)) == 2


def test_sets_that_are_closed_are_forgotten_with_their_parts(store, intake):
    for index in (1, 2, 3):
        intake.accept([a_part(index)])
    intake.accept([a_part(1, reference="0:8")])
    with store.write() as connection:
        parts.forget(connection, NOW + timedelta(seconds=1))
        left = connection.scalars(select(part.c.index)).all()
    assert left == [1]


def test_a_long_message_counts_once_towards_the_daily_replies(intake):
    kinds = []
    for message in range(3):
        texts = [f"laporan {message} ", "b", "c", "d"]
        kinds += [intake.accept([a_part(i, texts, f"0:{message}")])[0].kind for i in (1, 2, 3, 4)]
    assert kinds.count("new") == 3
