"""Edits, deletions and replies of public posts, in every order."""

from __future__ import annotations

import itertools
import json
import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from support import a_message

from channels.base import Attachment, Command, Page, Post, Sender
from gateway.intake import Intake, Limits
from gateway.reconcile import reconcile
from gateway.tables import PENDING, delivery, event, journal, media, number

ANI, BUDI = (Sender("x", key, proven=True) for key in ("7001", "7002"))


def a_post(post_id, text="Lampu jalan padam", *, earlier=(), sender=ANI, **changed):
    """Build a post as the door decodes it; `thread`, `to` and `deleted` say where it stands."""
    thread, to = changed.pop("thread", str(post_id)), changed.pop("to", None)
    deleted, only = changed.pop("deleted", False), changed.pop("in_thread_only", False)
    return a_message(
        "" if deleted else text,
        source="twitter",
        channel="twitter",
        provider="x",
        provider_id=f"deleted:{post_id}" if deleted else str(post_id),
        sender=sender,
        post=Post(
            str(post_id),
            (*map(str, earlier), str(post_id)),
            conversation_id=None if deleted else str(thread),
            replies_to=to and str(to),
            deleted=deleted,
            in_thread_only=only,
        ),
        **changed,
    )


def a_reply(post_id, text, **changed):
    return a_post(post_id, text, **({"thread": "100", "to": "101"} | changed))


def process_all(processing, clock):
    for _ in range(3):
        while processing.run_once():
            pass
        clock.forward(seconds=3)


def events(store):
    with store.read() as connection:
        bodies = connection.scalars(select(event.c.body).order_by(event.c.id))
        return [json.loads(body) for body in bodies]


def outcomes(store):
    with store.read() as connection:
        return list(connection.scalars(select(journal.c.outcome).order_by(journal.c.id)))


def count(store, table):
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_a_reply_of_the_author_in_the_thread_is_an_addition(store, intake, processing, clock):
    (filed,) = intake.accept([a_post(100, "Lampu padam")])
    (added,) = intake.accept([a_reply(102, "Di Jalan Melati")])
    assert (added.kind, added.command, added.number) == ("command", "add", filed.number)
    process_all(processing, clock)
    first, second = events(store)
    assert (second["type"], second["subject"]) == (
        "id.lapor.complaint.amended.v1",
        filed.number,
    )
    assert first["data"]["body"] == "Lampu padam"
    assert second["data"]["body"] == "Lampu padam\n\nDi Jalan Melati"
    assert count(store, number) == 1


def test_a_photo_in_a_reply_is_listed_with_the_complaint(store, intake, processing, clock):
    intake.accept([a_post(100, "Lampu padam")])
    photo = Attachment("image/jpeg", "https://pbs.twimg.com/media/contoh.jpg")
    intake.accept([a_reply(102, "Ini fotonya", attachments=(photo,))])
    process_all(processing, clock)
    (file,) = events(store)[-1]["data"]["attachments"]
    assert (file["media_type"], file["verdict"]) == ("image/jpeg", "not_fetched")
    assert "media_pending" in events(store)[-1]["data"]["flags"]


def test_a_reply_of_somebody_else_in_the_thread_is_a_complaint_of_its_own(store, intake):
    (filed,) = intake.accept([a_post(100)])
    (other,) = intake.accept([a_reply(102, "Di tempat saya juga", sender=BUDI)])
    assert other.kind == "new"
    assert other.number != filed.number


def test_complaint_and_reply_of_one_page_meet_whatever_their_order(
    store, intake, processing, clock
):
    added, filed = intake.accept([a_reply(102, "Di Jalan Melati"), a_post(100, "Lampu padam")])
    assert (added.command, added.number) == ("add", filed.number)
    process_all(processing, clock)
    assert events(store)[-1]["data"]["body"] == "Lampu padam\n\nDi Jalan Melati"


def test_a_reply_in_the_thread_of_a_closed_complaint_refers_to_it(store, intake, clock):
    (filed,) = intake.accept([a_post(100)])
    store.close(filed.number, "resolved", clock())
    (again,) = intake.accept([a_reply(102, "Padam lagi")])
    assert (again.kind, again.command, again.first_number) == ("new", "add", filed.number)


def test_a_reply_without_the_hashtag_counts_only_in_the_thread_of_ones_complaint(store, intake):
    intake.accept([a_post(100)])
    (lost,) = intake.accept([a_reply(103, "Semangat", sender=BUDI, in_thread_only=True)])
    (mine,) = intake.accept([a_reply(104, "Dekat pasar", in_thread_only=True)])
    assert (lost.kind, mine.command) == ("quiet", "add")
    assert outcomes(store) == ["pending", "ignored", "pending"]


