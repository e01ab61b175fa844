"""One specimen of each adapter: a genuine request, and every way of forging it.

A new adapter is held to the whole contract by one more entry here and its golden files.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contract.cases import case, signed, with_header

from channels import registry
from channels.base import Channel, RawInbound

# What no error and no repr may tell. All of it is in the genuine requests or the settings.
TEXT = "Gorong-gorong di Kampung Melati ambrol"
PHONE_DIGITS = "81234567890"
CURRENT, FORMER, STRANGER = "kunci-yang-berlaku-1", "kunci-yang-lama-0", "kunci-orang-lain-9"

Change = Callable[[RawInbound], RawInbound]


@dataclass(frozen=True)
class Specimen:
    """An adapter under contract.

    `genuine(token)` makes a request that a holder of `token` would send; `accepting(*tokens)`
    gives settings that accept these. `forgeries` spoil a genuine request.
    """

    adapter: str
    accepting: Callable[..., dict[str, Any]]
    genuine: Callable[[str], RawInbound]
    forgeries: Mapping[str, Change]

    def __str__(self) -> str:
        return self.adapter

    def channel(self, *tokens: str) -> Channel:
        return registry.build(self.adapter, self.accepting(*(tokens or (CURRENT, FORMER))))


def _kannel(token: str) -> RawInbound:
    raw = case("kannel/plain").request
    query = raw.raw_query.replace(b"token=kunci-kannel-percobaan", b"token=" + token.encode())
    return replace(raw, raw_query=query, body=TEXT.encode())


def _twilio(token: str) -> RawInbound:
    raw = case("twilio/plain").request
    body = b"&".join(
        b"Body=" + TEXT.replace(" ", "+").encode() if pair.startswith(b"Body=") else pair
        for pair in raw.body.split(b"&")
    )
    return signed(replace(raw, body=body), case("twilio/plain").settings, token)


def _app(token: str) -> RawInbound:
    raw = case("app/all_fields").request
    body = raw.body.replace(b"Jembatan gantung nyaris putus", TEXT.encode())
    body = body.replace(b"0812-3450-0017", f"+62{PHONE_DIGITS}".encode())
    return with_header(replace(raw, body=body), "Authorization", f"Bearer {token}")


def _settings(of: str, key: str) -> Callable[..., dict[str, Any]]:
    return lambda *tokens: case(of).settings | {key: list(tokens)}


def _app_settings(*tokens: str) -> dict[str, Any]:
    return case("app/all_fields").settings | {"tokens": {"android": list(tokens)}}


def _without_query(name: bytes) -> Change:
    return lambda raw: replace(
        raw,
        raw_query=b"&".join(
            pair for pair in raw.raw_query.split(b"&") if not pair.startswith(name + b"=")
        ),
    )


def _query(old: bytes, new: bytes) -> Change:
    return lambda raw: replace(raw, raw_query=raw.raw_query.replace(old, new))


def _header(name: str, value: str | None) -> Change:
    return lambda raw: with_header(raw, name, value)


def _basic(password: str) -> str:
    return "Basic " + b64encode(f"kannel:{password}".encode()).decode()


def _elsewhere(raw: RawInbound) -> RawInbound:
    settings = case("twilio/plain").settings | {"public_url": "https://orang-lain.example"}
    return signed(raw, settings, CURRENT)


SPECIMENS = [
    Specimen(
        "sms.kannel",
        _settings("kannel/plain", "tokens"),
        _kannel,
        {
            "no token": _without_query(b"token"),
            "empty token": _query(CURRENT.encode(), b""),
            "token of another": _query(CURRENT.encode(), STRANGER.encode()),
            "beginning of the token": _query(CURRENT.encode(), CURRENT[:-1].encode()),
            "token in upper case": _query(CURRENT.encode(), CURRENT.upper().encode()),
            "token and a blank": _query(CURRENT.encode(), CURRENT.encode() + b"+"),
            "Basic of another": lambda raw: _header("Authorization", _basic(STRANGER))(
                _without_query(b"token")(raw)
            ),
            "Basic that is not Base64": lambda raw: _header("Authorization", "Basic *")(
                _without_query(b"token")(raw)
            ),
            "token as bearer": lambda raw: _header("Authorization", f"Bearer {CURRENT}")(
                _without_query(b"token")(raw)
            ),
        },
    ),
    Specimen(
        "sms.twilio",
        _settings("twilio/plain", "auth_tokens"),
        _twilio,
        {
            "no signature": _header("X-Twilio-Signature", None),
            "empty signature": _header("X-Twilio-Signature", ""),
            "signature that is not ASCII": _header("X-Twilio-Signature", "é" * 28),
            "signature of another": lambda raw: signed(
                raw, case("twilio/plain").settings, STRANGER
            ),
            "signature for another site": _elsewhere,
            "another path": lambda raw: replace(raw, raw_path="/in/lain"),
            "a query of its own": lambda raw: replace(raw, raw_query=b"a=1"),
            "another text": lambda raw: replace(raw, body=raw.body.replace(b"ambrol", b"ambles")),
            "another sender": lambda raw: replace(
                raw, body=raw.body.replace(PHONE_DIGITS.encode(), b"81234567891")
            ),
            "one more parameter": lambda raw: replace(raw, body=raw.body + b"&NumMedia2=1"),
            "as a GET": lambda raw: replace(raw, method="GET"),
            "form as the query of a GET": lambda raw: replace(
                raw, method="GET", raw_query=raw.body, body=b""
            ),
        },
    ),
    Specimen(
        "app",
        _app_settings,
        _app,
        {
            "no token": _header("Authorization", None),
            "empty token": _header("Authorization", "Bearer "),
            "token of another": _header("Authorization", f"Bearer {STRANGER}"),
            "beginning of the token": _header("Authorization", f"Bearer {CURRENT[:-1]}"),
            "token without scheme": _header("Authorization", CURRENT),
            "token as Basic": _header("Authorization", _basic(CURRENT)),
            "token that is not ASCII": _header("Authorization", "Bearer é\udcff"),
        },
    ),
]
