"""The app's door: what a request needs, and what makes two requests the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support import NOW, a_request

from channels.app.door import App
from channels.base import InboundMessage, RawInbound, Receipt, Unacceptable

TOKENS = {"android": ["token-android-percobaan"], "ios": "token-ios-percobaan"}
APP = App.from_settings(
    {"source": "app", "public_url": "https://lapor.example.go.id", "tokens": TOKENS}
)
OPEN = App.from_settings({"source": "app", "public_url": "https://lapor.example.go.id"})
TYPED = {
    "title": "Lampu jalan mati",
    "body": "Lampu jalan di depan balai desa mati sejak Senin.",
    "incident_date": "2026-11-16",
    "incident_location": "Balai Desa Sukamaju",
}
KEY = "0b7f4a52-6f0e-4c1e-9b62-3f1d2a4c5e6f"


def filed(
    typed: Any = TYPED, key: str | None = KEY, token: str = "token-android-percobaan"
) -> RawInbound:
    body = typed if isinstance(typed, bytes) else json.dumps(typed).encode()
    headers = {"Authorization": f"Bearer {token}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    return a_request(path="/v1/complaints", headers=headers, body=body)


def read(raw: RawInbound, door: App = APP) -> InboundMessage:
    door.verify(raw)
    (message,) = door.parse(raw)
    return message


def refused(raw: RawInbound) -> Unacceptable:
    with pytest.raises(Unacceptable) as error:
        APP.parse(raw)
    return error.value


def answer(raw: RawInbound) -> dict[str, Any]:
    """What the app hears, as JSON."""
    error = refused(raw)
    reply = APP.refuse(error)
    told = json.loads(reply.body)
    assert reply.content_type == "application/problem+json"
    assert (reply.status, told["status"]) == (error.status, error.status)
    return told


@pytest.mark.parametrize(
    "key", [None, "", " ", '""', "a" * 256, "kunci rahasia", "kun\tci", "kunci-é", '"a b"']
)
def test_missing_or_malformed_key_is_a_400_that_names_the_header(key):
    told = answer(filed(key=key))
    assert told["status"] == 400
    assert "Idempotency-Key" in told["detail"]
    assert list(told["errors"]) == ["idempotency-key"]


def test_missing_key_is_told_how_to_make_one():
    (said,) = answer(filed(key=None))["errors"]["idempotency-key"]
    assert "UUID" in said


@pytest.mark.parametrize("key", ["a", "a" * 255, KEY, "!~", "a=b;c"])
def test_key_of_visible_ascii_is_taken_bare_and_quoted(key):
    assert read(filed(key=key)).provider_id.endswith(f":{key}")
    assert read(filed(key=f'"{key}"')) == read(filed(key=f" {key} "))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"title=a", b"\xff", b'{"title": }', b"[" * 50_000, b"\0"]
)
def test_malformed_json_is_a_400_without_errors_of_fields(body):
    told = answer(filed(body))
    assert told["status"] == 400
    assert "JSON" in told["detail"]
    assert "errors" not in told


@pytest.mark.parametrize("typed", [[], "teks", 5, None, [TYPED]])
def test_json_that_is_no_object_is_a_422(typed):
    assert answer(filed(typed))["status"] == 422


def test_all_wrong_fields_are_told_at_once_in_a_422():
    told = answer(
        filed({"title": " ", "incident_date": "20260102", "nik": "3", "anonymous": "yes"})
    )
    assert told["status"] == 422
    assert set(told["errors"]) == {
        *("title", "body", "incident_date", "incident_location", "nik", "anonymous")
    }


def test_empty_object_misses_the_four_required_fields():
    assert set(answer(filed({}))["errors"]) == set(TYPED)


def test_refusal_repeats_nothing_that_was_typed():
    typed = TYPED | {"body": "Rahasia besar", "title": "x" * 151, "classification": "Rahasia"}
    error = refused(filed(typed))
    assert "Rahasia" not in f"{error} {dict(error.problems)}"


@pytest.mark.parametrize(
    ("received_at", "day", "is_taken"),
    [
        (NOW, "2026-11-21", True),
        (NOW, "2026-11-22", False),
        (NOW, "1945-08-17", True),
        # Where it is earliest, tomorrow has begun at 10:00 UTC.
        (datetime(2026, 11, 21, 9, 59, 59, tzinfo=UTC), "2026-11-22", False),
        (datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC), "2026-11-22", True),
        (datetime(2026, 11, 21, 23, 59, 0, tzinfo=UTC), "2026-11-23", False),
    ],
)
def test_day_is_not_in_the_future_anywhere_on_earth(received_at, day, is_taken):
    raw = replace(filed(TYPED | {"incident_date": day}), received_at=received_at)
    if is_taken:
        assert read(raw).fields["incident_date"] == day
    else:
        error = refused(raw)
        assert (error.status, list(error.problems)) == (422, ["incident_date"])


# --- which requests are the same ---------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(TYPED).encode(),
        json.dumps(dict(reversed(TYPED.items()))).encode(),
        json.dumps(TYPED, indent=4).encode() + b"\n",
        json.dumps(TYPED).encode("utf-16"),
        json.dumps(TYPED).replace("L", "\\u004c").encode(),
    ],
    ids=["as typed", "other order", "indented", "UTF-16", "escaped"],
)
def test_same_payload_in_another_spelling_has_the_same_digest(body):
    assert read(filed(body)).payload_digest == read(filed()).payload_digest


@pytest.mark.parametrize(
    "changed",
    [
        {"body": "Lampu lain."},
        {"title": "Lampu jalan mati "},
        {"anonymous": False},
        {"anonymous": True},
        {"agency": "Dinas PU"},
        {"attachments": []},
    ],
)
def test_other_payload_has_another_digest(changed):
    assert read(filed(TYPED | changed)).payload_digest != read(filed()).payload_digest


def test_same_key_of_two_apps_is_two_deliveries():
    android, ios = read(filed()), read(filed(token="token-ios-percobaan"))
    assert android.payload_digest == ios.payload_digest
    assert android.provider_id != ios.provider_id


def test_app_keeps_its_deliveries_over_a_rotation_of_its_token():
    rotated = App.from_settings(
        {
            "source": "app",
            "public_url": "https://lapor.example.go.id",
            "tokens": {"android": ["token-android-berikutnya", "token-android-percobaan"]},
        }
    )
    renewed = filed(token="token-android-berikutnya")
    assert read(renewed, rotated).provider_id == read(filed()).provider_id


def test_open_door_asks_for_no_token_and_takes_any():
    bare = a_request(headers={"Idempotency-Key": KEY}, body=json.dumps(TYPED).encode())
    assert read(bare, OPEN) == read(filed(), OPEN)


def test_scheme_of_the_token_is_read_in_any_case():
    raw = filed()
    headers = (("authorization", "bEaReR  token-android-percobaan"), *raw.headers[1:])
    assert read(replace(raw, headers=headers)) == read(raw)


# --- what is answered --------------------------------------------------------------------


def test_new_complaint_is_201_with_its_place_and_secret():
    receipt = Receipt("new", "7K3M-Q2P-9X7", received_at=NOW, secret="rahasia")
    reply = APP.reply([receipt])
    assert reply.status == 201
    assert dict(reply.headers) == {"Location": "/v1/complaints/7K3M-Q2P-9X7"}
    assert json.loads(reply.body) == {
        "number": "7K3M-Q2P-9X7",
        "status": "received",
        "received_at": "2026-11-21T03:04:05+00:00",
        "secret": "rahasia",
    }


@pytest.mark.parametrize("receipts", [[], [Receipt("quiet")], [Receipt("part"), Receipt("quiet")]])
def test_without_a_number_the_app_is_asked_to_try_again(receipts):
    reply = APP.reply(receipts)
    assert reply.status == 503
    assert int(dict(reply.headers)["Retry-After"]) > 0


def test_typed_contact_details_prove_nobody():
    typed = TYPED | {"reporter": {"name": "Sari Contoh", "phone": "081234500017"}}
    assert read(filed(typed)).sender is None


def test_moment_of_arrival_is_kept():
    later = NOW + timedelta(hours=1)
    assert read(replace(filed(), received_at=later)).received_at == later
