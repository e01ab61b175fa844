"""Files over HTTP: in through the app's door, out to consumers with a key alone."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import files
import pytest
from sqlalchemy import func, select

from config.settings import load
from gateway import schema
from gateway.app import create_app
from gateway.assembly import assemble, utc_now
from gateway.tables import attachment, audit
from gateway.work import tidy

TYPED = {
    "title": "Lampu jalan padam",
    "body": "Lampu jalan di depan pasar padam sejak seminggu lalu.",
    "incident_date": "2026-11-15",
    "incident_location": "Jalan Melati, Sukamaju",
}
KEY = {"Authorization": "Bearer kunci-kementerian-percobaan"}
TOKEN = {"Authorization": "Bearer token-android-percobaan"}


@pytest.fixture
def gateway(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text(
        f"""
[web]
max_body = 20000
[attachments]
largest = 100_000
uploads_a_day = 4
[sources.app]
tokens = {{ android = "{TOKEN["Authorization"][7:]}" }}
[consumers.kementerian]
keys = ["{KEY["Authorization"][7:]}"]
"""
    )
    made = assemble(load({"LAPOR_VAR_DIR": str(tmp_path / "var"), "LAPOR_CONFIG": str(path)}))
    schema.migrate(made.store, made.identity)
    yield made
    made.store.close_engine()


@pytest.fixture
def client(gateway):
    return create_app(gateway).test_client()


def upload(client, sent, name="foto.jpg", headers=TOKEN):
    return client.post("/v1/attachments", query_string={"name": name}, data=sent, headers=headers)


def file(client, *ids):
    return client.post(
        "/v1/complaints",
        data=json.dumps(TYPED | {"attachments": ids}),
        headers=TOKEN | {"Idempotency-Key": "satu"},
    )


def test_an_upload_is_read_by_consumers_once_a_complaint_has_it(client, gateway):
    sent = files.TELLING["jpeg exif"]()
    answer = upload(client, sent)
    assert answer.status_code == 201
    stored = answer.json
    assert set(stored) == {"id", "sha256", "size", "media_type", "name", "verdict"}
    path = f"/v1/attachments/{stored['sha256']}"
    assert client.get(path, headers=KEY).status_code == 404  # nobody's yet
    filed = file(client, stored["id"])
    assert filed.status_code == 201
    assert client.get(path).status_code == 401
    got = client.get(path, headers=KEY)
    assert got.status_code == 200
    assert len(got.data) == stored["size"]
    assert files.NEEDLE.encode() not in got.data
    assert got.content_type == "image/jpeg"
    assert got.headers["Content-Disposition"] == (
        f'attachment; filename="{stored["sha256"][:16]}.jpg"'
    )
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"].startswith("sandbox;")
    assert got.headers["Cache-Control"] == "no-store"
    with gateway.store.read() as connection:
        rows = connection.execute(select(audit.c.consumer, audit.c.action, audit.c.number)).all()
    assert rows == [("kementerian", "attachment", filed.json["number"])]


def test_a_wrong_kind_behind_a_right_name_is_taken_and_not_kept(client, gateway):
    answer = upload(client, b"MZ\x90\x00 a program", headers=TOKEN | {"Content-Type": "image/jpeg"})
    assert answer.status_code == 201
    assert answer.json["verdict"] == "not_allowed"
    assert "sha256" not in answer.json
    assert file(client, answer.json["id"]).status_code == 201
    assert not list((gateway.settings.var_dir / "attachments").rglob("*"))


def test_a_file_may_be_larger_than_a_text_up_to_its_own_limit(client):
    sent = files.a_picture()
    answer = upload(client, sent + bytes(100_000 - len(sent)))
    assert answer.json["verdict"] == "clean"


@pytest.mark.parametrize("chunked", [False, True])
def test_too_large_a_file_is_refused_and_nothing_is_kept(client, gateway, chunked):
    sent = bytes(100_001)
    if chunked:
        answer = client.post(
            "/v1/attachments",
            input_stream=io.BytesIO(sent),
            headers=TOKEN,
            environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
        )
    else:
        answer = upload(client, sent)
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"
    with gateway.store.read() as connection:
        assert not connection.scalar(select(func.count()).select_from(attachment))


def test_only_the_app_uploads_and_one_address_so_often_a_day(client):
    assert upload(client, b"x", headers={}).status_code == 403
    for _ in range(4):
        assert upload(client, b"x").status_code == 201
    assert upload(client, b"x").status_code == 429


@pytest.mark.parametrize("asked", ["0" * 64, "..", "a", "A" * 64])
def test_what_no_complaint_has_is_unknown(client, asked):
    assert client.get(f"/v1/attachments/{asked}", headers=KEY).status_code == 404


def test_the_worker_collects(gateway, client, monkeypatch):
    def rows():
        with gateway.store.read() as connection:
            return connection.scalar(select(func.count()).select_from(attachment))

    upload(client, files.a_picture())
    tidy(gateway)
    assert rows() == 1
    monkeypatch.setattr(gateway.attachments, "_clock", lambda: utc_now() + timedelta(hours=25))
    tidy(gateway)
    assert rows() == 0
    assert not [p for p in (gateway.settings.var_dir / "attachments").rglob("*") if p.is_file()]
