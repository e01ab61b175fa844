"""Uploads: kept before they are promised, one complaint's alone, collected when nobody's."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import threading
import uuid
from datetime import timedelta

import files
import pytest
from sqlalchemy import func, select
from support import a_message

from channels.base import Attachment, Overloaded, TooLarge, Unacceptable
from gateway.attachments.attachments import Attachments
from gateway.attachments.contents import Contents, key
from gateway.attachments.inspecting import Inspector
from gateway.tables import attachment, event, journal

LARGEST = 2_097_152
A_DAY = timedelta(days=1)


@pytest.fixture(params=["file", "s3"])
def contents(request, tmp_path):
    """A folder or a bucket: the same code, the same tests."""
    if request.param == "file":
        return Contents(f"file://{tmp_path / 'kept'}")
    return Contents(f"s3://{request.getfixturevalue('bucket')}/lapor")


@pytest.fixture
def attachments(store, contents, clock, tmp_path):
    return Attachments(
        store,
        contents,
        Inspector(at_once=2, patience=20.0),
        clock=clock,
        largest=LARGEST,
        spool=tmp_path / "spool",
    )


def receive(attachments, sent=None, name="foto.jpg", declared="image/jpeg"):
    return attachments.receive(io.BytesIO(sent or files.a_picture()), name, declared)


def naming(*ids, **changed):
    return a_message(attachments=tuple(Attachment("", id=of) for of in ids), **changed)


def records(store, processing):
    while processing.run_once():
        pass
    with store.read() as connection:
        bodies = connection.scalars(select(event.c.body).order_by(event.c.id)).all()
    return [json.loads(body)["data"]["attachments"] for body in bodies]


def test_a_file_is_in_the_record_of_the_complaint_that_names_it(
    attachments, intake, processing, store, contents
):
    stored = receive(attachments, name="C:\\foto\\jalan 081234500017.jpg")
    intake.accept([naming(stored.id)])
    ((file,),) = records(store, processing)
    assert file == {
        "id": stored.id,
        "sha256": stored.sha256,
        "media_type": "image/jpeg",
        "size": stored.size,
        "name": file["name"],
        "verdict": "clean",
    }
    assert file["name"].startswith("jalan ")
    assert "081234500017" not in file["name"]
    with contents.open(key(stored.sha256, uuid.UUID(stored.id).hex)) as kept:
        assert len(kept.read()) == stored.size


def test_a_file_that_is_not_kept_refuses_no_complaint(attachments, intake, processing, store):
    stored = receive(attachments, b"MZ a program", "foto.jpg", "image/jpeg")
    assert (stored.verdict, stored.sha256) == ("not_allowed", None)
    (receipt,) = intake.accept([naming(stored.id)])
    assert receipt.kind == "new"
    ((file,),) = records(store, processing)
    assert (file["verdict"], file["sha256"]) == ("not_allowed", None)


def test_an_upload_belongs_to_one_complaint_and_an_unknown_one_to_none(
    attachments, intake, processing, store
):
    stored = receive(attachments)
    messages = [naming(stored.id, text="satu"), naming(stored.id, str(uuid.uuid4()), text="dua")]
    intake.accept(messages)
    intake.accept(messages[:1])  # a redelivery takes nothing away
    first, second = records(store, processing)
    assert [file["verdict"] for file in first] == ["clean"]
    assert [file["verdict"] for file in second] == ["missing", "missing"]


def test_one_of_many_at_once_gets_it(attachments, intake, processing, store):
    stored = receive(attachments)
    threads = [
        threading.Thread(target=intake.accept, args=([naming(stored.id, text=f"ke-{n}")],))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdicts = [file["verdict"] for (file,) in records(store, processing)]
    assert sorted(verdicts) == ["clean", *["missing"] * 7]


def test_more_files_than_a_complaint_may_have_are_refused(intake):
    with pytest.raises(Unacceptable) as refused:
        intake.accept([naming(*(str(uuid.uuid4()) for _ in range(6)))])
    assert refused.value.problems == {"attachments": ["Not more than 5 files."]}


@pytest.mark.parametrize("more", [0, 1])
def test_one_byte_more_than_a_file_may_have_is_too_large(attachments, more):
    sent = files.a_picture() + bytes(LARGEST)
    stream = io.BytesIO(sent[: LARGEST + more])
    if more:
        with pytest.raises(TooLarge):
            attachments.receive(stream, None, None)
    else:
        assert attachments.receive(stream, None, None).verdict == "clean"


def test_what_nobody_claims_is_collected_and_what_is_claimed_stays(
    attachments, intake, store, contents, clock
):
    claimed, orphan = receive(attachments), receive(attachments)
    assert attachments.find([orphan.id, claimed.id]) == [orphan, claimed]
    intake.accept([naming(claimed.id)])
    clock.forward(hours=23)
    assert attachments.collect(A_DAY) == 0
    clock.forward(hours=2)
    assert attachments.collect(A_DAY) == 1
    assert attachments.find([orphan.id, claimed.id]) == []
    contents.open(key(claimed.sha256, uuid.UUID(claimed.id).hex)).close()
    with pytest.raises(FileNotFoundError):
        contents.open(key(orphan.sha256, uuid.UUID(orphan.id).hex))
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(attachment)) == 1


def test_what_is_being_collected_cannot_be_claimed(
    attachments, intake, processing, store, clock, monkeypatch
):
    stored = receive(attachments)
    clock.forward(hours=25)

    def claim_meanwhile(_):
        intake.accept([naming(stored.id)])

    monkeypatch.setattr(attachments._contents, "delete", claim_meanwhile)
    attachments.collect(A_DAY)
    ((file,),) = records(store, processing)
    assert file["verdict"] == "missing"


def test_a_crash_between_content_and_commit_leaves_an_orphan_and_nothing_else(
    attachments, intake, processing, store, contents, clock, monkeypatch
):
    def die(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(attachments, "_ready", die)
        with pytest.raises(KeyboardInterrupt):
            receive(attachments)
    with store.read() as connection:
        row = connection.execute(select(attachment)).one()
    content = key(row.sha256, row.id.hex)
    contents.open(content).close()
    intake.accept([naming(str(row.id))])
    ((file,),) = records(store, processing)
    assert file["verdict"] == "missing"
    clock.forward(hours=25)
    with monkeypatch.context() as patched:  # the collector dies too
        patched.setattr(contents, "delete", die)
        with pytest.raises(KeyboardInterrupt):
            attachments.collect(A_DAY)
    assert attachments.collect(A_DAY) == 1
    with pytest.raises(FileNotFoundError):
        contents.open(content)


@pytest.mark.parametrize("full", ["spool", "contents"])
def test_a_full_disk_is_told_and_promises_nothing(attachments, contents, store, monkeypatch, full):
    def no_room(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    if full == "spool":
        monkeypatch.setattr("gateway.attachments.attachments.tempfile.TemporaryFile", no_room)
    else:
        monkeypatch.setattr(contents, "put", no_room)
    with pytest.raises(Overloaded, match="no room"):
        receive(attachments)
    with store.read() as connection:
        rows = connection.execute(select(attachment.c.ready)).all()
    assert not any(row.ready for row in rows)


def comes_and_goes(contents):
    with pytest.raises(FileNotFoundError):
        contents.open("ab/cd/1")
    for said in (b"isi", b"lain"):
        contents.put("ab/cd/1", io.BytesIO(said))
        with contents.open("ab/cd/1") as kept:
            assert kept.read() == said
    for _ in range(2):
        contents.delete("ab/cd/1")
    with pytest.raises(FileNotFoundError):
        contents.open("ab/cd/1")
    contents.probe()


def test_a_content_comes_and_goes(contents):
    comes_and_goes(contents)


def test_contents_are_anywhere_fsspec_reaches():
    comes_and_goes(Contents("memory://kept"))


def test_the_same_content_twice_is_two_uploads_of_one_address(attachments, intake, contents, clock):
    sent = files.a_picture()
    claimed, orphan = receive(attachments, sent), receive(attachments, sent)
    assert claimed.sha256 == orphan.sha256
    intake.accept([naming(claimed.id)])
    clock.forward(hours=25)
    assert attachments.collect(A_DAY) == 1
    with contents.open(key(claimed.sha256, uuid.UUID(claimed.id).hex)) as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == claimed.sha256


def test_half_a_file_of_a_process_that_was_killed_is_collected(tmp_path):
    contents = Contents(f"file://{tmp_path}")
    half = tmp_path / "ab" / "cd" / "1.partial"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"is")
    with pytest.raises(FileNotFoundError):
        contents.open("ab/cd/1")
    contents.delete("ab/cd/1")
    assert not half.exists()


def test_files_do_not_take_every_thread(attachments):
    held = [attachments._inspector.admitted() for _ in range(4)]
    for place in held:
        place.__enter__()
    with pytest.raises(Overloaded, match="on their way"):
        receive(attachments)
    held[0].__exit__(None, None, None)
    assert receive(attachments).verdict == "clean"


def test_a_message_without_uploads_is_journalled_as_before(intake, store):
    media = Attachment("image/jpeg", url="https://media.example/1")
    intake.accept([a_message(attachments=(media,))])
    with store.read() as connection:
        (file,) = connection.scalar(select(journal.c.message))["attachments"]
    assert (file["verdict"], file["url"]) == ("not_fetched", media.url)
