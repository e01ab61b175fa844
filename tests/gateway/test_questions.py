"""One question is asked, its answer finds the complaint, and neither is taken for the other."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from support import a_message
from talking import ON_X, a_speaking, rows, say_all

from channels.base import Command, Post, Sender
from gateway.reconcile import reconcile
from gateway.replies import Manners
from gateway.tables import event, journal, question, reply

REPORT = "Lampu jalan mati sejak lama"
ANSWER = "di Jl Melati no 5 Bantul"


@pytest.fixture
def talk(store, door, clock, talking_intake, talking_processing):
    """Send a message, have it processed and everything said; gives its receipt."""

    def said(text, source="kannel", **changed):
        message = a_message(text, source=source, received_at=clock(), **changed)
        (receipt,) = talking_intake.accept([message])
        while talking_processing.run_once():
            pass
        say_all(a_speaking(store, door, clock, source))
        clock.forward(seconds=30)
        return receipt

    return said


def events(store):
    with store.read() as connection:
        bodies = connection.scalars(select(event.c.body).order_by(event.c.id))
        return [json.loads(body) for body in bodies]


def outcomes(store):
    with store.read() as connection:
        return list(connection.scalars(select(journal.c.outcome).order_by(journal.c.id)))


# --- asking ------------------------------------------------------------------------------------


def test_a_report_without_a_place_is_published_and_its_reporter_asked_where(store, door, talk):
    receipt = talk(REPORT)
    (published,) = events(store)
    assert published["data"]["missing"] == ["incident_date", "incident_location"]
    (text,) = door.texts
    assert text.startswith(f"Laporan {receipt.number}: Di mana kejadiannya?")


def test_number_and_question_go_in_one_message_where_we_tell_the_number(
    store, door, talking_intake, talking_processing, clock
):
    (receipt,) = talking_intake.accept([a_message(REPORT, source="jasmin")])
    talking_processing.run_once()
    say_all(a_speaking(store, door, clock))
    (text,) = door.texts
    assert f"nomor {receipt.number}. Di mana kejadiannya?" in text


def test_a_question_that_missed_its_number_goes_by_itself(
    store, door, talking_intake, talking_processing, clock
):
    (receipt,) = talking_intake.accept([a_message(REPORT, source="jasmin")])
    speaking = a_speaking(store, door, clock)
    say_all(speaking)
    talking_processing.run_once()
    say_all(speaking)
    assert [text.count("?") for text in door.texts] == [0, 1]
    assert door.texts[1].startswith(f"Laporan {receipt.number}: Di mana")


def test_only_what_is_set_is_asked_for(store, door, talk, replies):
    replies.manners = Manners(ask=("incident_date",), hold=timedelta(0))
    talk(REPORT)
    replies.manners = Manners(ask=(), hold=timedelta(0))
    talk("Selokan mampet", sender=Sender("tel", "+6281234500018", proven=True))
    assert [text.count("Kapan kejadiannya?") for text in door.texts] == [1]


def test_nobody_is_asked_two_things_at_once(store, door, talk):
    talk(REPORT)
    talk("Selokan mampet dan bau")
    talk("Sampah menumpuk")
    assert len(door.texts) == 1


def test_who_is_answered_in_silence_is_not_asked(
    store, door, talking_intake, talking_processing, clock
):
    for n in range(3):
        talking_intake.accept([a_message(f"CEK {n}", command=Command("help"))])
    (receipt,) = talking_intake.accept([a_message(REPORT)])
    assert receipt.kind == "quiet"
    talking_processing.run_once()
    assert rows(store) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "app", "channel": "app", "sender": None},
        {"fields": {"confidential": True}},
        {"automatic": True},
        {"fields": {"incident_location": "Bantul", "incident_date": "2026-11-20"}},
    ],
    ids=["cannot be spoken to", "confidential", "a machine", "told already"],
)
def test_who_is_not_asked(store, talking_intake, talking_processing, changed):
    talking_intake.accept([a_message(REPORT, **changed)])
    while talking_processing.run_once():
        pass
    assert rows(store) == []


# --- answering -----------------------------------------------------------------------------------


def test_the_answer_amends_the_complaint_and_fills_what_was_missing(store, door, talk):
    first = talk(REPORT)
    receipt = talk(ANSWER)
    assert (receipt.kind, receipt.number) == ("answer", first.number)
    amended = events(store)[1]
    assert amended["type"] == "id.lapor.complaint.amended.v1"
    assert amended["subject"] == first.number
    assert amended["data"]["revision"] == 2
    assert "Bantul" in amended["data"]["incident_location"]["text"]
    assert "incident_location" not in amended["data"]["missing"]
    assert amended["data"]["body"] == f"{REPORT}\n\n{ANSWER}"
    assert outcomes(store) == ["published", "answer"]
    assert reconcile(store).unaccounted == []


def test_one_answer_counts_and_what_follows_is_a_report(store, talk):
    first = talk(REPORT)
    assert talk(ANSWER).kind == "answer"
    assert talk("di Jl Mawar").kind == "new"
    with store.read() as connection:
        of_first = select(question.c.answered_by).where(question.c.number == first.number)
        assert connection.scalar(of_first) is not None


def test_a_redelivered_answer_gets_the_same_receipt(store, talk):
    talk(REPORT)
    first = talk(ANSWER, provider_id="42")
    again = talk(ANSWER, provider_id="42")
    assert again == replace(first, redelivered=True)
    assert outcomes(store) == ["published", "answer"]


def test_two_answers_at_once_one_counts(store, identity, talk, talking_intake, clock):
    first = talk(REPORT)
    receipts = []
    threads = [
        threading.Thread(
            target=lambda text=text: receipts.extend(
                talking_intake.accept([a_message(text, received_at=clock())])
            )
        )
        for text in (ANSWER, "dekat pasar Bantul")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.kind for receipt in receipts) == ["answer", "new"]
    assert [r.number for r in receipts if r.kind == "answer"] == [first.number]


# --- a new complaint is not taken for an answer --------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Pohon tumbang di Jl Melati no 5 Bantul",
        "di Jl Mawar ada pungli",
        f"LAPOR {ANSWER}",
        "Di mana kantor kecamatan?",
    ],
)
def test_another_matter_is_another_complaint(store, talk, text):
    first = talk(REPORT)
    receipt = talk(text)
    assert receipt.kind == "new"
    assert receipt.number != first.number


def test_the_same_report_again_is_a_repeat_even_if_it_reads_like_an_answer(store, talk):
    first = talk(ANSWER)
    receipt = talk(ANSWER)
    assert (receipt.kind, receipt.number) == ("repeat", first.number)


def test_a_command_is_a_command(store, talk):
    first = talk(REPORT)
    receipt = talk(f"CEK {first.number}", command=Command("status", first.number))
    assert receipt.kind == "command"


def test_what_others_write_answers_no_question_of_mine(store, talk):
    talk(REPORT)
    stranger = Sender("tel", "+6281234500018", proven=True)
    assert talk(ANSWER, sender=stranger).kind == "new"
    assert talk(ANSWER, source="jasmin").kind == "new"


def test_an_answer_after_two_days_is_a_report(store, talk, clock):
    talk(REPORT)
    clock.forward(hours=49)
    assert talk(ANSWER).kind == "new"


def test_what_came_before_the_question_went_out_answers_nothing(
    store, talking_intake, talking_processing, clock
):
    talking_intake.accept([a_message(REPORT)])
    talking_processing.run_once()
    (receipt,) = talking_intake.accept([a_message(ANSWER)])
    assert receipt.kind == "new"


def test_a_question_about_a_closed_complaint_is_not_answered(store, talk, clock):
    first = talk(REPORT)
    store.close(first.number, "resolved", clock())
    assert talk(ANSWER).kind == "new"


def test_a_question_that_was_given_up_was_not_heard(store, talk):
    talk(REPORT)
    with store.write() as connection:
        connection.execute(update(reply).values(state="given_up"))
    assert talk(ANSWER).kind == "new"


# --- an answer is not taken for a new complaint --------------------------------------------------


@pytest.mark.parametrize(
    "text", ["Bantul", "jl melati rt 03", "Kemarin pagi di depan pasar", "maaf pak, di Bantul"]
)
def test_an_answer_is_no_complaint(store, talk, text):
    first = talk(REPORT)
    assert talk(text).number == first.number
    assert [event["subject"] for event in events(store)] == [first.number] * 2


def test_an_answer_by_the_word_for_additions_is_one_too(store, talk):
    first = talk(REPORT)
    command = Command("add", first.number, ANSWER)
    assert talk(f"TAMBAH {first.number} {ANSWER}", command=command).kind == "answer"
    assert "Bantul" in events(store)[1]["data"]["incident_location"]["text"]
    assert outcomes(store) == ["published", "answer"]


def test_a_place_that_nobody_knows_is_kept_as_the_reporter_says_it(store, talk):
    talk(REPORT)
    talk("di depan rumah panggung Mbah Karto")
    location = events(store)[1]["data"]["incident_location"]
    assert (location["text"], location["origin"]) == (
        "di depan rumah panggung Mbah Karto",
        "reporter",
    )


def test_words_of_a_time_alone_are_no_place(store, talk):
    talk(REPORT)
    talk("kemarin pagi")
    amended = events(store)[1]["data"]
    assert amended["body"].endswith("kemarin pagi")
    assert amended["incident_location"]["text"] is None
    assert "incident_location" in amended["missing"]


# --- on X ----------------------------------------------------------------------------------------


def a_post(n, **more):
    post_id = str(1990000000000000000 + n)
    return {
        "source": "twitter",
        "channel": "twitter",
        "sender": ON_X,
        "provider_id": post_id,
        "post": Post(post_id, (post_id,), conversation_id=more.pop("of", post_id), **more),
    }


def test_on_x_the_answer_stands_in_the_thread(store, talk):
    first = talk(REPORT, **a_post(1))
    in_thread = a_post(2, of="1990000000000000001", replies_to="1990000000000000001")
    receipt = talk(ANSWER, **in_thread)
    assert (receipt.kind, receipt.number) == ("answer", first.number)
    assert "Bantul" in events(store)[1]["data"]["incident_location"]["text"]


def test_on_x_a_mention_of_its_own_is_never_an_answer(store, talk):
    talk(REPORT, **a_post(1))
    assert talk(ANSWER, **a_post(2)).kind == "new"


def test_on_x_other_words_in_the_thread_are_an_addition(store, talk):
    first = talk(REPORT, **a_post(1))
    in_thread = a_post(2, of="1990000000000000001", replies_to="1990000000000000001")
    receipt = talk("tolong segera diperbaiki, gelap sekali", **in_thread)
    assert (receipt.kind, receipt.number) == ("command", first.number)
    assert outcomes(store) == ["published", "amended"]
