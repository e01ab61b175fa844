"""Ways to spoil a genuine request."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

from contract.cases import with_header

from channels.base import RawInbound

CURRENT, FORMER, STRANGER = "kunci-yang-berlaku-1", "kunci-yang-lama-0", "kunci-orang-lain-9"

Change = Callable[[RawInbound], RawInbound]


def without_query(name: bytes) -> Change:
    return lambda raw: replace(
        raw,
        raw_query=b"&".join(
            pair for pair in raw.raw_query.split(b"&") if not pair.startswith(name + b"=")
        ),
    )


def query(old: bytes, new: bytes) -> Change:
    return lambda raw: replace(raw, raw_query=raw.raw_query.replace(old, new))


def header(name: str, value: str | None) -> Change:
    return lambda raw: with_header(raw, name, value)


def basic(password: str) -> str:
    return "Basic " + b64encode(f"kannel:{password}".encode()).decode()


def in_the_query(name: bytes) -> dict[str, Change]:
    return {
        "no token": without_query(name),
        "empty token": query(CURRENT.encode(), b""),
        "token of another": query(CURRENT.encode(), STRANGER.encode()),
        "beginning of the token": query(CURRENT.encode(), CURRENT[:-1].encode()),
        "token in upper case": query(CURRENT.encode(), CURRENT.upper().encode()),
        "token and a blank": query(CURRENT.encode(), CURRENT.encode() + b"+"),
        "token that is not UTF-8": query(CURRENT.encode(), CURRENT.encode() + b"%ff"),
    }
