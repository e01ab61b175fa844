"""Files in the web form: kept between its steps, judged, and on the queue with the complaint."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from sqlalchemy import select
from web_form import TYPED, confirm, form_gateway, token_of

from gateway.app import create_app
from gateway.tables import attachment, event


@pytest.fixture
def gateway(tmp_path):
    # Small: the test client keeps a large body in a file that it does not close.
    with form_gateway(tmp_path, more="[attachments]\nlargest = 20480") as made:
        yield made


@pytest.fixture
def client(gateway):
    return create_app(gateway).test_client()


def picture(size=(40, 30)):
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "PNG")
    return file.getvalue()


def fill(client, token, *files, **changed):
    given = {**TYPED, "draft": token, "langkah": "periksa", **changed}
    given["attachments"] = [(io.BytesIO(content), name) for name, content in files]
    return client.post("/laporan", data=given, content_type="multipart/form-data")


def published(gateway):
    gateway.processing.run_once()
    with gateway.store.read() as connection:
        record = json.loads(connection.scalar(select(event.c.body)))["data"]
    return [(file["name"], file["verdict"]) for file in record["attachments"]]


def test_files_survive_mistakes_and_steps_and_are_on_the_queue(client, gateway):
    start = client.get("/")
    wrong = fill(client, token_of(start), ("lampu.png", picture()), title="")
    assert wrong.status_code == 422
    assert "Hapus lampu.png" in wrong.text
    step = fill(client, token_of(wrong), ("tiang.png", picture((9, 9))), ("x.exe", b"MZ" * 50))
    checked = client.get(step.location).text
    assert checked.count("Siap dikirim") == 2
    assert "Jenis berkas ini tidak diterima, jadi tidak ikut terkirim" in checked
    receipt = client.get(confirm(client, step.location).location).text
    assert "tiang.png" in receipt
    assert "x.exe (tidak ikut terkirim)" in receipt
    assert published(gateway) == [
        ("lampu.png", "clean"),
        ("tiang.png", "clean"),
        ("x.exe", "not_allowed"),
    ]


def test_a_file_can_be_taken_out_again(client, gateway):
    step = fill(client, token_of(client.get("/")), ("a.png", picture()), ("b.png", picture()))
    form = client.get("/", query_string={"draft": step.location.rpartition("/")[2]})
    with gateway.store.read() as connection:
        first = connection.scalar(select(attachment.c.id).where(attachment.c.name == "a.png"))
    wrong = fill(client, token_of(form), hapus=str(first), body="")
    assert "Hapus a.png" not in wrong.text
    step = fill(client, token_of(wrong))
    confirm(client, step.location)
    assert published(gateway) == [("b.png", "clean")]


def test_too_large_and_too_many_files_are_told_and_cost_no_words(client, gateway):
    largest = gateway.settings.attachments.largest
    files = [("besar<b>.png", b"x" * (largest + 1)), ("kecil.png", picture())]
    answer = fill(client, token_of(client.get("/")), *files)
    assert answer.status_code == 422
    assert (
        "Berkas besar&lt;b&gt;.png lebih besar dari 20 KB; perkecil, lalu pilih lagi" in answer.text
    )
    assert "Hapus kecil.png" in answer.text
    assert TYPED["title"] in answer.text
    answer = fill(client, token_of(answer), *[("lagi.png", picture())] * 5)
    assert "Lampiran paling banyak 5 berkas" in answer.text
    assert "Hapus kecil.png" in answer.text


def test_files_added_after_an_unseen_success_are_not_lost_silently(client):
    step = fill(client, token_of(client.get("/")))
    token = step.location.rpartition("/")[2]
    confirm(client, step.location)
    answer = fill(client, token, ("a.png", picture()))
    assert answer.status_code == 409
    assert "belum dikirim" in answer.text
