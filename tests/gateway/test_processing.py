"""From journal row to event: once, whoever dies, and whatever is in the message."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from support import a_message

from channels.base import Attachment, Command, Sender
from gateway import eventlog, parked
from gateway.processing import Processing
from gateway.queue import EmbeddedOutbox
from gateway.reconcile import reconcile
from gateway.tables import PENDING, complaint, event, journal, queue_message
from normalizer.normalize import normalize


def process_all(processing):
    total = 0
    while settled := processing.run_once():
        total += settled
    return total


def events(store):
    with store.read() as connection:
        return [json.loads(body) for body in connection.scalars(select(event.c.body))]


def outcomes(store):
    with store.read() as connection:
        return list(connection.scalars(select(journal.c.outcome).order_by(journal.c.id)))


def a_processing(store, identity, clock, read=normalize, outbox=None, **changed):
    return Processing(
        store,
        identity,
        outbox or EmbeddedOutbox(),
        public_url="https://lapor.example",
        clock=clock,
        lease=timedelta(seconds=30),
        read=read,
        **changed,
    )


def test_an_accepted_message_becomes_one_complaint_and_one_event(store, intake, processing):
    (receipt,) = intake.accept([a_message("Lampu jalan padam. Sudah seminggu.")])
    assert process_all(processing) == 1
    (envelope,) = events(store)
    assert envelope["type"] == "id.lapor.complaint.received.v1"
    assert envelope["subject"] == envelope["data"]["number"] == receipt.number
    assert envelope["sequence"] == "0000000001"
    assert envelope["source"] == "https://lapor.example"
    assert envelope["dataschema"] == "https://lapor.example/schema/complaint-v1.json"
    assert envelope["data"]["title"] == {"text": "Lampu jalan padam", "origin": "extracted"}
    assert outcomes(store) == ["published"]
    with store.read() as connection:
        assert connection.scalar(select(complaint.c.record)) == envelope["data"]
        (message,) = connection.execute(select(queue_message)).all()
    assert json.loads(message.payload)["properties"]["message_id"] == envelope["id"]
    assert process_all(processing) == 0


def test_a_repeat_is_not_published_a_second_time(store, intake, processing):
    intake.accept([a_message()])
    intake.accept([a_message()])
    process_all(processing)
    assert len(events(store)) == 1
    assert outcomes(store) == ["published", "repeat"]


def test_neither_phone_nor_identifiers_leave_the_store(store, intake, processing):
    nik = "3271010101900001"
    intake.accept([a_message(f"NIK saya {nik}, email warga@contoh.example")])
    process_all(processing)
    (envelope,) = events(store)
    published = json.dumps(envelope)
    assert nik not in published
    assert "warga@" not in published
    assert "81234500017" not in published
    assert [found["kind"] for found in envelope["data"]["identifiers"]] == ["nik", "email"]


def test_an_anonymous_complaint_cannot_be_tied_to_a_named_one(store, intake, processing):
    named = Sender("account", "17", proven=True, name="Sri Contoh")
    for text, fields in (
        ("a", {}),
        ("b", {}),
        ("c", {"anonymous": True}),
        ("d", {"anonymous": True}),
    ):
        intake.accept([a_message(text, sender=named, fields=fields)])
    process_all(processing)
    by_text = {found["data"]["body"]: found["data"]["reporter"] for found in events(store)}
    assert by_text["a"] == by_text["b"]
    assert by_text["a"]["name"] == "Sri Contoh"
    assert by_text["c"]["name"] is by_text["d"]["name"] is None
    assert len({by_text[text]["ref"] for text in "acd"}) == 3


def test_media_still_at_the_provider_is_listed_and_flagged(store, intake, processing):
    media = Attachment("image/jpeg", "https://api.twilio.example/media/1")
    intake.accept([a_message(attachments=(media,))])
    process_all(processing)
    (envelope,) = events(store)
    assert envelope["data"]["flags"] == ["media_pending"]
    assert envelope["data"]["attachments"][0]["verdict"] == "not_fetched"
    assert "twilio.example" not in json.dumps(envelope)
    with store.read() as connection:
        assert connection.scalar(select(journal.c.message))["attachments"][0]["url"] == media.url


# --- deaths ------------------------------------------------------------------------------


def test_a_dead_workers_rows_are_taken_over_when_its_lease_ends(
    store, identity, intake, processing, clock
):
    intake.accept([a_message()])
    dead = a_processing(store, identity, clock)
    assert len(dead._line.claim(uuid.uuid4())) == 1
    assert process_all(processing) == 0
    clock.forward(seconds=31)
    assert process_all(processing) == 1
    assert len(events(store)) == 1


def test_a_worker_that_lost_its_lease_publishes_nothing(store, identity, intake, processing, clock):
    intake.accept([a_message()])
    slow = a_processing(store, identity, clock)
    token = uuid.uuid4()
    done = [slow._work_off(row) for row in slow._line.claim(token)]
    comparison = slow._compare(done)
    clock.forward(seconds=31)
    assert process_all(processing) == 1
    assert slow._settle(token, done, comparison) == 0
    assert len(events(store)) == 1


class Death(BaseException):
    """What a worker dies of."""


def test_a_message_that_kills_its_worker_runs_alone_and_is_parked(store, identity, intake, clock):
    intake.accept([a_message("racun")])
    intake.accept([a_message(f"baik {n}") for n in range(5)])
    company = []

    def poisonous(message, **kwargs):
        company[-1].append(message.text)
        if message.text == "racun":
            raise Death
        return normalize(message, **kwargs)

    mortal = a_processing(store, identity, clock, read=poisonous)
    mortal._line.give_back = lambda token: None  # a killed worker gives nothing back
    for _ in range(3):
        company.append([])
        with pytest.raises(Death):
            mortal.run_once()
        clock.forward(seconds=31)
    assert company == [["racun"], ["racun"], ["racun"]]  # the third time because it was alone
    company.append([])
    process_all(mortal)
    assert outcomes(store) == ["parked"] + ["published"] * 5
    (left,) = parked.find(store)
    assert left.reason == "3 workers died over it"


def test_a_rule_that_fails_parks_its_message_alone_without_its_text(store, identity, intake, clock):
    intake.accept([a_message("rahasia saya"), a_message("baik")])

    def failing(message, **kwargs):
        if "rahasia" in message.text:
            raise ValueError(message.text)
        return normalize(message, **kwargs)

    process_all(a_processing(store, identity, clock, read=failing))
    assert outcomes(store) == ["parked", "published"]
    (left,) = parked.find(store)
    assert left.reason == "normalizing: ValueError"


def test_a_store_that_fails_does_not_make_a_row_look_deadly(store, identity, intake, clock):
    intake.accept([a_message()])

    class Full:
        def publish(self, connection, envelopes, now):
            raise OSError(28, "No space left on device")

    unlucky = a_processing(store, identity, clock, outbox=Full())
    for _ in range(5):
        with pytest.raises(OSError, match="No space"):
            unlucky.run_once()
    assert process_all(a_processing(store, identity, clock)) == 1
    assert outcomes(store) == ["published"]


def test_many_workers_at_once_publish_each_message_once(store, identity, intake, clock):
    intake.accept([a_message(f"laporan {n}") for n in range(100)])
    workers = [a_processing(store, identity, clock, most_together=7) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(process_all, workers)) == 100
    assert len({found["subject"] for found in events(store)}) == 100


# --- parked and accounts -----------------------------------------------------------------


def test_a_parked_message_goes_through_after_the_rule_was_mended(
    store, identity, intake, clock, processing
):
    def failing(message, **_):
        raise ValueError

    (receipt,) = intake.accept([a_message()])
    process_all(a_processing(store, identity, clock, read=failing))
    assert reconcile(store).unaccounted == []
    (left,) = parked.find(store)
    assert parked.replay(store, intake, {}, left) == "back in line"
    assert process_all(processing) == 1
    assert events(store)[0]["subject"] == receipt.number
    assert parked.find(store) == []


def test_what_waits_for_a_parked_message_is_looked_at_seldom_and_at_once_when_that_is_replayed(
    store, identity, intake, clock, processing
):
    def failing(message, **_):
        raise ValueError

    (filed,) = intake.accept([a_message("satu")])
    intake.accept([a_message("x", command=Command("add", filed.number, "dua"))])
    process_all(a_processing(store, identity, clock, read=failing))
    assert outcomes(store) == ["parked", "pending"]
    assert rest_of_the_pending(store, clock) == timedelta(seconds=2)
    clock.forward(hours=1)
    process_all(processing)
    assert rest_of_the_pending(store, clock) == timedelta(minutes=6)
    clock.forward(days=30)
    process_all(processing)
    assert rest_of_the_pending(store, clock) == timedelta(minutes=10)
    parked.replay(store, intake, {}, parked.find(store)[0])
    process_all(processing)
    process_all(processing)
    assert outcomes(store) == ["published", "amended"]


def rest_of_the_pending(store, clock):
    """Tell how long the only pending row is left alone."""
    with store.read() as connection:
        return connection.scalar(select(journal.c.lease_until).where(PENDING)) - clock()


def test_a_number_that_leads_nowhere_is_named(store, intake, processing):
    (receipt,) = intake.accept([a_message()])
    assert reconcile(store).unaccounted == []
    with store.write() as connection:
        connection.execute(update(journal).values(outcome="ignored"))
    assert reconcile(store).unaccounted == [receipt.number]


def test_the_log_is_followed_in_order_and_gives_late_commits_once(store, intake, processing, clock):
    since = clock()
    intake.accept([a_message("satu")])
    process_all(processing)
    rounds = iter([True, True, False])

    def wait():
        intake.accept([a_message(f"lagi {clock.now}")])
        process_all(processing)
        clock.forward(seconds=3)
        return next(rounds)

    titles = [
        found["data"]["body"] for found in eventlog.follow(store, since, clock=clock, wait=wait)
    ]
    assert titles[0] == "satu"
    assert len(titles) == len(set(titles)) == 3


def test_a_batch_of_deadly_messages_does_not_make_the_worker_rest(store, identity, intake, clock):
    intake.accept([a_message(f"racun {n}") for n in range(2)])
    intake.accept([a_message("baik")])
    with store.write() as connection:
        oldest = select(journal.c.id).order_by(journal.c.id).limit(2)
        connection.execute(update(journal).where(journal.c.id.in_(oldest)).values(attempts=3))
    assert a_processing(store, identity, clock, most_together=2).run_once() == 1
    assert outcomes(store) == ["parked", "parked", "published"]
