"""What sends an SMS: what the ways there are share.

No carrier tells whether an SMS it may have taken was sent, so `look_up` never finds out: what
nobody can tell is left to a person. Two of the same SMS cost more trust than none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests

from channels.base import Outgoing, Refused, Sent, Unknown
from channels.outward import never_left


class SmsSpeaker:
    """A Speaker of SMS: what differs is how one is handed over (`_hand_over`)."""

    def __init__(self, told: Mapping[str, Any]):
        self._told = told

    @property
    def pace(self) -> float:
        """Tell how many seconds to rest between two."""
        return float(60 / self._told["a_minute"])

    def send(self, message: Outgoing, now: datetime) -> Sent | Refused | Unknown:  # noqa: ARG002 - the port's
        """Hand one SMS over; see `channels.base.Speaker`."""
        if not message.to.proven or not message.to.key.startswith("+"):
            return Refused("not a phone that can be answered", final=True)
        try:
            return self._hand_over(message.to.key, message.text)
        except requests.RequestException as exc:
            if never_left(exc):
                return Refused(f"away: {type(exc).__name__}")
            return Unknown(f"no answer: {type(exc).__name__}")

    def look_up(self, message: Outgoing, now: datetime) -> Sent | Refused | Unknown:  # noqa: ARG002 - the port's
        """Nobody can be asked."""
        return Unknown("nobody can tell whether this SMS was sent", for_good=True)

    def _hand_over(self, to: str, text: str) -> Sent | Refused | Unknown:
        raise NotImplementedError
