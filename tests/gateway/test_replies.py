"""What is to be said is written by the transaction that causes it, once, and nothing else is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from support import NOW, PHONE, a_message
from talking import rows

from channels.base import Command, Part, Receipt, Sender
from gateway import feedback
from gateway.feedback import StatusEvent
from gateway.intake import Intake
from gateway.replies import NEWS, Manners, Replies
from gateway.tables import reply


def a_status(number, status="verified", sequence=1, **changed):
    given = {
        "number": number,
        "consumer": "kementerian",
        "event_id": f"{status}-{sequence}",
        "sequence": sequence,
        "status": status,
        "note": None,
        "reference": None,
        "happened_at": NOW,
    }
    return StatusEvent(**(given | changed))


@pytest.fixture
def tell(store, replies, clock):
    return lambda *of, **how: feedback.take(store, a_status(*of, **how), clock(), replies=replies)


def process(processing):
    while processing.run_once():
        pass


@pytest.mark.parametrize(
    ("source", "said"), [("kannel", 0), ("jasmin", 1), ("twitter", 1), ("app", 0)]
)
def test_a_receipt_is_said_where_no_answer_carries_it(store, talking_intake, source, said):
    (receipt,) = talking_intake.accept([a_message(source=source)])
    found = rows(store)
    assert len(found) == said
    assert [(row.source, row.kind, row.number) for row in found] == [
        (source, "new", receipt.number)
    ] * said


def test_whom_it_goes_to_is_in_the_journal_alone(store, talking_intake):
    talking_intake.accept([a_message("Jalan rusak", source="jasmin")])
    assert PHONE not in str(rows(store))
    assert "Jalan" not in str(rows(store))


def test_a_redelivery_is_not_answered_again(store, talking_intake):
    message = a_message(source="jasmin")
    talking_intake.accept([message])
    talking_intake.accept([message, message])
    assert len(rows(store)) == 1


def test_each_message_is_answered_once_and_machines_never(store, talking_intake):
    talking_intake.accept(
        [
            a_message("CEK", source="jasmin", command=Command("help")),
            a_message(source="jasmin"),
            a_message(source="jasmin"),
            a_message("promo", source="jasmin", automatic=True),
        ]
    )
    assert [row.kind for row in rows(store)] == ["command", "new", "repeat"]


def test_more_than_so_many_a_day_are_taken_in_silence(store, talking_intake):
    for n in range(5):
        talking_intake.accept([a_message(f"Laporan {n}", source="jasmin")])
    assert len(rows(store)) == 3


def test_what_nobody_waits_for_any_more_is_said_on_every_door(store, talking_intake):
    talking_intake.accept([a_message(source="kannel")], unheard=True)
    assert [row.source for row in rows(store)] == ["kannel"]


def test_a_long_sms_whose_rest_never_came_is_told_its_number(store, talking_intake):
    part = Part("0:7", 1, 2, "1708")
    talking_intake.accept([a_message("Jembatan gantung", part=part)])
    assert rows(store) == []
    talking_intake.accept_overdue_parts(NOW + timedelta(seconds=1))
    (row,) = rows(store)
    assert (row.source, row.kind) == ("kannel", "new")


# --- news ----------------------------------------------------------------------------------


@pytest.fixture
def filed(talking_intake, talking_processing):
    (receipt,) = talking_intake.accept([a_message("Lampu jalan mati")])
    process(talking_processing)
    return receipt.number


def news(store):
    return [row for row in rows(store) if row.rank == NEWS]


def test_a_new_status_is_told_on_the_same_door(store, tell, filed):
    tell(filed, "verified", 1)
    (row,) = news(store)
    assert (row.source, row.number, row.status, row.command) == (
        "kannel",
        filed,
        "verified",
        "status",
    )


def test_the_same_again_and_what_came_too_late_are_not_told(store, tell, filed):
    tell(filed, "verified", 2)
    tell(filed, "verified", 2)
    tell(filed, "forwarded", 1, event_id="late")
    tell(filed, "verified", 3, event_id="another")
    assert len(news(store)) == 1


def test_newer_news_take_the_place_of_what_was_not_said_yet(store, tell, filed):
    tell(filed, "verified", 1)
    tell(filed, "forwarded", 2)
    assert [(row.status, row.state) for row in news(store)] == [("forwarded", "waiting")]


def test_a_status_of_a_door_that_cannot_speak_is_told_nobody(store, tell, intake, processing):
    (receipt,) = intake.accept([a_message(source="app", channel="app", sender=None)])
    process(processing)
    tell(receipt.number, "verified", 1)
    assert rows(store) == []


def test_so_many_news_a_day_and_no_more(store, identity, clock, processing):
    few = Replies({"kannel": True}, identity, clock=clock, manners=Manners(a_day=2, ask=()))
    intake = Intake(store, identity, replies=few)
    (receipt,) = intake.accept([a_message()])
    process(processing)
    for n, status in enumerate(("verified", "forwarded", "in_progress", "resolved")):
        feedback.take(store, a_status(receipt.number, status, n), clock(), replies=few)
        with store.write() as connection:
            connection.execute(update(reply).values(state="sent"))
    assert [row.status for row in news(store)] == ["verified", "forwarded"]


def test_an_archived_complaint_is_told_by_the_one_that_archives_it(store, replies, clock, filed):
    clock.forward(days=100)
    assert feedback.time_out(store, clock() - timedelta(days=90), clock(), replies=replies) == 1
    assert feedback.time_out(store, clock() - timedelta(days=90), clock(), replies=replies) == 0
    assert [row.status for row in news(store)] == ["archived"]


def test_a_confidential_complaint_is_marked(store, tell, talking_intake, talking_processing):
    (receipt,) = talking_intake.accept([a_message(fields={"confidential": True})])
    process(talking_processing)
    tell(receipt.number, "verified", 1)
    assert [row.confidential for row in news(store)] == [True]


# --- near repeats ----------------------------------------------------------------------------


def test_a_near_repeat_is_told_instead_of_a_number_that_was_not_told_yet(
    store, replies, talking_intake, clock
):
    (first,) = talking_intake.accept([a_message("Lampu jalan mati", source="jasmin")])
    (second,) = talking_intake.accept([a_message("Lampu jalan padam", source="jasmin")])
    row = rows(store, number=second.number)[0]
    with store.write() as connection:
        receipt = Receipt("repeat", second.number, first_number=first.number)
        replies.joined(connection, row.journal_id, receipt, clock())
    assert [(row.kind, row.number, row.first_number) for row in rows(store)] == [
        ("new", first.number, None),
        ("repeat", second.number, first.number),
    ]


def test_a_near_repeat_whose_number_was_told_is_told_once_more(
    store, replies, talking_intake, clock
):
    (first,) = talking_intake.accept([a_message("Lampu jalan mati", source="jasmin")])
    (second,) = talking_intake.accept([a_message("Lampu jalan padam", source="jasmin")])
    row = rows(store, number=second.number)[0]
    with store.write() as connection:
        connection.execute(update(reply).values(state="sent"))
        for _ in range(2):
            receipt = Receipt("repeat", second.number, first_number=first.number)
            replies.joined(connection, row.journal_id, receipt, clock())
    assert [row.kind for row in rows(store)] == ["new", "new", "repeat"]


def test_a_sender_who_proves_nothing_is_not_told_anything(store, replies, talking_intake):
    sender = Sender("tel", "BANKABC", proven=False)
    talking_intake.accept([a_message(source="jasmin", sender=sender, automatic=True)])
    assert rows(store) == []
