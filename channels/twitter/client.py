"""The way to X: tweepy's client, on a transport that has time-outs and an address of our choice.

tweepy 4.17 knows one address, has no time-out, and waits inside a call where it is asked to mind
rate limits (without a reset header it asks again and again, at once). So: our own adapter on its
session, raw responses, and no waiting here. `NotNow` says when to come again.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy
from requests.adapters import HTTPAdapter

from channels.base import NotNow
from channels.twitter.settings import may_reply

TWEEPY_HOST = "https://api.twitter.com"
BUDGET_PAUSE = 3600.0  # seconds; money does not come back by itself
REFUSED_PAUSE = 300.0  # seconds; keys are mended by people
LONGEST_PAUSE = 900.0  # seconds; the longest window of a rate limit
PAYMENT_REQUIRED = 402
TOO_MANY = 429
SERVER_ERROR = 500
# At DEBUG it writes whole posts and keys into the log.
logging.getLogger("tweepy").setLevel(logging.WARNING)


class Transport(HTTPAdapter):
    """Sends to `base_url` whatever the host was, and waits no longer than `timeout` seconds."""

    def __init__(self, base_url: str, timeout: float):
        self._base = urlsplit(base_url)
        self._timeout = timeout
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send it there."""
        asked = urlsplit(request.url or "")
        path = self._base.path.rstrip("/") + asked.path
        request.url = asked._replace(
            scheme=self._base.scheme, netloc=self._base.netloc, path=path
        ).geturl()
        return super().send(request, **{**options, "timeout": self._timeout})


def make_client(settings: Mapping[str, Any]) -> tweepy.Client:
    """Make a client that reads, and writes where the keys to write are set."""
    keys = {
        "consumer_key": settings["api_key"],
        "consumer_secret": settings["consumer_secrets"][0],
        "access_token": settings["access_token"],
        "access_token_secret": settings["access_token_secret"],
    }
    client = tweepy.Client(
        settings["bearer_token"] or None,
        **(keys if may_reply(settings) else {}),
        return_type=requests.Response,
        wait_on_rate_limit=False,
    )
    # Neither a netrc of this machine nor a redirect may take the place of what is set.
    client.session.trust_env = False
    client.session.max_redirects = 0
    client.session.mount(TWEEPY_HOST, Transport(settings["api_url"], settings["timeout_seconds"]))
    return client


def ask(call: Callable[[], requests.Response], now: datetime) -> requests.Response:
    """Make a call that only reads; whatever went wrong is NotNow."""
    try:
        return call()
    except tweepy.HTTPException as exc:
        raise NotNow(*reason_of(exc.response, now)) from exc
    except (requests.RequestException, tweepy.TweepyException) as exc:
        raise NotNow(f"x is away: {type(exc).__name__}") from exc
    except ValueError as exc:  # a reset header that is no number
        raise NotNow(f"x is unreadable: {type(exc).__name__}") from exc


def reason_of(response: requests.Response, now: datetime) -> tuple[str, float | None]:
    """Say why X refuses, and after how many seconds to ask again, where that is known."""
    status = response.status_code
    if status == TOO_MANY:
        return "rate limit", seconds_until_reset(response.headers, now)
    if status == PAYMENT_REQUIRED:
        return "budget is used up", BUDGET_PAUSE
    if status >= SERVER_ERROR:
        return f"x answers {status}", None
    return f"x refuses: {status}", REFUSED_PAUSE


def seconds_until_reset(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read when the window of the rate limit ends; None where X does not say."""
    try:
        seconds = float(headers["x-rate-limit-reset"]) - now.timestamp()
    except (KeyError, ValueError):
        return None
    return min(max(seconds + 1, 1.0), LONGEST_PAUSE + 1) if math.isfinite(seconds) else None


def wait_after(headers: Mapping[str, str], now: datetime) -> float:
    """Give the seconds to rest after a success that was the last of its window."""
    if headers.get("x-rate-limit-remaining") != "0":
        return 0.0
    return seconds_until_reset(headers, now) or LONGEST_PAUSE