def test_an_edit_is_the_next_revision_of_the_same_complaint(store, intake, processing, clock):
    (filed,) = intake.accept([a_post(100, "Lampu padam di Jalan Mawar")])
    intake.accept([a_reply(102, "Sejak Senin")])
    process_all(processing, clock)
    (edited,) = intake.accept(
        [a_post(105, "Lampu padam di Jalan Melati", earlier=[100], thread=100)]
    )
    assert edited.kind == "quiet"
    process_all(processing, clock)
    newest = events(store)[-1]
    assert (newest["type"], newest["subject"]) == ("id.lapor.complaint.amended.v1", filed.number)
    assert newest["data"]["body"] == "Lampu padam di Jalan Melati\n\nSejak Senin"
    assert newest["data"]["title"]["text"] == "Lampu padam di Jalan Melati"
    assert newest["data"]["revision"] == 3
    assert reconcile(store).unaccounted == []


def test_an_edit_of_an_addition_changes_that_and_a_deletion_takes_it_away(
    store, intake, processing, clock
):
    intake.accept([a_post(100, "Lampu padam")])
    intake.accept([a_reply(102, "Sejak Senin")])
    intake.accept([a_reply(106, "Sejak Selasa", earlier=[102])])
    process_all(processing, clock)
    assert events(store)[-1]["data"]["body"] == "Lampu padam\n\nSejak Selasa"
    intake.accept([a_post(106, deleted=True)])
    process_all(processing, clock)
    last = events(store)[-1]
    assert (last["type"], last["data"]["body"]) == ("id.lapor.complaint.amended.v1", "Lampu padam")
    assert last["data"]["status"] == "received"


def test_an_addition_by_command_is_corrected_and_taken_away_like_any_other(
    store, intake, processing, clock
):
    (filed,) = intake.accept([a_post(100, "Lampu padam")])
    for post_id, earlier, said in ((300, [], "Satu"), (305, [300], "Dua")):
        command = Command("add", filed.number, said)
        text = f"TAMBAH {filed.number} {said}"
        intake.accept([a_post(post_id, text, earlier=earlier, thread=300, command=command)])
    process_all(processing, clock)
    assert events(store)[-1]["data"]["body"] == "Lampu padam\n\nDua"
    intake.accept([a_post(305, deleted=True)])
    process_all(processing, clock)
    assert events(store)[-1]["data"]["body"] == "Lampu padam"


def test_an_older_version_that_comes_late_changes_nothing(store, intake, processing, clock):
    (newer,) = intake.accept([a_post(105, "Dua", earlier=[100], thread=100)])
    (older,) = intake.accept([a_post(100, "Satu")])
    assert (newer.kind, older.kind) == ("new", "quiet")
    process_all(processing, clock)
    (only,) = events(store)
    assert only["data"]["body"] == "Dua"
    (added,) = intake.accept([a_reply(107, "Tiga")])
    assert added.number == newer.number


@pytest.mark.parametrize("named", [100, 105])
def test_a_deletion_withdraws_whichever_version_it_names(store, intake, processing, clock, named):
    (filed,) = intake.accept([a_post(100, "Satu")])
    intake.accept([a_post(105, "Dua", earlier=[100], thread=100)])
    (receipt,) = intake.accept([a_post(named, deleted=True)])
    assert receipt.kind == "quiet"
    assert store.standing(filed.number).status == "withdrawn"
    process_all(processing, clock)
    assert events(store)[-1]["type"] == "id.lapor.complaint.withdrawn.v1"


def test_a_deletion_of_a_repeat_or_of_something_strange_withdraws_nothing(store, intake):
    (filed,) = intake.accept([a_post(100)])
    (repeat,) = intake.accept([a_post(110)])
    assert (repeat.kind, repeat.number) == ("repeat", filed.number)
    intake.accept([a_post(110, deleted=True), a_post(999, deleted=True)])
    assert store.standing(filed.number).status == "received"
    assert outcomes(store) == ["pending", "repeat", "ignored", "ignored"]


