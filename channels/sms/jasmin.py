"""Jasmin `httpccm`, method POST: a form whose values are octets, answered `ACK/Jasmin`.

Captured from Jasmin 0.11.1: `id`, `from` (no plus sign), `to`, `origin-connector`, `content`,
`binary` (the same in hexadecimal), `priority`, and `coding`, which is one raw octet (`%00`, `%08`),
so the form is no UTF-8. Anything but 200 with exactly this body is tried again under the same id,
three times by default, and then purged. The answer cannot carry a reply SMS.
"""

from __future__ import annotations

import json
from binascii import unhexlify
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields, validate

from channels.base import (
    InboundMessage,
    Malformed,
    Part,
    RawInbound,
    Receipt,
    Reply,
    provider_id,
)
from channels.commands import read_command
from channels.sms.callers import CallerSettings
from channels.sms.charsets import read_text
from channels.sms.pairs import read_octets, word
from channels.sms.parts import make_part, read_udh
from channels.sms.senders import read_sender
from channels.sms.tokened import Tokened

ACKNOWLEDGED = b"ACK/Jasmin"
# SMPP 3.4, 5.2.19. 0 is whatever the SMSC's default alphabet is: a setting.
SMSC_DEFAULT, ASCII, LATIN_1 = 0, 1, 3
CODINGS: Mapping[int, str] = {
    ASCII: "octets",
    2: "octets",
    LATIN_1: "latin-1",
    4: "octets",
    8: "utf-16-be",
}
# Jasmin garbles `content` of the other codings; `binary` alone is what the SMSC sent.
READABLE_CONTENT = {SMSC_DEFAULT, ASCII, LATIN_1}
LARGEST_REFERENCE, LARGEST_TOTAL = 0xFFFF, 0xFF  # SMPP 3.4, 5.3.2.22 to 24
_SAR = ("sar_msg_ref_num", "sar_segment_seqnum", "sar_total_segments")
_TLVS = ("tlv_params", "custom_tlvs", "tlv")


class JasminSettings(CallerSettings):
    """`default_alphabet`: what the SMSC means by coding 0, where one knows it."""

    default_alphabet = fields.String(
        load_default="auto",
        validate=validate.OneOf(("auto", "gsm", "latin-1", "utf-8", "octets")),
    )


class Jasmin(Tokened):
    """One Jasmin HTTP client connector."""

    provider = "jasmin"
    settings = JasminSettings

    def __init__(self, default_alphabet: str, **known: Any):
        super().__init__(**known)
        self._codings = {**CODINGS, SMSC_DEFAULT: default_alphabet}

    def parse(self, raw: RawInbound) -> Sequence[InboundMessage]:
        """Read one message, or one part of a long one."""
        if raw.method != "POST":
            # A GET connector appends a second "?" to a URL with a token, and breaks both.
            raise Malformed("jasmin: the connector's method must be POST")
        form = read_octets(raw.body)
        try:
            sender, automatic = read_sender(word(form["from"]), self._own_numbers)
            message_id = provider_id(word(form["id"]), "Jasmin sends an id")
            part = _part(form, word(form.get("to", b"")))
            text = self._text(form, is_part=part is not None)
        except KeyError as exc:
            raise Malformed(f"jasmin: no parameter {exc.args[0]}") from exc
        return [
            InboundMessage(
                source=self._source,
                channel="sms",
                provider=self.provider,
                provider_id=message_id,
                sender=sender,
                text=text,
                received_at=raw.received_at,
                carrier=self._carrier,
                command=None if part else read_command(text),
                part=part,
                automatic=automatic,
            )
        ]

    def reply(self, receipts: Sequence[Receipt]) -> Reply:  # noqa: ARG002 - the port's
        """Acknowledge. Whatever else is in the answer makes Jasmin send the message again."""
        return Reply(200, ACKNOWLEDGED)

    @property
    def answers_requests(self) -> bool:
        """Jasmin's answer carries no words."""
        return False

    def _text(self, form: Mapping[str, bytes], *, is_part: bool) -> str:
        coding = _coding(form.get("coding", b"\0"))
        rule = self._codings.get(coding)
        if rule is None:
            raise Malformed("jasmin: the text is in a coding we do not know")
        if "binary" in form:
            return read_text(form["binary"], f"hex {rule}", is_part=is_part)
        if coding not in READABLE_CONTENT:
            raise Malformed("jasmin: no binary, and content is garbled in this coding")
        return read_text(form["content"], rule, is_part=is_part)


def _coding(octets: bytes) -> int:
    """Read the raw octet; digits are read as a number, should a later Jasmin mend its form."""
    if octets.isdigit():
        return int(octets[:3])
    return octets[0] if len(octets) == 1 else -1


def _part(form: Mapping[str, bytes], destination: str) -> Part | None:
    """Find what says that this is a part: a user data header, or the `sar_…` of SMPP."""
    if header := form.get("udh", b""):
        return read_udh(_header(header), destination)
    told = {**_tlvs(form), **form}
    try:
        reference, index, total = (int(told[name]) for name in _SAR)
    except (KeyError, ValueError):
        return None
    if not (0 <= reference <= LARGEST_REFERENCE and total <= LARGEST_TOTAL):
        return None
    return make_part(f"sar:{reference}", index, total, destination)


def _header(sent: bytes) -> bytes:
    try:
        return unhexlify(sent)
    except ValueError:
        return sent  # raw octets, as Kannel sends them


def _tlvs(form: Mapping[str, bytes]) -> dict[str, bytes]:
    """Read plain numbers by name out of Jasmin's JSON of TLVs; any other shape is not for us."""
    for name in _TLVS:
        try:
            told = json.loads(form.get(name, b"{}"))
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict) and told:
            return {key: b"%d" % told[key] for key in _SAR if isinstance(told.get(key), int)}
    return {}
