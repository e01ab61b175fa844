"""SMS by Kannel's `sendsms`: 202 means that Kannel has it on its disk.

Source: Kannel 1.4.5, user guide, "Sending SMS through HTTP": `202 0: Accepted for delivery`, `202
3: Queued for later delivery`, 403 for a wrong user, 503 `Temporal failure, try again later`; other
codes are about this one SMS. By POST with `X-Kannel-…` headers the password is in no access log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.base import Refused, Sent, Unknown
from channels.outward import own_session
from channels.sms.speaker import SmsSpeaker

ACCEPTED = 202
BAD_REQUEST, SERVER_ERROR, UNAVAILABLE = 400, 500, 503
# A person can mend these (a user, a password, a limit); any other 4xx is about this SMS.
MENDED = frozenset({401, 403, 408, 429})


class KannelSpeaker(SmsSpeaker):
    """Hands SMS to one smsbox."""

    def __init__(self, told: Mapping[str, Any]):
        super().__init__(told)
        self._session = own_session()

    def _hand_over(self, to: str, text: str) -> Sent | Refused | Unknown:
        answer = self._session.post(
            self._told["url"],
            data=text.encode(),
            headers={
                "Content-Type": 'text/plain; charset="UTF-8"',
                "X-Kannel-Username": self._told["username"],
                "X-Kannel-Password": self._told["password"],
                "X-Kannel-From": self._told["sender"],
                "X-Kannel-To": to,
                "X-Kannel-Coding": "0",
                # Several carriers behind one Kannel: a citizen is answered through their own.
                **({"X-Kannel-SMSC": self._told["smsc"]} if "smsc" in self._told else {}),
            },
            timeout=self._told["timeout_seconds"],
            allow_redirects=False,
        )
        status = answer.status_code
        if status == ACCEPTED:
            return Sent()
        if status in MENDED or status == UNAVAILABLE or status < BAD_REQUEST:
            return Refused(f"kannel refuses: {status}")
        if status >= SERVER_ERROR:  # of a proxy in between: nobody knows what Kannel did
            return Unknown(f"kannel: {status}")
        return Refused(f"kannel refuses: {status}", final=True)
