"""Everything derived from the identity key: who said what, without keeping who or what.

The key never changes for a store: with another one nobody would be recognised any more. Each use
has its own prefix, so no value can stand in for another.
"""

from __future__ import annotations

import hmac
import unicodedata
from base64 import urlsafe_b64encode
from datetime import date

from channels.base import Command, InboundMessage, Sender

SECRET_BYTES = 15  # 120 bits, 20 characters, no padding


class Identity:
    """HMACs under one identity key."""

    def __init__(self, key: str):
        self._key = key.encode()

    def fingerprint(self, message: InboundMessage) -> bytes | None:
        """Give the exact in-process identity; None without a proven sender.

        Frozen for ever: claims made with it are held in the store. The source and the carrier are
        not in it, because a citizen may repeat a report through another door.
        """
        sender = message.sender
        if sender is None or not sender.proven:
            return None
        said = " ".join(unicodedata.normalize("NFKC", message.said).casefold().split())
        return self._mac(b"1\0" + _who(sender) + b"\0" + said.encode())

    def reporter(self, sender: Sender | None) -> bytes | None:
        """Recognise a proven reporter again; None for everyone else."""
        if sender is None or not sender.proven:
            return None
        return self._mac(b"reporter\0" + _who(sender))

    def reporter_ref(self, sender: Sender | None, number: str, *, anonymous: bool) -> str | None:
        """Name a reporter to consumers. An anonymous one gets another name in each complaint."""
        if sender is None:
            return None
        tied = b"anonymous\0" + number.encode() + b"\0" if anonymous else b"ref\0"
        return self._mac(tied + _who(sender)).hex()

    def secret(self, number: str) -> str:
        """Open the reporter's own view of a complaint."""
        return urlsafe_b64encode(self._mac(b"secret\0" + number.encode())[:SECRET_BYTES]).decode()

    def opens(self, command: Command) -> bool:
        """Tell whether a command's secret is its complaint's own."""
        if command.number is None or command.secret is None:
            return False
        return hmac.compare_digest(
            self.secret(command.number).encode(), command.secret.encode("utf-8", "surrogatepass")
        )

    def sign(self, what: str) -> str:
        """Sign what a browser carries for us between two steps of the form."""
        return self._mac(b"form\0" + what.encode("utf-8", "surrogateescape")).hex()

    def of_day(self, what: str, whom: str, day: date) -> bytes:
        """Count somebody for a day, without being able to recognise them on the next."""
        return self._mac(f"day\0{what}\0{day.isoformat()}\0{whom}".encode())

    def check(self) -> str:
        """Tell keys apart without telling the key."""
        return self._mac(b"check\0").hex()[:16]

    def _mac(self, what: bytes) -> bytes:
        return hmac.digest(self._key, what, "sha256")


def _who(sender: Sender) -> bytes:
    return f"{sender.kind}:{sender.key}".encode()
