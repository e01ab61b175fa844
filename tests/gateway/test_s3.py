"""Files in S3, a real HTTP server: in by every door, out to consumers, and what if it is away."""

from __future__ import annotations

import hashlib
import io
import json

import fsspec
import pytest
from files import a_picture
from services import PrivateS3, open_folder
from sqlalchemy import select
from web_form import TYPED, confirm, form_gateway, token_of

from gateway.app import create_app
from gateway.attachments import contents
from gateway.doctor import examine
from gateway.tables import event

KEY = {"Authorization": "Bearer kunci-kementerian-percobaan"}
COMPLAINT = {
    "title": "Lampu jalan padam",
    "body": "Lampu jalan di depan pasar padam sejak seminggu lalu.",
    "incident_date": "2026-11-15",
    "incident_location": "Jalan Melati, Sukamaju",
}
CONSUMER = f'[consumers.kementerian]\nkeys = ["{KEY["Authorization"][7:]}"]'


@pytest.fixture
def s3(monkeypatch):
    """An S3 of one's own, which may be killed."""
    with open_folder() as folder, PrivateS3(folder) as private:
        for name, value in private.environment.items():
            monkeypatch.setenv(name, value)
        # fsspec keeps a client for each URL, wherever it has led; so nobody else's is touched.
        monkeypatch.setattr(fsspec.get_filesystem_class("s3"), "_cache", {})
        yield private


@pytest.fixture
def gateway(s3, tmp_path):
    above = {"attachments_url": f"s3://{s3.make_bucket()}/lapor"}
    with form_gateway(tmp_path, more=CONSUMER, top=above) as made:
        yield made


@pytest.fixture
def client(gateway):
    return create_app(gateway).test_client()


def upload(client, sent):
    return client.post("/v1/attachments?name=foto.jpg", data=sent)


def file(client, *ids):
    sent = json.dumps(COMPLAINT | {"attachments": ids})
    return client.post("/v1/complaints", data=sent, headers={"Idempotency-Key": "satu"})


def fill(client, token, *files):
    given = {**TYPED, "draft": token, "langkah": "periksa"}
    given["attachments"] = [(io.BytesIO(content), name) for name, content in files]
    return client.post("/laporan", data=given, content_type="multipart/form-data")


def published(gateway):
    gateway.processing.run_once()
    with gateway.store.read() as connection:
        record = json.loads(connection.scalar(select(event.c.body)))["data"]
    return [(file["name"], file["verdict"]) for file in record["attachments"]]


def finding(gateway):
    (found,) = [found for found in examine(gateway) if found.what == "files"]
    return found


def test_a_file_goes_in_by_the_app_and_out_to_a_consumer_with_a_key(client, gateway, s3):
    stored = upload(client, a_picture()).json
    assert file(client, stored["id"]).status_code == 201
    path = f"/v1/attachments/{stored['sha256']}"
    assert client.get(path).status_code == 401
    got = client.get(path, headers=KEY)
    assert got.status_code == 200
    assert hashlib.sha256(got.data).hexdigest() == stored["sha256"]
    bucket = gateway.settings.attachments_url.split("/")[2]
    assert s3.keys(bucket) == [
        f"lapor/{stored['sha256'][:2]}/{stored['sha256']}/{stored['id'].replace('-', '')}"
    ]


def test_while_it_is_away_files_are_refused_kindly_and_no_report_is_lost(client, gateway, s3):
    kept = fill(client, token_of(client.get("/")), ("lampu.jpg", a_picture()))
    s3.kill()
    answer = upload(client, a_picture())
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    wrong = fill(client, kept.location.rpartition("/")[2], ("tiang.jpg", a_picture()))
    assert wrong.status_code == 422
    assert "Lampiran belum dapat disimpan; coba lagi nanti" in wrong.text
    assert "depan pasar padam" in wrong.text
    assert "Hapus lampu.jpg" in wrong.text
    step = fill(client, token_of(wrong))
    assert confirm(client, step.location).status_code == 303
    assert published(gateway) == [("lampu.jpg", "clean")]


def test_a_consumer_hears_that_it_is_away_before_the_first_byte(client, s3):
    stored = upload(client, a_picture()).json
    file(client, stored["id"])
    s3.kill()
    got = client.get(f"/v1/attachments/{stored['sha256']}", headers=KEY)
    assert (got.status_code, got.content_type) == (503, "application/problem+json")


def test_one_that_hangs_holds_nobody_for_long(client, s3, monkeypatch):
    monkeypatch.setattr(contents, "PATIENCE", 1.0)
    with s3.frozen():
        assert upload(client, a_picture()).status_code == 503
    assert upload(client, a_picture()).status_code == 201


def test_doctor_tells_one_that_is_there_one_that_is_away_and_a_wrong_bucket(gateway, s3):
    assert finding(gateway).good
    s3.kill()
    away = finding(gateway)
    assert not away.good
    assert "Could not connect to the endpoint" in away.said
    s3.start()  # and the bucket is gone
    wrong = finding(gateway)
    assert not wrong.good
    assert "bucket does not exist" in wrong.said