STORY = [
    a_post(100, "Satu"),
    a_post(105, "Dua", earlier=[100], thread=100),
    a_post(105, earlier=[100], deleted=True),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_a_deleted_post_is_never_open_in_the_end_whatever_came_first(
    store, intake, processing, clock, order
):
    for which in order:
        intake.accept([STORY[which]])
    process_all(processing, clock)
    with store.read() as connection:
        standing = set(connection.scalars(select(number.c.status)))
    assert standing <= {"withdrawn"}
    assert count(store, number) <= 1
    assert reconcile(store).unaccounted == []


@pytest.mark.parametrize(("word", "status"), [("status", "received"), ("withdraw", "withdrawn")])
def test_a_word_without_a_number_is_about_the_complaint_of_the_thread(intake, word, status):
    (filed,) = intake.accept([a_post(100)])
    (told,) = intake.accept([a_reply(102, word, command=Command(word))])
    assert (told.command, told.number, told.status) == (word, filed.number, status)


def test_a_word_without_a_number_of_somebody_else_tells_nothing(store, intake):
    (filed,) = intake.accept([a_post(100)])
    (told,) = intake.accept([a_reply(102, "BATAL", command=Command("withdraw"), sender=BUDI)])
    assert (told.number, told.status) == (None, None)
    assert store.standing(filed.number).status == "received"


def test_both_ways_at_once_and_twice_are_one_message(store, intake):
    same = [a_post(100, attachments=(Attachment("image/jpeg", "https://pbs.example/a.jpg"),))] * 3
    receipts = intake.accept(same)
    assert [receipt.redelivered for receipt in receipts].count(False) == 1
    assert len({receipt.number for receipt in receipts}) == 1
    assert count(store, delivery) == 1


def test_a_sender_is_answered_only_so_often_a_day(intake):
    kinds = [intake.accept([a_post(200 + n, f"Lampu {n}")])[0].kind for n in range(5)]
    assert kinds == ["new", "new", "new", "quiet", "quiet"]


def test_a_story_told_in_any_order_and_grouping_ends_the_same(store, intake, processing, clock):
    chance = random.Random(7)  # noqa: S311 - an order, not a secret
    for thread in range(1000, 1200, 20):
        sender = Sender("x", str(thread), proven=True)
        told = [
            a_post(thread, f"Banjir {thread}", sender=sender),
            a_post(
                thread + 3, f"Banjir besar {thread}", earlier=[thread], thread=thread, sender=sender
            ),
        ]
        told += [chance.choice(told) for _ in range(3)]
        chance.shuffle(told)
        while told:
            some = chance.randrange(1, len(told) + 1)
            intake.accept(told[:some])
            del told[:some]
    process_all(processing, clock)
    newest = {found["subject"]: found["data"]["body"] for found in events(store)}
    assert sorted(newest.values()) == [f"Banjir besar {t}" for t in range(1000, 1200, 20)]


def test_two_ways_in_at_once_make_one_complaint_of_each_post(store, identity, processing, clock):
    """The webhook's processes and the puller, each with everything, in orders of their own."""
    story, gone = [], range(2000, 2100, 20)
    for thread in range(2000, 2400, 20):
        sender = Sender("x", str(thread), proven=True)
        edit = {"earlier": [thread], "thread": thread, "sender": sender}
        story.append(a_post(thread, f"Banjir {thread}", sender=sender))
        story.append(a_post(thread + 3, f"Banjir besar {thread}", **edit))
        if thread in gone:
            story.append(a_post(thread + 3, deleted=True, **edit))

    def tell(seed):
        intake = Intake(store, identity, limits=Limits(replies_a_day=100))
        told = random.Random(seed).sample(story, len(story))  # noqa: S311 - an order, not a secret
        for at in range(0, len(told), 9):
            intake.accept_page("twitter", Page(tuple(told[at : at + 9]), "{}"))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(tell, seed) for seed in range(4)]:
            done.result()
    process_all(processing, clock)
    newest = {found["subject"]: found["data"] for found in events(store)}
    still = [data["body"] for data in newest.values() if data["status"] == "received"]
    assert sorted(still) == [f"Banjir besar {thread}" for thread in range(2100, 2400, 20)]
    assert count(store, delivery) == count(store, journal) == len(story)
    assert reconcile(store).unaccounted == []


FIRST_TOLD = "Lampu jalan di Jl. Merpati RT 03 Kelurahan Ragunan mati sejak 3 November."
RETOLD = "lampu jln di jl merpati rt 3 kel ragunan mati dr 3 nov tlg"


def photos(store):
    return [file["id"] for file in events(store)[-1]["data"]["attachments"]]


A_PHOTO = Attachment("image/jpeg", "https://pbs.twimg.com/media/contoh.jpg")
ANOTHER = Attachment("image/jpeg", "https://pbs.twimg.com/media/lain.jpg")


