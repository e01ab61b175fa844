"""The API for consumers: who may, what they tell, what they read, and that it is written down."""

from __future__ import annotations

import json
import re
import uuid
from urllib.parse import urlencode

import pytest
from openapi_spec_validator import validate
from sqlalchemy import func, select
from support import PHONE

from config.settings import load
from gateway import full, schema
from gateway.app import create_app
from gateway.assembly import assemble
from gateway.tables import audit, status_change

KEY, OLD_KEY, OTHER_KEY = ("kunci-kementerian-baru", "kunci-kementerian-lama", "kunci-pemda-00001")
KANNEL_TOKEN = "token-of-kannel"
NAME, EMAIL, TYPED_PHONE = "Sri Contoh", "sri@contoh.example", "0812 3450 0099"
COMPLAINT = {
    "title": "Lampu jalan padam",
    "body": f"Lampu di depan pasar padam. Hubungi {PHONE} atau {EMAIL}.",
    "incident_date": "2026-11-15",
    "incident_location": "Jalan Melati, Sukamaju",
    "reporter": {"name": NAME, "phone": TYPED_PHONE, "email": EMAIL},
}
SAID = {"id": "1", "sequence": 1, "status": "in_progress", "at": "2026-11-21T10:04:05+07:00"}


@pytest.fixture
def gateway(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text(
        f"""
[sources.kannel]
tokens = ["{KANNEL_TOKEN}"]
[consumers.kementerian]
keys = ["{KEY}", "{OLD_KEY}"]
[consumers.pemda]
keys = ["{OTHER_KEY}"]
"""
    )
    made = assemble(load({"LAPOR_VAR_DIR": str(tmp_path / "var"), "LAPOR_CONFIG": str(path)}))
    schema.migrate(made.store, made.identity)
    yield made
    made.store.close_engine()


@pytest.fixture
def client(gateway):
    return create_app(gateway).test_client()


@pytest.fixture
def filed(client):
    return file(client)["number"]


def file(client, **changed):
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    return client.post("/v1/complaints", json=COMPLAINT | changed, headers=headers).json


def sms(client, text):
    given = {"token": KANNEL_TOKEN, "id": str(uuid.uuid4()), "from": PHONE, "to": "1708"}
    headers = {"Content-Type": "text/plain"}
    answer = client.post(f"/in/kannel?{urlencode(given)}", data=text.encode(), headers=headers)
    return answer.get_data(as_text=True)


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def tell(client, number, key=KEY, **changed):
    path = f"/v1/complaints/{number}/status"
    return client.post(path, json=SAID | changed, headers=bearer(key))


def read(client, number, key=KEY):
    return client.get(f"/v1/complaints/{number}/full", headers=bearer(key))


# --- who may -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", [KEY, OLD_KEY, OTHER_KEY])
def test_every_key_of_every_consumer_opens(client, filed, key):
    assert read(client, filed, key).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer("guessed"),
        bearer(""),
        bearer(KEY + "x"),
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"Authorization": "Bearer kunci-\u00e9-\u20ac".encode().decode("latin-1")},
    ],
)
@pytest.mark.parametrize("number", ["", "0000-000-000", "x"])
def test_without_a_key_nobody_hears_anything(client, filed, gateway, headers, number):
    for method, what in (("GET", "full"), ("POST", "status")):
        path = f"/v1/complaints/{number or filed}/{what}"
        answer = client.open(path, method=method, json=SAID, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.content_type == "application/problem+json"
    assert rows(gateway, audit) == rows(gateway, status_change) == 0


def rows(gateway, table):
    with gateway.store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


# --- telling -----------------------------------------------------------------------------


def test_the_status_is_told_and_told_again(client, filed):
    first = tell(client, filed)
    assert (first.status_code, first.json) == (
        200,
        {"number": filed, "status": "in_progress", "verdict": "applied"},
    )
    tell(client, filed, id="2", sequence="2", status="resolved", note="Selesai", reference="K-1")
    again = tell(client, filed)
    assert again.json == {"number": filed, "status": "resolved", "verdict": "repeated"}
    assert tell(client, filed, id="3").json["verdict"] == "late"


def test_consumers_are_told_apart_by_their_keys(client, filed):
    assert tell(client, filed).json["verdict"] == "applied"
    assert tell(client, filed, OLD_KEY).json["verdict"] == "repeated"
    assert tell(client, filed, OTHER_KEY).json["verdict"] == "applied"


def test_the_reporter_and_the_public_see_what_came_back(client):
    number = re.search(r"nomor ([0-9A-Z-]{12})", sms(client, "Jalan rusak"))[1]
    assert "menunggu verifikasi" in sms(client, f"CEK {number}")
    tell(client, number, sequence=5, note="Bu Sri dari RT 3")
    tell(client, number, id="2", sequence=4, status="forwarded")
    assert "sedang ditindaklanjuti" in sms(client, f"CEK {number}")
    shown = client.get(f"/v1/complaints/{number}").json
    assert shown["status"] == "in_progress"
    assert shown["history"] == [{"status": "in_progress", "at": "2026-11-21T03:04:05+00:00"}]
    sms(client, f"BATAL {number}")
    shown = client.get(f"/v1/complaints/{number}").json
    assert [step["status"] for step in shown["history"]] == ["in_progress", "withdrawn"]
    assert tell(client, number, id="3", sequence=6).json["verdict"] == "withdrawn"


def test_the_history_of_a_confidential_complaint_needs_its_secret(client):
    filed = file(client, confidential=True)
    path = f"/v1/complaints/{filed['number']}"
    tell(client, filed["number"])
    hidden, unknown = client.get(path), client.get("/v1/complaints/0000-000-000")
    assert (hidden.status_code, hidden.data) == (404, unknown.data)
    assert len(client.get(f"{path}?secret={filed['secret']}").json["history"]) == 1


@pytest.mark.parametrize("number", ["0000-000-000", "1111", "%00"])
def test_an_unknown_number_is_not_found(client, gateway, number):
    for answer in (tell(client, number), read(client, number)):
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"
    assert rows(gateway, audit) == 0


def test_all_that_is_wrong_is_told_at_once(client, filed):
    answer = tell(client, filed, status="selesai", sequence=-1, at="kemarin", id="", noot="x")
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"status", "sequence", "at", "id", "noot"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 15_000, 400),
        (b"null", 422),
        (b"[]", 422),
        (b"{}", 422),
        (json.dumps(SAID | {"note": "a\0"}).encode(), 422),
        (json.dumps(SAID | {"note": "\ud800"}).encode(), 422),
        (json.dumps(SAID | {"\ud800": 1}).encode(), 422),
    ],
)
def test_junk_is_answered_with_a_problem(client, filed, body, status):
    path = f"/v1/complaints/{filed}/status"
    answer = client.post(path, data=body, headers=bearer(KEY))
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


