"""What the numbering plan says about an SMS: only a flag, since numbers may be ported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from channels.base import InboundMessage

MISMATCH = "carrier_mismatch"
_RANGE = re.compile(r"0(\d{3})(?:-0(\d{3}))?")


class Carriers:
    """Knows whose number a number was, by its prefix."""

    def __init__(self, prefixes: Mapping[str, Sequence[str]]):
        """Take `{"Telkomsel": ["0811-0813", …]}`; a ValueError names what is no prefix."""
        self._carrier_of: dict[str, str] = {}
        for carrier, ranges in prefixes.items():
            for spelled in ranges:
                match = _RANGE.fullmatch(spelled)
                if match is None:
                    raise ValueError(f"carriers.{carrier}: {spelled!r} is no 0811 or 0811-0813")
                first, last = int(match[1]), int(match[2] or match[1])
                for prefix in range(first, last + 1):
                    self._carrier_of[f"+62{prefix}"] = carrier

    def of(self, number: str) -> str | None:
        """Name the carrier a number was given out by; None when the plan does not say."""
        return self._carrier_of.get(number[:6])

    def flags(self, message: InboundMessage) -> tuple[str, ...]:
        """Flag a sender whose number is not of the carrier that delivered it."""
        if message.sender is None or message.sender.kind != "tel" or message.carrier is None:
            return ()
        owner = self.of(message.sender.key)
        differs = owner is not None and owner.casefold() != message.carrier.casefold()
        return (MISMATCH,) if differs else ()
