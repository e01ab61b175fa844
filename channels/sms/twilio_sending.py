"""SMS by Twilio's REST API, with the SDK on a transport that has time-outs and tries once.

Source: Twilio "Messages resource" (2026) and the SDK 9.13: 201 with a `sid`; errors carry a `code`
of their own. There is no idempotency key: after a 5xx or a time-out nobody knows.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from requests import Session
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from channels.base import Refused, Sent, Unknown
from channels.outward import own_session
from channels.sms.speaker import SmsSpeaker

TWILIO = "https://api.twilio.com"
BAD_REQUEST, SERVER_ERROR = 400, 500
MENDED = frozenset({401, 403, 408, 429})  # keys, permissions, limits: a person can mend these
# At INFO it logs whom it writes to.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


class Elsewhere(HTTPAdapter):
    """Sends to `base_url` what the SDK, which knows one address, sends to Twilio."""

    def __init__(self, base_url: str):
        self._base = urlsplit(base_url)
        super().__init__(max_retries=0)

    def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
        """Send it there."""
        path = self._base.path.rstrip("/") + urlsplit(request.url).path
        request.url = (
            urlsplit(request.url)
            ._replace(scheme=self._base.scheme, netloc=self._base.netloc, path=path)
            .geturl()
        )
        return super().send(request, **options)


class TwilioSpeaker(SmsSpeaker):
    """Hands SMS to one Twilio account."""

    def __init__(self, told: Mapping[str, Any]):
        super().__init__(told)
        transport = TwilioHttpClient(timeout=told["timeout_seconds"])
        transport.session = _session(told.get("url", TWILIO))
        self._client = Client(
            told["account_sid"],
            told["auth_token"],
            http_client=transport,
            environment={"TWILIO_REGION": ""},  # nothing of this machine's environment
        )

    def _hand_over(self, to: str, text: str) -> Sent | Refused | Unknown:
        try:
            made = self._client.messages.create(to=to, from_=self._told["sender"], body=text)
        except (TwilioRestException, TwilioServiceException) as exc:
            return _refused(exc)
        except TwilioException as exc:
            return Unknown(f"twilio is unreadable: {type(exc).__name__}")
        except (KeyError, TypeError, ValueError):
            return Sent()  # 201, but unreadable: it is taken all the same
        return Sent(made.sid)


def _refused(error: TwilioRestException | TwilioServiceException) -> Refused | Unknown:
    """Judge by the status; the text of the error may quote a phone number, its code does not."""
    reason = f"twilio refuses: {error.status}, code {error.code or '-'}"
    if error.status >= SERVER_ERROR:
        return Unknown(f"twilio: {error.status}")
    about_this = error.status >= BAD_REQUEST and error.status not in MENDED
    return Refused(reason, final=about_this)


def _session(url: str) -> Session:
    session = own_session()
    session.mount("https://", Elsewhere(url))
    return session