# --- reading in full ---------------------------------------------------------------------


def test_all_that_is_known_is_read_unmasked_and_who_read_it_is_kept(client, gateway):
    number = re.search(r"nomor ([0-9A-Z-]{12})", sms(client, f"Pungli, HP {PHONE}"))[1]
    gateway.processing.run_once()
    sms(client, f"PUNGLI,  hp {PHONE}")
    sms(client, f"TAMBAH {number} loket 3")
    sms(client, f"CEK {number}")
    tell(client, number, note="Diperiksa", reference="K-1")
    answer = read(client, number.lower().replace("-", ""), OTHER_KEY)
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.json
    assert found["number"] == number
    assert (found["record"]["status"], found["record"]["repeats"]) == ("in_progress", 1)
    assert found["record"]["external_refs"] == ["kementerian:K-1"]
    assert PHONE not in found["record"]["body"]
    assert found["text"]["body"] == f"Pungli, HP {PHONE}"
    assert found["reporter"]["sender"]["key"] == PHONE
    assert [(said["outcome"], said["text"]) for said in found["messages"]] == [
        ("published", f"Pungli, HP {PHONE}"),
        ("repeat", f"PUNGLI,  hp {PHONE}"),
        ("pending", f"TAMBAH {number} loket 3"),
    ]
    (step,) = found["history"]
    assert (step["consumer"], step["note"], step["applied"]) == ("kementerian", "Diperiksa", True)
    with gateway.store.read() as connection:
        (kept,) = connection.execute(select(audit))
    assert (kept.consumer, kept.action, kept.number) == ("pemda", "full", number)


def test_before_there_is_a_record_the_rest_is_told(client, filed):
    found = read(client, filed).json
    assert (found["record"], found["status"]) == (None, "received")
    assert found["text"]["title"] == COMPLAINT["title"]
    assert found["text"]["fields"]["incident_location"] == COMPLAINT["incident_location"]
    assert found["reporter"] == {
        "name": NAME,
        "phone": TYPED_PHONE,
        "email": EMAIL,
        "sender": None,
    }


@pytest.mark.parametrize("is_processed", [True, False])
def test_an_anonymous_reporter_is_nowhere_in_the_answer(client, gateway, is_processed):
    number = file(client, anonymous=True)["number"]
    if is_processed:
        gateway.processing.run_once()
    answer = read(client, number)
    assert bool(answer.json["record"]) == is_processed
    assert "Lampu di depan pasar padam" in answer.json["text"]["body"]
    assert set(answer.json["reporter"].values()) == {None}
    said = answer.get_data(as_text=True)
    for secret in (NAME, TYPED_PHONE, EMAIL, PHONE, PHONE[1:]):
        assert secret not in said


def test_what_cannot_be_written_down_is_not_read(client, gateway, filed, monkeypatch):
    monkeypatch.setattr(full, "_document", lambda *_: pytest.fail("read all the same"))
    with gateway.store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE audit RENAME TO gone")
    answer = read(client, filed)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert NAME not in answer.get_data(as_text=True)


# --- the rest ----------------------------------------------------------------------------


def test_both_routes_are_described_with_their_key(client):
    described = client.get("/openapi.json").json
    validate(described)
    assert described["components"]["securitySchemes"] == {
        "consumer": {"type": "http", "scheme": "bearer"}
    }
    for what, method in (("status", "post"), ("full", "get")):
        operation = described["paths"][f"/v1/complaints/{{number}}/{what}"][method]
        assert operation["security"] == [{"consumer": []}]
        assert "401" in operation["responses"]
    page = client.get("/docs").get_data(as_text=True)
    assert "/v1/complaints/{number}/full" in page
    assert "the key of a consumer" in page


def test_no_note_name_or_key_is_in_any_log_line(client, filed, capsys):
    tell(client, filed, note="Bu Sri dari RT 3")
    tell(client, filed, note="Bu Sri dari RT 3", status="selesai")
    tell(client, filed, "guessed-key-of-16")
    read(client, filed)
    logged = "".join(capsys.readouterr())
    assert "read_in_full" in logged
    for secret in ("Bu Sri", NAME, KEY, "guessed-key"):
        assert secret not in logged
