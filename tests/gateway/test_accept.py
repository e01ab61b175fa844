"""What accept promises: one row, one number, one answer, whatever arrives how often."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from support import NOW, a_message, a_request

from channels.base import Command, KeyReused, Overloaded, Receipt, Sender
from gateway.intake import Intake, Limits, Unstorable
from gateway.tables import delivery, journal, number

OTHER = Sender("tel", "+6285712300021", proven=True)


def count(store, table):
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def outcomes(store):
    with store.read() as connection:
        return list(connection.scalars(select(journal.c.outcome).order_by(journal.c.id)))


def test_a_new_message_gets_a_number_and_waits_for_processing(store, intake):
    (receipt,) = intake.accept([a_message()])
    assert receipt.kind == "new"
    assert receipt.status == "received"
    assert outcomes(store) == ["pending"]
    assert store.standing(receipt.number).status == "received"


def test_a_redelivery_gets_the_same_receipt_and_adds_nothing(store, intake):
    message = a_message()
    (first,) = intake.accept([message])
    (again,) = intake.accept([message])
    assert again.redelivered
    assert again.number == first.number
    assert again.kind == "new"
    assert count(store, journal) == count(store, delivery) == count(store, number) == 1


def test_the_same_words_of_the_same_sender_repeat_the_first_while_it_is_in_process(store, intake):
    (first,) = intake.accept([a_message("Jalan  rusak\ndi RT 3")])
    (again,) = intake.accept([a_message("jalan RUSAK di rt 3")])
    assert (again.kind, again.number, again.first_number) == ("repeat", first.number, first.number)
    assert outcomes(store) == ["pending", "repeat"]
    with store.read() as connection:
        assert connection.scalar(select(number.c.repeats)) == 1


def test_a_redelivery_of_a_repeat_gives_the_repeats_receipt(intake):
    intake.accept([a_message()])
    repeat = a_message()
    (said,) = intake.accept([repeat])
    (again,) = intake.accept([repeat])
    assert (again.kind, again.number) == (said.kind, said.number) == ("repeat", said.number)


def test_the_same_words_of_another_sender_are_another_complaint(store, intake):
    (first,) = intake.accept([a_message()])
    (other,) = intake.accept([a_message(sender=OTHER)])
    assert other.kind == "new"
    assert other.number != first.number


def test_a_sender_nobody_vouches_for_is_never_the_same(store, intake):
    typed = Sender("account", "budi@contoh.example", proven=False)
    receipts = [intake.accept([a_message(sender=of)])[0] for of in (typed, typed, None, None)]
    assert {receipt.kind for receipt in receipts} == {"new"}
    with store.read() as connection:
        assert not any(connection.scalars(select(number.c.claimed)))


def test_the_typed_title_is_part_of_what_was_said(intake):
    intake.accept([a_message(fields={"title": "Jalan rusak"})])
    (other,) = intake.accept([a_message(fields={"title": "Jalan banjir"})])
    assert other.kind == "new"


def test_one_unit_is_one_receipt_set_in_its_order(intake):
    one, two = a_message("satu"), a_message("dua")
    receipts = intake.accept([one, two, one, a_message("SATU")])
    assert [receipt.kind for receipt in receipts] == ["new", "new", "new", "repeat"]
    assert receipts[2].number == receipts[0].number == receipts[3].number
    assert receipts[2].redelivered


def test_nothing_to_accept_writes_nothing(store, intake):
    assert intake.accept([]) == []
    assert count(store, journal) == 0


# --- commands ----------------------------------------------------------------------------


def ask(number_asked, sender=None):
    changed = {"sender": sender} if sender else {}
    return a_message("CEK", command=Command("status", number_asked), **changed)


def test_the_sender_who_filed_it_hears_how_it_stands(store, intake, clock):
    (filed,) = intake.accept([a_message()])
    store.close(filed.number, "resolved", clock())
    (answer,) = intake.accept([ask(filed.number)])
    assert (answer.kind, answer.number, answer.status) == ("command", filed.number, "resolved")
    assert outcomes(store) == ["pending", "command"]


def test_a_stranger_and_a_bad_number_hear_the_same_nothing(intake):
    (filed,) = intake.accept([a_message()])
    (stranger,) = intake.accept([ask(filed.number, OTHER)])
    (bad,) = intake.accept([ask("1234-567-890")])
    assert (stranger.number, stranger.status) == (bad.number, bad.status) == (None, None)


def test_a_redelivered_command_is_answered_as_it_was(store, intake, clock):
    (filed,) = intake.accept([a_message()])
    question = ask(filed.number)
    (before,) = intake.accept([question])
    store.close(filed.number, "resolved", clock())
    (after,) = intake.accept([question])
    assert after.status == before.status == "received"


# --- silence -----------------------------------------------------------------------------


def test_a_machine_is_never_answered_and_opens_no_complaint(store, intake):
    (receipt,) = intake.accept([a_message(automatic=True)])
    assert (receipt.kind, receipt.number) == ("quiet", None)
    assert outcomes(store) == ["ignored"]


def test_a_sender_over_the_daily_limit_is_heard_in_silence(store, intake):
    receipts = [intake.accept([a_message(f"laporan {n}")])[0] for n in range(5)]
    assert [receipt.kind for receipt in receipts] == ["new", "new", "new", "quiet", "quiet"]
    assert all(receipt.number for receipt in receipts)
    assert outcomes(store) == ["pending"] * 5
    (other,) = intake.accept([a_message(sender=OTHER)])
    assert other.kind == "new"


def test_the_limit_counts_inside_one_unit_and_starts_afresh_the_next_day(intake, clock):
    receipts = intake.accept([a_message(f"laporan {n}") for n in range(4)])
    assert [receipt.kind for receipt in receipts] == ["new", "new", "new", "quiet"]
    clock.forward(days=1)
    (tomorrow,) = intake.accept([a_message("besok", received_at=clock())])
    assert tomorrow.kind == "new"


def test_redeliveries_do_not_use_up_the_limit(intake):
    message = a_message()
    for _ in range(10):
        intake.accept([message])
    (receipt,) = intake.accept([a_message("lain")])
    assert receipt.kind == "new"


# --- keys the caller chooses ---------------------------------------------------------------


def test_a_key_used_for_another_body_is_refused_and_the_first_stands(store, intake):
    intake.accept([a_message(provider_id="k", payload_digest="a" * 64)])
    with pytest.raises(KeyReused):
        intake.accept([a_message("lain", provider_id="k", payload_digest="b" * 64)])
    (again,) = intake.accept([a_message(provider_id="k", payload_digest="a" * 64)])
    assert again.redelivered
    assert count(store, journal) == 1


# --- parked ------------------------------------------------------------------------------


def test_a_request_nobody_could_read_is_kept_once_and_answered_with_silence(store, intake):
    raw = a_request(query=b"token=secret-token&id=1", body=b"\xff\xfe")
    first = intake.park("kannel", raw, "kannel: body is not in the charset it names")
    again = intake.park("kannel", raw, "kannel: body is not in the charset it names")
    assert first[0].kind == again[0].kind == "quiet"
    assert outcomes(store) == ["parked"]
    with store.read() as connection:
        kept = connection.scalar(select(journal.c.raw))
    assert b"secret-token" not in kept


# --- at once -----------------------------------------------------------------------------


def test_copies_at_the_same_instant_are_decided_once(store, intake):
    same = a_message()
    messages = [same] * 100 + [a_message() for _ in range(100)]
    barrier = threading.Barrier(20)

    def deliver(batch):
        barrier.wait()
        return [intake.accept([message])[0] for message in batch]

    with ThreadPoolExecutor(20) as pool:
        receipts = [
            receipt
            for batch in pool.map(deliver, [messages[n::20] for n in range(20)])
            for receipt in batch
        ]
    assert len({receipt.number for receipt in receipts}) == 1
    assert count(store, number) == 1
    assert count(store, journal) == 101
    assert sorted(outcomes(store)).count("pending") == 1


def test_one_bad_unit_does_not_fail_the_others_in_its_group(store, identity, clock):
    held = threading.Event()
    intake = Intake(store, identity, run=lambda work: (held.wait(5), work())[1])
    bad = a_message("rusak", fields={"title": {"a set is not JSON"}})

    def accept(message):
        try:
            return intake.accept([message])[0]
        except Unstorable as exc:
            return exc

    with ThreadPoolExecutor(5) as pool:
        futures = [pool.submit(accept, m) for m in (a_message("a"), bad, a_message("b"))]
        held.set()
        results = [future.result() for future in futures]
    assert isinstance(results[1], Unstorable)
    assert [result.kind for result in (results[0], results[2])] == ["new", "new"]
    assert count(store, journal) == 2


def test_a_number_that_is_taken_is_drawn_again(store, identity, clock):
    drawn = iter(["AAAA-AAA-AAA", "AAAA-AAA-AAA", "BBBB-BBB-BBB", "AAAA-AAA-AAA"])
    intake = Intake(store, identity, draw=lambda: next(drawn))
    (first,) = intake.accept([a_message("satu")])
    (second,) = intake.accept([a_message("dua")])
    assert (first.number, second.number) == ("AAAA-AAA-AAA", "BBBB-BBB-BBB")
    assert intake.accept([a_message("satu")])[0].number == "AAAA-AAA-AAA"


def test_a_full_queue_refuses_and_keeps_nothing(store, identity, clock):
    committing, go_on = threading.Event(), threading.Event()

    def run(work):
        committing.set()
        assert go_on.wait(10)
        work()

    intake = Intake(store, identity, limits=Limits(most_waiting=2), run=run)
    with ThreadPoolExecutor(4) as pool:
        leader = pool.submit(intake.accept, [a_message("0")])
        assert committing.wait(5)
        waiting = [pool.submit(intake.accept, [a_message(str(n))]) for n in (1, 2)]
        while len(intake._committer._waiting) < 2:
            pass
        with pytest.raises(Overloaded):
            intake.accept([a_message("3")])
        go_on.set()
        assert [f.result()[0].kind for f in (leader, *waiting)] == ["new"] * 3
    assert count(store, journal) == 3


def test_who_waits_too_long_is_refused_and_is_not_committed_later(store, identity, clock):
    committing, go_on = threading.Event(), threading.Event()

    def run(work):
        committing.set()
        assert go_on.wait(10)
        work()

    intake = Intake(store, identity, limits=Limits(patience=0.1), run=run)
    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(intake.accept, [a_message("0")])
        assert committing.wait(5)
        with pytest.raises(Overloaded):
            intake.accept([a_message("1")])
        go_on.set()
        assert leader.result()[0] == Receipt(
            "new",
            number=leader.result()[0].number,
            status="received",
            received_at=NOW,
            secret=leader.result()[0].secret,
        )
    assert count(store, journal) == 1


def test_a_store_that_cannot_be_written_is_overload_not_loss(store, intake):
    with store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE journal RENAME TO gone")
    with pytest.raises(Overloaded):
        intake.accept([a_message()])
    with store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO journal")
    assert intake.accept([a_message()])[0].kind == "new"
    assert count(store, delivery) == 1
