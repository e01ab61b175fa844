"""The doors over HTTP, in one process: every stop, every refusal, in the caller's dialect."""

from __future__ import annotations

import json
import re
import uuid
from urllib.parse import urlencode

import pytest
from openapi_spec_validator import validate
from sqlalchemy import select
from support import PHONE
from twilio.request_validator import RequestValidator

from config.settings import load
from gateway import parked, schema
from gateway.app import create_app
from gateway.assembly import assemble
from gateway.tables import journal

COMPLAINT = {
    "title": "Lampu jalan padam",
    "body": "Lampu jalan di depan pasar padam sejak seminggu lalu.",
    "incident_date": "2026-11-15",
    "incident_location": "Jalan Melati, Sukamaju",
}
TWILIO_TOKEN = "token-of-the-account"
KANNEL_TOKEN = "token-of-kannel"
PUBLIC_URL = "https://lapor.example"


@pytest.fixture
def settings_file(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text(
        f"""
public_url = "{PUBLIC_URL}"
[web]
proxy_hops = 1
max_body = 20000
[intake]
wrong_numbers_a_day = 5
[quarantine]
most_per_source = 3
[sources.twilio]
auth_tokens = ["{TWILIO_TOKEN}", "the-former-token"]
[sources.kannel]
tokens = ["{KANNEL_TOKEN}"]
[sources.aggregator]
adapter = "sms.http"
tokens = ["{KANNEL_TOKEN}"]
token_in = "query:Api-Key"
format = "json"
fields = {{ id = "id", from = "from", to = "to", text = "text" }}
"""
    )
    return path


@pytest.fixture
def gateway(tmp_path, settings_file):
    made = assemble(
        load({"LAPOR_VAR_DIR": str(tmp_path / "var"), "LAPOR_CONFIG": str(settings_file)})
    )
    schema.migrate(made.store, made.identity)
    yield made
    made.store.close_engine()


@pytest.fixture
def client(gateway):
    return create_app(gateway).test_client()


def twilio(client, text="Jalan rusak", *, sid=None, token=TWILIO_TOKEN, path="/in/twilio", **more):
    form = {"MessageSid": sid or f"SM{uuid.uuid4().hex}", "From": PHONE, "Body": text, **more}
    signature = RequestValidator(token).compute_signature(f"{PUBLIC_URL}{path}", form)
    return client.post(path, data=form, headers={"X-Twilio-Signature": signature})


def kannel(client, text="Jalan rusak", *, token=KANNEL_TOKEN, address="127.0.0.1", **query):
    given = {"token": token, "id": str(uuid.uuid4()), "from": PHONE, "to": "1708"} | query
    return client.post(
        f"/in/kannel?{urlencode(given)}",
        data=text if isinstance(text, bytes) else text.encode(),
        headers={"Content-Type": "text/plain", "X-Forwarded-For": address},
    )


def file(client, complaint=None, key="a-key", **headers):
    given = {"Idempotency-Key": key} if key else {}
    return client.post("/v1/complaints", json=complaint or COMPLAINT, headers=given | headers)


def number_in(answer):
    return re.search(r"nomor ([0-9A-Z-]{12})", answer.get_data(as_text=True))[1]


# --- SMS ---------------------------------------------------------------------------------


def test_a_signed_twilio_sms_is_answered_with_its_number(client):
    answer = twilio(client)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/xml")
    assert number_in(answer)


def test_twilio_may_add_parameters_and_a_retry_fragment_is_not_signed(client):
    answer = twilio(client, FutureParameter="x", AnotherOne="")
    assert answer.status_code == 200


def test_the_former_token_works_during_a_rotation(client):
    assert twilio(client, token="the-former-token").status_code == 200


def test_a_query_on_the_webhook_url_is_covered_by_the_signature(client):
    assert twilio(client, path="/in/twilio?a=1%20x").status_code == 200


def test_an_sms_delivered_by_kannel_is_answered_in_plain_text(client):
    answer = kannel(client)
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.get_data(as_text=True).startswith("Terima kasih.")


def test_redeliveries_are_answered_byte_for_byte(client):
    for deliver in (
        lambda: twilio(client, sid="SM1"),
        lambda: kannel(client, "lain", id="1"),
        lambda: file(client),
    ):
        first, again = deliver(), deliver()
        assert first.data == again.data
        assert dict(first.headers) == dict(again.headers)


def test_the_same_report_through_two_carriers_is_one(client):
    assert number_in(twilio(client)) == number_in(kannel(client))


def test_the_status_is_told_to_the_sender_alone(client):
    number = number_in(kannel(client))
    told = kannel(client, f"cek {number.replace('-', ' ').lower()}")
    assert number in told.get_data(as_text=True)
    assert "menunggu verifikasi" in told.get_data(as_text=True)
    stranger = kannel(client, f"CEK {number}", **{"from": "+6285712300021"})
    assert "tidak ditemukan" in stranger.get_data(as_text=True)
    assert number not in stranger.get_data(as_text=True)


def test_a_machine_gets_silence_and_never_a_204(client):
    answer = kannel(client, **{"from": "BANKABC"})
    assert (answer.status_code, answer.data) == (200, b"")


# --- not trusted ---------------------------------------------------------------------------


def test_a_forged_request_is_refused_and_kept_once_for_the_operator(client, gateway):
    for _ in range(3):
        assert twilio(client, sid="SM1", token="guessed").status_code == 403
    (kept,) = gateway.quarantine.find()
    assert (kept.source, kept.times) == ("twilio", 3)
    assert b"SM1" in kept.raw.body
    assert gateway.store.standing("0000-000-000") is None


def test_kannel_from_another_network_or_with_another_token_is_refused(client, gateway):
    assert kannel(client, address="203.0.113.9").status_code == 403
    assert kannel(client, token="guessed-token").status_code == 403
    assert kannel(client, token="").status_code == 403
    kept = gateway.quarantine.find()
    assert len(kept) == 3
    assert all(b"token=&" in item.raw.raw_query for item in kept)


def test_a_secret_is_not_kept_wherever_a_source_has_it(client, gateway):
    client.post("/in/aggregator?api-key=nearly-right&x=1", data="{}")
    (kept,) = gateway.quarantine.find()
    assert kept.raw.raw_query == b"api-key=&x=1"


def test_the_quarantine_of_a_source_is_bounded(client, gateway):
    for number in range(6):
        twilio(client, str(number), token="guessed")
    kept = gateway.quarantine.find()
    assert len(kept) == 3
    assert b"Body=0" in kept[0].raw.body


def test_what_was_released_does_not_come_back_when_the_provider_tries_again(client, gateway):
    twilio(client, sid="SM1", token="guessed")
    (kept,) = gateway.quarantine.find()
    gateway.quarantine.mark_released(kept.id)
    assert twilio(client, sid="SM1", token="guessed").status_code == 403
    assert gateway.quarantine.find() == []


def test_only_counted_proxies_are_believed(client, gateway):
    assert kannel(client, address="127.0.0.1, 203.0.113.9").status_code == 403
    assert kannel(client, address="203.0.113.9, 127.0.0.1").status_code == 200


# --- trusted, but not readable -------------------------------------------------------------


@pytest.mark.parametrize(
    ("deliver", "said"),
    [
        (lambda c: kannel(c, b"\xff\xfe\xfd"), "utf-8"),
        (lambda c: kannel(c, id=""), "id=%I"),
        (lambda c: twilio(c, sid="SM1", From=""), None),
        (lambda c: twilio(c, sid="SM1", NumMedia="many"), "NumMedia"),
    ],
)
def test_what_cannot_be_read_is_parked_and_the_provider_hears_a_success(
    client, gateway, deliver, said
):
    answer = deliver(client)
    assert answer.status_code == 200
    assert b"nomor" not in answer.data
    if said:
        (left,) = parked.find(gateway.store)
        assert said in left.reason


def test_a_parsers_bug_costs_no_citizens_report(client, gateway, monkeypatch):
    channel = gateway.channels["kannel"]
    monkeypatch.setattr(type(channel), "parse", lambda *_: 1 / 0)
    assert kannel(client).status_code == 200
    monkeypatch.undo()
    (left,) = parked.find(gateway.store)
    assert left.reason == "parser failed: ZeroDivisionError"
    said = parked.replay(gateway.store, gateway.intake, gateway.channels, left)
    assert said.startswith("accepted: ")
    assert parked.find(gateway.store) == []
    with gateway.store.read() as connection:
        outcomes = list(connection.scalars(select(journal.c.outcome).order_by(journal.c.id)))
    assert outcomes == ["ignored", "pending"]


def test_replaying_what_is_still_unreadable_leaves_it_parked(client, gateway):
    kannel(client, b"\xff\xfe\xfd")
    (left,) = parked.find(gateway.store)
    said = parked.replay(gateway.store, gateway.intake, gateway.channels, left)
    assert said.startswith("still parked")
    assert len(parked.find(gateway.store)) == 1


# --- the app ---------------------------------------------------------------------------


def test_a_complaint_is_stored_with_a_number_a_place_and_a_secret(client):
    answer = file(client)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/complaints/{answer.json['number']}"
    assert set(answer.json) == {"number", "status", "received_at", "secret"}
    status = client.get(answer.headers["Location"])
    assert status.status_code == 200
    assert status.json["status"] == "received"
    assert set(status.json) == {"number", "status", "received_at", "updated_at", "history"}


def test_one_key_files_once_and_another_body_under_it_is_refused(client):
    first = file(client)
    assert file(client).json == first.json
    reused = file(client, COMPLAINT | {"title": "Lain"})
    assert reused.status_code == 422
    assert reused.content_type == "application/problem+json"
    assert "Idempotency-Key" in reused.json["detail"]


def test_a_missing_key_is_the_callers_to_mend(client):
    answer = file(client, key=None)
    assert answer.status_code == 400
    assert "idempotency-key" in answer.json["errors"]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_kept(client, gateway):
    answer = file(client, {"title": "", "incident_date": "15-11-2026", "attachments": ["x"]})
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {
        "title",
        "body",
        "incident_date",
        "incident_location",
        "attachments",
    }
    with gateway.store.read() as connection:
        assert connection.scalar(select(journal.c.id)) is None


def test_a_confidential_complaint_is_unknown_to_whoever_lacks_its_secret(client):
    filed = file(client, COMPLAINT | {"confidential": True}).json
    path = f"/v1/complaints/{filed['number']}"
    hidden, unknown = client.get(path), client.get("/v1/complaints/0000-000-000")
    wrong = client.get(f"{path}?secret=guessed")
    assert hidden.status_code == unknown.status_code == wrong.status_code == 404
    assert hidden.data == unknown.data == wrong.data
    assert client.get(f"{path}?secret={filed['secret']}").status_code == 200


def test_trying_numbers_ends_in_a_pause_for_that_address_alone(client):
    number = file(client).json["number"]
    one, other = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}
    for _ in range(5):
        assert client.get("/v1/complaints/0000-000-000", headers=one).status_code == 404
    paused = client.get(f"/v1/complaints/{number}", headers=one)
    assert paused.status_code == 429
    assert paused.content_type == "application/problem+json"
    assert int(paused.headers["Retry-After"]) > 0
    assert client.get(f"/v1/complaints/{number}", headers=other).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[1, 2]", 422),
        (b"null", 422),
        (b"[" * 15000, 400),
        (b'{"title": "\\ud800", "body": "\\u0000"}', 422),
        (b"x" * 30000, 413),
    ],
)
def test_junk_is_answered_with_a_problem(client, body, status):
    answer = client.post("/v1/complaints", data=body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status


def test_the_api_description_is_valid_and_what_generators_digest(client):
    described = client.get("/openapi.json").json
    validate(described)
    assert described["openapi"].startswith("3.1")
    whole = json.dumps(described)
    for feature in ("oneOf", "anyOf", "allOf", '"null"'):
        assert feature not in whole
    operations = [op for path in described["paths"].values() for op in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_the_documentation_needs_nobody_elses_server(client):
    page = client.get("/docs")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text)
    assert "<script" not in text
    for path in ("/v1/complaints", "Idempotency-Key", "incident_location"):
        assert path in text


# --- everything else ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/in/nobody", 404),
        ("POST", "/in/app", 404),
        ("DELETE", "/v1/complaints", 405),
        ("PUT", "/in/kannel", 405),
    ],
)
def test_every_error_is_a_problem_document(client, method, path, status):
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_every_route_has_the_protecting_headers(client, gateway):
    rules = list(create_app(gateway).url_map.iter_rules())
    assert len(rules) >= 8
    for rule in rules:
        path = rule.rule.replace("<source>", "kannel").replace("<number>", "0000-000-000")
        for method in rule.methods - {"OPTIONS"}:
            headers = client.open(path, method=method).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert headers["Referrer-Policy"] == "no-referrer"


