"""Files are read whole in a process of their own, and written anew without what they told."""

from __future__ import annotations

import io
import tempfile

import files
import pytest
from PIL import Image

from gateway.attachments import inspecting
from gateway.attachments.inspecting import Inspector


def inspect(sent: bytes, **limits):
    inspector = Inspector(**({"at_once": 2, "patience": 5.0} | limits))
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(sent)
        source.seek(0)
        found = inspector.inspect(source, target)
        target.seek(0)
        return found, target.read()


@pytest.mark.parametrize("kind", files.TELLING)
def test_no_file_tells_more_than_it_shows(kind):
    sent = files.TELLING[kind]()
    assert files.NEEDLE.encode() in sent
    found, kept = inspect(sent)
    assert found.verdict == ("not_decoded" if found.media_type.startswith("video") else "clean")
    assert kept
    assert files.NEEDLE.encode() not in files.unpacked(kept)


def test_a_picture_stays_upright_without_the_note_that_said_how():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    _, kept = inspect(files.a_picture(size=(64, 48), exif=exif.tobytes()))
    assert Image.open(io.BytesIO(kept)).size == (48, 64)


def test_a_photo_of_an_iphone_becomes_one_that_every_screen_shows():
    found, kept = inspect(files.a_heic((1200, 900)))
    assert (found.verdict, found.media_type) == ("clean", "image/jpeg")
    assert Image.open(io.BytesIO(kept)).size == (1200, 900)


def test_a_film_keeps_its_length_and_its_frames():
    sent = files.a_film()
    _, kept = inspect(sent)
    assert len(kept) == len(sent)
    assert kept[kept.index(b"mdat") :] == sent[sent.index(b"mdat") :]


@pytest.mark.parametrize(
    "tail", [b"PK\x03\x04 archive", b"<script>alert(1)</script>", b"<?php system($_GET['c']);"]
)
@pytest.mark.parametrize("make", [files.a_picture, files.a_pdf, lambda: files.a_picture("GIF")])
def test_what_is_a_second_file_at_the_same_time_is_one_afterwards(make, tail):
    found, kept = inspect(make() + tail)
    assert found.verdict == "clean"
    assert tail not in kept


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        (b"", "not_allowed"),
        (b"MZ\x90\x00 a program", "not_allowed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_allowed"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "not_allowed"),
        (files.a_picture()[:900], "unreadable"),
        (files.a_heic()[:600], "unreadable"),
        (b"%PDF-1.7 and nothing else", "unreadable"),
        (b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00\xff\xff\xff\xffmoov", "unreadable"),
        (files.a_webm()[:90], "unreadable"),
        (files.a_bomb(), "too_heavy"),
        (files.a_heic_of_81_megapixels(), "unreadable"),
    ],
)
def test_what_cannot_be_read_is_not_kept(sent, verdict):
    found, kept = inspect(sent)
    assert (found.verdict, kept) == (verdict, b"")


@pytest.mark.parametrize(
    "deadly", ["x = bytearray(2 << 30)", "import time; time.sleep(60)", "import os; os.abort()"]
)
def test_whatever_a_file_does_to_its_reader_is_survived(monkeypatch, deadly):
    from gateway.attachments import child  # noqa: PLC0415

    limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({child.MOST_MEMORY},) * 2)"
    script = f"{limit}\ntry:\n  exec({deadly!r})\nexcept MemoryError:\n  import os; os.abort()"
    monkeypatch.setattr(inspecting, "_COMMAND", (inspecting.sys.executable, "-c", script))
    found, _ = inspect(b"", seconds=3.0)
    assert found.verdict == "too_heavy"
