"""One specimen of each adapter: a genuine request, and every way of forging it.

A new adapter is held to the whole contract by one more entry here and its golden files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus

from contract.cases import case, signed, signed_by_x, with_header
from contract.forging import (
    CURRENT,
    FORMER,
    STRANGER,
    Change,
    basic,
    header,
    in_the_query,
    query,
    without_query,
)

from channels import registry
from channels.base import Channel, RawInbound

# What no error and no repr may tell. All of it is in the genuine requests or the settings.
TEXT = "Gorong-gorong di Kampung Melati ambrol"
PHONE_DIGITS = "81234567890"


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
    name: str = ""  # where an adapter has several
    silence: bytes = b""  # the body of an answer that says nothing to the phone
    tells_number: bool = True  # whether the answer can carry a reply SMS
    unstorable: bytes = b"amb\0rol"  # what to put for "ambrol"

    def __str__(self) -> str:
        return self.name or self.adapter

    def channel(self, *tokens: str) -> Channel:
        return registry.build(self.adapter, self.accepting(*(tokens or (CURRENT, FORMER))))


def _kannel(token: str) -> RawInbound:
    raw = case("kannel/plain").request
    sent = raw.raw_query.replace(b"token=kunci-kannel-percobaan", b"token=" + token.encode())
    return replace(raw, raw_query=sent, body=TEXT.encode())


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


def _jasmin(token: str) -> RawInbound:
    raw = case("jasmin/plain").request
    said, text = b"KTP saya hilang, mohon bantuan", TEXT.encode()
    body = raw.body.replace(said.hex().encode(), text.hex().encode())
    body = body.replace(quote_plus(said).encode(), quote_plus(text).encode())
    return replace(raw, body=body, raw_query=b"token=" + token.encode())


def _http_query(token: str) -> RawInbound:
    raw = case("http/query_hex_gsm_in_local_time").request
    sent = raw.raw_query.replace(b"kunci-telkomsel-coba", token.encode())
    said = b"rt05\0desa".hex().upper().encode()
    return replace(raw, raw_query=sent.replace(said, TEXT.encode().hex().encode()))


def _http_form(token: str) -> RawInbound:
    raw = case("http/form_basic").request
    body = raw.body.replace(b"Lampu+jalan+mati", quote_plus(TEXT).encode())
    return with_header(replace(raw, body=body), "Authorization", basic(token))


def _http_json(token: str) -> RawInbound:
    raw = case("http/json_header").request
    body = raw.body.replace(b"Tiang listrik miring", TEXT.encode())
    return with_header(replace(raw, body=body), "X-Api-Key", token)


def _twitter(token: str) -> RawInbound:
    raw = case("twitter/mention").request
    said = f"{TEXT} {PHONE_DIGITS}"
    return signed_by_x(
        replace(raw, body=raw.body.replace(b"lampu jalan padam", said.encode())), token
    )


def _x_signature(change: Callable[[str], str]) -> Change:
    name = "x-twitter-webhooks-signature"
    return lambda raw: with_header(raw, name, change(raw.header(name)))


def _settings(of: str, key: str) -> Callable[..., dict[str, Any]]:
    return lambda *tokens: case(of).settings | {key: list(tokens)}


def _app_settings(*tokens: str) -> dict[str, Any]:
    return case("app/all_fields").settings | {"tokens": {"android": list(tokens)}}


def _elsewhere(raw: RawInbound) -> RawInbound:
    settings = case("twilio/plain").settings | {"public_url": "https://orang-lain.example"}
    return signed(raw, settings, CURRENT)


SPECIMENS = [
    Specimen(
        "sms.kannel",
        _settings("kannel/plain", "tokens"),
        _kannel,
        {
            **in_the_query(b"token"),
            "Basic of another": lambda raw: header("Authorization", basic(STRANGER))(
                without_query(b"token")(raw)
            ),
            "Basic that is not Base64": lambda raw: header("Authorization", "Basic *")(
                without_query(b"token")(raw)
            ),
            "token as bearer": lambda raw: header("Authorization", f"Bearer {CURRENT}")(
                without_query(b"token")(raw)
            ),
        },
    ),
    Specimen(
        "sms.jasmin",
        _settings("jasmin/plain", "tokens"),
        _jasmin,
        {
            **in_the_query(b"token"),
            "Basic of another": lambda raw: header("Authorization", basic(STRANGER))(
                without_query(b"token")(raw)
            ),
            "token in the form": lambda raw: replace(
                raw, raw_query=b"", body=raw.body + b"&" + raw.raw_query
            ),
        },
        silence=b"ACK/Jasmin",
        tells_number=False,
    ),
    Specimen(
        "sms.http",
        _settings("http/query_hex_gsm_in_local_time", "tokens"),
        _http_query,
        {
            **in_the_query(b"key"),
            "token under another name": query(b"key=", b"token="),
            "token as Basic": lambda raw: header("Authorization", basic(CURRENT))(
                without_query(b"key")(raw)
            ),
        },
        name="sms.http query",
        silence=b"OK",
        tells_number=False,
    ),
    Specimen(
        "sms.http",
        _settings("http/form_basic", "tokens"),
        _http_form,
        {
            "no token": header("Authorization", None),
            "token of another": header("Authorization", basic(STRANGER)),
            "token as bearer": header("Authorization", f"Bearer {CURRENT}"),
            "Basic that is not Base64": header("Authorization", "Basic *"),
            "token in the query": lambda raw: replace(
                header("Authorization", None)(raw), raw_query=b"token=" + CURRENT.encode()
            ),
        },
        name="sms.http form",
    ),
    Specimen(
        "sms.http",
        _settings("http/json_header", "tokens"),
        _http_json,
        {
            "no token": header("X-Api-Key", None),
            "empty token": header("X-Api-Key", ""),
            "token of another": header("X-Api-Key", STRANGER),
            "token and a blank": header("X-Api-Key", CURRENT + " "),
            "token that is not ASCII": header("X-Api-Key", "\u00e9\udcff\ud800"),
            "token in another header": lambda raw: header("Authorization", CURRENT)(
                header("X-Api-Key", None)(raw)
            ),
        },
        name="sms.http json",
        silence=b'{"status": "accepted", "sms": ""}',
        unstorable=b"amb\\u0000\\ud800rol",
    ),
    Specimen(
        "sms.twilio",
        _settings("twilio/plain", "auth_tokens"),
        _twilio,
        {
            "no signature": header("X-Twilio-Signature", None),
            "empty signature": header("X-Twilio-Signature", ""),
            "signature that is not ASCII": header("X-Twilio-Signature", "é" * 28),
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
        silence=b'<?xml version="1.0" encoding="UTF-8"?><Response />',
    ),
    Specimen(
        "twitter",
        _settings("twitter/mention", "consumer_secrets"),
        _twitter,
        {
            "no signature": header("x-twitter-webhooks-signature", None),
            "empty signature": header("x-twitter-webhooks-signature", ""),
            "signature that is not ASCII": header("x-twitter-webhooks-signature", "é\udcff" * 28),
            "signature of another": lambda raw: signed_by_x(raw, STRANGER),
            "signature without its kind": _x_signature(lambda told: told.removeprefix("sha256=")),
            "signature of another kind": _x_signature(lambda told: told.replace("256", "512")),
            "signature in lower case": _x_signature(str.lower),
            "signature and a blank": _x_signature(lambda told: f"{told} "),
            "another text": lambda raw: replace(raw, body=raw.body.replace(b"ambrol", b"ambles")),
            "another layout": lambda raw: replace(raw, body=raw.body + b"\n"),
            "no body": lambda raw: replace(raw, body=b""),
            "as a GET": lambda raw: replace(raw, method="GET"),
            "as a PUT": lambda raw: replace(raw, method="PUT"),
        },
        unstorable=b"amb\\u0000\\ud800rol",
    ),
    Specimen(
        "app",
        _app_settings,
        _app,
        {
            "no token": header("Authorization", None),
            "empty token": header("Authorization", "Bearer "),
            "token of another": header("Authorization", f"Bearer {STRANGER}"),
            "beginning of the token": header("Authorization", f"Bearer {CURRENT[:-1]}"),
            "token without scheme": header("Authorization", CURRENT),
            "token as Basic": header("Authorization", basic(CURRENT)),
            "token that is not ASCII": header("Authorization", "Bearer é\udcff"),
        },
        unstorable=b"amb\\u0000\\ud800rol",
    ),
]