def test_too_large_for_a_webhook_is_refused_in_its_dialect(client):
    answer = kannel(client, "x" * 30000)
    assert answer.status_code == 413
    assert answer.content_type == "text/plain; charset=utf-8"


def test_it_is_ready_only_on_a_current_store_that_can_be_written(client, gateway):
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 200
    with gateway.store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE fact RENAME TO gone")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert client.get("/livez").status_code == 200


def test_no_text_number_or_secret_is_in_any_log_line(client, gateway, capsys):
    text = "Kepala dusun meminta uang"
    twilio(client, text)
    twilio(client, text, token="guessed")
    kannel(client, text)
    kannel(client, text.encode() + b"\xff")
    file(client, COMPLAINT | {"body": text, "reporter": {"name": "Sri Contoh", "phone": PHONE}})
    file(client, {"body": text})
    gateway.processing.run_once()
    logged = "".join(capsys.readouterr())
    assert "accepted" in logged
    assert "quarantined" in logged
    for secret in (text, "Sri Contoh", PHONE, PHONE[1:], TWILIO_TOKEN, KANNEL_TOKEN, "guessed"):
        assert secret not in logged


def test_the_secret_of_a_complaint_says_that_it_is_another_matter(client):
    filed = file(client).json
    url = f"/v1/complaints/{filed['number']}/separate"
    assert client.post(url, json={"secret": "x" * 20}).status_code == 404
    assert client.post(url, json={}).status_code == 400
    for _ in range(2):
        assert client.post(url, json={"secret": filed["secret"]}).status_code == 202
