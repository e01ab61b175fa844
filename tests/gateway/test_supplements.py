"""The very same words again, with files or fields: one `amended.v1` with what the first lacks."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor

import files
import pytest
from sqlalchemy import select
from support import a_message

from channels.base import Attachment, Sender
from gateway import changes, joining
from gateway.attachments.attachments import Attachments
from gateway.attachments.contents import Contents
from gateway.attachments.inspecting import Inspector
from gateway.reconcile import reconcile
from gateway.tables import event, journal
from normalizer.amend import fetched
from normalizer.joined import MOST_FILES

SAID = "Jalan berlubang di depan pasar, sudah tiga motor jatuh"
OTHER = Sender("tel", "+6281234500018", proven=True)


@pytest.fixture
def upload(store, clock, tmp_path):
    """Upload one picture, again and again; gives what is kept of it."""
    attachments = Attachments(
        store,
        Contents((tmp_path / "contents").as_uri()),
        Inspector(at_once=2, patience=20.0),
        clock=clock,
        largest=2_097_152,
        spool=tmp_path / "spool",
    )
    picture = files.a_picture()
    return lambda: attachments.receive(io.BytesIO(picture), "foto.jpg", "image/jpeg")


def again(*uploads, **changed):
    """Build the same words with some uploads."""
    named = tuple(Attachment("", id=of.id) for of in uploads)
    return a_message(SAID, attachments=named, **changed)


def work_off(processing, clock):
    for _ in range(3):
        while processing.run_once():
            pass
        clock.forward(seconds=3)


def events(store):
    with store.read() as connection:
        bodies = connection.scalars(select(event.c.body).order_by(event.c.id)).all()
    told = [json.loads(body) for body in bodies]
    return [(of["type"].split(".")[-2], of["data"]) for of in told]


def record_of(store, of):
    with store.read() as connection:
        return changes.current(connection, [of])[of]


def outcomes(store):
    with store.read() as connection:
        return list(connection.scalars(select(journal.c.outcome).order_by(journal.c.id)))


def test_a_file_that_an_exact_repeat_brings_is_added_to_the_first(
    store, intake, processing, clock, upload
):
    (first,) = intake.accept([a_message(SAID)])
    work_off(processing, clock)
    kept = upload()
    (repeat,) = intake.accept([again(kept)])
    work_off(processing, clock)
    assert (repeat.kind, repeat.number) == ("repeat", first.number)
    (_, received), (kind, amended) = events(store)
    assert kind == "amended"
    assert [file["sha256"] for file in amended["attachments"]] == [kept.sha256]
    assert (amended["number"], amended["revision"]) == (first.number, 2)
    assert (amended["body"], amended["repeats"], amended["aliases"]) == (received["body"], 1, [])
    assert outcomes(store) == ["published", "repeat"]
    assert reconcile(store).unaccounted == []


def test_a_date_and_a_place_that_an_exact_repeat_brings_are_filled_in(
    store, intake, processing, clock
):
    intake.accept([a_message(SAID)])
    typed = {"incident_date": "2026-11-19", "incident_location": "Pasar Kemiri, Depok"}
    intake.accept([a_message(SAID, fields=typed)])
    work_off(processing, clock)
    (_, first), (kind, amended) = events(store)
    assert (kind, first["missing"], amended["missing"]) == (
        "amended",
        ["incident_date", "incident_location"],
        [],
    )
    assert amended["incident_date"]["value"] == "2026-11-19"
    assert amended["incident_location"]["text"] == "Pasar Kemiri, Depok"


def test_what_was_typed_first_stays_and_nothing_new_is_nothing_published(
    store, intake, processing, clock
):
    typed = {"incident_date": "2026-11-19", "agency": "Dinas PU"}
    intake.accept([a_message(SAID, fields=typed)])
    intake.accept([a_message(SAID, fields=typed)])
    intake.accept([a_message(SAID, fields={"incident_date": "2026-11-20"})])
    work_off(processing, clock)
    assert [kind for kind, _ in events(store)] == ["received"]
    assert outcomes(store) == ["published", "repeat", "repeat"]


def test_an_upload_that_the_first_has_is_not_added_again(store, intake, processing, clock, upload):
    kept = upload()
    intake.accept([again(kept)])
    intake.accept([again(kept)])  # by now it is the first one's
    work_off(processing, clock)
    assert [kind for kind, _ in events(store)] == ["received"]


def test_the_same_picture_uploaded_twice_is_added_once(store, intake, processing, clock, upload):
    intake.accept([a_message(SAID)])
    one, other = upload(), upload()
    assert one.sha256 == other.sha256
    intake.accept([again(one)])
    intake.accept([again(other)])
    work_off(processing, clock)
    assert [kind for kind, _ in events(store)] == ["received", "amended"]


def test_a_redelivered_repeat_adds_nothing(store, intake, processing, clock, upload):
    intake.accept([a_message(SAID)])
    repeat = again(upload())
    (said,) = intake.accept([repeat])
    work_off(processing, clock)
    (redelivered,) = intake.accept([repeat])
    work_off(processing, clock)
    assert (redelivered.kind, redelivered.number) == (said.kind, said.number)
    assert [kind for kind, _ in events(store)] == ["received", "amended"]


def test_of_many_repeats_at_once_one_fills_the_date_in(store, intake, processing, clock):
    (first,) = intake.accept([a_message(SAID)])
    repeats = [a_message(SAID, fields={"incident_date": "2026-11-19"}) for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        receipts = [found for (found,) in pool.map(lambda one: intake.accept([one]), repeats)]
    work_off(processing, clock)
    assert {of.number for of in receipts} == {first.number}
    assert [kind for kind, _ in events(store)] == ["received", "amended"]
    assert events(store)[-1][1]["repeats"] == 8


def test_what_another_says_in_the_same_words_adds_nothing_to_the_first(
    store, intake, processing, clock, upload
):
    intake.accept([a_message(SAID)])
    (other,) = intake.accept([again(upload(), sender=OTHER)])
    work_off(processing, clock)
    assert other.kind == "new"
    assert "amended" not in [kind for kind, _ in events(store)]


def test_an_anonymous_first_does_not_tell_the_name_of_a_file(
    store, intake, processing, clock, upload
):
    intake.accept([a_message(SAID, fields={"anonymous": True})])
    intake.accept([again(upload())])
    work_off(processing, clock)
    _, (_, amended) = events(store)
    assert [file["name"] for file in amended["attachments"]] == [None]


def test_words_alone_are_settled_at_once(store, intake, processing, clock):
    intake.accept([a_message(SAID)])
    intake.accept([a_message(SAID)])
    assert outcomes(store) == ["pending", "repeat"]
    work_off(processing, clock)
    assert [kind for kind, _ in events(store)] == ["received"]


def test_what_is_sent_in_confidence_goes_into_no_open_record(
    intake, processing, store, clock, upload
):
    intake.accept([again()])
    intake.accept([again(upload(), fields={"confidential": True})])
    work_off(processing, clock)
    assert [name for name, _ in events(store)] == ["received"]
    assert events(store)[0][1]["attachments"] == []
    assert reconcile(store).unaccounted == []


def test_a_record_holds_only_so_many_files(intake, processing, store, clock, upload):
    for _ in range(8):
        intake.accept([again(*(upload() for _ in range(5)), fields={"agency": f"{_}"})])
        work_off(processing, clock)
    assert len(events(store)[-1][1]["attachments"]) <= MOST_FILES


def test_a_file_of_a_provider_that_comes_twice_is_there_once():
    waits = {"id": "one", "sha256": None, "name": None, "verdict": "not_fetched"}
    came = {"id": "two", "sha256": "ab" * 32, "name": None, "verdict": "clean"}
    record = {"attachments": [came, waits], "flags": ["media_pending"], "revision": 3}
    after = fetched(record, {**came, "id": "one"})
    assert after["attachments"] == [came]
    assert after["flags"] == []


def test_what_an_alias_brought_goes_with_it_when_it_is_separated(
    intake, processing, store, clock, upload
):
    (first,) = intake.accept([a_message("Selokan mampet di Gang Kenari", sender=OTHER)])
    (alias,) = intake.accept([again()])
    work_off(processing, clock)
    with store.write() as connection:
        joining.merge(connection, alias.number, first.number, clock())
    intake.accept([again(upload())])
    work_off(processing, clock)
    assert len(record_of(store, first.number)["attachments"]) == 1
    with store.write() as connection:
        joining.separate(connection, alias.number, clock())
    assert record_of(store, first.number)["attachments"] == []
    assert len(record_of(store, alias.number)["attachments"]) == 1