@pytest.mark.parametrize("text", ["Lampu padam", "Ini fotonya"], ids=["same words", "more words"])
def test_a_deletion_takes_the_photo_away_that_a_post_had_brought(
    store, intake, processing, clock, text
):
    intake.accept([a_post(100, "Lampu padam")])
    brings = a_post if text == "Lampu padam" else a_reply
    intake.accept([brings(110, text, attachments=(A_PHOTO,))])
    process_all(processing, clock)
    assert len(photos(store)) == 1
    intake.accept([a_post(110, deleted=True)])
    process_all(processing, clock)
    last = events(store)[-1]["data"]
    assert (last["body"], last["attachments"]) == ("Lampu padam", [])
    assert "media_pending" not in last["flags"]
    assert last["status"] == "received"
    assert count(store, media) == 0, "what was taken back is not fetched"


def test_an_edit_brings_the_photos_that_it_has_and_leaves_those_that_it_still_has(
    store, intake, processing, clock
):
    intake.accept([a_post(100, "Lampu padam", attachments=(A_PHOTO,))])
    process_all(processing, clock)
    (first,) = photos(store)
    edit = a_post(105, "Lampu mati", earlier=[100], thread=100, attachments=(A_PHOTO, ANOTHER))
    intake.accept([edit])
    process_all(processing, clock)
    kept, added = photos(store)
    assert kept == first
    assert count(store, media) == 2
    intake.accept([a_post(107, "Lampu", earlier=[100, 105], thread=100, attachments=(ANOTHER,))])
    process_all(processing, clock)
    assert photos(store) == [added]


def test_a_deletion_takes_the_words_away_that_a_retelling_had_added(
    store, intake, processing, clock
):
    (filed,) = intake.accept([a_post(100, FIRST_TOLD)])
    process_all(processing, clock)
    intake.accept([a_post(110, RETOLD)])
    process_all(processing, clock)
    assert events(store)[-1]["data"]["body"] == f"{FIRST_TOLD}\n\n{RETOLD}"
    intake.accept([a_post(110, deleted=True)])
    process_all(processing, clock)
    last = events(store)[-1]
    assert (last["subject"], last["data"]["body"]) == (filed.number, FIRST_TOLD)
    assert store.standing(filed.number).status == "received"


def test_a_retelling_that_was_edited_before_it_was_read_says_what_it_says_now(
    store, intake, processing, clock
):
    intake.accept([a_post(100, FIRST_TOLD)])
    process_all(processing, clock)
    intake.accept([a_post(110, RETOLD)])
    intake.accept([a_post(115, "Masih gelap", earlier=[110], thread=110)])
    process_all(processing, clock)
    assert events(store)[-1]["data"]["body"] == f"{FIRST_TOLD}\n\nMasih gelap"


def test_a_deletion_does_not_overtake_what_came_under_another_number_of_its_complaint(
    store, intake, processing, clock
):
    intake.accept([a_post(100, FIRST_TOLD)])
    process_all(processing, clock)
    intake.accept([a_post(110, RETOLD)])
    process_all(processing, clock)
    intake.accept([a_post(120, RETOLD, attachments=(A_PHOTO,))])  # about the second number
    with store.write() as connection:  # another worker has it, and is slow
        slow = {"lease_until": clock() + timedelta(seconds=30), "lease_token": uuid.uuid4()}
        connection.execute(update(journal).where(PENDING).values(slow))
    intake.accept([a_post(120, deleted=True)])
    for _ in range(2):
        process_all(processing, clock)
        clock.forward(seconds=30)
    process_all(processing, clock)
    assert photos(store) == []


def test_a_deletion_does_not_overtake_what_it_takes_back(store, intake, processing, clock):
    intake.accept([a_post(100, "Lampu padam")])
    process_all(processing, clock)
    intake.accept([a_reply(102, "Sejak Senin", attachments=(A_PHOTO,))])
    with store.write() as connection:  # another worker has it, and is slow
        slow = {"lease_until": clock() + timedelta(seconds=30), "lease_token": uuid.uuid4()}
        connection.execute(update(journal).where(PENDING).values(slow))
    intake.accept([a_post(102, deleted=True)])
    process_all(processing, clock)
    assert events(store)[-1]["data"]["body"] == "Lampu padam"
    assert events(store)[-1]["data"]["revision"] == 1
    clock.forward(seconds=30)
    process_all(processing, clock)
    last = events(store)[-1]["data"]
    assert (last["revision"], last["body"], last["attachments"]) == (3, "Lampu padam", [])
